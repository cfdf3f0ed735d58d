"""The message of a pattern of order flow."""

from actors.messages.base import Message
from actors.messages.base import register
from actors.messages.schema import Count
from actors.messages.schema import LotList
from actors.messages.schema import Lots
from actors.messages.schema import Parity
from actors.messages.schema import Price
from actors.messages.schema import Ratio
from actors.messages.schema import Size
from actors.messages.schema import Table
from actors.messages.schema import Text
from actors.messages.schema import TickList
from actors.messages.schema import Ticks
from actors.messages.schema import Time


@register
class FootprintPattern(Message):
    """
    Represents one pattern in one closed bar, with every value that its detector has compared.

    Published before its bar, in this order: single imbalances by rising price (buy before sell),
    stacked buys, stacked sells, buying and selling exhaustion, selling and buying absorption,
    bearish and bullish divergence, unfinished high and low, revisited levels. Values that a
    detector does not have are null.

    Attributes
    ----------
    ts_start, ts_end : int
        The start of the bar, and the first nanosecond after it (ns UTC).
    pattern : str
        One of the thirteen of `actors.footprint.patterns.Pattern`.
    direction : str
        LONG or SHORT.
    strength : float
        Between 0 and 1, by the formula of its detector.
    price : int
        Its price (ticks). The market has left it when the bar closes: it is no price of an entry.
    low, high : int
        The lowest and the highest tick of its zone.
    levels : int or None
        Levels of a stack or of a declining run.
    volume : int or None
        The volume of the pattern's aggressor (lots): at the level of an imbalance, over the levels
        of an absorption, at the extreme of an unfinished bar.
    opposing : int or None
        The volume of the other aggressor that it is compared with (lots).
    ratio : float or None
        Of an imbalance: `volume` by `opposing`.
    neighbour : int or None
        Of an imbalance: the price of the opposing volume (ticks).
    total : int or None
        Of an absorption: the whole volume of its levels (lots).
    share : float or None
        Of an absorption: `volume` by `total`.
    close_position : float or None
        Of an absorption: where the bar has closed between its low (0) and its high (1).
    decline : float or None
        Of an exhaustion: the decline over its run as a share of the first volume.
    delta : int or None
        Of a divergence: the delta of the bar (lots).
    extreme : int or None
        Of a divergence: the new high or low (ticks).
    since : int or None
        Of a revisited level: the start of the bar that left it (ns UTC).
    prices : list[int]
        The prices of a stack, rising; of a divergence the highs or the lows of its bars (ticks).
    volumes : list[int]
        Of an exhaustion: the volumes of its run, towards the extreme (lots).
    deltas : list[int]
        Of a divergence: the deltas of its bars (lots).
    tick_size, lot_size : float
        The units of prices and sizes.

    """

    TABLE = Table("footprint_patterns")
    PARITY = (
        Parity(
            "patterns",
            "patterns",
            ("ts_start", "pattern", "price"),
            ("direction", "strength", "low", "high"),
        ),
    )

    ts_start: Time
    ts_end: Time
    pattern: Text
    direction: Text
    strength: Ratio
    price: Ticks
    low: Ticks
    high: Ticks
    levels: Count | None
    volume: Lots | None
    opposing: Lots | None
    ratio: Ratio | None
    neighbour: Ticks | None
    total: Lots | None
    share: Ratio | None
    close_position: Ratio | None
    decline: Ratio | None
    delta: Lots | None
    extreme: Ticks | None
    since: Time | None
    prices: TickList
    volumes: LotList
    deltas: LotList
    tick_size: Price
    lot_size: Size
