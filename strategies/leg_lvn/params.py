"""Parameters of the system of leg nodes."""

from typing import Literal

from msgspec import Struct

from errors import ParameterError
from strategies.leg_lvn.hours import TimeRules


class LegLvnRules(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    Represents the rules of orders at the nodes of legs. Distances are prices.

    Parameters
    ----------
    baseline : float, default 0.02
        How far below its node a long is bid, beside the spread as quoted at the decision.
    stop : {'leg_start', 'nearest_pivot', 'pivot_before_leg'}, default 'leg_start'
        Where the stop lies: at the start of the leg, at the nearest of the last pivots on the
        losing side, or at the pivot of the same kind before the leg. Where that is not on the
        losing side of the entry, the offset counts.
    target : {'leg_end', 'offset', 'next_structure'}, default 'leg_end'
        Where a trade is left with a profit: at the end of the leg (the offset where that is not
        beyond the entry), at the offset, or at the close of the minute that confirms the next
        higher high (long) or lower low (short) beyond the entry.
    long_offset, short_offset : float, default 0.25 and 0.2
        The distances of stop and target from the entry where no pivot gives them.
    min_stop : float, default 0.02
        The least distance of the stop; a nearer one is not traded.
    max_age_bars : int, optional
        The minutes after which a node is forgotten; null for never.
    invalidate_on_break : bool, default False
        If a node is forgotten when the market trades through the start of its leg.
    one_trade_at_a_time : bool, default False
        If there is one order or one trade at most: the order that the market reaches first.
    reprice_ticks : int, default 1
        How far (ticks) an order may lie from its price, which moves with the spread, before it is
        replaced. A new one goes out only once the venue has confirmed that the old one is gone.
    hours : TimeRules
        When orders rest, and the end of the week.

    Raises
    ------
    ParameterError
        If a value is out of its range.

    """

    baseline: float = 0.02
    stop: Literal["leg_start", "nearest_pivot", "pivot_before_leg"] = "leg_start"
    target: Literal["leg_end", "offset", "next_structure"] = "leg_end"
    long_offset: float = 0.25
    short_offset: float = 0.2
    min_stop: float = 0.02
    max_age_bars: int | None = None
    invalidate_on_break: bool = False
    one_trade_at_a_time: bool = False
    reprice_ticks: int = 1
    hours: TimeRules = TimeRules()

    def __post_init__(self) -> None:
        for name, least in (("baseline", 0), ("min_stop", 0), ("reprice_ticks", 0)):
            if not least <= getattr(self, name) < float("inf"):
                raise ParameterError(f"rules.{name}", f"{getattr(self, name)} is negative")
        for name in ("long_offset", "short_offset"):
            if not 0 < getattr(self, name) < float("inf"):
                raise ParameterError(f"rules.{name}", f"{getattr(self, name)} is not positive")
        if self.max_age_bars is not None and self.max_age_bars < 1:
            raise ParameterError("rules.max_age_bars", f"{self.max_age_bars} is not positive")
