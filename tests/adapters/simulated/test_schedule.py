"""A schedule of funding rates covers the window of a run, or the run is refused."""

from decimal import Decimal

import pytest

from adapters.bybit.funding import funding_updates
from adapters.bybit.funding import write_funding
from adapters.simulated.rules.settlements import Settlement
from adapters.simulated.schedule import check_schedule
from adapters.simulated.schedule import read_schedule
from backtests.preflight import preflight
from catalog.instruments import resolve_instrument
from configs.loader import load_backtest
from errors import AuctionError
from errors import UsageError
from tests.adapters.simulated.desk import HOUR
from tests.adapters.simulated.desk import MS
from tests.adapters.simulated.desk import T0
from tests.markets import BTC
from tests.markets import iso
from tests.markets import write_catalog


def settlements(*hours, interval=8):
    return [Settlement(T0 + hour * HOUR, Decimal(0), interval * HOUR) for hour in hours]


def check(found, start, end, tmp_path):
    check_schedule(tmp_path, BTC, found, T0 + int(start * HOUR), T0 + int(end * HOUR))


@pytest.mark.parametrize(
    ("hours", "start", "end"),
    [
        ((8, 16, 24), 0, 24.5),
        ((8, 16, 24), 0, 32),
        ((8, 16, 24), 7, 9),
        ((8,), 0, 16),
        ((8, 16), 9, 10),
        # The hole lies before and after the window.
        ((8, 40, 48, 80), 40, 56),
    ],
)
def test_a_schedule_that_covers_the_window_is_taken(hours, start, end, tmp_path):
    check(settlements(*hours), start, end, tmp_path)


@pytest.mark.parametrize(
    ("hours", "start", "end", "message"),
    [
        ((), 0, 9, "no funding rates of BTCUSDT"),
        ((16, 24), 0, 24, "run from 2026-01-05 16:00.*the run from 2026-01-05 00:00"),
        ((8, 16), 0, 24.1, "to 2026-01-05 16:00.*to 2026-01-06 00:06"),
        ((8, 24), 0, 24, "between 2026-01-05 08:00.*and 2026-01-06 00:00"),
    ],
)
def test_a_schedule_with_a_hole_is_refused(hours, start, end, message, tmp_path):
    with pytest.raises(AuctionError, match=f"{message}.*download bybit"):
        check(settlements(*hours), start, end, tmp_path)


def test_a_shorter_interval_from_some_day_on_is_no_hole(tmp_path):
    found = [*settlements(8, 16), *settlements(20, 24, 28, interval=4)]
    check(found, 0, 30, tmp_path)


@pytest.fixture
def catalog(tmp_path):
    rows = [
        (0, T0, 500_000, 5, 500_001, 5),
        (1, T0 + HOUR, 500_000, 5),
        (1, T0 + 20 * HOUR, 500_000, 5),
    ]
    return write_catalog(tmp_path, rows)


def store(catalog, *rates):
    instrument_id = resolve_instrument(BTC).id
    rows = [
        {"fundingRate": rate, "fundingRateTimestamp": str((T0 + hour * HOUR) // MS)}
        for hour, rate in rates
    ]
    write_funding(catalog, str(instrument_id), funding_updates(rows, 480))


def test_the_schedule_of_a_catalog_keeps_rates_exactly(catalog):
    store(catalog, (8, "0.00010001"), (16, "-0.000375"))
    assert read_schedule(catalog, BTC) == [
        Settlement(T0 + 8 * HOUR, Decimal("0.00010001"), 8 * HOUR),
        Settlement(T0 + 16 * HOUR, Decimal("-0.000375"), 8 * HOUR),
    ]


def load(catalog, *settings):
    overrides = [
        f"catalog={catalog}",
        "venues.BYBIT.modules.0.config.schedule=catalog",
        *settings,
    ]
    return load_backtest("btc_value_area", overrides=overrides)


def test_preflight_refuses_a_catalog_without_the_rates_of_the_data(catalog):
    with pytest.raises(AuctionError, match="no funding rates"):
        preflight(load(catalog))
    store(catalog, (8, "0.0001"))
    with pytest.raises(AuctionError, match="the run from 2026-01-05 00:00"):
        preflight(load(catalog))
    # A shorter window is covered, and so are all the data with one rate more.
    preflight(load(catalog, f"end='{iso(T0 + 15 * HOUR)}'"))
    store(catalog, (16, "0.0001"))
    preflight(load(catalog))


def test_the_fixed_rate_needs_no_schedule(catalog):
    preflight(load_backtest("btc_value_area", overrides=[f"catalog={catalog}"]))


def test_preflight_refuses_a_run_that_reads_no_trades(catalog):
    run = load_backtest("btc_value_area", overrides=[f"catalog={catalog}", "data=[QuoteTick]"])
    with pytest.raises(UsageError, match="TradeTick"):
        preflight(run)
