"""Optional interfaces of a node's clients beyond Nautilus's own."""

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
    """A client that exposes its individual connections."""

    id: Any

    def connections(self) -> dict[str, bool]:
        """Return the connections by name, True for one that is up and acknowledged."""
        ...


@runtime_checkable
class CatchesUp(Protocol):
    """A client that can query its venue for missed events."""

    async def catch_up(self) -> None:
        """Query orders, fills and positions, and publish what is new."""
        ...


@runtime_checkable
class HasNotices(Protocol):
    """A client that queues alerts for the node to raise, as pairs of kind and text."""

    notices: deque[tuple[str, str]]


@runtime_checkable
class ListsOpenOrders(Protocol):
    """A client that can query the open orders of an instrument."""

    venue: Any

    async def open_orders(self, instrument_id: Any) -> list[Any]:
        """Return the status reports of all open orders, including external ones."""
        ...


@runtime_checkable
class ReportsFunding(Protocol):
    """A client of a venue that settles funding."""

    venue: Any

    def funding_payments(self) -> FundingPayments:
        """Return a source of settled payments; the caller closes it."""
        ...


@runtime_checkable
class ReadsAccount(Protocol):
    """A client whose account can be checked against the requirements of a strategy."""

    venue: Any

    def account_reader(self) -> AccountReader:
        """Return a reader of the account settings."""
        ...


@runtime_checkable
class RefusesTicks(Protocol):
    """A data client that counts the rows it has rejected."""

    refused: SaneTicks


@runtime_checkable
class DrivenByReplay(Protocol):
    """A simulated venue that a replay drives."""

    @property
    def bar_spec(self) -> str | None:
        """Return the bars that fill its orders, None if quotes and trades do."""
        ...

    def play(self, drive: Callable[[Any], None]) -> None:
        """Hand the venue's clock over to a replay."""
        ...
