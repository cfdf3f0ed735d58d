"""Attributes that a run and a node read from their components beyond Nautilus's interface."""

from collections import Counter
from collections.abc import Iterable
from typing import ClassVar
from typing import Protocol
from typing import runtime_checkable

from actors.messages import Message


@runtime_checkable
class Publisher(Protocol):
    """
    Represents a component that publishes messages which a run keeps as tables.

    Attributes
    ----------
    PUBLISHES : tuple[type[Message], ...]
        Their classes.

    """

    PUBLISHES: ClassVar[tuple[type[Message], ...]]


@runtime_checkable
class Noticing(Protocol):
    """
    Represents a component with remarks for the readers of its results.

    Attributes
    ----------
    notices : Counter[str]
        The remarks, and how often each was made.

    """

    notices: Counter[str]


def published_by(components: Iterable[object]) -> list[type[Message]]:
    """Return the classes of the messages that components publish, in their order."""
    return [cls for part in components if isinstance(part, Publisher) for cls in part.PUBLISHES]


def notices_of(components: Iterable[object]) -> Counter[str]:
    """Return the remarks of components, and how often each was made."""
    notices: Counter[str] = Counter()
    for part in components:
        if isinstance(part, Noticing):
            notices.update(part.notices)
    return notices
