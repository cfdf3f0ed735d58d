"""A message class that declares what it does not have is refused where it is declared."""

from typing import Any

import pytest

from actors.messages import Message
from actors.messages import message_classes
from actors.messages.base import register
from actors.messages.schema import Flag
from actors.messages.schema import Lots
from actors.messages.schema import Parity
from actors.messages.schema import Price
from actors.messages.schema import Ratio
from actors.messages.schema import Table
from actors.messages.schema import Text
from actors.messages.schema import Ticks
from actors.messages.schema import Time
from tests.checks import some
from tests.toy.messages import ChannelMinute


COLUMNS = {
    "ts_min": Time,
    "seen": Time | None,
    "close": Ticks,
    "tick_size": Price,
    "share": Ratio,
    "prints": Lots,
    "warm": Flag,
    "label": Text,
}


def declared(name: str = "DeclaredMinute", **changes: Any) -> type[Message]:
    """Return a class that is not registered yet; a column of None is left out."""
    columns = COLUMNS | changes.pop("columns", {})
    return type(
        name,
        (Message,),
        {
            "__module__": "channel.messages",
            "__annotations__": {key: kind for key, kind in columns.items() if kind is not None},
            "TABLE": Table("declared", bars="minutes", ts="none"),
            **changes,
        },
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"MARK": ("last",)}, "MARK: there is no column `last`; there are ts_min, seen, close,"),
        ({"MARK": "close"}, "MARK: 'close' must be a tuple of columns"),
        ({"MARK": ("share",)}, "MARK: `share` is a column of kind Ratio, not Price or Ticks"),
        (
            {"MARK": ("close",), "columns": {"tick_size": None}},
            "MARK: `close` is in ticks: add the column `tick_size: Price`",
        ),
        ({"WARM": "complete"}, "WARM: there is no column `complete`"),
        ({"WARM": "share"}, "WARM: `share` is a column of kind Ratio, not Flag"),
        ({"LATE": "late"}, "LATE: there is no column `late`"),
        ({"UNCLEAR": ("share",)}, "UNCLEAR: .* must be two columns"),
        ({"UNCLEAR": ("share", "trades")}, "UNCLEAR: there is no column `trades`"),
        ({"UNCLEAR": ("close", "prints")}, "UNCLEAR: `close` is a column of kind Ticks, not Ratio"),
        ({"PARITY": Parity("x", "minutes", ("ts_min",))}, "PARITY: it must be a tuple of Parity"),
        (
            {"PARITY": (Parity("x", "minutes", ("ts_min",)),) * 2},
            "PARITY `x`: there are two of that name",
        ),
        (
            {"PARITY": (Parity("x", "minutes", ("ts_mni",)),)},
            "PARITY `x`: key: there is no column `ts_mni`",
        ),
        ({"PARITY": (Parity("x", "minutes", ()),)}, "PARITY `x`: its key must be a tuple"),
        (
            {"PARITY": (Parity("x", "minutes", ("ts",)),)},
            "PARITY `x`: key: there is no column `ts`",
        ),
        (
            {"PARITY": (Parity("x", "minutes", ("label", "ts_min")),)},
            "PARITY `x`: key: `label` comes first and must be a Time column that is never null",
        ),
        (
            {"PARITY": (Parity("x", "minutes", ("seen",)),)},
            "PARITY `x`: key: `seen` comes first and must be a Time column that is never null",
        ),
        (
            {"PARITY": (Parity("x", "minutes", ("ts_min",), ("cloze",)),)},
            "PARITY `x`: columns: there is no column `cloze`",
        ),
        (
            {"PARITY": (Parity("x", "minutes", ("ts_min",)),), "TABLE": None},
            "PARITY: it compares tables: declare a TABLE",
        ),
        ({"TABLE": "channel"}, "TABLE: 'channel' is no Table"),
        ({"TABLE": Table("a/b")}, "TABLE: 'a/b' is no name of a file"),
        ({"TABLE": Table("a", ts="start")}, "TABLE: ts='start' must be one of event, close, none"),
        (
            {"columns": {"ts_min": None, "seen": None}},
            "TABLE: ts='none' needs a Time column that is never null",
        ),
        ({"columns": {"mark": Price}}, "column `mark`: each message has an attribute of that name"),
        ({"columns": {"ts": Time}}, "column `ts`: each message has an attribute of that name"),
        ({"columns": {"open": int}}, "column `open`: <class 'int'> is no type of a column"),
        ({"columns": {"open": "Ticks"}}, "column `open`: 'Ticks' is no type of a column"),
    ],
)
def test_a_wrong_declaration_is_refused_at_once(changes: dict[str, Any], message: str) -> None:
    cls, before = declared(**changes), message_classes()
    with pytest.raises(TypeError, match=rf"^channel\.messages\.DeclaredMinute: {message}"):
        register(cls)
    assert message_classes() == before


def test_two_message_classes_of_one_name_are_refused() -> None:
    with pytest.raises(TypeError) as error:
        register(declared("ChannelMinute"))
    assert str(error.value) == (
        "channel.messages.ChannelMinute: tests.toy.messages has a message class of that name: give "
        "it a name of its own"
    )


def test_every_registered_class_is_known_by_its_name() -> None:
    names = [cls.__name__ for cls in some(message_classes())]
    assert ChannelMinute.__name__ in names
    assert len(names) == len(set(names))
