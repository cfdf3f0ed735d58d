"""The interface of a trading strategy to its parts."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from typing import Protocol

from actors.messages import Message
from catalog.protocols import Text
from strategies.common.commands import Command
from strategies.common.nautilus.config import LimitsConfig
from strategies.common.nautilus.units import Units
from strategies.common.trade_book import TradeBook


class TaggedId(Text, Protocol):
    """Represents the id of a trader or of a strategy, which ends in a tag."""

    def get_tag(self) -> str: ...


class StrategyHost(Protocol):
    """Represents a started strategy: its components of Nautilus, its units and its trades."""

    id: TaggedId
    trader_id: TaggedId
    config: LimitsConfig
    clock: Any
    cache: Any
    msgbus: Any
    log: Any
    units: Units
    manager: TradeBook

    def alert(self, ts: int, kind: str, text: str, value: float | None = None) -> None: ...

    def publish_data(self, data_type: Any, data: Message) -> None: ...


class PositionHost(StrategyHost, Protocol):
    """Represents a strategy that accepts the venue's position as its own."""

    def on_position_found(self, held: Decimal) -> None: ...


class StateHost(StrategyHost, Protocol):
    """Represents a strategy whose state is kept and restored."""

    active: bool
    funded_until_ns: int
    total_loss_day: int | None

    def signal_state(self) -> dict[str, Any] | None: ...


class OrderHost(StrategyHost, Protocol):
    """Represents a strategy that sends orders."""

    notices: Any

    def submit_order(self, order: Any, params: Any = None) -> None: ...

    def keep_state(self, cause: str) -> None: ...

    def defer(self, action: Any) -> None: ...

    def on_print(self, ts: int, price: int) -> None: ...

    def after_commands(self, commands: Sequence[Command], ts: int) -> None: ...


class AlarmEvent(Protocol):
    """Represents the time event of a timer or an alarm."""

    ts_event: int
