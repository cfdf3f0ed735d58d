from datetime import UTC
from datetime import date
from datetime import datetime

import pytest

from catalog.contracts import FUTURES
from catalog.contracts import expiration
from catalog.contracts import front_month
from catalog.contracts import last_trading_day
from catalog.contracts import roll_day
from errors import UsageError


@pytest.mark.parametrize(
    ("root", "year", "month", "expected"),
    [
        ("ES", 2024, 3, date(2024, 3, 15)),
        ("NQ", 2025, 12, date(2025, 12, 19)),
        ("ES", 2008, 3, date(2008, 3, 20)),  # the third Friday was Good Friday
        ("ES", 2026, 6, date(2026, 6, 18)),  # the third Friday is Juneteenth
        ("CL", 2020, 5, date(2020, 4, 21)),  # 25 April was a Saturday
        ("CL", 2024, 11, date(2024, 10, 22)),
        ("CL", 2025, 1, date(2024, 12, 19)),  # 25 December is a holiday
        ("CL", 2025, 2, date(2025, 1, 21)),
        ("CL", 2025, 12, date(2025, 11, 20)),
        ("GC", 2013, 12, date(2013, 12, 27)),
        ("GC", 2023, 12, date(2023, 12, 27)),
    ],
)
def test_last_trading_day_is_the_one_the_exchange_had(
    root: str,
    year: int,
    month: int,
    expected: date,
) -> None:
    assert last_trading_day(FUTURES[root], year, month) == expected


def test_index_futures_expire_at_half_past_nine_in_new_york_summer_and_winter() -> None:
    spec = FUTURES["ES"]

    assert expiration(spec, 2024, 9) == datetime(2024, 9, 20, 13, 30, tzinfo=UTC)
    assert expiration(spec, 2024, 12) == datetime(2024, 12, 20, 14, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("root", "on", "expected"),
    [
        ("NQ", date(2025, 11, 28), "NQZ5"),
        ("NQ", date(2025, 12, 10), "NQZ5"),
        ("NQ", date(2025, 12, 11), "NQH6"),
        ("ES", date(2023, 12, 25), "ESH4"),
        ("CL", date(2024, 10, 16), "CLX4"),
        ("CL", date(2024, 10, 17), "CLZ4"),
        ("CL", date(2025, 12, 31), "CLG6"),
        ("GC", date(2013, 10, 7), "GCZ3"),
        ("GC", date(2025, 12, 31), "GCG6"),
    ],
)
def test_front_month_follows_the_customary_roll(root: str, on: date, expected: str) -> None:
    assert front_month(root, on) == expected


def test_gold_rolls_from_august_to_december_without_october() -> None:
    last_day_of_august = roll_day(FUTURES["GC"], 2025, 8)

    assert front_month("GC", last_day_of_august) == "GCZ5"


@pytest.mark.parametrize("root", FUTURES)
def test_front_month_never_goes_back(root: str) -> None:
    months = "FGHJKMNQUVXZ"
    seen = []
    for month in range(1, 13):
        for day in range(1, 29):
            symbol = front_month(root, date(2024, month, day))
            seen.append((int(symbol[-1]), months.index(symbol[-2])))

    assert seen == sorted(seen)


def test_unknown_root_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match="'ZB' is unknown: use one of ES, MES, NQ, MNQ, CL, GC"):
        front_month("ZB", date(2025, 1, 1))
