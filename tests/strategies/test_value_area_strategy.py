"""The value-area strategy in the engine: protection of every position, and honest fills."""

import json
from bisect import bisect_left
from bisect import bisect_right
from decimal import Decimal

import pytest
from nautilus_trader.model.enums import PositionSide
from nautilus_trader.model.events import OrderFilled
from nautilus_trader.model.identifiers import InstrumentId

from actors.messages import Alert
from actors.messages import TradeEvent
from actors.messages import TradingStatus
from backtests.results.tags import role_of
from backtests.results.tags import setup_of
from configs.loader import load_backtest
from strategies.common.ledger import Ledger
from strategies.common.trade_manager import TradeManager
from tests.engines import collecting
from tests.engines import run_node
from tests.markets import BTC
from tests.markets import MINUTE
from tests.markets import MS
from tests.markets import iso
from tests.markets import vector_rows
from tests.markets import vector_stream
from tests.markets import write_catalog
from tests.markets import write_vector_catalog
from tests.seed_rules import SEED_RULES


IID = InstrumentId.from_str(BTC)
LATENCY = 20 * MS
MONEY_EVENTS = ("ENTRY_FILLED", "EXIT_FILLED", "FUNDING_PAID")


class Watch:
    """
    Looks at every quote whether the open position has its stops.

    Orders take the latency and then the next event to arrive. A first stop needs one round trip,
    one that replaces it for a larger size another: from the third event after two round trips on, a
    position without stops (or exits under way) for its whole size is naked.
    """

    def __init__(self, engine):
        self.cache = engine.kernel.cache
        self.collector = collecting(engine)
        self.trade_events, self.alerts, self.states = [], [], []
        for cls, seen in (
            (TradeEvent, self.trade_events),
            (Alert, self.alerts),
            (TradingStatus, self.states),
        ):
            engine.kernel.msgbus.subscribe(topic=cls.topic(), handler=seen.append)
        self.in_position = 0
        self.naked = []
        self._late = 0
        engine.kernel.msgbus.subscribe(topic=f"data.quotes.BYBIT.{IID.symbol}", handler=self.look)

    def look(self, tick):
        for position in self.cache.positions_open(instrument_id=IID):
            self.in_position += 1
            side = "SELL" if position.side == PositionSide.LONG else "BUY"
            working = [*self.cache.orders_open(), *self.cache.orders_inflight()]
            stops = [o for o in working if role_of(o) == "STOP" and o.is_open]
            exits = [o for o in working if role_of(o) == "EXIT"]
            assert all(order.is_reduce_only for order in (*stops, *exits))
            assert all(order.side_string() == side for order in (*stops, *exits))
            size = position.quantity.as_decimal()
            covered = max((order.leaves_qty.as_decimal() for order in stops), default=Decimal(0))
            leaving = sum(order.leaves_qty.as_decimal() for order in exits)
            assert leaving <= size
            if max(covered, leaving) >= size:
                self._late = 0
            elif tick.ts_init > position.ts_last + 4 * LATENCY:
                self._late += 1
                if self._late > 2:
                    self.naked.append((tick.ts_event, size, covered))


@pytest.fixture(scope="module")
def ticks(tmp_path_factory):
    return write_vector_catalog(tmp_path_factory.mktemp("ticks"))


# Of the account, so that it has margin for whatever the strategy's own limits let through.
MORE_LEVERAGE = "venues.BYBIT.default_leverage=20"


def watch(catalog, *overrides, end=None):
    watches = []
    run = load_backtest(
        "btc_value_area",
        overrides=[
            f"catalog={catalog}",
            f"end='{iso(end or vector_stream()[1])}'",
            *SEED_RULES,
            *overrides,
        ],
    )
    engine = run_node(run, lambda engine: watches.append(Watch(engine)))
    return watches[0], engine


@pytest.fixture(scope="module")
def whole(ticks):
    """Return a run over the whole stream; tests only read it."""
    found = watch(ticks)
    yield found
    found[1].dispose()


@pytest.fixture(scope="module")
def levered(ticks):
    """Return the same with margin enough for the strategy's own limits."""
    found = watch(ticks, MORE_LEVERAGE)
    yield found
    found[1].dispose()


@pytest.fixture(scope="module")
def entry(whole):
    """Return the first decision to enter."""
    return next(d for d in whole[0].collector.decisions if d.action == "ENTER")


@pytest.fixture(scope="module")
def soon(entry):
    """Return a time (ns UTC) half an hour after the first entry."""
    return entry.ts_min + 30 * MINUTE


def reason_of(order):
    return order.tags[2]


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


def test_an_open_position_always_has_its_stops_for_the_whole_size(whole):
    seen, _ = whole
    assert seen.in_position > 1000
    assert seen.naked == []


def test_no_order_of_a_closed_position_keeps_working(whole):
    _, engine = whole
    cache = engine.kernel.cache
    opened = sum(position.quantity.as_decimal() for position in cache.positions_open())
    stops = [order for order in cache.orders_open() if role_of(order) == "STOP"]
    assert {role_of(order) for order in cache.orders_open()} <= {"STOP"}
    assert sum(order.leaves_qty.as_decimal() for order in stops) == opened


def test_every_entry_is_sent_on_the_first_quote_after_its_decision(whole):
    seen, engine = whole
    quotes = [row for row in vector_rows() if row[0] == 0]
    prints = [row for row in vector_rows() if row[0] == 1]
    times = [row[1] for row in quotes]
    decided = [d.ts_min + MINUTE for d in seen.collector.decisions if d.action == "ENTER"]
    entries = [order for order in engine.kernel.cache.orders() if role_of(order) == "ENTRY"]
    limits = [order for order in entries if order.type_string() == "LIMIT"]
    assert len(limits) >= len(decided) > 10

    sent = sorted(order.ts_init // MS for order in limits)
    for boundary in decided:
        first = times[bisect_right(times, boundary - 1)]
        assert first // MS in sent
    for order, fill in fills(engine):
        assert fill.ts_event >= order.ts_init + LATENCY
        if order.type_string() == "LIMIT":
            worse = fill.last_px > order.price if order.side_string() == "BUY" else None
            worse = fill.last_px < order.price if worse is None else worse
            assert not worse
            continue
        # The quotes of the fill's millisecond and the last before, one tick of slippage, and beyond
        # the size one more. A stop may also fill at the print that has set it off.
        at = fill.ts_event // MS * MS
        shown = quotes[bisect_left(times, at) - 1 : bisect_right(times, at)]
        price, sign = round(float(fill.last_px) * 10), 1 if order.side_string() == "BUY" else -1
        touched = {quote[4 if sign > 0 else 2] for quote in shown}
        if role_of(order) == "STOP":
            touched |= {row[2] for row in prints if row[1] == at}
        assert price in {level + sign * worse for level in touched for worse in (1, 2)}


def test_a_flip_is_two_trades_and_its_second_is_sized_after_the_first_is_booked(levered):
    seen, engine = levered
    (flip,) = [d for d in seen.collector.decisions if d.action == "FLIP"]
    assert flip.quantity is None
    after = [o for o in engine.kernel.cache.orders() if o.ts_init >= flip.ts_event]
    close, entry = sorted(after, key=lambda o: o.ts_init)[:2]
    assert (role_of(close), reason_of(close)) == ("EXIT", "FLIP")
    assert (role_of(entry), setup_of(entry)) == ("ENTRY", flip.setup)
    assert entry.ts_init >= close.ts_last

    booked = Decimal(10_000) + sum(
        Decimal(str(event.net))
        for event in seen.trade_events
        if event.kind in MONEY_EVENTS and event.ts_event <= close.ts_last
    )
    price = Decimal(str(flip.entry))
    by_risk = booked * Decimal("0.02") / abs(price - Decimal(str(flip.stop)))
    by_leverage = booked * 10 / price
    expected = min(by_risk, by_leverage)
    assert 0 <= expected - entry.quantity.as_decimal() < Decimal("0.001")


def test_a_day_loss_stops_entries_until_midnight_and_leaves_the_open_trade_alone(ticks):
    seen, engine = watch(ticks, "strategies.0.config.max_daily_loss=200")
    alerts = [alert for alert in seen.alerts if alert.kind == "KILL_SWITCH"]
    assert len(alerts) == 1
    assert alerts[0].value <= -200
    tripped = alerts[0].ts_event
    later = [d for d in seen.collector.decisions if d.ts_event > tripped and d.setup]
    assert {d.why for d in later if d.action == "REFUSE"} == {"KILL_SWITCH"}
    assert all(d.action in ("REFUSE", "EXIT") for d in later)
    assert [s.killed for s in seen.states if s.ts_event > tripped][-1]
    engine.dispose()


def test_the_state_after_each_decision_agrees_with_the_books(whole):
    seen, _ = whole
    assert len(seen.states) == len(seen.collector.decisions)
    in_position = [s for s in seen.states if s.quantity]
    assert in_position
    for state in in_position:
        lost = (state.entry - state.stop) * state.quantity
        assert state.open_risk == pytest.approx(max(0, lost), abs=1e-6)
        assert state.heat is None or state.heat >= 0
    closed = [e for e in seen.trade_events if e.kind == "TRADE_CLOSED"]
    last = seen.states[-1]
    assert last.day_pnl == pytest.approx(
        sum(e.net for e in seen.trade_events if e.kind in MONEY_EVENTS)
    )
    assert len(closed) > 10


def test_a_restarted_strategy_remembers_the_loss_of_its_day(whole):
    (strategy,) = whole[1].trader.strategies()
    state = strategy.save()
    loss = strategy.manager.ledger.day_pnl
    assert loss < -200
    now = strategy.clock.timestamp_ns()

    for limit, ts, killed in (
        (-loss, now, True),
        (-loss + 1, now, False),
        (-loss, now + 1440 * MINUTE, False),
    ):
        ledger = Ledger(Decimal(0), limit)
        records = []
        manager = TradeManager(strategy.manager.params, lambda _: None, ledger, records.append)
        manager.restore(ts, json.loads(state["trading"])["book"]["managers"][0])
        assert manager.ledger.killed is killed
        assert [record.kind for record in records] == ["KILL_SWITCH"] * killed


def after_decision(entry, price, size):
    """Return the stream up to the first entry, and then a market standing at one price."""
    boundary = entry.ts_min + MINUTE
    rows = [row for row in vector_rows() if row[1] < boundary]
    for i in range(200):
        ts = boundary + (10 + i * 100) * MS
        rows.append((0, ts, price, size, price + 1, size))
    return rows, boundary


@pytest.mark.parametrize("size", [1, 100, 999, 1_000, 50_000])
def test_a_market_beyond_the_stop_leaves_nothing_open(tmp_path, entry, size):
    sign = 1 if entry.side == "BUY" else -1
    rows, boundary = after_decision(entry, round(entry.stop * 10) - sign * 500, size)
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


def beyond_the_target(entry, folder, size):
    """Write a market beyond the target from the first entry on; return it, and that time."""
    sign = 1 if entry.side == "BUY" else -1
    price = round(entry.tp2 * 10) + sign * 50
    rows, boundary = after_decision(entry, price, size)
    last = rows[-1][1]
    for i in range(1, 800):
        rows.append((0, last + i * 100 * MS, price, size, price + 1, size))
        rows.append((1, last + i * 100 * MS + MS, price, 5))
    return write_catalog(folder, rows), boundary


@pytest.mark.parametrize("size", [1, 100, 999, 1_000, 50_000])
def test_a_market_beyond_the_target_leaves_nothing_open(tmp_path, entry, size):
    catalog, boundary = beyond_the_target(entry, tmp_path, size)
    market = "strategies.0.config.use_limit_for_entry=false"
    seen, engine = watch(catalog, market, end=boundary + 2 * MINUTE)
    assert {role_of(o) for o, _ in fills(engine)} == {"ENTRY", "EXIT"}
    assert {reason_of(o) for o, _ in fills(engine)} == {"SIGNAL", "TP2"}
    assert seen.naked == []
    assert_flat_and_quiet(engine)
    engine.dispose()


@pytest.mark.parametrize("size", [1, 50_000])
def test_a_limit_entry_beyond_the_target_is_given_up(tmp_path, entry, size):
    # It would be bought only to be sold at once.
    catalog, boundary = beyond_the_target(entry, tmp_path, size)
    seen, engine = watch(catalog, end=boundary + 2 * MINUTE)
    assert fills(engine) == []
    (canceled,) = [e for e in seen.trade_events if e.kind == "ENTRY_CANCELED"]
    assert canceled.reason == "TARGET_TOUCHED"
    assert_flat_and_quiet(engine)
    engine.dispose()


def test_a_market_that_has_stopped_fills_nothing(tmp_path, entry):
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


def test_sizes_follow_the_stop_distance_and_the_leverage_cap(levered):
    seen, _ = levered
    entry = next(d for d in seen.collector.decisions if d.action == "ENTER")
    distance = abs(Decimal(str(entry.entry)) - Decimal(str(entry.stop)))
    by_risk = Decimal(10_000) * Decimal("0.02") / distance
    by_leverage = Decimal(100_000) / Decimal(str(entry.entry))
    expected = min(by_risk, by_leverage)
    assert 0 <= expected - Decimal(str(entry.quantity)) < Decimal("0.001")


def test_a_size_never_exceeds_the_largest_order_of_the_venue(ticks, soon):
    seen, engine = watch(ticks, "venues.BYBIT.starting_balances=[900000000 USDT]", end=soon)
    entries = [d for d in seen.collector.decisions if d.action == "ENTER"]
    most = engine.kernel.cache.instrument(IID).max_quantity
    assert {d.quantity for d in entries} == {float(most)}
    assert all(order.status_string() != "DENIED" for order in engine.kernel.cache.orders())
    engine.dispose()


@pytest.mark.parametrize(
    ("setting", "code"),
    [
        ("max_notional=1000", "NOTIONAL"),
        ("min_reward_fee_ratio=100", "LOW_REWARD"),
        ("min_stop_fee_ratio=100", "STOP_IN_FEES"),
        ("min_stop_spreads=1000000", "STOP_IN_SPREAD"),
    ],
)
def test_a_limit_refuses_every_entry_with_its_code(ticks, soon, setting, code):
    seen, engine = watch(ticks, f"strategies.0.config.{setting}", end=soon)
    refused = {d.why for d in seen.collector.decisions if d.action == "REFUSE"}
    assert code in refused <= {code, "WARMUP"}
    assert engine.kernel.cache.orders() == []
    engine.dispose()


def test_a_size_by_risk_includes_the_costs_of_the_round_trip_where_it_is_told_to(ticks, soon):
    def first_entry(setting):
        settings = ("max_leverage=1000", "risk_pct=0.001", setting)
        seen, engine = watch(ticks, *(f"strategies.0.config.{text}" for text in settings), end=soon)
        entry = next(d for d in seen.collector.decisions if d.action == "ENTER")
        engine.dispose()
        return entry

    bare, whole = (first_entry(f"risk_includes_costs={flag}") for flag in ("false", "true"))
    assert (bare.entry, bare.stop) == (whole.entry, whole.stop)
    for entry, fee, slippage in ((bare, 0, 0), (whole, Decimal("0.00055"), 5)):
        price, stop, size = (Decimal(str(x)) for x in (entry.entry, entry.stop, entry.quantity))
        loss = abs(price - stop) + fee * (price + stop)
        assert size * loss <= 10 < (size + Decimal("0.001")) * (loss + slippage)


@pytest.mark.parametrize("leverage", [1, 10])
def test_a_size_leaves_room_for_the_fees_of_the_way_in_and_out(ticks, soon, leverage):
    seen, engine = watch(ticks, f"venues.BYBIT.default_leverage={leverage}", end=soon)
    entry = next(d for d in seen.collector.decisions if d.action == "ENTER")
    price, size = Decimal(str(entry.entry)), Decimal(str(entry.quantity))
    needed = price / leverage + 2 * price * Decimal("0.00055")
    assert size * needed <= 10_000 < (size + Decimal("0.001")) * needed

    (submitted, *_) = [e for e in seen.trade_events if e.kind == "ENTRY_SUBMITTED"]
    assert (submitted.reason, submitted.quantity) == ("CAPPED", entry.quantity)
    assert any(alert.kind == "LEVERAGE_CAP" for alert in seen.alerts)
    assert "MARGIN" not in {d.why for d in seen.collector.decisions}
    engine.dispose()


def test_an_account_that_cannot_pay_the_least_size_enters_nothing(ticks, soon):
    poor = "venues.BYBIT.default_leverage=1", "venues.BYBIT.starting_balances=[50 USDT]"
    seen, engine = watch(ticks, *poor, end=soon)
    assert "MARGIN" in {d.why for d in seen.collector.decisions if d.action == "REFUSE"}
    assert engine.kernel.cache.orders() == []
    engine.dispose()
