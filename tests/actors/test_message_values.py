"""A message takes values of its columns' types alone, and no float that is not finite."""

import math
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from nautilus_trader.model.identifiers import InstrumentId

from actors.codes import Code
from actors.footprint.messages import FootprintBar
from actors.messages import Decision
from actors.messages import Message
from actors.messages import MinuteFootprint
from actors.value_area.messages import ValueAreaMinute
from backtests.results.message_tables import message_table
from errors import AuctionError
from tests.blank_messages import blank
from tests.markets import BTC
from tests.toy.messages import ChannelMinute


IID = InstrumentId.from_str(BTC)
# The last nanosecond of a minute.
TS = 1_767_573_059_999_999_999
AT = f"of {BTC} at 2026-01-05 00:30:59: "


class Outcome(Code):
    """Represents a code as a text."""

    ONE = "ONE", "The one."


def made(cls: type[Message], **columns: Any) -> Message:
    return cls(IID, TS, TS, **blank(cls, **columns))


@pytest.mark.parametrize(
    ("cls", "columns", "message"),
    [
        # An open trade would be missing from equity and drawdown of that minute.
        (ValueAreaMinute, {"mid_close": math.nan}, "column `mid_close`: nan is not finite"),
        (ValueAreaMinute, {"cvd": -math.inf}, "column `cvd`: -inf is not finite"),
        (ValueAreaMinute, {"close": np.float64("inf")}, "column `close`: inf is not finite"),
        (Decision, {"targets": [1.0, math.nan]}, "column `targets`: nan is not finite"),
        (ChannelMinute, {"close": 4.5}, r"column `close`: 4.5 is of type float, not int \(Ticks\)"),
        (ChannelMinute, {"close": True}, "column `close`: True is of type bool, not int"),
        (ChannelMinute, {"close": None}, "column `close` is None: declare it `| None`"),
        (ChannelMinute, {"warm": 1}, r"column `warm`: 1 is of type int, not bool \(Flag\)"),
        (
            ChannelMinute,
            {"tick_size": Decimal(1)},
            "column `tick_size`: .* of type Decimal",
        ),
        (ChannelMinute, {"volume": np.int64(3)}, "column `volume`: .* is of type int64, not int"),
        (ValueAreaMinute, {"va_reason": 3}, r"column `va_reason`: 3 is of type int, not str"),
        (MinuteFootprint, {"ticks": (1, 2)}, "column `ticks`: .* is of type tuple, not list"),
        (MinuteFootprint, {"ticks": [1, 2.0]}, "column `ticks`: it holds 2.0 of type float"),
        (FootprintBar, {"patterns": ["a", 1]}, "column `patterns`: it holds 1 of type int"),
        (ChannelMinute, {"volumne": 3}, "there is no column `volumne`"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_where_it_is_made(
    cls: type[Message], columns: dict[str, Any], message: str
) -> None:
    for _ in range(2):
        with pytest.raises(ValueError, match=f"^{cls.__name__} {AT}{message}") as error:
            made(cls, **columns)
        assert "\n" not in str(error.value)


def test_values_are_checked_in_each_message_of_the_same_types() -> None:
    assert made(ValueAreaMinute, mid_close=1.5).column("mid_close") == 1.5
    with pytest.raises(ValueError, match="column `mid_close`: nan is not finite"):
        made(ValueAreaMinute, mid_close=math.nan)
    assert made(MinuteFootprint, ticks=[1]).column("ticks") == [1]
    with pytest.raises(ValueError, match="column `ticks`: it holds '1' of type str, not int"):
        made(MinuteFootprint, ticks=["1"])


def test_missing_and_unknown_columns_are_distinguished() -> None:
    columns = blank(ChannelMinute)
    del columns["open"]
    with pytest.raises(ValueError, match=f"^ChannelMinute {AT}column `open` is missing$"):
        ChannelMinute(IID, TS, TS, **columns)
    with pytest.raises(ValueError, match="column `open` is missing, there is no column `opens`$"):
        ChannelMinute(IID, TS, TS, **columns, opens=1)


def test_what_fits_is_kept_as_it_is() -> None:
    # A whole number for a float, a code for a text, the largest floats, and nulls left out.
    found = ValueAreaMinute(
        IID,
        TS,
        TS,
        **{
            name: value
            for name, value in blank(ValueAreaMinute, cvd=3, of_1m=1.7e308, volume=1.7e308).items()
            if value is not None
        },
        va_reason=Outcome.ONE,
    )
    assert (found.column("cvd"), found.column("va_reason")) == (3, "ONE")
    assert (found.column("of_1m"), found.column("mid_close")) == (1.7e308, None)
    assert set(found.columns()) == set(ValueAreaMinute.COLUMNS)


def test_a_message_class_without_its_decorator_says_so() -> None:
    bare = type("BareMinute", (Message,), {"__module__": "channel.messages"})
    with pytest.raises(ValueError, match="^A message class without @register .*column `close`"):
        bare(IID, TS, TS, close=1)


def test_a_number_that_no_column_holds_is_named_when_the_table_is_written() -> None:
    rows = [made(ChannelMinute), made(ChannelMinute, close=2**63)]
    with pytest.raises(AuctionError) as error:
        message_table(ChannelMinute, rows)
    assert str(error.value) == f"ChannelMinute {AT}column `close`: 9223372036854775808 is no int64"
