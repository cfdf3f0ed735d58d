"""Which changes are drawn, which tests are picked for them, and what is made of their result."""

from pathlib import Path

import pytest

from tests.mutation import study
from tests.mutation.changes import changes_of
from tests.mutation.lines import Lines
from tests.mutation.study import Mutant
from tests.mutation.study import drawn
from tests.mutation.study import sources_of
from tests.mutation.study import tests_for as picked_for
from tests.mutation.trial import Verdict
from tests.mutation.trial import try_change


SOURCE = """LIMIT = 3


def is_less(a, b):
    if a < LIMIT:
        return a < b
    return False
"""
TESTS = """from {module} import is_less


def test_small():
    assert is_less(1, 2)


def test_equal():
    assert not is_less(2, 2)
"""


@pytest.fixture
def source(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("less.py").write_text(SOURCE)
    return "less.py"


def mutant_of(source, line, text):
    found = changes_of(Path(source).read_bytes())
    (change,) = [change for change in found if (change.line, change.text) == (line, text)]
    return Mutant(source, change)


def test_a_seed_draws_the_same_lines_and_one_change_of_each(source):
    found = drawn([source], None, 3, 7)
    assert found == drawn([source], None, 3, 7)
    lines = [mutant.change.line for mutant in found]
    assert lines == sorted(set(lines))
    assert len(lines) == 3
    assert {m.change.line for m in drawn([source], None, 99, 1)} == {1, 5, 6, 7}
    assert [m.change.text for m in drawn([source], 6, 1, 1)] == ["return None", "<="]


def test_modules_are_files_folders_and_lines_of_the_repository(source):
    assert sources_of("less.py:6") == (["less.py"], 6)
    assert sources_of(".") == (["less.py"], None)
    for wrong in ("more.py", "less.py:x", "../less.py", "/less.py"):
        with pytest.raises(SystemExit, match=wrong):
            sources_of(wrong)


def test_focused_tests_come_first_and_long_ones_are_left_out(source):
    lines = Lines(
        durations_s={"a": 1.0, "b": 0.5, "c": 2 * study.TEST_BUDGET_S, "d": 0.1},
        tests={source: {5: {"a", "b", "c"}, 6: {"a", "c"}, 7: {"d"}}},
    )
    assert picked_for(mutant_of(source, 5, "<="), lines) == (["b", "a"], True)
    assert picked_for(mutant_of(source, 7, "True"), lines) == (["d"], True)
    # A constant counts where it is used.
    assert picked_for(mutant_of(source, 1, "4"), lines) == (["d", "b", "a"], True)


def test_a_long_test_takes_no_time_from_the_shorter_ones_after_it(source):
    """One that watches another process reaches few lines itself, and comes early."""
    lines = Lines(
        durations_s={"first": 1.0, "long": 2 * study.TEST_BUDGET_S, "last": 1.0},
        tests={source: {5: {"first", "long", "last"}, 6: {"long", "last"}, 7: {"last"}}},
    )
    assert picked_for(mutant_of(source, 5, "<="), lines) == (["first", "last"], True)
    lines.tests[source][7] = {"long"}
    assert picked_for(mutant_of(source, 7, "True"), lines) == (["long"], True)


def test_a_line_no_test_runs_has_those_that_import_its_module(source):
    Path("test_a.py").write_text("from less import is_less")
    Path("test_b.py").write_text("from less_than import is_less")
    tests = "test_a.py::test_c", "test_b.py::test_d"
    lines = Lines(durations_s=dict.fromkeys(tests, 1.0), tests={source: {5: {tests[1]}}})
    assert picked_for(mutant_of(source, 7, "True"), lines) == ([tests[0]], False)
    Path("test_a.py").write_text("")
    assert picked_for(mutant_of(source, 7, "True"), lines) == ([], False)


def test_the_diff_shows_the_line_before_and_after(source):
    mutant = mutant_of(source, 6, "<=")
    told = mutant.diff(Path(source).read_bytes()).split("\n")
    assert told == ["    -        return a < b", "    +        return a <= b"]


def test_tests_see_a_change_or_do_not_and_it_is_taken_back(source, monkeypatch):
    folder = Path.cwd()
    Path("pytest.ini").write_text("[pytest]\npythonpath = .\n")
    Path("conftest.py").write_text(
        "from hypothesis import settings\nsettings.register_profile('mutation')\n"
    )
    Path("test_less.py").write_text(TESTS.format(module="less"))
    monkeypatch.setattr("tests.mutation.trial.LIBRARIES", [])
    path = folder / source
    change = mutant_of(source, 6, "<=").change
    assert try_change(path, change, ["test_less.py::test_equal"], 60) is Verdict.SEEN
    assert try_change(path, change, ["test_less.py::test_small"], 60) is Verdict.UNSEEN
    assert path.read_text() == SOURCE
    with pytest.raises(RuntimeError, match="test_more"):
        try_change(path, change, ["test_more.py"], 60)
    endless = mutant_of(source, 5, "<=").change
    Path("test_less.py").write_text("import time\n\n\ndef test_long():\n    time.sleep(60)\n")
    assert try_change(path, endless, ["test_less.py"], 1.0) is Verdict.TIMEOUT


@pytest.mark.parametrize(("least", "code"), [(50.0, 0), (51.0, 1)])
def test_a_low_score_fails_and_names_what_no_test_sees(source, monkeypatch, capsys, least, code):
    Path("a").write_text("")
    lines = Lines(durations_s={"a": 1.0}, tests={source: {1: {"a"}, 5: {"a"}, 6: {"a"}}})
    monkeypatch.setattr(study, "lines_of", lambda *_: lines)
    verdicts = iter([Verdict.SEEN, Verdict.TIMEOUT, Verdict.UNSEEN])
    monkeypatch.setattr(study, "try_change", lambda *_: next(verdicts))
    assert study.study([source], ["tests"], 4, 1, least, Path("kept.json")) == code
    told = capsys.readouterr().out
    assert "less.py:6: unseen (1 tests)\n    -" in told
    assert "less.py:7: uncovered (0 tests)\n    -" in told
    assert "2 of 4 changes seen (50 %), 1 of them by a timeout; 1 unseen, 1 on lines no" in told
