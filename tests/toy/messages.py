"""What the channel actor publishes."""

from actors.messages.base import Message
from actors.messages.base import register
from actors.messages.schema import Flag
from actors.messages.schema import Lots
from actors.messages.schema import Parity
from actors.messages.schema import Price
from actors.messages.schema import Size
from actors.messages.schema import Table
from actors.messages.schema import Ticks
from actors.messages.schema import Time


@register
class ChannelMinute(Message):
    """
    Represents one closed minute, and the channel of the closes before it.

    `ts_event` is the last nanosecond of the minute.

    Attributes
    ----------
    ts_min : int
        The start of the minute (ns UTC).
    open, high, low, close : int
        Its prices (ticks); the last close in a minute without trades.
    volume : int
        The traded size (lots).
    highest, lowest : int or None
        The highest and the lowest close of the last `minutes` minutes before this one (ticks);
        null while there are fewer.
    warm : bool
        If there is a channel and the quotes are not silent.
    tick_size, lot_size : float
        The units of prices and sizes.

    """

    TABLE = Table("channel", bars="minutes", ts="none", decided=True)
    PARITY = (Parity("channel", "minutes", ("ts_min",)),)
    MARK = ("close",)
    WARM = "warm"

    ts_min: Time
    open: Ticks
    high: Ticks
    low: Ticks
    close: Ticks
    volume: Lots
    highest: Ticks | None
    lowest: Ticks | None
    warm: Flag
    tick_size: Price
    lot_size: Size
