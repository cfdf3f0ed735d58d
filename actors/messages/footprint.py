"""The volume at each price of a closed minute."""

from actors.messages.base import Message
from actors.messages.base import register
from actors.messages.schema import LotList
from actors.messages.schema import Price
from actors.messages.schema import Size
from actors.messages.schema import Table
from actors.messages.schema import TickList
from actors.messages.schema import Time


@register
class MinuteFootprint(Message):
    """
    Represents the volume at each price of one closed minute, in ticks and lots.

    Published just before what its actor publishes about the same minute and instrument.

    Attributes
    ----------
    ts_min : int
        The start of the minute (ns UTC).
    tick_size, lot_size : float
        The units of the lists.
    ticks : list[int]
        The traded prices (ticks), rising.
    buy, sell, unsigned : list[int]
        The volume at each price by aggressor (lots).

    """

    TABLE = Table("footprints")

    ts_min: Time
    tick_size: Price
    lot_size: Size
    ticks: TickList
    buy: LotList
    sell: LotList
    unsigned: LotList
