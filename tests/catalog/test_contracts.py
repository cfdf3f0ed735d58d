from datetime import UTC
from datetime import date
from datetime import datetime

import pytest

from catalog.contracts import FUTURES
from catalog.contracts import expiration
from catalog.contracts import future_spec
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
        ("MCL", 2024, 11, date(2024, 10, 21)),  # a day before CL
        ("MCL", 2025, 1, date(2024, 12, 18)),
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


def test_unknown_root_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match="'ZB' is unknown: use one of ES, MES, NQ, .*, MCL, GC"):
        future_spec("ZB")


def test_micro_crude_oil_rolls_with_crude_oil_and_before_its_end() -> None:
    for month in range(1, 13):
        rolls = roll_day(FUTURES["MCL"], 2025, month)

        assert rolls == roll_day(FUTURES["CL"], 2025, month)
        assert rolls < last_trading_day(FUTURES["MCL"], 2025, month)
