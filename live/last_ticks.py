"""The last quote, trade and bar that a node has handled."""

from typing import Protocol

from catalog.protocols import Bar
from catalog.protocols import Quote
from catalog.protocols import Trade


class LastTicks(Protocol):
    """Represents the last market data that a node has handled of each instrument."""

    def quote(self, instrument_id: str) -> Quote | None:
        """Return the current quote of an instrument, None before the first."""

    def trade(self, instrument_id: str) -> Trade | None:
        """Return the last trade of an instrument, None before the first."""

    def bar(self, bar_type: str) -> Bar | None:
        """Return the last bar of a type, None before the first."""
