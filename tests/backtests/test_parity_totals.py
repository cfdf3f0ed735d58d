"""Totals of runs that know the market from different times on are compared by their changes."""

from backtests.results.parity_rows import Rows
from backtests.results.parity_rows import align_totals


def rows(*values: tuple[str, int, float | None]) -> Rows:
    return {(name, str(ts), "0"): {"cvd": value} for name, ts, value in values}


def cvd(found: Rows) -> list[object]:
    return [row["cvd"] for row in found.values()]


def test_what_the_first_had_before_the_second_began_is_taken_off_exactly() -> None:
    long = rows(("A", 1, 5.3), ("A", 2, 5.5), ("A", 3, 5.1))
    short = rows(("A", 2, 0.2), ("A", 3, -0.2))
    align_totals(long, short, ("cvd",))
    assert cvd(long) == [0.0, 0.2, -0.2]
    assert [row["cvd"] for key, row in long.items() if key in short] == cvd(short)


def test_each_instrument_has_its_own_start_and_a_change_that_differs_stays_different() -> None:
    long = rows(("A", 1, 7), ("A", 2, 9), ("B", 1, 3), ("B", 2, 3))
    short = rows(("A", 1, 2), ("A", 2, 5), ("B", 1, 3), ("B", 2, None))
    align_totals(long, short, ("cvd",))
    assert cvd(long) == [2, 4, 3, 3]
    assert cvd(short) == [2, 5, 3, None]
    assert isinstance(cvd(long)[0], int)


def test_runs_without_a_row_in_common_stay_as_they_are() -> None:
    long, short = rows(("A", 1, 7)), rows(("A", 2, 9))
    align_totals(long, short, ("cvd",))
    assert cvd(long) == [7]
