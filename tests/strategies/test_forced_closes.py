"""Closes by the venue itself, fills of strangers, and exits that have nothing to reduce."""

import asyncio
import time
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.model.enums import OrderSide
from nautilus_trader.model.enums import TimeInForce
from nautilus_trader.model.events import OrderRejected
from nautilus_trader.model.identifiers import ClientOrderId
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.model.identifiers import StrategyId
from nautilus_trader.model.orders import MarketOrder
from nautilus_trader.model.orders import Order

from actors.forced_closes import FORCED
from actors.forced_closes import forced_close
from actors.requests import POSITION_CHECK
from actors.requests import PositionCheckRequest
from adapters.bybit.executions import ForcedClose
from adapters.bybit.fills_execution import NOTHING_TO_REDUCE as SAID
from live import position_check
from live.position_check import FLAT_ANSWERS
from live.position_check import PositionChecks
from live.position_watch import Comparison
from strategies.common.events import NOTHING_TO_REDUCE
from strategies.common.events import Rejected
from strategies.common.forced_close import ALERTS
from strategies.common.forced_close import HALTING
from strategies.common.gate import Refusal
from strategies.common.intents import Intent
from strategies.common.nautilus.foreign_fills import ForeignFills
from strategies.common.reasons import ExitReason
from tests.markets import BTC
from tests.strategies.live_venue import LiveVenue
from tests.strategies.live_venue import as_found
from tests.strategies.live_venue import live_clock
from tests.strategies.silent_venue import ENTRY
from tests.strategies.silent_venue import LONG
from tests.strategies.silent_venue import SHORT


__all__ = ["live_clock"]

pytestmark = pytest.mark.usefixtures("live_clock")

SIDES = pytest.mark.parametrize("intent", [LONG, SHORT], ids=["long", "short"])
REASONS = pytest.mark.parametrize("reason", list(ALERTS))


def venue_order(venue: LiveVenue, name: str, lots: int, *, is_buy: bool) -> Order:
    """Return an order that the venue has sent itself, as the client makes it known."""
    order = MarketOrder(
        trader_id=venue.strategy.trader_id,
        strategy_id=venue.strategy.id,
        instrument_id=venue.instrument.id,
        client_order_id=ClientOrderId(name),
        order_side=OrderSide.BUY if is_buy else OrderSide.SELL,
        quantity=venue.strategy.units.quantity(lots),
        init_id=UUID4(),
        ts_init=venue.now,
        time_in_force=TimeInForce.IOC,
        reduce_only=True,
    )
    venue.cache.add_order(order)
    venue.accept(order)
    return order


def close(venue: LiveVenue, intent: Intent, reason: str, lots: int, price: int) -> Order:
    order = venue_order(venue, f"{reason}-1", lots, is_buy=not intent.is_long)
    venue.fill(order, price)
    return order


def opened(intent: Intent, **config: Any) -> tuple[LiveVenue, Order]:
    venue = active(**config)
    return venue, venue.open_trade(intent)


def active(**config: Any) -> LiveVenue:
    venue = LiveVenue(**config)
    venue.strategy.active = True
    venue.advance(10**9)
    return venue


def lots_of(venue: LiveVenue) -> int:
    trade = venue.strategy.manager.trade
    return 0 if trade is None else trade.open


def test_adapter_strategy_and_bus_have_the_same_words() -> None:
    assert set(FORCED) == {str(reason) for reason in ForcedClose} == {str(r) for r in ALERTS}
    assert SAID == NOTHING_TO_REDUCE
    assert [forced_close(name) for name in ("ADL-1", "ADL", "ADLER-1", "O-1-E")] == [
        "ADL",
        None,
        None,
        None,
    ]


@SIDES
@REASONS
def test_a_whole_close_ends_the_trade_and_is_in_the_books(
    intent: Intent, reason: ExitReason
) -> None:
    venue, stop = opened(intent)
    lots = lots_of(venue)
    before = venue.strategy.manager.ledger.day_pnl
    close(venue, intent, reason, lots, ENTRY - intent.side * 500)

    gross = -500 * lots * venue.strategy.units.tick_value
    assert venue.strategy.manager.ledger.day_pnl - before == gross - Decimal("0.1")
    assert venue.strategy.is_flat is False
    assert venue.cancels == [stop]
    venue.cancel(stop)
    assert venue.strategy.is_flat
    assert [order for order in venue.sent if order.is_reduce_only] == [stop]
    alert = next(found for found in venue.alerts if found.kind == ALERTS[reason])
    assert alert.value == pytest.approx(float(gross) - 0.1)
    assert str(lots * venue.strategy.units.lot) in alert.text
    assert venue.strategy.manager.halted is (reason in HALTING)
    assert ("resume" in alert.text) is (reason in HALTING)


@SIDES
@REASONS
def test_a_close_of_a_part_leaves_a_smaller_trade_under_a_smaller_stop(
    intent: Intent, reason: ExitReason
) -> None:
    venue, stop = opened(intent)
    lots = lots_of(venue)
    close(venue, intent, reason, 5, ENTRY)

    new = venue.sent[-1]
    assert lots_of(venue) == lots - 5
    assert new is not stop
    assert venue.strategy.units.lots(new.quantity) == lots - 5
    assert new.trigger_price == stop.trigger_price
    # The old stop stays until the new one works.
    assert venue.cancels == []
    venue.accept(new)
    assert venue.cancels == [stop]


@SIDES
def test_several_fills_of_one_close_are_all_booked(intent: Intent) -> None:
    venue, _ = opened(intent)
    lots = lots_of(venue)
    order = venue_order(venue, "LIQUIDATED-1", lots, is_buy=not intent.is_long)
    venue.fill(order, ENTRY, 3)
    venue.fill(order, ENTRY - intent.side * 10, 4)
    assert lots_of(venue) == lots - 7
    venue.fill(order, ENTRY - intent.side * 20)
    assert lots_of(venue) == 0
    assert venue.kinds().count("LIQUIDATED") == 3
    assert "POSITION_MISMATCH" not in venue.kinds()


@SIDES
def test_a_liquidation_counts_for_the_daily_loss_limit(intent: Intent) -> None:
    venue, stop = opened(intent, max_daily_loss=Decimal(20))
    close(venue, intent, "LIQUIDATED", lots_of(venue), ENTRY - intent.side * 1500)
    venue.cancel(stop)
    assert venue.strategy.manager.ledger.killed
    assert "KILL_SWITCH" in venue.kinds()


@SIDES
def test_after_a_liquidation_nothing_is_entered_until_an_operator_says_so(intent: Intent) -> None:
    venue, stop = opened(intent, cooldown_minutes=0)
    close(venue, intent, "LIQUIDATED", lots_of(venue), ENTRY)
    venue.cancel(stop)
    sent = len(venue.sent)
    decision, _ = venue.strategy.decide(venue.now, ENTRY, intent, warm=True)
    assert (decision.reason, len(venue.sent)) == (Refusal.HALTED, sent)
    venue.strategy.resume_entries()
    venue.strategy.decide(venue.now, ENTRY, intent, warm=True)
    assert len(venue.sent) == sent + 1


@SIDES
def test_a_close_gives_up_what_is_left_of_an_entry(intent: Intent) -> None:
    venue = active()
    venue.strategy.decide(venue.now, ENTRY, intent, warm=True)
    entry = venue.sent[-1]
    venue.accept(entry)
    venue.fill(entry, ENTRY, 10)
    venue.accept(venue.sent[-1])
    close(venue, intent, "ADL", 4, ENTRY)
    assert entry in venue.cancels
    venue.cancel(entry)
    assert lots_of(venue) == 6


@SIDES
@pytest.mark.parametrize("is_whole", [True, False])
@pytest.mark.parametrize("is_refused", [True, False])
def test_a_close_that_crosses_the_exit_at_the_first_target(
    intent: Intent, is_whole: bool, is_refused: bool
) -> None:
    venue, _ = opened(intent)
    heard(venue)
    lots = lots_of(venue)
    assert intent.tp1_half is not None
    venue.print(intent.tp1_half // 2)
    (first,) = exits_of(venue)
    close(venue, intent, "LIQUIDATED", lots if is_whole else lots // 2, ENTRY)
    if is_refused:
        refuse(venue, first)
    else:
        venue.accept(first)
        venue.cancel(first)
    trade = venue.strategy.manager.trade
    assert trade is not None
    assert trade.open == (0 if is_whole else lots - lots // 2)
    assert venue.strategy.manager.halted
    if is_whole:
        for order in venue.working:
            if order not in venue.cancels:
                venue.accept(order)
            venue.cancel(order)
        assert venue.strategy.is_flat


@SIDES
@REASONS
@pytest.mark.parametrize("is_whole", [True, False])
def test_a_close_while_the_node_was_away_is_booked_at_the_restart(
    intent: Intent, reason: ExitReason, is_whole: bool
) -> None:
    venue, stop = opened(intent)
    lots = lots_of(venue)
    state, left = list(venue.journal), venue.left()
    closed = lots if is_whole else 5
    order = close(venue, intent, reason, closed, ENTRY - intent.side * 500)
    expected = venue.strategy.manager.ledger.day_pnl
    left.append(as_found(order))

    again = venue.restart(state, left)
    assert again.strategy.manager.ledger.day_pnl == expected
    assert again.kinds().count(str(ALERTS[reason])) == 1
    assert "POSITION_MISMATCH" not in again.kinds()
    assert lots_of(again) == lots - closed
    assert again.strategy.manager.halted is (reason in HALTING)
    exits = [o for o in again.sent if o.is_reduce_only and not o.has_trigger_price]
    assert exits == []
    if is_whole:
        assert [order.client_order_id for order in again.cancels] == [stop.client_order_id]
    else:
        assert again.strategy.units.lots(again.sent[-1].quantity) == lots - closed
    # A second start books nothing twice.
    third = again.restart(list(again.journal), left)
    assert third.strategy.manager.ledger.day_pnl == expected
    assert str(ALERTS[reason]) not in third.kinds()


def test_a_close_without_a_trade_is_no_trade_of_ours() -> None:
    venue = LiveVenue()
    asked = heard(venue)
    close(venue, LONG, "LIQUIDATED", 5, ENTRY)
    assert venue.strategy.is_flat
    assert "FOREIGN_FILL" in venue.kinds()
    assert asked == [PositionCheckRequest(venue.strategy.id.value)]


@SIDES
def test_a_strangers_fill_is_told_and_the_venue_is_asked(intent: Intent) -> None:
    venue, _ = opened(intent)
    asked = heard(venue)
    lots = lots_of(venue)
    order = venue_order(venue, "70a3e677-3ace-451c", 5, is_buy=not intent.is_long)
    venue.fill(order, ENTRY)
    assert lots_of(venue) == lots
    assert "FOREIGN_FILL" in venue.kinds()
    assert asked == [PositionCheckRequest(venue.strategy.id.value)]


def heard(venue: LiveVenue) -> list[PositionCheckRequest]:
    """Return the questions for the position from now on."""
    asked: list[PositionCheckRequest] = []
    venue.msgbus.register(POSITION_CHECK, asked.append)
    return asked


def refuse(venue: LiveVenue, order: Order) -> None:
    venue._tell(order, OrderRejected, reason=f"{NOTHING_TO_REDUCE}: current position is zero")


def exits_of(venue: LiveVenue) -> list[Order]:
    return [order for order in venue.sent if order.is_reduce_only and not order.has_trigger_price]


@SIDES
def test_a_refusal_with_nothing_to_reduce_is_a_question_and_no_rain_of_exits(
    intent: Intent,
) -> None:
    venue, stop = opened(intent)
    asked = heard(venue)
    venue.strategy.flatten()
    for seconds in (1, 2, 4, 8):
        sent = len(exits_of(venue))
        refuse(venue, exits_of(venue)[-1])
        venue.advance(seconds * 10**9 - 10**8)
        assert len(exits_of(venue)) == sent
        venue.advance(2 * 10**8)
        assert len(exits_of(venue)) == sent + 1
    assert len(asked) == 4
    assert venue.cancels == []
    # The venue's word ends it, and only then is the stop cancelled.
    venue.strategy.on_position_found(Decimal(0))
    assert venue.strategy.is_flat
    assert venue.cancels == [stop]
    assert venue.strategy.manager.halted
    assert "POSITION_MISMATCH" in venue.kinds()


@SIDES
def test_a_position_that_the_venue_has_is_not_forgotten(intent: Intent) -> None:
    venue, _ = opened(intent)
    heard(venue)
    venue.strategy.flatten()
    refuse(venue, exits_of(venue)[-1])
    venue.strategy.on_position_found(Decimal("0.5") * intent.side)
    assert not venue.strategy.is_flat
    venue.strategy.manager.slots[0].manager.drop_trade()
    venue.strategy.on_position_found(Decimal(0))
    assert not venue.strategy.manager.halted


@SIDES
def test_other_refusals_are_asked_about_from_the_third_on(intent: Intent) -> None:
    venue, _ = opened(intent)
    asked = heard(venue)
    venue.strategy.flatten()
    for count, questions in enumerate((0, 0, 1), start=1):
        venue.reject(exits_of(venue)[-1])
        assert len(asked) == questions
        venue.advance(2 * 10**9)
        assert len(exits_of(venue)) == count + 1


class Checked:
    """A watch over positions that answers what a test has prepared, and a strategy that is told."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *answers: str, strategies: int = 1) -> None:
        monkeypatch.setattr(position_check, "PAUSE_S", 0.0)
        self.answers = list(answers)
        self.checks = 0
        self.told: list[Decimal] = []
        self.compared: dict[InstrumentId, Comparison] = {}
        self.is_caught_up = True
        self.send: Any = None
        instrument_id = InstrumentId.from_str(BTC)
        strategies_found = [
            SimpleNamespace(
                id=StrategyId(f"S-{number}"),
                config=SimpleNamespace(instrument_id=instrument_id),
                on_position_found=self.told.append,
            )
            for number in range(strategies)
        ]
        bus = SimpleNamespace(register=lambda endpoint, handler: setattr(self, "send", handler))
        node: Any = SimpleNamespace(kernel=SimpleNamespace(msgbus=bus))
        positions: Any = self
        self.checker = PositionChecks(node, strategies_found, positions)  # type: ignore[arg-type]

    async def check(self, *, is_periodic: bool) -> bool:
        assert not is_periodic
        self.checks += 1
        answer = self.answers.pop(0) if self.answers else "same"
        held = {"flat": Decimal(0), "less": Decimal(1)}.get(answer, Decimal(2))
        self.is_caught_up = answer != "behind"
        self.compared = {
            InstrumentId.from_str(BTC): Comparison(Decimal(2), held, None, held != Decimal(2))
        }
        return answer != "silent"

    async def ask(self) -> None:
        self.send(PositionCheckRequest("S-0"))
        end = time.monotonic() + 5.0
        while not self.checker._checking["S-0"].done():
            assert time.monotonic() < end
            await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        (["flat"] * FLAT_ANSWERS, True),
        (["flat", "silent", "flat", "flat", "same"], False),
        (["flat", "behind", "flat", "flat", "same"], False),
        (["silent", "behind", *["flat"] * FLAT_ANSWERS], True),
        (["flat", "flat", "same"], False),
        (["flat", "less"], False),
        (["silent"] * 100, False),
    ],
)
def test_a_trade_is_forgotten_on_the_venues_word_alone(
    monkeypatch: pytest.MonkeyPatch, answers: list[str], told: bool
) -> None:
    found = Checked(monkeypatch, *answers)
    asyncio.run(found.ask())
    assert found.told == ([Decimal(0)] if told else [])
    # With a pause of half a second after each, a venue that does not answer is left after 10 s.
    assert (position_check.CHECKS, FLAT_ANSWERS) == (20, 3)
    assert found.checks == min(len(answers), 20)


def test_a_position_of_several_strategies_is_forgotten_by_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = Checked(monkeypatch, *["flat"] * FLAT_ANSWERS, strategies=2)
    asyncio.run(found.ask())
    assert found.checks == FLAT_ANSWERS
    assert found.told == []


@SIDES
def test_fills_of_its_own_orders_are_no_strangers(intent: Intent) -> None:
    venue = active()
    asked = heard(venue)
    stop = venue.open_trade(intent)
    venue.fill(stop, intent.stop)
    assert venue.strategy.is_flat
    assert "FOREIGN_FILL" not in venue.kinds()
    assert asked == []


@SIDES
@REASONS
def test_a_close_by_the_venue_is_no_strangers_fill(intent: Intent, reason: ExitReason) -> None:
    venue, _ = opened(intent)
    asked = heard(venue)
    lots = lots_of(venue)
    order = venue_order(venue, f"{reason}-1", lots, is_buy=not intent.is_long)
    for part in (lots - 1, 1):
        venue.fill(order, ENTRY, part)
    assert lots_of(venue) == 0
    assert venue.kinds().count("FOREIGN_FILL") == 0
    assert asked == []


@pytest.mark.parametrize(("is_buy", "done"), [(True, "bought"), (False, "sold")])
def test_a_strangers_fill_is_described(is_buy: bool, done: str) -> None:
    venue = active()
    order = venue_order(venue, "70a3e677", 5, is_buy=is_buy)
    venue.fill(order, ENTRY)
    (text,) = [alert.text for alert in venue.alerts if alert.kind == "FOREIGN_FILL"]
    assert text == (
        f"order 70a3e677, not sent by this strategy, {done} 0.005 at 50000.00: "
        "the venue's position is queried"
    )


@SIDES
def test_the_last_lot_is_doubted_as_well(intent: Intent) -> None:
    venue = active()
    venue.strategy.decide(venue.now, ENTRY, intent, warm=True)
    venue.accept(venue.sent[-1])
    venue.fill(venue.sent[-1], ENTRY, 1)
    assert lots_of(venue) == 1
    asked = heard(venue)
    venue.strategy.flatten()
    refuse(venue, exits_of(venue)[-1])
    assert len(asked) == 1


@SIDES
def test_a_refused_entry_says_nothing_about_the_position(intent: Intent) -> None:
    venue = active()
    asked = heard(venue)
    venue.strategy.decide(venue.now, ENTRY, intent, warm=True)
    refuse(venue, venue.sent[-1])
    assert asked == []
    assert venue.strategy.is_flat
    assert not venue.strategy.manager.halted


@SIDES
def test_without_a_node_the_cache_says_whether_there_is_a_position(intent: Intent) -> None:
    venue, stop = opened(intent)
    venue.strategy.flatten()
    # This venue opens no positions in the cache: there is nothing left to close.
    refuse(venue, exits_of(venue)[-1])
    assert venue.strategy.is_flat
    assert venue.cancels == [stop]
    assert venue.strategy.manager.halted


@SIDES
def test_other_refusals_are_not_held_against_a_position_before_the_third(intent: Intent) -> None:
    venue, _ = opened(intent)
    venue.strategy.flatten()
    for refusals in (1, 2, 3):
        assert not venue.strategy.is_flat
        venue.reject(exits_of(venue)[-1])
        assert venue.strategy.is_flat is (refusals == 3)
        venue.advance(2 * 10**9)


@SIDES
def test_a_word_on_the_position_ends_a_trade_only_where_nothing_of_it_is_left(
    intent: Intent,
) -> None:
    venue, _ = opened(intent)
    lot = venue.strategy.units.lot
    for held in (lot, Decimal(5)):
        venue.strategy.on_position_found(held * intent.side)
        assert not venue.strategy.is_flat
    # The other side is none of the trade either.
    venue.strategy.on_position_found(-lot * intent.side)
    assert venue.strategy.is_flat
    (text,) = [alert.text for alert in venue.alerts if alert.kind == "POSITION_MISMATCH"]
    assert "to close, but the venue has no position" in text


@pytest.mark.parametrize("is_long", [True, False])
def test_an_unknown_position_gets_a_stop_at_its_distance_from_the_average(is_long: bool) -> None:
    venue = active(emergency_stop_pct=Decimal("0.02"))
    sign = 1 if is_long else -1
    venue.strategy.protect_unknown_position(
        sign * Decimal("0.012"), Decimal("40000.07"), "the account holds it"
    )
    (stop,) = venue.sent
    # Of 400,000.7 ticks a fiftieth is 8,000.014: the stop lies no nearer.
    assert stop.trigger_price.as_decimal() == Decimal("40000.1") - sign * Decimal("800.1")
    assert stop.quantity.as_decimal() == Decimal("0.012")
    assert stop.is_reduce_only
    assert stop.side == (OrderSide.SELL if is_long else OrderSide.BUY)
    assert venue.strategy.position == sign * Decimal("0.012")
    assert venue.strategy.manager.halted


@SIDES
def test_a_position_of_another_instrument_keeps_no_trade_alive(intent: Intent) -> None:
    venue, _ = opened(intent)
    asked: list[Any] = []
    cache = venue.cache

    class Watched:
        def __getattr__(self, name: str) -> Any:
            return getattr(cache, name)

        def positions_open(self, **named: Any) -> list[Any]:
            asked.append(named)
            return []

    doubts = ForeignFills(
        SimpleNamespace(
            manager=venue.strategy.manager,
            msgbus=venue.msgbus,
            config=venue.strategy.config,
            cache=Watched(),
            on_position_found=venue.strategy.on_position_found,
        ),
        venue.strategy.router,
    )
    venue.strategy.flatten()
    order_id = venue.strategy.router.order_id(exits_of(venue)[-1].client_order_id)
    assert order_id is not None
    doubts.doubt(Rejected(order_id=order_id, ts=venue.now, message="x", nothing_to_reduce=True))
    assert asked == [{"instrument_id": venue.instrument.id}]
    assert venue.strategy.is_flat
