"""Columns of a message of which a test says only what it is about."""

from typing import Any

from actors.messages import Message
from actors.messages.schema import Kind


def blank(cls: type[Message], **columns: Any) -> dict[str, Any]:
    """Return the columns of a class: null where they may be, else 0, empty or false."""
    values = {
        name: None if kind.nullable else [] if kind.kind is Kind.LIST else kind.python()
        for name, kind in cls.TYPES.items()
    }
    return values | columns
