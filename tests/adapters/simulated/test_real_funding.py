"""Real funding rates of both signs, against an account kept by hand."""

import csv
import os
import zipfile
from datetime import UTC
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pyarrow.feather
import pytest

from adapters.bybit.funding import funding_updates
from adapters.bybit.funding import write_funding
from adapters.simulated.nautilus.funding import VenueFundingConfig
from adapters.simulated.schedule import check_schedule
from adapters.simulated.schedule import read_schedule
from catalog.instruments import BTCUSDT
from catalog.instruments import bybit_perpetual_from_definition
from tests.adapters.simulated.desk import HOUR
from tests.adapters.simulated.desk import MS
from tests.adapters.simulated.desk import T0
from tests.adapters.simulated.desk import Maker
from tests.adapters.simulated.desk import play
from tests.adapters.simulated.test_funding import PLAIN
from tests.adapters.simulated.test_funding import paid


@pytest.fixture
def data():
    folder = os.environ.get("AUCTION_REAL_DATA")
    if not folder:
        pytest.skip("AUCTION_REAL_DATA is not set")
    return Path(folder)


def store(folder, instrument, settlements):
    """Write rates, given as ns and text, and return the configuration that charges them."""
    rows = [
        {"fundingRate": rate, "fundingRateTimestamp": str(ts // MS)} for ts, rate in settlements
    ]
    write_funding(folder, str(instrument.id), funding_updates(rows, 480))
    return VenueFundingConfig(schedule="catalog", catalog_path=str(folder))


def cents(amount):
    return amount.quantize(Decimal("1e-8"))


@pytest.mark.parametrize(("side", "sign"), [("BUY", 1), ("SELL", -1)])
def test_bitcoin_at_a_negative_rate_pays_the_long_position(data, tmp_path, side, sign):
    m = Maker()
    midnight = int(datetime(2022, 12, 13, tzinfo=UTC).timestamp()) * 1_000_000_000
    offset = (midnight - T0) // MS
    rates = []
    for stamp, rate in csv.reader(
        (data / "bybit_minutes/margin_interest/btcusdt.csv").read_text().splitlines()
    ):
        due = datetime.strptime(stamp, "%Y%m%d %H:%M:%S").replace(tzinfo=UTC)
        rates.append((int(due.timestamp()) * 1_000_000_000, rate))
    config = store(tmp_path, m.instrument, rates)
    with zipfile.ZipFile(data / "bybit_minutes/minute/btcusdt/20221213_quote.zip") as archive:
        (name,) = archive.namelist()
        bars = [row.split(",") for row in archive.read(name).decode().split()]
    # The quote at the close of each minute.
    quotes = [(int(bar[0]) + 59_999, Decimal(bar[4]) * 10, Decimal(bar[9]) * 10) for bar in bars]
    ticks = [m.quote(offset + ms, int(bid), int(ask), 9000, 9000) for ms, bid, ask in quotes]
    result = play(
        m,
        ticks,
        [(offset + 3_600_000, lambda s: s.market(side, 1500))],
        funding=config,
        start=100_000,
        **PLAIN,
    )
    hours = {ts: Decimal(rate) for ts, rate in rates}
    due = midnight + 8 * HOUR
    before = [quote for quote in quotes if quote[0] < 8 * 3_600_000][-1]
    middle = (before[1] + before[2]) / 20
    expected = cents(sign * Decimal("1.5") * middle * hours[due])
    assert paid(result) == [expected]
    assert (expected < 0) == (side == "BUY")
    assert result.balance == 100_000 - expected


def test_a_month_of_ripple_adds_up_on_both_sides(data, tmp_path):
    tick, lot = "0.0001", "1"
    definition = BTCUSDT | {
        "symbol": "XRPUSDT",
        "baseCoin": "XRP",
        "priceFilter": {"minPrice": tick, "maxPrice": "100", "tickSize": tick},
        "lotSizeFilter": BTCUSDT["lotSizeFilter"]
        | {"qtyStep": lot, "minOrderQty": lot, "maxOrderQty": "1000000"},
    }
    m = Maker()
    m.instrument = bybit_perpetual_from_definition(definition)
    folder = data / "funding"
    table = pyarrow.feather.read_table(folder / "XRP_USDT_USDT-8h-funding_rate.feather").to_pylist()
    marks = pyarrow.feather.read_table(folder / "XRP_USDT_USDT-8h-mark.feather").to_pylist()
    rates = [(row["date"].value, repr(row["open"])) for row in table]
    assert {Decimal(rate) > 0 for _, rate in rates} == {True, False}
    config = store(tmp_path, m.instrument, rates)
    ticks, expected = [], []
    for (ts, rate), mark in zip(rates, marks, strict=True):
        bid = round(Decimal(repr(mark["open"])) / Decimal(tick))
        ticks.append(m.quote((ts - T0) // MS - 1000, bid, bid + 2, 50_000, 50_000))
        expected.append(cents(10_000 * (bid + 1) * Decimal(tick) * Decimal(rate)))
    start = (rates[0][0] - T0) // MS - 500
    end = (rates[-1][0] - T0) // MS + 1000
    check_schedule(
        tmp_path,
        str(m.instrument.id),
        read_schedule(tmp_path, str(m.instrument.id)),
        T0 + start * MS,
        T0 + end * MS,
    )
    for side, sign in (("BUY", 1), ("SELL", -1)):
        action = (start, lambda s, side=side: s.market(side, 10_000))
        result = play(m, ticks, [action], end, funding=config, start=100_000, **PLAIN)
        assert paid(result) == [sign * amount for amount in expected]
        (position,) = result.engine.cache.positions_open()
        assert position.realized_pnl.as_decimal() == -sign * sum(expected)
        assert result.balance == 100_000 - sign * sum(expected)
