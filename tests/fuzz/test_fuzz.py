"""A small part of `make fuzz`, of a seed of its own, and what its harness finds."""

import sys
from pathlib import Path
from random import Random

import pytest

from tests.fuzz import __main__ as command
from tests.fuzz import worker
from tests.fuzz.worker import run_case


SEED = 7


@pytest.mark.parametrize(("kind", "count"), [("csv", 40), ("dbn", 15), ("config", 40)])
def test_random_input_is_taken_whole_or_refused_in_one_line(kind: str, count: int) -> None:
    found = [run_case(kind, SEED, index) for index in range(count)]

    assert len(found) == count
    failures = {case["index"]: case["failure"] for case in found if "failure" in case}
    assert not failures, next(iter(failures.values()))
    # A harness whose every file is refused would test nothing.
    assert len({case["outcome"] for case in found}) > 1


def test_input_that_never_ends_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(rng: Random, folder: Path) -> str:
        while True:
            rng.random()

    monkeypatch.setitem(worker.CASES, "csv", endless)
    monkeypatch.setattr(worker, "CPU_S", 0.05)

    assert "TooSlow" in str(run_case("csv", SEED, 0)["failure"])


def test_death_of_the_child_is_the_failure_of_its_case(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    script = tmp_path / "child.py"
    script.write_text(
        "import json, os, sys\n"
        "first = int(sys.argv[sys.argv.index('--first') + 1])\n"
        "count = int(sys.argv[sys.argv.index('--count') + 1])\n"
        "for index in range(first, first + count):\n"
        "    print(json.dumps({'begin': index}), flush=True)\n"
        "    if index == 2:\n"
        "        os.abort()\n"
        "    print(json.dumps({'index': index, 'outcome': 'kept', 'cpu_s': 0.1}), flush=True)\n"
    )
    monkeypatch.setattr(command, "CHILD", [sys.executable, str(script)])
    monkeypatch.setattr(sys, "argv", ["fuzz", "csv", "--count", "5"])

    assert command.main() == 1

    shown = capsys.readouterr().out
    assert "case 2: the process ended: exit code -6" in shown
    assert "csv: 5 cases of seed 1: kept 4, FAILED 1" in shown
    assert "failed: 2" in shown
