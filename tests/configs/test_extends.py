"""Environment files that extend others."""

import pytest

from configs.extends import read_environment
from configs.live import load_live
from errors import UsageError


KNOWN = {"environment", "node", "actors"}


def written(path, text):
    path.write_text(text)
    return path


def test_mappings_are_merged_and_lists_replaced(tmp_path):
    base = written(
        tmp_path / "base.yaml",
        "environment: paper\nnode: {a: 1, b: {c: 2, d: 3}}\nactors: [one, two]\n",
    )
    middle = written(tmp_path / "middle.yaml", f"extends: {base}\nnode: {{b: {{c: 4}}}}\n")
    top = written(tmp_path / "top.yaml", f"extends: {middle}\nactors: [three]\n")
    assert read_environment(top, KNOWN) == {
        "environment": "paper",
        "node": {"a": 1, "b": {"c": 4, "d": 3}},
        "actors": ["three"],
    }


def test_a_value_may_replace_a_mapping_by_null(tmp_path):
    base = written(tmp_path / "base.yaml", "node: {a: 1}\n")
    top = written(tmp_path / "top.yaml", f"extends: {base}\nnode: null\n")
    assert read_environment(top, KNOWN) == {"node": None}


def test_a_file_that_extends_itself_is_refused(tmp_path):
    first, second = tmp_path / "first.yaml", tmp_path / "second.yaml"
    written(first, f"extends: {second}\n")
    written(second, f"extends: {first}\n")
    with pytest.raises(UsageError, match="`extends`: first.yaml extends itself in the end"):
        read_environment(first, KNOWN)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("extends: 5\n", "top.yaml: `extends` must be the name of an environment"),
        ("extends: nowhere\n", "nowhere: no such environment; there are backtest"),
        ("extends: nowhere.yaml\n", "nowhere.yaml: no such file"),
        ("venue: 1\n", "top.yaml: unknown key `venue`; there are actors, environment, extends"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, text, message):
    top = written(tmp_path / "top.yaml", text)
    with pytest.raises(UsageError, match=message):
        read_environment(top, KNOWN)


def test_a_file_of_a_user_says_what_differs_alone(tmp_path):
    top = written(
        tmp_path / "mine.yaml", "extends: paper\nsettings: {stale_after_s: 3.0}\ncache: null\n"
    )
    config = load_live("btc_value_area", str(top))
    assert config.mode == "paper"
    assert config.settings.stale_after_s == 3.0
    assert [entry["config"]["mode"] for entry in config.document["actors"][1:]] == ["paper"] * 2
