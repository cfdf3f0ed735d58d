"""The interface of a strategy to the runner of its decision machine."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from typing import Protocol

from actors.messages import Message
from strategies.common.intents import GateDecision
from strategies.common.intents import Intent
from strategies.common.nautilus.units import Units
from strategies.common.position import Position
from strategies.common.reasons import DropReason
from strategies.common.reasons import ExitReason
from strategies.common.trade_book import TradeBook


class MachineHost(Protocol):
    """A strategy as seen by the runner of its machine."""

    id: Any
    clock: Any
    config: Any
    manager: TradeBook
    units: Units
    warm: bool
    observe_until: int
    closed_inside: tuple[tuple[Intent, ExitReason], ...]
    market_bars: Any
    is_live: bool

    def decide(
        self, ts: int, close_price: int | None, intent: Intent | None, *, warm: bool
    ) -> tuple[GateDecision, Decimal | None]: ...

    def position_view(self, *, with_quote: bool = True) -> Position: ...

    def count_close(self, *, warm: bool) -> None: ...

    def flatten(
        self,
        reason: ExitReason,
        drop: DropReason,
        ts: int | None = None,
        trade_id: int | None = None,
    ) -> None: ...

    def stop_entries(self, reason: DropReason, trade_id: int | None = None) -> None: ...

    def move_stop(self, ts: int, stop: int, price: int, trade_id: int | None = None) -> None: ...

    def alert(self, ts: int, kind: str, text: str, value: float | None = None) -> None: ...

    def publish(self, message: Message) -> None: ...

    def publish_data(self, data_type: Any, data: Message) -> None: ...

    def defer(self, action: Any) -> None: ...

    def messages_of(self, record: Any) -> Iterable[Message]: ...
