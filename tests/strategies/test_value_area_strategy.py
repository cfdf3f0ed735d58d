"""The value-area strategy in the engine: protection of every position, and honest fills."""

from bisect import bisect_left
from bisect import bisect_right
from decimal import Decimal

import pytest
from nautilus_trader.model.enums import PositionSide
from nautilus_trader.model.events import OrderFilled
from nautilus_trader.model.identifiers import InstrumentId

from backtests.collector import Collector
from backtests.tags import reason_of
from backtests.tags import role_of
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
LATENCY = 20 * MS


class Watch:
    """
    Looks at every quote whether the open position has its stops.

    Orders take the latency and then the next event to arrive: from the second event after a fill's
    round trip on, a position without stops (or exits under way) for its whole size is naked.
    """

    def __init__(self, engine):
        self.cache = engine.kernel.cache
        self.collector = Collector(engine.kernel.msgbus)
        self.in_position = 0
        self.naked = []
        self._late = 0
        engine.kernel.msgbus.subscribe(topic=f"data.quotes.BYBIT.{IID.symbol}", handler=self.look)

    def look(self, tick):
        for position in self.cache.positions_open(instrument_id=IID):
            self.in_position += 1
            side = "SELL" if position.side == PositionSide.LONG else "BUY"
            closing = [
                order
                for order in [*self.cache.orders_open(), *self.cache.orders_inflight()]
                if role_of(order) in ("STOP", "EXIT")
                and reason_of(order) != "TP2"
                and (order.is_open or role_of(order) == "EXIT")
            ]
            assert all(order.is_reduce_only for order in closing)
            assert all(order.side_string() == side for order in closing)
            covered = sum(order.leaves_qty.as_decimal() for order in closing)
            assert covered <= position.quantity.as_decimal()
            if covered == position.quantity.as_decimal():
                self._late = 0
            elif tick.ts_init > position.ts_last + 2 * LATENCY:
                self._late += 1
                if self._late > 1:
                    self.naked.append((tick.ts_event, position.quantity, covered))


@pytest.fixture(scope="module")
def ticks(tmp_path_factory):
    return write_vector_catalog(tmp_path_factory.mktemp("ticks"))


def watch(catalog, *overrides, end=None):
    watches = []
    run = load_backtest(
        "btc_value_area",
        overrides=[f"catalog={catalog}", f"end='{iso(end or vector_stream()[1])}'", *overrides],
    )
    engine = run_node(run, lambda engine: watches.append(Watch(engine)))
    return watches[0], engine


def fills(engine):
    return [
        (order, event)
        for order in engine.kernel.cache.orders()
        for event in order.events
        if isinstance(event, OrderFilled)
    ]


def assert_flat_and_quiet(engine):
    cache = engine.kernel.cache
    assert cache.positions_open() == []
    assert cache.orders_open() == []
    assert cache.orders_inflight() == []


def test_an_open_position_always_has_its_stops_for_the_whole_size(ticks):
    seen, engine = watch(ticks)

    assert seen.in_position > 1000
    assert seen.naked == []
    engine.dispose()


def test_no_order_of_a_closed_position_keeps_working(ticks):
    _, engine = watch(ticks)
    cache = engine.kernel.cache
    working = {role_of(order) for order in cache.orders_open()}
    opened = sum(position.quantity.as_decimal() for position in cache.positions_open())
    stops = [order for order in cache.orders_open() if role_of(order) == "STOP"]
    assert working <= {"STOP", "EXIT"}
    assert sum(order.leaves_qty.as_decimal() for order in stops) == opened
    engine.dispose()


def test_every_entry_fills_after_its_decision_at_a_quote_the_market_showed(ticks):
    seen, engine = watch(ticks)
    quotes = [row for row in vector_rows() if row[0] == 0]
    times = [row[1] for row in quotes]
    decided = [d.ts_min + MINUTE for d in seen.collector.decisions if d.action == "ENTER"]
    entries = [(order, fill) for order, fill in fills(engine) if role_of(order) == "ENTRY"]
    assert len({order.client_order_id for order, _ in entries}) == len(decided) > 10

    for order, fill in entries:
        first = times[bisect_right(times, max(t for t in decided if t <= order.ts_init) - 1)]
        assert order.ts_init // MS == first // MS
        assert fill.ts_event >= order.ts_init + LATENCY
        # The quotes of the fill's millisecond and the last before; beyond the size a tick worse.
        at = fill.ts_event // MS * MS
        shown = quotes[bisect_left(times, at) - 1 : bisect_right(times, at)]
        price = round(float(fill.last_px) * 10)
        if order.side_string() == "BUY":
            assert price in {q[4] + worse for q in shown for worse in (0, 1)}
        else:
            assert price in {q[2] - worse for q in shown for worse in (0, 1)}
    engine.dispose()


def first_entry(ticks):
    seen, engine = watch(ticks)
    engine.dispose()
    return next(d for d in seen.collector.decisions if d.action == "ENTER")


def after_decision(ticks, price, size):
    """Return the stream up to the first entry, and then a market standing at one price."""
    entry = first_entry(ticks)
    boundary = entry.ts_min + MINUTE
    rows = [row for row in vector_rows() if row[1] < boundary]
    for i in range(200):
        ts = boundary + (10 + i * 100) * MS
        rows.append((0, ts, price, size, price + 1, size))
    return rows, boundary


@pytest.mark.parametrize("size", [1, 100, 999, 1_000, 50_000])
def test_a_market_beyond_the_stop_leaves_nothing_open(tmp_path, ticks, size):
    entry = first_entry(ticks)
    sign = 1 if entry.side == "BUY" else -1
    rows, boundary = after_decision(ticks, round(entry.stop * 10) - sign * 500, size)
    seen, engine = watch(write_catalog(tmp_path, rows), end=boundary + 20_000 * MS)

    roles = [(role_of(o), o.status_string()) for o in engine.kernel.cache.orders()]
    assert roles[0] == ("ENTRY", "FILLED")
    assert ("STOP", "REJECTED") in roles
    assert ("EXIT", "FILLED") in roles
    assert seen.naked == []
    assert_flat_and_quiet(engine)
    bought = sum(f.last_qty for o, f in fills(engine) if o.side_string() == "BUY")
    sold = sum(f.last_qty for o, f in fills(engine) if o.side_string() == "SELL")
    assert bought == sold > 0
    engine.dispose()


@pytest.mark.parametrize("size", [1, 100, 999, 1_000, 50_000])
def test_a_market_beyond_the_target_leaves_nothing_open(tmp_path, ticks, size):
    entry = first_entry(ticks)
    sign = 1 if entry.side == "BUY" else -1
    rows, boundary = after_decision(ticks, round(entry.tp2 * 10) + sign * 50, size)
    seen, engine = watch(write_catalog(tmp_path, rows), end=boundary + 20_000 * MS)

    roles = {role_of(o) for o, _ in fills(engine)}
    assert roles == {"ENTRY", "EXIT"}
    assert seen.naked == []
    assert_flat_and_quiet(engine)
    engine.dispose()


def test_a_market_that_has_stopped_fills_nothing(tmp_path, ticks):
    entry = first_entry(ticks)
    boundary = entry.ts_min + MINUTE
    rows = [row for row in vector_rows() if row[1] < boundary]
    resumed = boundary + 60 * MINUTE
    rows += [(0, resumed + i * MS, 501_500, 50, 501_501, 50) for i in range(100)]
    seen, engine = watch(write_catalog(tmp_path, rows), end=resumed + MINUTE)

    assert [d.action for d in seen.collector.decisions].count("ENTER") == 1
    assert engine.kernel.cache.orders() == []
    (strategy,) = engine.trader.strategies()
    assert any("no quote" in text for text in strategy.notices)
    engine.dispose()


def test_sizes_follow_the_stop_distance_and_the_leverage_cap(ticks):
    seen, engine = watch(ticks)
    entry = next(d for d in seen.collector.decisions if d.action == "ENTER")
    distance = abs(Decimal(str(entry.entry)) - Decimal(str(entry.stop)))
    by_risk = Decimal(10_000) * Decimal("0.02") / distance
    by_leverage = Decimal(100_000) / Decimal(str(entry.entry))
    expected = min(by_risk, by_leverage)
    assert 0 <= expected - Decimal(str(entry.quantity)) < Decimal("0.001")
    engine.dispose()


def test_a_size_never_exceeds_the_largest_order_of_the_venue(ticks):
    seen, engine = watch(ticks, "venues.BYBIT.starting_balances=[900000000 USDT]")
    entries = [d for d in seen.collector.decisions if d.action == "ENTER"]
    most = engine.kernel.cache.instrument(IID).max_quantity
    assert {d.quantity for d in entries} == {float(most)}
    assert all(order.status_string() != "DENIED" for order in engine.kernel.cache.orders())
    engine.dispose()
