"""What the machine of leg nodes decides on."""

from msgspec import Struct

from strategies.common.trade_params import MINUTE_NS


class LegRow(Struct, frozen=True, kw_only=True):
    """
    Represents one closed minute with the leg that it has confirmed, if any.

    Parameters
    ----------
    ts_min : int
        Its start (ns UTC).
    low, high, close : int
        Its prices (ticks).
    trend : int
        +1 up, -1 down, 0 where the averages are equal.
    pivot : int or None, default None
        The price of the pivot that it has confirmed (ticks).
    pivot_ts : int or None, default None
        The start of that pivot's minute (ns UTC).
    structure : str or None, default None
        HH, LH, HL or LL.
    direction : int, default 0
        Of the leg that ends with that pivot, +1 up or -1 down; 0 for none.
    leg_start, leg_end : int or None, default None
        The prices of its pivots (ticks).
    nodes : tuple[float, ...], default ()
        The prices of its low volume nodes, by rank.
    tick : float, default 0.01
        The unit of prices.
    warm : bool, default True
        If enough minutes have closed since the start or the last gap.

    """

    ts_min: int
    low: int
    high: int
    close: int
    trend: int
    pivot: int | None = None
    pivot_ts: int | None = None
    structure: str | None = None
    direction: int = 0
    leg_start: int | None = None
    leg_end: int | None = None
    nodes: tuple[float, ...] = ()
    tick: float = 0.01
    warm: bool = True

    @property
    def end(self) -> int:
        """Return the first nanosecond after the minute."""
        return self.ts_min + MINUTE_NS
