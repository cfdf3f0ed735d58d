"""The trade manager on a venue that delays, splits, refuses, repeats and reorders."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import count

from hypothesis import HealthCheck
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine
from hypothesis.stateful import initialize
from hypothesis.stateful import invariant
from hypothesis.stateful import precondition
from hypothesis.stateful import rule

from strategies.common.commands import Cancel
from strategies.common.commands import Command
from strategies.common.commands import OrderKind
from strategies.common.commands import Purpose
from strategies.common.commands import Submit
from strategies.common.decisions import decide
from strategies.common.events import Accepted
from strategies.common.events import Canceled
from strategies.common.events import CancelRejected
from strategies.common.events import Filled
from strategies.common.events import OrderEvent
from strategies.common.events import Rejected
from strategies.common.intents import Intent
from strategies.common.ledger import Ledger
from strategies.common.reasons import ExitReason
from strategies.common.records import Record
from strategies.common.records import TradeClosed
from strategies.common.sizing import PositionSize
from strategies.common.trade import Trade
from strategies.common.trade_manager import TradeManager
from strategies.common.trade_params import MINUTE_NS
from strategies.common.trade_params import SECOND_NS
from strategies.common.trade_params import TradeParams


FEE = Decimal("0.25")
SIDES = st.booleans()
PRICES = st.one_of(st.sampled_from([90, 95, 100, 104, 105, 110]), st.integers(85, 115))
INDEX = st.integers(0, 1000)
LOTS = st.integers(1, 10)


class TradeManagerMachine(RuleBasedStateMachine):
    """
    A market, a venue with its own true position, and wires in between that take their time.

    `outgoing` are commands on their way to the venue, in order; `incoming` are events on their way
    back, which arrive in any order and perhaps twice. A cancel may be lost: some time later the
    venue, asked for it, tells that the order works.
    """

    def __init__(self) -> None:
        super().__init__()
        self.now = 0
        self.boundary = 0
        self.position = 0
        self.cash = Decimal(0)
        self.lots = 1
        self.outgoing: list[Command] = []
        self.incoming: list[OrderEvent] = []
        self.working: dict[int, list[int]] = {}
        self.sent: dict[int, Submit] = {}
        self.cancels: dict[int, int] = {}
        self.cancels_refused: dict[int, int] = {}
        self.cancels_doubted: dict[int, int] = {}
        self.records: list[Record] = []
        self.fill_ids = count()
        self.refusals = 0

    @initialize(limit_entry=SIDES, kill=st.sampled_from([None, None, Decimal(20)]))
    def start(self, limit_entry: bool, kill: Decimal | None) -> None:
        self.manager = TradeManager(
            TradeParams(
                tick_value=Decimal("0.1"),
                taker_fee_bps=Decimal(5),
                limit_entry=limit_entry,
                max_hold_ns=2 * MINUTE_NS,
                cooldown_ns=0,
            ),
            lambda _: PositionSize(lots=self.lots),
            Ledger(Decimal(0), kill),
            self.records.append,
        )

    # What the market and the clock do.

    @rule(price=PRICES)
    def trade(self, price: int) -> None:
        self.send(self.manager.on_trade(self.now, price))

    @rule(bid=PRICES, seconds=st.sampled_from([0, 0, 1, 5, 61]))
    def quote(self, bid: int, seconds: int) -> None:
        self.now += seconds * SECOND_NS
        self.send(self.manager.on_quote(self.now, bid, bid + 1))

    @rule(is_long=SIDES, lots=LOTS, first=SIDES, trail=SIDES, wanted=st.integers(0, 4), fixed=SIDES)
    def minute(
        self,
        is_long: bool,
        lots: int,
        first: bool,
        trail: bool,
        wanted: int,
        fixed: bool = True,
    ) -> None:
        self.boundary = max(self.boundary, self.now // MINUTE_NS) + 1
        self.now = self.boundary * MINUTE_NS
        self.lots = lots
        sign = 1 if is_long else -1
        intent = Intent(
            is_long=is_long,
            entry=100,
            stop=100 - sign * 5,
            tag="setup",
            tp1_half=200 + sign * 9 if first else None,
            tp2=None if trail else 100 + sign * 10,
            boundary=100 - sign * 2,
            trail_distance=4 if trail else None,
            trail_activation=3,
            target_distance=10 if trail and first else None,
            stop_distance=None if fixed else 5,
        )
        self.send(self.decide(intent if wanted else None))

    def decide(self, intent: Intent | None) -> Sequence[Command]:
        return decide(self.manager, self.now, 100, intent)[1]

    @precondition(lambda self: self.manager.trade is None and not self.incoming)
    @rule(is_long=SIDES, lots=LOTS, first=SIDES, trail=SIDES, fixed=SIDES)
    def open_position(
        self, is_long: bool, lots: int, first: bool, trail: bool, fixed: bool
    ) -> None:
        """Reach an open position at once: most sequences of single steps never do."""
        self.minute(is_long, lots, first, trail, 1, fixed)
        self.settle()
        if self.working:
            self.fill(0, lots, 100)
        self.settle()

    @precondition(lambda self: self.manager.trade is not None and self.manager.trade.open)
    @rule(goal=st.sampled_from(["tp1", "tp1", "tp2", "stop", "trail"]))
    def reach(self, goal: str) -> None:
        """Print at a level of the open trade."""
        trade = self.manager.trade
        assert trade is not None
        levels = {"tp1": trade.intent.tp1, "tp2": trade.target, "stop": trade.stop}
        self.trade(levels.get(goal) or 100 + trade.side * 8)

    @precondition(lambda self: self.manager.trade is not None and self.manager.trade.open)
    @rule(nearer=st.integers(-3, 12), gap=st.integers(-2, 5))
    def move_stop(self, nearer: int, gap: int) -> None:
        """Move the stop from outside, also to where the market has been already."""
        trade = self.manager.trade
        assert trade is not None
        before, stop = trade.stop, trade.stop + trade.side * nearer
        closing = trade.close_reason
        self.send(self.manager.move_stop(self.now, stop, stop + trade.side * gap))
        if self.manager.trade is trade:
            assert trade.side * (trade.stop - before) >= 0
            assert closing is not None or nearer <= 0 or gap > 0 or trade.close_reason is not None

    @rule(often=st.integers(0, 5))
    def flatten(self, often: int = 5) -> None:
        if often < 5:
            return
        self.send(self.manager.flatten(self.now))

    # What the venue does.

    @precondition(lambda self: self.outgoing)
    @rule(refuse=st.integers(0, 5))
    def take_command(self, refuse: int) -> None:
        command = self.outgoing.pop(0)
        order_id = command.order_id
        if isinstance(command, Cancel):
            if order_id in self.working and refuse:
                del self.working[order_id]
                self.incoming.append(Canceled(order_id=order_id, ts=self.now))
            else:
                self.incoming.append(CancelRejected(order_id=order_id, ts=self.now))
        elif not refuse or (command.reduce_only and self.reducible(command) <= 0):
            self.refusals += 1
            self.incoming.append(Rejected(order_id=order_id, ts=self.now))
        else:
            self.working[order_id] = [command.lots]
            self.incoming.append(Accepted(order_id=order_id, ts=self.now))

    @precondition(lambda self: self.working)
    @rule(index=INDEX, lots=LOTS, price=PRICES)
    def fill(self, index: int, lots: int, price: int) -> None:
        order_id = list(self.working)[index % len(self.working)]
        order = self.sent[order_id]
        lots = min(lots, self.working[order_id][0])
        if order.reduce_only:
            lots = min(lots, self.reducible(order))
        if lots > 0:
            sign = 1 if order.is_buy else -1
            self.position += sign * lots
            self.cash -= sign * lots * price * Decimal("0.1") + FEE
            self.working[order_id][0] -= lots
            self.incoming.append(
                Filled(
                    order_id=order_id,
                    ts=self.now,
                    fill_id=str(next(self.fill_ids)),
                    lots=lots,
                    price=price,
                    is_maker=order.kind is OrderKind.LIMIT,
                    fee=FEE,
                )
            )
            if self.working[order_id][0] == 0:
                del self.working[order_id]
        if not self.position:
            self.drop_reducing()

    @precondition(lambda self: self.working)
    @rule(index=INDEX, often=st.integers(0, 3))
    def cancel_by_venue(self, index: int, often: int) -> None:
        if often < 3:
            return
        self.refusals += 1
        order_id = list(self.working)[index % len(self.working)]
        del self.working[order_id]
        self.incoming.append(Canceled(order_id=order_id, ts=self.now))

    # What the wires do.

    @precondition(lambda self: self.incoming)
    @rule(index=INDEX, again=st.integers(0, 4))
    def deliver(self, index: int, again: int) -> None:
        index %= len(self.incoming)
        event = self.incoming[index] if not again else self.incoming.pop(index)
        if isinstance(event, CancelRejected):
            self.cancels_refused[event.order_id] = self.cancels_refused.get(event.order_id, 0) + 1
        elif isinstance(event, Accepted | Filled) and event.order_id in self.cancels:
            self.cancels_doubted[event.order_id] = self.cancels_doubted.get(event.order_id, 0) + 1
        self.send(self.manager.on_order_event(event))
        # An event bears the venue's time: what it leaves to be done may be due already.
        self.send(self.manager.on_time(self.now))

    @precondition(lambda self: any(isinstance(command, Cancel) for command in self.outgoing))
    @rule()
    def lose_cancels(self) -> None:
        """Lose the cancels on their way; what works is told of, as by a later look."""
        lost = [command for command in self.outgoing if isinstance(command, Cancel)]
        self.outgoing = [command for command in self.outgoing if command not in lost]
        for command in lost:
            if command.order_id in self.working:
                self.incoming.append(Accepted(order_id=command.order_id, ts=self.now))

    @precondition(lambda self: self.incoming or self.outgoing)
    @rule()
    def settle(self) -> None:
        """Let all that is on its way arrive, in order."""
        while self.incoming or self.outgoing:
            while self.outgoing:
                self.take_command(1)
            if self.incoming:
                self.deliver(0, 1)

    # What must hold.

    def send(self, commands: Sequence[Command]) -> None:
        for command in commands:
            order_id = command.order_id
            if isinstance(command, Submit):
                assert order_id not in self.sent
                assert command.lots > 0
                self.sent[order_id] = command
            else:
                self.cancels[order_id] = self.cancels.get(order_id, 0) + 1
                refused = self.cancels_refused.get(order_id, 0)
                doubted = self.cancels_doubted.get(order_id, 0)
                assert self.cancels[order_id] <= 1 + refused + doubted
            self.outgoing.append(command)
        trade = self.manager.trade
        if commands and trade is not None and not self.manager.halted:
            self.check_reducing(trade, list(commands))

    def check_reducing(self, trade: Trade, commands: list[Command]) -> None:
        """Exits together and each stop reduce no more than there is; few stops overlap."""
        purposes = {c.purpose for c in commands if isinstance(c, Submit)}
        if Purpose.EXIT in purposes:
            assert trade.orders.remaining(Purpose.EXIT) <= trade.open
        if Purpose.STOP in purposes:
            stops = [o for o in trade.orders.live(Purpose.STOP) if not o.cancel_sent]
            assert stops[-1].command.lots == trade.open
            assert len(stops) <= 3

    @invariant()
    def position_is_protected(self) -> None:
        trade = self.manager.trade
        if trade is None or trade.open <= 0 or self.manager.halted:
            return
        exits = trade.orders.remaining(Purpose.EXIT)
        if trade.orders.remaining(Purpose.STOP) or exits >= trade.open:
            return
        assert trade.close_reason is not None
        assert self.refusals
        assert self.manager.wake_ns is not None
        assert self.manager.wake_ns <= self.now + SECOND_NS

    @invariant()
    def a_stop_hangs_on_the_fills(self) -> None:
        trade = self.manager.trade
        if trade is None or trade.open <= 0 or trade.stop_reason is not ExitReason.STOP:
            return
        distance = trade.intent.stop_distance
        # An exit changes the lots, not what they have cost.
        if distance is not None:
            assert trade.stop == trade.breakeven - trade.side * distance

    @invariant()
    def flat_has_no_orders(self) -> None:
        if self.manager.trade is not None or self.manager.halted:
            return
        assert self.manager.wake_ns is None
        assert all(isinstance(command, Cancel) for command in self.outgoing)
        if not self.incoming:
            assert not self.working
            assert self.position == 0
            assert self.manager.ledger.cash == self.cash
            assert sum(r.net for r in self.records if isinstance(r, TradeClosed)) == self.cash

    @invariant()
    def quiet_wires_agree(self) -> None:
        """With nothing on its way the manager knows the position, and its stop fits exactly."""
        trade = self.manager.trade
        if trade is None or self.incoming or self.outgoing or self.manager.halted:
            return
        assert trade.open == abs(self.position)
        assert trade.orders.remaining(Purpose.STOP) == sum(
            lots
            for order_id, (lots,) in self.working.items()
            if self.sent[order_id].purpose is Purpose.STOP
        )
        if trade.open and trade.close_reason is None and trade.keep is None:
            (stop, *others) = reversed(trade.orders.live(Purpose.STOP))
            waits = self.now < trade.stop_retry_at or any(o.cancel_after for o in others)
            assert waits or (not others and stop.remaining == trade.open)
            assert waits or stop.command.price == trade.stop

    def teardown(self) -> None:
        """From any state a flatten whose cancels are lost, and a benign venue, lead to flat."""
        if not hasattr(self, "manager"):
            return
        self.flatten()
        self.lose_cancels()
        for _ in range(12):
            self.settle()
            for order_id in list(self.working):
                if order_id in self.working and self.sent[order_id].kind is OrderKind.MARKET:
                    self.fill(list(self.working).index(order_id), 1000, 100)
            self.settle()
            self.now += 2 * SECOND_NS
            self.send(self.manager.on_time(self.now))
        if not self.manager.halted:
            assert self.manager.trade is None
            assert not self.working
            assert self.position == 0

    def reducible(self, order: Submit) -> int:
        return -self.position if order.is_buy else self.position

    def drop_reducing(self) -> None:
        """Cancel what reduces once there is nothing to reduce, as venues do."""
        for order_id in list(self.working):
            if self.sent[order_id].reduce_only:
                self.refusals += 1
                del self.working[order_id]
                self.incoming.append(Canceled(order_id=order_id, ts=self.now))


TestTradeManager = TradeManagerMachine.TestCase
TestTradeManager.settings = settings(
    max_examples=150,
    stateful_step_count=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
