"""The protocol of every decision machine; the same object runs in each environment."""

from abc import abstractmethod
from collections.abc import Mapping
from collections.abc import Sequence
from types import MappingProxyType
from typing import Any
from typing import ClassVar
from typing import Protocol

from msgspec import Struct

from errors import AuctionError
from strategies.common.position import Position
from strategies.common.records import EntryFilled
from strategies.common.records import TradeClosed
from strategies.common.settings import AsTight
from strategies.common.step import NO_NOTES
from strategies.common.step import Entry
from strategies.common.step import Exit
from strategies.common.step import Notes
from strategies.common.step import Step


class Row(Protocol):
    """The input of a decision machine: the facts of one closed interval."""

    @property
    def end(self) -> int:
        """Return the time of the decision (ns UTC), the first nanosecond after the interval."""


class DecisionMachine[R: Row](Protocol):
    """
    Decides for one system: rows in, steps out. It never sees an order.

    It is pure: no clock, no I/O, no Nautilus. Strategy, evaluator and tests call it alike: before a
    row `exits_before`, then `step`, then `on_entry` for each entry of the step; in between, in the
    order of the market, the events of its trades. Rows that are replayed after a restart reach it
    as well; its output for them is published but not acted on.

    Attributes
    ----------
    INTERVAL_NS : int
        The length of the interval in which decisions are counted (ns).
    AS_TIGHT : Mapping[str, AsTight]
        The parameters of `settings` that have a tighter direction, each with its rule.
    wake_at : int or None
        When (ns UTC) `exits_at` is called while there is a trade, by the clock and by the
        first print from then on; None for never.

    """

    INTERVAL_NS: ClassVar[int]
    AS_TIGHT: ClassVar[Mapping[str, AsTight]] = MappingProxyType({})

    wake_at: int | None = None

    @abstractmethod
    def step(self, row: R, position: Position) -> Step | None:
        """Handle a row; return None for one that was already processed before a restart."""

    @abstractmethod
    def snapshot(self) -> dict[str, Any]:
        """Return the state between two rows as plain values, fit for JSON."""

    @abstractmethod
    def restore(
        self,
        state: Any,
        position: Position,
        ts: int,
        ended: Mapping[int, TradeClosed] = MappingProxyType({}),
    ) -> Notes:
        """
        Resume from a snapshot, or without one, before the first row.

        Parameters
        ----------
        state : Any
            The snapshot; None where there is none.
        position : Position
            What is held now.
        ts : int
            The present time (ns UTC).
        ended : Mapping[int, TradeClosed], optional
            The earlier trades found closed, by their ids.

        Raises
        ------
        AuctionError
            If the snapshot is damaged or of another version.

        """

    @property
    def warm(self) -> bool:
        """Return True if it has seen enough data to enter."""
        return True

    @property
    def not_warm_reason(self) -> str:
        """Return the reason why it is not warm."""
        return "not warm yet"

    def exits_before(self, row: R, position: Position) -> Sequence[Exit]:
        """Return which trades end before a row is taken."""
        return ()

    def exits_at(self, ts: int, position: Position) -> Sequence[Exit]:
        """Return which trades end at a time (ns UTC)."""
        return ()

    def on_entry(
        self,
        entry: Entry,
        ts: int,
        position: Position,
        *,
        is_sent: bool,
        trade_id: int | None,
    ) -> Notes:
        """
        Handle the outcome of an entry of the last step.

        Parameters
        ----------
        entry : Entry
            The entry.
        ts : int
            The time of the decision (ns UTC).
        position : Position
            What is held after it.
        is_sent : bool
            If it is on its way, or the other half of a flip to it; else it is refused.
        trade_id : int or None
            The id of the trade that it has become; None while it waits for a flip, and if refused.

        """
        return NO_NOTES

    def on_refused(self, entry: Entry, code: str) -> None:
        """
        Handle the code for which an entry of the last step is refused, before `on_entry`.

        Parameters
        ----------
        entry : Entry
            The entry.
        code : str
            The code of the gate, or of the machine itself.

        """
        return

    def on_opened(self, fill: EntryFilled, trade_id: int) -> Notes:
        """Handle the first fill of the entry of a trade."""
        return NO_NOTES

    def on_closed(self, closed: TradeClosed, trade_id: int) -> Notes:
        """Handle the end of a trade that had fills."""
        return NO_NOTES

    def on_dropped(self, ts: int, trade_id: int) -> Notes:
        """
        Handle the end of a trade without a result, at a time (ns UTC).

        Nothing of its entry was filled, or the venue has no position of it for an unknown reason.
        """
        return NO_NOTES

    def on_print(self, ts: int, price: int) -> Notes:
        """Handle a print (ns UTC, ticks); they come only while there is a trade."""
        return NO_NOTES

    @abstractmethod
    def on_gap(self, ts: int) -> Notes:
        """Start to warm up again: data were missing up to a time (ns UTC)."""

    def on_silence(self) -> Notes:
        """Stay cold until the next `on_gap`: the quotes are silent."""
        return NO_NOTES

    def settings(self) -> Struct | None:
        """
        Return the parameters in force that may change while it runs; None for none.

        `AS_TIGHT` names those that may become tighter at any time. All other changes wait until the
        strategy is inactive and flat.
        """
        return None

    def change_settings(self, settings: Any) -> None:
        """
        Use other parameters from the next row on.

        They are part of `snapshot`, so that a restart goes on with them.

        Parameters
        ----------
        settings : Struct
            All of them, of the type that `settings` returns.

        """
        raise AuctionError(f"{type(self).__name__} has no settings")

    def progress(self) -> list[str]:
        """Return, for a reader of a run without a candidate, how far the rule has come."""
        return []
