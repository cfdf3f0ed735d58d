"""A venue played by the test, command by command."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import count
from typing import Any

from strategies.common.commands import Cancel
from strategies.common.commands import Command
from strategies.common.decisions import decide
from strategies.common.events import Accepted
from strategies.common.events import Canceled
from strategies.common.events import Filled
from strategies.common.events import OrderEvent
from strategies.common.events import Rejected
from strategies.common.intents import Intent
from strategies.common.ledger import Ledger
from strategies.common.records import Alert
from strategies.common.records import Record
from strategies.common.sizing import PositionSize
from strategies.common.sizing import SizeRefusal
from strategies.common.trade_manager import TradeManager
from strategies.common.trade_params import MINUTE_NS
from strategies.common.trade_params import TradeParams


LONG = Intent(is_long=True, entry=1000, stop=950, tag="setup_long", tp1_half=2101, tp2=1100)
SHORT = Intent(is_long=False, entry=1000, stop=1050, tag="setup_short", tp1_half=1899, tp2=900)
PARAMS = TradeParams(tick_value=Decimal("0.1"), taker_fee_bps=Decimal(5))


class Desk:
    """Stands between the test, which plays the venue, and the manager."""

    def __init__(self, lots: int = 10, limit: Decimal | None = None, **params: Any) -> None:
        self.now = MINUTE_NS
        self.lots = lots
        self.commands: list[Command] = []
        self.records: list[Record] = []
        self.fills = count()
        self.manager = TradeManager(
            replace(PARAMS, **params),
            lambda _: PositionSize(
                lots=self.lots,
                reason=None if self.lots else SizeRefusal.BELOW_MIN,
            ),
            Ledger(Decimal(1000), limit),
            self.records.append,
        )

    def keep(self, commands: Sequence[Command]) -> list[Command]:
        self.commands = list(commands)
        return self.commands

    def minute(self, intent: Intent | None = None, close: int | None = 1000) -> str | None:
        self.now += MINUTE_NS - self.now % MINUTE_NS
        decision, commands = decide(self.manager, self.now, close, intent)
        self.keep(commands)
        return decision.reason

    def trade(self, price: int) -> list[Command]:
        return self.keep(self.manager.on_trade(self.now, price))

    def wait(self, ns: int) -> list[Command]:
        self.now += ns
        return self.keep(self.manager.on_time(self.now))

    def event(self, event: OrderEvent) -> list[Command]:
        return self.keep(self.manager.on_order_event(event))

    def accept(self, order_id: int) -> list[Command]:
        return self.event(Accepted(order_id=order_id, ts=self.now))

    def reject(self, order_id: int) -> list[Command]:
        return self.event(Rejected(order_id=order_id, ts=self.now, message="no"))

    def cancel(self, order_id: int) -> list[Command]:
        return self.event(Canceled(order_id=order_id, ts=self.now))

    def fill(self, order_id: int, lots: int, price: int, fee: str = "0") -> list[Command]:
        return self.event(self.filled(order_id, lots, price, fee))

    def filled(self, order_id: int, lots: int, price: int, fee: str = "0") -> Filled:
        return Filled(
            order_id=order_id,
            ts=self.now,
            fill_id=str(next(self.fills)),
            lots=lots,
            price=price,
            is_maker=True,
            fee=Decimal(fee),
        )

    def open(self, intent: Intent = LONG) -> None:
        """Enter, fill all, and let the stop (order 2) work."""
        self.minute(intent)
        self.accept(1)
        self.fill(1, self.lots, intent.entry)
        self.accept(2)

    def alerts(self) -> list[str]:
        return [record.kind for record in self.records if isinstance(record, Alert)]


def short(commands: Sequence[Command]) -> list[tuple[Any, ...]]:
    """Describe commands: purpose, lots, price, reason; or the cancelled order."""
    return [
        ("CANCEL", command.order_id)
        if isinstance(command, Cancel)
        else (str(command.purpose), command.lots, command.price, str(command.reason))
        for command in commands
    ]
