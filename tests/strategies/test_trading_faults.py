"""The shared strategy where the venue or an operator does what the manager did not ask for."""

from dataclasses import replace
from decimal import Decimal

import msgspec
import pytest
from nautilus_trader.model.enums import OrderSide
from nautilus_trader.model.enums import OrderStatus
from nautilus_trader.model.enums import OrderType
from nautilus_trader.model.events import OrderAccepted
from nautilus_trader.model.events import OrderFilled
from nautilus_trader.model.identifiers import ClientOrderId
from nautilus_trader.trading.config import ImportableStrategyConfig

from actors.messages import Alert
from actors.messages import StateSnapshot
from actors.requests import LAST_SNAPSHOT
from configs.loader import load_backtest
from strategies.common.commands import Purpose
from strategies.common.events import Rejected
from strategies.common.nautilus.order_router import OrderRouter
from strategies.common.nautilus.recovery import VenueState
from strategies.common.nautilus.recovery import recover_from
from strategies.common.trade_params import MINUTE_NS
from strategies.common.trade_params import SECOND_NS
from tests.engines import run_node
from tests.markets import BTC
from tests.markets import MS
from tests.markets import iso
from tests.markets import write_catalog
from tests.strategies.trade_book_desk import BookDesk
from tests.strategies.trade_manager_desk import LONG as LONG_INTENT
from tests.strategies.trade_manager_desk import Desk
from tests.strategies.trade_manager_desk import short


START = 1_767_571_200_000 * MS
MINUTE = 60_000  # ms
LONG = {"is_long": True, "entry": 500_000, "stop": 499_980, "tag": "x_long", "tp2": 500_400}
# What the venue has of it: all.
HELD = (Decimal("0.009"), Decimal(50_000), "the account holds 0.009")


def quote(ms, bid, ask, ask_size=50):
    return (0, START + ms * MS, bid, 50, ask, ask_size)


def trade(ms, price, size=5):
    return (1, START + ms * MS, price, size)


def play(folder, rows, minutes, before=lambda engine: None):
    """Run written intents over rows; return the engine and the alerts."""
    rows = [quote(0, 500_000, 500_001), trade(0, 500_000, 1), *rows]
    run = load_backtest(
        "btc_value_area",
        overrides=[
            f"catalog={write_catalog(folder, rows)}",
            f"start='{iso(START)}'",
            f"end='{iso(rows[-1][1] + MS)}'",
            "venues.BYBIT.starting_balances=['50 USDT']",
        ],
    )
    written = [(START + ms * MS, close, intent, True, True) for ms, close, intent in minutes]
    strategy = ImportableStrategyConfig(
        strategy_path="tests.backtests.intents:WrittenIntents",
        config_path="tests.backtests.intents:WrittenIntentsConfig",
        config={"instrument_id": BTC, "minutes": written},
    )
    engine_config = msgspec.structs.replace(run.node.engine, actors=[], strategies=[strategy])
    alerts = []

    def listen(engine):
        engine.kernel.msgbus.subscribe(topic=Alert.topic(), handler=alerts.append)
        before(engine)

    engine = run_node(
        replace(run, node=msgspec.structs.replace(run.node, engine=engine_config)), listen
    )
    return engine, alerts


def test_two_stops_set_off_by_one_print_leave_the_manager_free(tmp_path):
    rows = [
        quote(MINUTE + 1, 499_990, 500_000, 4),
        quote(MINUTE + 30, 499_990, 500_000, 4),
        quote(MINUTE + 40, 499_990, 500_000, 10),
        quote(MINUTE + 61, 499_990, 500_000),
        trade(MINUTE + 70, 499_975),
        quote(MINUTE + 71, 499_970, 499_976),
    ]
    for i in range(1, 500):
        rows += [quote(MINUTE + 1000 * i, 499_970, 499_976), trade(MINUTE + 1000 * i, 499_972, 1)]
    again = LONG | {"entry": 499_972, "stop": 499_900, "tag": "y_long"}
    minutes = [(MINUTE, 500_000, LONG), (2 * MINUTE, 499_972, None), (6 * MINUTE, 499_972, again)]
    engine, _ = play(tmp_path, rows, minutes)
    (strategy,) = engine.trader.strategies()
    assert [decision.action.value for _, decision in strategy.decisions] == [
        "ENTER_LONG",
        "HOLD",
        "ENTER_LONG",
    ]
    assert not strategy.manager.halted
    engine.dispose()


def test_live_orders_are_those_of_the_trade_that_can_still_be_filled(tmp_path):
    rows = [quote(MINUTE + 1 + 100 * i, 499_990, 500_000) for i in range(10)]
    rows += [quote(MINUTE + 2000, 499_990, 500_401), trade(MINUTE + 2001, 500_401)]
    rows += [quote(MINUTE + 2100 + 100 * i, 500_400, 500_410) for i in range(20)]
    seen = []

    def note(engine):
        (strategy,) = engine.trader.strategies()

        def on_event(event):
            if isinstance(event, (OrderAccepted, OrderFilled)):
                order = strategy.cache.order(event.client_order_id)
                purpose = order.tags[0]
                seen.append((purpose, event.client_order_id in strategy.live_orders()))

        engine.kernel.msgbus.subscribe(topic="events.order.*", handler=on_event)

    engine, _ = play(tmp_path, rows, [(MINUTE, 500_000, LONG)], note)
    (strategy,) = engine.trader.strategies()
    assert ("STOP", True) in seen
    assert [is_live for purpose, is_live in seen if purpose == "EXIT"][-1] is False
    assert strategy.is_flat
    assert strategy.live_orders() == set()
    engine.dispose()


def test_identifiers_of_this_strategy_alone_are_its_own(tmp_path):
    engine, _ = play(tmp_path, [quote(MINUTE, 499_990, 500_000)], [])
    (strategy,) = engine.trader.strategies()
    own = f"O-20260105-120000-{strategy.trader_id.get_tag()}-{strategy.id.get_tag()}-1"
    names = {
        f"{own}-E": True,
        f"{own}-TX": True,
        own: False,
        f"{own}-Q": False,
        "O-20260105-120000-001-OTHER-1-E": False,
    }
    assert {name: strategy.is_own_order(ClientOrderId(name)) for name in names} == names
    engine.dispose()


def test_a_stopped_strategy_leaves_no_entry_that_could_fill_unprotected(tmp_path):
    rows = [quote(MINUTE + 1 + 100 * i, 499_990, 500_000) for i in range(40)]
    rows += [quote(MINUTE + 4200, 499_880, 499_890), trade(MINUTE + 4300, 499_885)]
    rows += [quote(MINUTE + 4400 + 100 * i, 499_700, 499_705) for i in range(20)]
    low = LONG | {"entry": 499_900, "stop": 499_800}

    def stop_it(engine):
        (strategy,) = engine.trader.strategies()
        engine.kernel.clock.set_time_alert_ns(
            "STOP", START + (MINUTE + 2000) * MS, lambda _: strategy.stop()
        )

    engine, _ = play(tmp_path, rows, [(MINUTE, 500_000, low)], stop_it)
    assert [order.status_string() for order in engine.kernel.cache.orders()] == ["CANCELED"]
    assert engine.kernel.cache.positions() == []
    engine.dispose()


def at(engine, ms, act):
    """Have a test act at a time of the run."""
    engine.kernel.clock.set_time_alert_ns(f"{ms}-{act}", START + ms * MS, lambda _: act())


def journaled_halts(engine):
    """Keep what each journaled state says of a halt, but for those of the timer."""
    halts = []

    def keep(message):
        if message.cause != "PERIODIC":
            halts.append(msgspec.json.decode(message.state)["manager"]["halted"])

    engine.kernel.msgbus.register(endpoint=LAST_SNAPSHOT, handler=lambda _: None)
    engine.kernel.msgbus.subscribe(topic=StateSnapshot.topic(), handler=keep)
    return halts


def test_each_step_of_a_halt_is_journaled_though_it_sends_nothing(tmp_path):
    rows = [quote(1000 * i, 500_000, 500_001) for i in range(1, 40)]
    kept = []

    def listen(engine):
        (strategy,) = engine.trader.strategies()
        halts = journaled_halts(engine)
        at(engine, 10_000, lambda: strategy.halt("the account holds 5"))
        at(engine, 20_000, strategy.resume_entries)
        at(engine, 25_000, strategy.halt_entries)
        at(engine, 30_000, lambda: kept.extend(halts))

    engine, _ = play(tmp_path, rows, [], listen)
    assert kept == [True, False, True]
    engine.dispose()


def test_a_hold_whose_stop_works_already_is_journaled(tmp_path):
    rows = [quote(MINUTE + 1000 * i, 499_999, 500_000) for i in range(30)]
    kept = []

    def listen(engine):
        (strategy,) = engine.trader.strategies()
        halts = journaled_halts(engine)
        at(engine, MINUTE + 10_000, lambda: kept.append(halts[-1]))
        at(engine, MINUTE + 11_000, lambda: strategy.protect_unknown_position(*HELD))
        at(engine, MINUTE + 12_000, lambda: kept.append(halts[-1]))

    engine, _ = play(tmp_path, rows, [(MINUTE, 500_000, LONG)], listen)
    assert kept == [False, True]
    assert len(engine.kernel.cache.orders()) == 2
    engine.dispose()


@pytest.mark.parametrize("is_held", [True, False])
def test_refused_exits_give_up_our_own_position_but_not_one_that_the_venue_has(tmp_path, is_held):
    rows = [quote(MINUTE + 1000 * i, 499_999, 500_000) for i in range(30)]
    left = []

    def listen(engine):
        (strategy,) = engine.trader.strategies()

        def close_by_hand():
            lots = strategy.instrument.make_qty(strategy.position)
            instrument_id = strategy.config.instrument_id
            order = strategy.order_factory.market(instrument_id, OrderSide.SELL, lots)
            strategy.submit_order(order)

        def look():
            orders = engine.kernel.cache.orders()
            refused = [order for order in orders if order.status == OrderStatus.REJECTED]
            stops = [order.order_type for order in orders if order.is_open]
            left.append((len(refused) >= 3, stops, strategy.is_flat))

        at(engine, MINUTE + 10_000, close_by_hand)
        if is_held:
            at(
                engine,
                MINUTE + 12_000,
                lambda: strategy.protect_unknown_position(*HELD),
            )
            # An operator who lets it go on has not made the position ours.
            at(engine, MINUTE + 12_500, strategy.resume_entries)
        at(engine, MINUTE + 13_000, strategy.flatten)
        at(engine, MINUTE + 28_000, look)

    engine, _ = play(tmp_path, rows, [(MINUTE, 500_000, LONG)], listen)
    assert left == [(True, [OrderType.STOP_MARKET] if is_held else [], not is_held)]
    engine.dispose()


@pytest.mark.parametrize("is_closed", [True, False])
@pytest.mark.parametrize("hours", [1, 48])
def test_a_cache_without_a_journal_is_read_for_the_last_day_only(tmp_path, is_closed, hours):
    rows = [quote(MINUTE + 1000 * i, 499_999, 500_000) for i in range(3)]
    if is_closed:
        rows += [trade(MINUTE + 5000, 499_975), quote(MINUTE + 5001, 499_970, 499_976)]
    engine, _ = play(tmp_path, rows, [(MINUTE, 500_000, LONG)])
    (strategy,) = engine.trader.strategies()
    iid, units = strategy.config.instrument_id, strategy.units
    venue = VenueState(engine.kernel.cache, iid, units, OrderRouter(strategy, iid, units), "-")
    book, ts = BookDesk(max_trades=1).book, rows[-1][1] + hours * 60 * MINUTE_NS

    result = recover_from(book, venue, None, ts, Decimal("0.02"))

    # Of older ones a position keeps its stop, but nobody says when and why it was entered.
    assert any("booked" in note for note in result.notes) is (hours == 1)
    assert (book.ledger.cash != 0) is (hours == 1)
    assert (result.mismatch is None) is is_closed
    assert book.halted is not is_closed
    assert result.commands == []
    left = book.trade
    stops = [] if left is None else [o.command.price for o in left.orders.live(Purpose.STOP)]
    assert stops == ([] if is_closed else [499_980])
    engine.dispose()


@pytest.mark.parametrize("ahead", [0, 2 * SECOND_NS])
def test_refused_exits_are_paced_by_the_managers_own_clock(ahead):
    desk = Desk()
    desk.open()
    desk.trade(1100)
    desk.manager.on_time(desk.now + ahead)
    order_id, sent = desk.commands[-1].order_id, 0
    for i in range(50):
        ts = desk.now + i * 10 * MS
        again = desk.manager.on_order_event(Rejected(order_id=order_id, ts=ts, message="no"))
        exits = [command for command in again if hasattr(command, "lots")]
        if exits:
            order_id, sent = exits[-1].order_id, sent + 1
    assert sent == 1


def test_an_exit_refused_again_and_again_is_sent_less_and_less_often():
    desk = Desk()
    desk.open()
    desk.trade(1100)
    sent = 0
    for _ in range(600):
        orders = desk.manager.trade.orders
        for order in [o for o in orders.live(Purpose.EXIT) if o.remaining]:
            desk.reject(order.command.order_id)
        desk.wait(SECOND_NS)
        sent += len(desk.commands)
    # At once, four times each second, then doubling pauses up to one a minute.
    assert 10 < sent < 22


def test_a_trade_whose_position_is_gone_is_given_up_with_an_alert():
    desk = Desk()
    desk.open()
    commands = desk.keep(desk.manager.abandon(desk.now, "gone"))
    assert short(commands) == [("CANCEL", 2)]
    assert desk.manager.trade is None
    assert desk.manager.halted
    assert desk.alerts() == ["POSITION_MISMATCH"]


def test_an_entry_is_given_up_when_its_last_target_trades_first():
    desk = Desk()
    desk.minute(LONG_INTENT)
    desk.accept(1)
    assert short(desk.trade(LONG_INTENT.tp2)) == [("CANCEL", 1)]
    assert desk.cancel(1) == []
    assert desk.manager.trade is None
    assert desk.wait(MINUTE_NS) == []
