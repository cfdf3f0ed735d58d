"""Several trades at once on a venue that delays, splits, refuses, repeats and reorders."""

import json
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

from hypothesis import HealthCheck
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize
from hypothesis.stateful import invariant
from hypothesis.stateful import precondition
from hypothesis.stateful import rule

from strategies.common.book_decisions import decide_book
from strategies.common.book_params import BookParams
from strategies.common.book_params import PositionMode
from strategies.common.book_state import book_from_plain
from strategies.common.book_state import book_to_plain
from strategies.common.commands import Cancel
from strategies.common.commands import Command
from strategies.common.commands import OrderKind
from strategies.common.commands import Purpose
from strategies.common.commands import Submit
from strategies.common.events import Canceled
from strategies.common.events import Filled
from strategies.common.intents import Intent
from strategies.common.ledger import Ledger
from strategies.common.reasons import ExitReason
from strategies.common.records import ExitFilled
from strategies.common.records import Record
from strategies.common.records import TradeClosed
from strategies.common.sizing import PositionSize
from strategies.common.trade_book import TradeBook
from strategies.common.trade_params import MINUTE_NS
from strategies.common.trade_params import SECOND_NS
from strategies.common.trade_params import TradeParams
from tests.strategies.test_trade_manager_properties import FEE
from tests.strategies.test_trade_manager_properties import INDEX
from tests.strategies.test_trade_manager_properties import LOTS
from tests.strategies.test_trade_manager_properties import PRICES
from tests.strategies.test_trade_manager_properties import SIDES
from tests.strategies.test_trade_manager_properties import TradeManagerMachine


MOST = 3
REACHED: Counter[str] = Counter()


class TradeBookMachine(TradeManagerMachine):
    """The market, venue and wires of the trade manager, with a book of up to three trades."""

    mode = PositionMode.NETTING

    @initialize(limit_entry=SIDES, kill=st.sampled_from([None, None, Decimal(20)]))
    def start(self, limit_entry: bool, kill: Decimal | None) -> None:
        self.params = TradeParams(
            tick_value=Decimal("0.1"),
            taker_fee_bps=Decimal(5),
            limit_entry=limit_entry,
            max_hold_ns=2 * MINUTE_NS,
            cooldown_ns=0,
        )
        self.kill = kill
        self.trade_records: list[tuple[Record, int | None]] = []
        self.positions: Counter[int] = Counter()
        self.pools: dict[int, int] = {}
        self.crossed = False
        self.manager = self.book = self.new_book()  # type: ignore[assignment]

    def new_book(self) -> TradeBook:
        return TradeBook(
            self.params,
            BookParams(max_trades=MOST, positions=self.mode),
            lambda _: PositionSize(lots=self.lots),
            Ledger(Decimal(0), self.kill),
            self.keep_record,
        )

    def keep_record(self, record: Record, trade_id: int | None) -> None:
        self.records.append(record)
        self.trade_records.append((record, trade_id))
        if isinstance(record, ExitFilled) and record.reason == ExitReason.NETTED:
            REACHED["netted"] += 1

    def pool(self, order: Submit) -> int:
        """Return which position of the venue an order changes."""
        if self.mode is PositionMode.NETTING:
            return 0
        is_long = order.is_buy is not order.reduce_only
        return self.pools[order.order_id] if self.mode is PositionMode.BY_TRADE else int(is_long)

    # What the market and the clock do.

    @rule(is_long=SIDES, lots=LOTS, trail=SIDES, wanted=st.lists(st.integers(1, 5), max_size=2))
    def minute(self, is_long: bool, lots: int, trail: bool, wanted: list[int]) -> None:
        self.boundary = max(self.boundary, self.now // MINUTE_NS) + 1
        self.now = self.boundary * MINUTE_NS
        self.lots = lots
        intents = [(self.intent(is_long, distance, trail), None) for distance in wanted]
        before = self.book.trades
        result = decide_book(self.book, self.now, 100, intents)
        REACHED["flips"] += any("FLIP" in str(entry.reason) for entry in result.entries)
        REACHED["several"] += len(self.book.trades) > max(1, len(before))
        self.send(result.commands)

    def intent(self, is_long: bool, distance: int, trail: bool) -> Intent:
        sign = 1 if is_long else -1
        return Intent(
            is_long=is_long,
            entry=100,
            stop=100 - sign * distance,
            tag=f"setup {distance}",
            tp1_half=200 + sign * 9 if distance % 2 else None,
            tp2=None if trail else 100 + sign * (5 + distance),
            boundary=100 - sign * 2,
            trail_distance=4 if trail else None,
            trail_activation=3,
            # Some stops and targets hang on the fills.
            stop_distance=None if distance == 2 else distance,
            target_distance=9 if distance == 4 and not trail else None,
        )

    @precondition(lambda self: not self.book.trades and not self.incoming)
    @rule(is_long=SIDES, lots=LOTS, count=st.integers(2, MOST), trail=SIDES)
    def open_position(self, is_long: bool, lots: int, count: int, trail: bool) -> None:
        """Reach several open trades at once: most sequences of single steps never do."""
        self.minute(is_long, lots, trail, [1, 2, 3][:count])
        self.settle()
        while any(self.sent[order_id].purpose is Purpose.ENTRY for order_id in self.working):
            for index, order_id in enumerate(list(self.working)):
                if self.sent[order_id].purpose is Purpose.ENTRY:
                    self.fill(index, lots, 100)
                    break
        self.settle()

    @precondition(lambda self: self.book.position or len(self.book.trades) > 1)
    @rule(index=INDEX, goal=st.sampled_from(["tp1", "tp1", "tp2", "stop", "trail"]))
    def reach(self, index: int, goal: str) -> None:
        """Print at a level of one of the trades."""
        trades = list(self.book.trades.values())
        trade = trades[index % len(trades)]
        levels = {"tp1": trade.intent.tp1, "tp2": trade.target, "stop": trade.stop}
        self.trade(levels.get(goal) or 100 + trade.side * 8)

    @precondition(lambda self: self.book.trades)
    @rule(index=INDEX, nearer=st.integers(-3, 12), gap=st.integers(-2, 5))
    def move_stop(self, index: int, nearer: int, gap: int) -> None:
        trades = self.book.trades
        trade_id = list(trades)[index % len(trades)]
        others = {key: trade.stop for key, trade in trades.items() if key != trade_id}
        stop = trades[trade_id].stop + trades[trade_id].side * nearer
        price = stop + trades[trade_id].side * gap
        self.send(self.book.move_stop(self.now, stop, price, trade_id))
        assert {k: t.stop for k, t in self.book.trades.items() if k in others} == others

    @precondition(lambda self: self.book.trades)
    @rule(index=INDEX, often=st.integers(0, 3))
    def flatten_one(self, index: int, often: int) -> None:
        if often == 3:
            trade_id = list(self.book.trades)[index % len(self.book.trades)]
            self.send(self.book.flatten(self.now, trade_id=trade_id))

    @rule(often=st.integers(0, 20))
    def halt(self, often: int) -> None:
        if often == 20:
            self.send(self.book.halt(self.now, "in doubt"))
            assert all(slot.manager.halted for slot in self.book.slots)
            self.book.halted = False

    @rule(often=st.integers(0, 2))
    def restart(self, often: int) -> None:
        """Go on from a snapshot, while everything on the wires still arrives."""
        if often < 2:
            return
        old, seen = self.book, len(self.records)
        plain = json.loads(json.dumps(book_to_plain(old.state())))
        self.manager = self.book = self.new_book()  # type: ignore[assignment]
        self.book.restore_state(old.slots.time_ns, book_from_plain(plain))
        del self.records[seen:]
        assert self.book.state() == old.state()

    # What the venue does.

    @precondition(lambda self: self.working)
    @rule(index=INDEX, lots=LOTS, price=PRICES)
    def fill(self, index: int, lots: int, price: int) -> None:
        order_id = list(self.working)[index % len(self.working)]
        order, pool = self.sent[order_id], self.pool(self.sent[order_id])
        sign = 1 if order.is_buy else -1
        lots = min(lots, self.working[order_id][0])
        if order.reduce_only:
            lots = min(lots, self.reducible(order))
        elif sign * self.positions[pool] < 0:
            # An entry closes nothing, unless a fill of the other side is told after its cancel.
            self.crossed = True
            assert any(
                isinstance(event, Filled) and self.sent[event.order_id].is_buy is not order.is_buy
                for event in self.incoming
            )
        if lots > 0:
            self.positions[pool] += sign * lots
            self.cash -= sign * lots * price * Decimal("0.1") + FEE
            self.working[order_id][0] -= lots
            self.incoming.append(self.filled(order_id, lots, price, order.kind))
            if self.working[order_id][0] == 0:
                del self.working[order_id]
        if not self.positions[pool]:
            self.drop_reducing(pool)

    def filled(self, order_id: int, lots: int, price: int, kind: OrderKind) -> Filled:
        return Filled(
            order_id=order_id,
            ts=self.now,
            fill_id=str(next(self.fill_ids)),
            lots=lots,
            price=price,
            is_maker=kind is OrderKind.LIMIT,
            fee=FEE,
        )

    @precondition(lambda self: self.is_quiet() and self.book.position)
    @rule(lots=st.integers(1, 30), price=PRICES, is_stop=SIDES, index=INDEX)
    def close_by_venue(self, lots: int, price: int, is_stop: bool, index: int) -> None:
        """Let the venue close a part of the position, which then is divided by size."""
        if self.book.halted:
            return
        trades = {k: t for k, t in self.book.trades.items() if t.open > 0}
        chosen = list(trades)[index % len(trades)]
        side = trades[chosen].side
        pool = {PositionMode.NETTING: 0, PositionMode.BY_SIDE: int(side > 0)}.get(self.mode, chosen)
        trade_id = chosen if self.mode is PositionMode.BY_TRADE else None
        lots = min(lots, abs(self.positions[pool]))
        before = {k: t.open for k, t in trades.items() if t.side == side}
        if is_stop and self.mode is PositionMode.NETTING:
            order_id = self.book.allocation.adopt_stop(lots, price)
        else:
            found = self.book.allocation.adopt_forced(
                lots, ExitReason.ADL, is_buy=side < 0, trade_id=trade_id
            )
            assert found is not None
            order_id = found
        self.positions[pool] -= side * lots
        self.cash += side * lots * price * Decimal("0.1") - FEE
        # The venue tells of its own order that it has ended as well.
        fill = self.filled(order_id, lots, price, OrderKind.MARKET)
        self.send(self.book.on_order_event(fill))
        self.send(self.book.on_order_event(fill))
        if trade_id is None and len(before) > 1:
            self.check_shares(lots, before)
        if not self.positions[pool]:
            self.drop_reducing(pool)

    def check_shares(self, lots: int, before: dict[int, int]) -> None:
        trades, total = self.book.trades, sum(before.values())
        left = {
            key: own - (trades[key].open if key in trades else 0) for key, own in before.items()
        }
        assert sum(left.values()) == lots
        assert all(abs(left[key] - Decimal(lots * own) / total) < 1 for key, own in before.items())
        REACHED["shared"] += 1

    @precondition(lambda self: self.is_quiet() and self.book.position)
    @rule(cents=st.integers(-50, 50))
    def pay_funding(self, cents: int) -> None:
        paid = Decimal(cents) / 100
        before = {key: trade.funding for key, trade in self.book.trades.items()}
        self.send(self.book.on_funding(self.now, paid))
        self.cash -= paid
        after = {key: trade.funding for key, trade in self.book.trades.items()}
        assert sum(after.values()) - sum(before.values()) == paid

    # What must hold.

    def is_quiet(self) -> bool:
        return not self.incoming and not self.outgoing

    def send(self, commands: Sequence[Command]) -> None:
        for command in commands:
            order_id = command.order_id
            if isinstance(command, Submit):
                assert order_id not in self.sent
                assert command.lots > 0
                self.sent[order_id] = command
                trade_id = self.book.slots.trade_id_of(order_id)
                assert trade_id is not None
                self.pools[order_id] = trade_id
            else:
                self.cancels[order_id] = self.cancels.get(order_id, 0) + 1
                refused = self.cancels_refused.get(order_id, 0)
                doubted = self.cancels_doubted.get(order_id, 0)
                assert self.cancels[order_id] <= 1 + refused + doubted
            self.outgoing.append(command)
        if not self.book.halted:
            self.check_exits(commands)

    def check_exits(self, commands: Sequence[Command]) -> None:
        """No exit is sent that makes those of its trade exceed its open lots."""
        exits = [c for c in commands if isinstance(c, Submit) and c.purpose is Purpose.EXIT]
        trades = self.book.trades
        for command in exits:
            trade = trades[self.pools[command.order_id]]
            assert trade.orders.remaining(Purpose.EXIT) <= trade.open

    @invariant()
    def position_is_protected(self) -> None:
        if self.book.halted:
            return
        for trade in self.book.trades.values():
            exits = trade.orders.remaining(Purpose.EXIT)
            is_covered = trade.orders.remaining(Purpose.STOP) or exits >= trade.open
            if trade.open > 0 and not is_covered:
                assert trade.close_reason is not None
                assert self.refusals
                assert self.book.wake_ns is not None
                assert self.book.wake_ns <= self.now + SECOND_NS * 60

    @invariant()
    def one_side_at_a_netting_venue(self) -> None:
        trades = self.book.trades.values()
        assert len(trades) <= MOST
        assert len({slot.trade_id for slot in self.book.slots if slot.trade_id}) == sum(
            slot.trade_id > 0 for slot in self.book.slots
        )
        if self.mode is PositionMode.NETTING:
            assert len({trade.side for trade in trades}) < 2

    @invariant()
    def flat_has_no_orders(self) -> None:
        if not self.book.is_flat or self.book.halted:
            return
        assert self.book.wake_ns is None
        assert all(isinstance(command, Cancel) for command in self.outgoing)
        if not self.incoming:
            assert not self.working
            assert not any(self.positions.values())
            assert self.book.ledger.cash == self.cash
            assert sum(r.net for r in self.records if isinstance(r, TradeClosed)) == self.cash
            REACHED["flat"] += bool(self.records)

    @invariant()
    def quiet_wires_agree(self) -> None:
        """With nothing on its way the trades add up to the position, and their stops fit."""
        if not self.is_quiet() or self.book.halted:
            return
        held: Counter[int] = Counter()
        resting: Counter[int] = Counter()
        for trade_id, trade in self.book.trades.items():
            pool = {PositionMode.NETTING: 0, PositionMode.BY_SIDE: int(trade.side > 0)}
            key = pool.get(self.mode, trade_id)
            held[key] += trade.side * trade.open
            stops = trade.orders.live(Purpose.STOP)
            assert {o.command.order_id: o.remaining for o in stops} == {
                order_id: lots
                for order_id, (lots,) in self.working.items()
                if self.sent[order_id].purpose is Purpose.STOP and self.pools[order_id] == trade_id
            }
            if trade.open and trade.close_reason is None and trade.keep is None:
                (stop, *others) = reversed(stops)
                waits = self.now < trade.stop_retry_at or any(o.cancel_after for o in others)
                assert waits or (not others and stop.remaining == trade.open)
                assert waits or stop.command.price == trade.stop
                resting[key] += 0 if waits else stop.remaining
        assert {k: v for k, v in held.items() if v} == {
            k: v for k, v in self.positions.items() if v
        }
        assert all(lots <= abs(self.positions[key]) for key, lots in resting.items())

    def teardown(self) -> None:
        """From any state a flatten whose cancels are lost, and a benign venue, lead to flat."""
        if not hasattr(self, "book"):
            return
        self.flatten()
        self.lose_cancels()
        for _ in range(14):
            self.settle()
            for order_id in list(self.working):
                if order_id in self.working and self.sent[order_id].kind is OrderKind.MARKET:
                    self.fill(list(self.working).index(order_id), 1000, 100)
            self.settle()
            self.now += 2 * SECOND_NS
            self.send(self.book.on_time(self.now))
        if self.crossed and self.book.halted:
            return
        # Every fill had a trade: nothing was left that only a halt could answer.
        assert not self.book.halted
        assert self.book.is_flat
        assert not self.working
        assert not any(self.positions.values())
        of_trades = [r for r, trade_id in self.trade_records if isinstance(r, TradeClosed)]
        ids = [i for r, i in self.trade_records if isinstance(r, TradeClosed)]
        assert None not in ids
        assert len(of_trades) == len(ids)

    def reducible(self, order: Submit) -> int:
        position = self.positions[self.pool(order)]
        return -position if order.is_buy else position

    def drop_reducing(self, pool: int = 0) -> None:
        for order_id in list(self.working):
            order = self.sent[order_id]
            if order.reduce_only and self.pool(order) == pool:
                self.refusals += 1
                del self.working[order_id]
                self.incoming.append(Canceled(order_id=order_id, ts=self.now))


class BySideMachine(TradeBookMachine):
    """The same at a venue with one long and one short position."""

    mode = PositionMode.BY_SIDE


class ByTradeMachine(TradeBookMachine):
    """The same at a venue with a position for each trade."""

    mode = PositionMode.BY_TRADE


COMMON = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
TestNetting = TradeBookMachine.TestCase
TestNetting.settings = settings(max_examples=60, stateful_step_count=60, **COMMON)
TestBySide = BySideMachine.TestCase
TestBySide.settings = settings(max_examples=30, stateful_step_count=50, **COMMON)
TestByTrade = ByTradeMachine.TestCase
TestByTrade.settings = settings(max_examples=30, stateful_step_count=50, **COMMON)
