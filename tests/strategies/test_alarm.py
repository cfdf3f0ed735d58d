"""Every time at which the trade manager has more to do reaches the clock."""

from decimal import Decimal

from hypothesis import HealthCheck
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine
from hypothesis.stateful import invariant
from hypothesis.stateful import precondition
from hypothesis.stateful import rule
from nautilus_trader.model.enums import OrderStatus
from nautilus_trader.model.enums import OrderType
from nautilus_trader.model.orders import Order

from strategies.common.intents import Intent
from strategies.common.reasons import DropReason
from strategies.common.trade_params import SECOND_NS
from tests.strategies.silent_venue import ENTRY
from tests.strategies.silent_venue import LONG
from tests.strategies.silent_venue import SHORT
from tests.strategies.silent_venue import SilentVenue


OFFSETS = st.one_of(st.sampled_from([-1000, -1, 0, 1, 1000, 2000]), st.integers(-2500, 2500))
INTENTS = st.sampled_from([LONG, SHORT, None])
ANSWERS = ["fill", "fill all", "accept", "accept", "reject", "cancel", "reject cancel"]


def exits(venue: SilentVenue) -> list[Order]:
    return [order for order in venue.sent if order.tags[0] == "EXIT"]


def test_a_stop_that_the_venue_does_not_fill_closes_at_market_by_the_clock_alone():
    for intent in (LONG, SHORT):
        venue = SilentVenue()
        stop = venue.open_trade(intent)
        venue.advance(5 * SECOND_NS)

        venue.print(intent.stop)
        venue.advance(SECOND_NS - 2)
        assert exits(venue) == []
        venue.advance(1)

        (left,) = exits(venue)
        assert left.order_type == OrderType.MARKET
        assert left.is_reduce_only
        assert left.quantity == stop.quantity
        assert left.side == stop.side
        assert left.tags[2] == "STOP"
        assert stop.is_open


class AlarmMachine(RuleBasedStateMachine):
    """A market, an operator and a venue in any order; the alarm is looked at after each step."""

    def __init__(self) -> None:
        super().__init__()
        self.venue = SilentVenue(cooldown_minutes=0, max_daily_loss=Decimal(5_000))

    @property
    def may_enter(self) -> bool:
        manager = self.venue.strategy.manager
        return manager.trade is None and not manager.halted and not manager.ledger.killed

    @rule(offset=OFFSETS)
    def print(self, offset: int) -> None:
        self.venue.print(ENTRY + offset)

    @rule(offset=OFFSETS)
    def quote(self, offset: int) -> None:
        self.venue.quote(ENTRY + offset, ENTRY + offset + 1)

    @rule(ns=st.sampled_from([1, SECOND_NS // 4, SECOND_NS - 1, SECOND_NS, 70 * SECOND_NS]))
    def wait(self, ns: int) -> None:
        self.venue.advance(ns)

    @rule(intent=INTENTS)
    def minute(self, intent: Intent | None) -> None:
        self.venue.strategy.decide(self.venue.now, ENTRY, intent, warm=True)

    @precondition(lambda self: self.may_enter)
    @rule(intent=st.sampled_from([LONG, SHORT]))
    def open_trade(self, intent: Intent) -> None:
        """Reach an open position at once: most sequences of single steps never do."""
        self.venue.open_trade(intent)

    @precondition(lambda self: self.venue.strategy.manager.trade is not None)
    @rule(level=st.sampled_from(["stop", "tp1", "tp2"]))
    def reach(self, level: str) -> None:
        """Print at a level of the trade."""
        trade = self.venue.strategy.manager.trade
        assert trade is not None
        self.venue.print({"stop": trade.stop, "tp1": trade.intent.tp1, "tp2": trade.target}[level])

    @rule(action=st.sampled_from(["flatten", "halt", "stop_entries", "fund", "resume_entries"]))
    def operate(self, action: str) -> None:
        strategy = self.venue.strategy
        match action:
            case "flatten":
                strategy.flatten()
            case "halt":
                strategy.halt("the account holds 5")
            case "stop_entries":
                strategy.stop_entries(DropReason.FLATTEN)
            case "fund":
                self.venue.fund(0.5)
            case "resume_entries":
                strategy.resume_entries()

    @precondition(lambda self: self.venue.working)
    @rule(index=st.integers(0, 100), answer=st.sampled_from(ANSWERS), lots=st.integers(1, 50))
    def answer(self, index: int, answer: str, lots: int) -> None:
        """Answer about one of the orders that are not over."""
        working = self.venue.working
        order = working[index % len(working)]
        if answer == "fill":
            self.venue.fill(order, ENTRY, lots)
        elif answer == "fill all":
            self.venue.fill(order, ENTRY)
        elif answer == "accept" and order.status == OrderStatus.SUBMITTED:
            self.venue.accept(order)
        elif answer == "reject" and order.status == OrderStatus.SUBMITTED:
            self.venue.reject(order)
        elif answer == "cancel" and order.status != OrderStatus.SUBMITTED:
            self.venue.cancel(order)
        elif answer == "reject cancel" and order.status == OrderStatus.PENDING_CANCEL:
            self.venue.reject_cancel(order)

    @invariant()
    def the_alarm_is_that_of_the_manager(self) -> None:
        wake = self.venue.strategy.manager.wake_ns
        wanted = None if wake is None else max(wake - 1, self.venue.now)
        assert self.venue.alarm == wanted


TestAlarm = AlarmMachine.TestCase
TestAlarm.settings = settings(
    max_examples=60,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
