"""The table of the study."""

import pytest
from rich.console import Console

from errors import UsageError
from research.power.command import StudyOptions
from research.power.command import run_study


def test_each_length_has_a_row_without_an_edge_and_one_of_each_size(
    capsys: pytest.CaptureFixture[str],
) -> None:
    run_study(StudyOptions(20, 10, (20, 30), (40.0,)), Console(width=200, highlight=False))
    lines = capsys.readouterr().out.splitlines()
    rows = [line.split()[:2] for line in lines if line.split()[:1] in (["20"], ["30"])]
    assert rows[:4] == [["20", "0"], ["20", "40"], ["30", "0"], ["30", "40"]]
    assert "20 days: in 20 of 20 markets without an edge no winner passed." in lines


@pytest.mark.parametrize(
    ("options", "match"),
    [
        (StudyOptions(19, 10, (30,), (4.0,)), "--markets 19: 20 to 10,000"),
        (StudyOptions(20, 4, (30,), (4.0,)), "--trials 4"),
        (StudyOptions(20, 10, (1,), (4.0,)), "--days 1"),
        (StudyOptions(20, 10, (30,), (0.0,)), "--edge 0"),
        (StudyOptions(20, 10, (30,), (float("nan"),)), "--edge nan"),
    ],
)
def test_arguments_out_of_range_are_named(options: StudyOptions, match: str) -> None:
    with pytest.raises(UsageError, match=match):
        run_study(options)
