"""The descriptor of a system: the one place where shared code learns what a system consists of."""

from collections.abc import Callable
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from actors.codes import Code
from actors.messages import Message
from indicators.core.gaps import GapFinder
from strategies.common.codes import SHARED
from strategies.common.codes import Codes
from strategies.common.exports import Export
from strategies.common.exports import ExportNote
from strategies.common.views import Views


class FeatureRows(Protocol):
    """Holds features of closed bars."""

    @property
    def gaps(self) -> GapFinder | None:
        """Return the rule for gaps in its data; None without one."""

    def take_rows(self) -> Any:
        """Return the bars closed since the last call, for `values`."""

    def values(self, rows: Any) -> list[tuple[Any, ...]]:
        """Return bars as values in the units and the order of the message."""


class BarFeatureCore(FeatureRows, Protocol):
    """Computes features of the bars of a venue or a vendor."""

    def update_bars(self, rows: Iterable[tuple[int, ...]]) -> None:
        """
        Add bars in order of time.

        Each has the time it was known at, its end (ns UTC), open, high, low, close (ticks) and
        volume (lots).
        """


class FeatureCore(FeatureRows, Protocol):
    """Computes features of closed bars from quotes and prints in stream order."""

    def update_many(
        self,
        kinds: NDArray[np.uint8],
        ts_event: NDArray[np.int64],
        price: NDArray[np.int64],
        ask: NDArray[np.int64],
        size: NDArray[np.int64],
        ask_size: NDArray[np.int64],
        side: NDArray[np.uint8],
    ) -> None:
        """Add quotes and prints in stream order; the closed bars wait for `take_rows`."""

    def close_many(self, ts: int) -> None:
        """Close the bars that end at a time (ns UTC) or before it."""


@dataclass(frozen=True, kw_only=True)
class BatchFeatures:
    """
    Represents the features of a system that one pass over a catalog computes without an engine.

    Parameters
    ----------
    actor : str
        The path of the actor that publishes them, as in a configuration: `package.module:Class`.
    message : type[Message]
        The message that it publishes for each closed bar; the rows have its columns.
    core : Callable[[Any, Decimal, Decimal], FeatureCore | BarFeatureCore]
        Returns the feature core, from the actor's configuration and the sizes of a tick and a lot:
        a `BarFeatureCore` where the configuration takes bars of the venue or a vendor.
    quoted : str or None, default None
        A column that is null where a bar has no quote, without which it is no part of the warm-up;
        None where the features need no quotes.

    """

    actor: str
    message: type[Message]
    core: Callable[[Any, Decimal, Decimal], FeatureCore | BarFeatureCore]
    quoted: str | None = None


@dataclass(frozen=True, kw_only=True)
class System:
    """
    Represents the parts of a system beside its configuration.

    The first key of a file in `configs/systems` names one: `system: package.module:SYSTEM`. Code
    that serves all systems takes what is particular to one from here, and knows none by name.

    Parameters
    ----------
    name : str
        The package of the system in `strategies`.
    title : str
        What it is called where a person reads it.
    messages : tuple[type[Message], ...]
        The messages that its own actors and its strategy publish.
    views : Views
        What a page about a run shows: its chart and its tables.
    refusals, decisions, features, alerts : tuple[type[Code], ...], default ()
        Its own codes: why candidates are refused, reasons of decisions, those in the columns of
        its messages, and those of its alerts.
    batch_features : BatchFeatures, optional
        The features that `auction features` computes.
    exports : tuple[Export, ...], default ()
        The CSV files that `auction report RUN --diagnostics` writes.
    export_notes : tuple[ExportNote, ...], default ()
        The lines that it prints below them.

    """

    name: str
    title: str
    messages: tuple[type[Message], ...]
    views: Views
    refusals: tuple[type[Code], ...] = ()
    decisions: tuple[type[Code], ...] = ()
    features: tuple[type[Code], ...] = ()
    alerts: tuple[type[Code], ...] = ()
    batch_features: BatchFeatures | None = None
    exports: tuple[Export, ...] = ()
    export_notes: tuple[ExportNote, ...] = ()

    @property
    def codes(self) -> Codes:
        """Return the codes that its runs can write: those that all systems share, and its own."""
        return Codes(
            refusals=(*SHARED.refusals, *self.refusals),
            decisions=self.decisions,
            features=(*self.features, *self.alerts),
        )
