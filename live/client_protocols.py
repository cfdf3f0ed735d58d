"""What a client of a node may offer beside Nautilus's own interface."""

from collections import deque
from collections.abc import Callable
from typing import Any
from typing import Protocol
from typing import runtime_checkable

from adapters.bybit.account_check import AccountReader
from adapters.bybit.funding_payments import FundingPayments
from adapters.sane_ticks import SaneTicks


@runtime_checkable
class HasConnections(Protocol):
    """A client whose connections are known one by one."""

    id: Any

    def connections(self) -> dict[str, bool]:
        """Return the connections by name, True for one that stands and is acknowledged."""
        ...


@runtime_checkable
class CatchesUp(Protocol):
    """A client that can query its venue for what it has missed."""

    async def catch_up(self) -> None:
        """Query orders, fills and positions, and publish what is new."""
        ...


@runtime_checkable
class HasNotices(Protocol):
    """A client that leaves alerts to be raised: pairs of kind and text."""

    notices: deque[tuple[str, str]]


@runtime_checkable
class ListsOpenOrders(Protocol):
    """A client that can query the open orders of an instrument."""

    venue: Any

    async def open_orders(self, instrument_id: Any) -> list[Any]:
        """Return the status reports of all open orders, also of those that nobody here has sent."""
        ...


@runtime_checkable
class ReportsFunding(Protocol):
    """A client of a venue that settles funding."""

    venue: Any

    def funding_payments(self) -> FundingPayments:
        """Return a source of the settled payments, which the caller closes."""
        ...


@runtime_checkable
class ReadsAccount(Protocol):
    """A client whose account can be checked against what a strategy expects."""

    venue: Any

    def account_reader(self) -> AccountReader:
        """Return a reader of the settings of the account."""
        ...


@runtime_checkable
class RefusesTicks(Protocol):
    """A data client that counts the rows it has refused."""

    refused: SaneTicks


@runtime_checkable
class DrivenByReplay(Protocol):
    """A simulated venue that a replay drives."""

    @property
    def bar_spec(self) -> str | None:
        """Return the bars that fill its orders, None where quotes and trades do."""
        ...

    def play(self, drive: Callable[[Any], None]) -> None:
        """Let a replay drive the clock of the venue."""
        ...
