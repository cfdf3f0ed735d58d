"""Messages of actors about the data themselves."""

from actors.messages.base import Message
from actors.messages.base import register
from actors.messages.schema import Parity
from actors.messages.schema import Ratio
from actors.messages.schema import Table
from actors.messages.schema import Time


@register
class DataGap(Message):
    """
    Represents a gap in the data of an instrument, at its end.

    `GapFinder` has the rule. `ts_event` is the time of the event that ends it.

    Attributes
    ----------
    start : int
        The time of the last event before it (ns UTC).
    end : int
        The time of the event that ends it (ns UTC).
    silent_s : float
        How long the open market was silent within (s): hours in which it is closed do not count.

    """

    TABLE = Table("gaps")
    PARITY = (Parity("gaps", "gaps", ("ts",)),)

    start: Time
    end: Time
    silent_s: Ratio


@register
class DataSilence(Message):
    """
    Represents a silence of the quotes that has become a gap, while it goes on beside prints.

    Published once a gap, before the bar that closes in it. `ts_event` is that of the bar.

    Attributes
    ----------
    closes_at : int
        The end of the bar (ns UTC).

    """

    closes_at: Time
