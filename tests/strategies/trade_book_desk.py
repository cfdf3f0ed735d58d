"""A trade book and a venue played by the test."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from itertools import count
from typing import Any

from strategies.common.book_decisions import BookDecision
from strategies.common.book_decisions import decide_book
from strategies.common.book_params import BookParams
from strategies.common.commands import Command
from strategies.common.commands import Purpose
from strategies.common.commands import Submit
from strategies.common.events import Accepted
from strategies.common.events import Canceled
from strategies.common.events import Filled
from strategies.common.events import Rejected
from strategies.common.intents import Intent
from strategies.common.ledger import Ledger
from strategies.common.records import Record
from strategies.common.sizing import PositionSize
from strategies.common.trade_book import TradeBook
from strategies.common.trade_params import MINUTE_NS
from tests.strategies.trade_manager_desk import PARAMS


def intent(number: int, *, is_long: bool = True, **changes: Any) -> Intent:
    """Return an intent at 1000 with its stop 40 ticks and 10 for each number away."""
    sign = 1 if is_long else -1
    terms = {"entry": 1000, "stop": 1000 - sign * (40 + 10 * number), "tp2": 1000 + sign * 100}
    return Intent(is_long=is_long, tag=f"setup {number}", **{**terms, **changes})


class BookDesk:
    """Stands between the test, which plays the venue, and the book."""

    def __init__(
        self,
        lots: int = 10,
        limit: Decimal | None = None,
        equity: Decimal | None = None,
        params: dict[str, Any] | None = None,
        **book: Any,
    ) -> None:
        self.now = MINUTE_NS
        self.lots = lots
        self.limit = limit
        self.equity = equity
        self.params = PARAMS if params is None else type(PARAMS)(**{**FIELDS, **params})
        self.book_params = BookParams(**{"max_trades": 3, **book})
        self.sent: dict[int, Submit] = {}
        self.working: set[int] = set()
        self.fills: list[Filled] = []
        self.fill_ids = count()
        self.records: list[tuple[Record, int | None]] = []
        self.book = self.new_book()

    def size(self, _: Intent) -> PositionSize:
        return PositionSize(lots=self.lots)

    def keep_record(self, record: Record, trade_id: int | None) -> None:
        self.records.append((record, trade_id))

    def new_book(self) -> TradeBook:
        return TradeBook(
            self.params,
            self.book_params,
            self.size,
            Ledger(Decimal(0), self.limit),
            self.keep_record,
            lambda: self.equity,
        )

    def keep(self, commands: Sequence[Command]) -> list[Command]:
        self.sent |= {c.order_id: c for c in commands if isinstance(c, Submit)}
        return list(commands)

    def minute(self, *intents: Intent, close: int | None = 1000) -> BookDecision:
        self.now += MINUTE_NS
        result = decide_book(self.book, self.now, close, [(wanted, None) for wanted in intents])
        self.keep(result.commands)
        return result

    def enter(self, *intents: Intent) -> list[Submit]:
        """Send the entries of intents, which have to be taken."""
        found = [c for c in self.minute(*intents).commands if isinstance(c, Submit)]
        assert len(found) == len(intents)
        return found

    def accept(self, order_id: int) -> list[Command]:
        self.working.add(order_id)
        return self.keep(self.book.on_order_event(Accepted(order_id=order_id, ts=self.now)))

    def cancel(self, order_id: int) -> list[Command]:
        self.working.discard(order_id)
        return self.keep(self.book.on_order_event(Canceled(order_id=order_id, ts=self.now)))

    def reject(self, order_id: int) -> list[Command]:
        return self.keep(self.book.on_order_event(Rejected(order_id=order_id, ts=self.now)))

    def filled(self, order_id: int, lots: int, price: int, fee: str = "0") -> Filled:
        return Filled(
            order_id=order_id,
            ts=self.now,
            fill_id=str(next(self.fill_ids)),
            lots=lots,
            price=price,
            is_maker=True,
            fee=Decimal(fee),
        )

    def fill(self, order_id: int, lots: int, price: int, fee: str = "0") -> list[Command]:
        event = self.filled(order_id, lots, price, fee)
        self.fills.append(event)
        done = sum(f.lots for f in self.fills if f.order_id == order_id)
        command = self.sent.get(order_id)
        if command is not None and done >= command.lots:
            self.working.discard(order_id)
        return self.keep(self.book.on_order_event(event))

    def opened(self, number: int, *, is_long: bool = True) -> "BookDesk":
        """Enter trades at 1000 whose stops work."""
        wanted = [intent(i, is_long=is_long) for i in range(1, number + 1)]
        for entry in self.enter(*wanted):
            self.accept(entry.order_id)
            (stop,) = self.fill(entry.order_id, self.lots, 1000)
            self.accept(stop.order_id)
        return self

    def stop_of(self, trade_id: int) -> int:
        """Return the order id of the stop of a trade."""
        (stop,) = self.book.trades[trade_id].orders.live(Purpose.STOP)
        return stop.command.order_id

    def flatten_one(self, trade_id: int) -> Submit:
        """Close one trade at market; return the order, which works."""
        (order,) = self.keep(self.book.flatten(self.now, trade_id=trade_id))
        assert isinstance(order, Submit)
        self.working.add(order.order_id)
        return order

    def open_lots(self) -> dict[int, int]:
        """Return the signed open lots by trade."""
        return {key: t.side * t.open for key, t in self.book.trades.items()}

    def kinds(self) -> Counter[str]:
        """Return how often each kind of record came."""
        return Counter(type(record).__name__ for record, _ in self.records)


FIELDS = {name: getattr(PARAMS, name) for name in PARAMS.__slots__}
