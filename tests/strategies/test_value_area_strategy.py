"""The value-area strategy in the engine: protection of every position."""

from decimal import Decimal

import pytest
from nautilus_trader.model.enums import OrderType
from nautilus_trader.model.enums import PositionSide
from nautilus_trader.model.identifiers import InstrumentId

from backtests.collector import Collector
from backtests.trades import role_of
from backtests.trades import trades_of
from catalog.instruments import resolve_instrument
from configs.loader import load_backtest
from tests.engines import run_node
from tests.markets import BTC
from tests.markets import MINUTE
from tests.markets import MS
from tests.markets import iso
from tests.markets import vector_rows
from tests.markets import vector_stream
from tests.markets import write_catalog
from tests.markets import write_vector_catalog


IID = InstrumentId.from_str(BTC)


class Watch:
    """Looks at every trade tick whether the open position has its stop."""

    def __init__(self, engine):
        self.engine = engine
        self.collector = Collector(engine.kernel.msgbus)
        self.ticks = 0
        self.in_position = 0
        self.naked = []
        engine.kernel.msgbus.subscribe(topic=f"data.trades.BYBIT.{IID.symbol}", handler=self.look)

    def look(self, tick):
        self.ticks += 1
        cache = self.engine.kernel.cache
        for position in cache.positions_open(instrument_id=IID):
            self.in_position += 1
            exit_side = "SELL" if position.side == PositionSide.LONG else "BUY"
            stops = [
                order
                for order in cache.orders_open(instrument_id=IID)
                if order.order_type == OrderType.STOP_MARKET
            ]
            protected = sum(order.leaves_qty.as_decimal() for order in stops)
            if (
                protected != position.quantity.as_decimal()
                or any(not order.is_reduce_only for order in stops)
                or any(order.side_string() != exit_side for order in stops)
            ):
                self.naked.append((tick.ts_event, position.quantity, stops))


@pytest.fixture(scope="module")
def ticks(tmp_path_factory):
    return write_vector_catalog(tmp_path_factory.mktemp("ticks"))


def watch(catalog, *overrides, end=None):
    watches = []
    run = load_backtest(
        "btc_value_area",
        overrides=[
            f"catalog={catalog}",
            f"end='{iso(end or vector_stream()[1])}'",
            *overrides,
        ],
    )
    engine = run_node(run, lambda engine: watches.append(Watch(engine)))
    return watches[0], engine


def test_an_open_position_always_has_its_stop_for_the_whole_size(ticks):
    seen, engine = watch(ticks)

    assert seen.in_position > 1000
    assert seen.naked == []
    engine.dispose()


def test_flat_means_no_working_orders(ticks):
    _, engine = watch(ticks)
    cache = engine.kernel.cache
    if not cache.positions_open():
        assert cache.orders_open() == []
    for trade in trades_of(cache, {BTC: resolve_instrument(BTC)}):
        if trade.ts_close is not None:
            working = [
                order
                for order in cache.orders()
                if order.ts_init < trade.ts_close and not order.is_closed
            ]
            assert working == []
    engine.dispose()


def test_every_fill_comes_after_the_decision_at_a_price_the_market_showed(ticks):
    seen, engine = watch(ticks)
    cache = engine.kernel.cache
    asks = {}
    bids = {}
    for row in vector_rows():
        if row[0] == 0:
            bids[row[1]] = row[2]
            asks[row[1]] = row[4]
    entries = {d.ts_event for d in seen.collector.decisions if d.action == "ENTER"}
    assert len(entries) > 5
    for order in cache.orders():
        if role_of(order) != "ENTRY":
            continue
        assert order.ts_init in entries
        for fill in order.events:
            if type(fill).__name__ == "OrderFilled":
                assert fill.ts_event >= order.ts_init + 20 * MS
    engine.dispose()


def first_entry(ticks):
    seen, engine = watch(ticks)
    engine.dispose()
    return next(d for d in seen.collector.decisions if d.action == "ENTER")


def test_a_stop_the_venue_refuses_becomes_a_market_exit(tmp_path, ticks):
    entry = first_entry(ticks)
    boundary = entry.ts_min + MINUTE
    sign = 1 if entry.side == "BUY" else -1
    beyond = round(entry.stop * 10) - sign * 500
    rows = [row for row in vector_rows() if row[1] < boundary]
    for i in range(200):
        ts = boundary + (10 + i * 100) * MS
        rows.append((0, ts, beyond, 50_000, beyond + 1, 50_000))
        rows.append((1, ts, beyond, 10))
    _, engine = watch(write_catalog(tmp_path, rows), end=boundary + 30_000 * MS)
    cache = engine.kernel.cache

    assert [(role_of(o), o.status_string()) for o in cache.orders()] == [
        ("ENTRY", "FILLED"),
        ("STOP", "REJECTED"),
        ("TARGET", "REJECTED"),
        ("EXIT", "FILLED"),
    ]
    assert cache.positions_open() == []
    assert cache.orders_open() == []
    (trade,) = trades_of(cache, {BTC: resolve_instrument(BTC)})
    assert trade.exit_reason == "EXIT"
    assert trade.ts_close - trade.ts_open < 1000 * MS
    engine.dispose()


def test_sizes_follow_the_stop_distance_and_the_leverage_cap(ticks):
    seen, engine = watch(ticks)
    entry = next(d for d in seen.collector.decisions if d.action == "ENTER")
    by_risk = (
        Decimal("10000")
        * Decimal("0.02")
        / abs(Decimal(str(entry.entry)) - Decimal(str(entry.stop)))
    )
    by_leverage = Decimal("100000") / Decimal(str(entry.entry))
    expected = min(by_risk, by_leverage)
    assert 0 <= expected - Decimal(str(entry.quantity)) < Decimal("0.001")
    engine.dispose()
