"""The descriptor of a system: the one place where shared code learns what a system consists of."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from actors.codes import Code
from actors.messages import Message
from strategies.common.codes import SHARED
from strategies.common.codes import Codes


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
    parameters : Callable[[Any], dict[str, Any]]
        Returns the parameters of the feature core, from the actor's configuration.
    quoted : str
        A column that is null where a bar has no quote, without which it is no part of the warm-up.

    """

    actor: str
    message: type[Message]
    parameters: Callable[[Any], dict[str, Any]]
    quoted: str


@dataclass(frozen=True, kw_only=True)
class System:
    """
    Represents what a system consists of beside its configuration.

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
    refusals, decisions, features, alerts : tuple[type[Code], ...], default ()
        Its own codes: why candidates are refused, reasons of decisions, those in the columns of
        its messages, and those of its alerts.
    batch_features : BatchFeatures, optional
        The features that `auction features` computes.

    """

    name: str
    title: str
    messages: tuple[type[Message], ...]
    refusals: tuple[type[Code], ...] = ()
    decisions: tuple[type[Code], ...] = ()
    features: tuple[type[Code], ...] = ()
    alerts: tuple[type[Code], ...] = ()
    batch_features: BatchFeatures | None = None

    @property
    def codes(self) -> Codes:
        """Return the codes that its runs can write: those that all systems share, and its own."""
        return Codes(
            refusals=(*SHARED.refusals, *self.refusals),
            decisions=self.decisions,
            features=(*self.features, *self.alerts),
        )
