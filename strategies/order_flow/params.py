"""Parameters of the order flow system."""

from math import isfinite

from msgspec import Struct

from actors.footprint.patterns import Pattern
from errors import ParameterError
from strategies.order_flow.hours import HourRules


class RouterParams(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    Represents the rules of the router.

    Parameters
    ----------
    min_strength : float, default 0.5
        The least strength of a pattern (0 to 1).
    min_confidence : float, default 0.6
        The least confidence of the regime (0 to 1).
    cooldown_s : float, default 0
        How long after an entry no other follows (s, by the time of the data).
    patterns : list[str], optional
        The patterns to trade, of those that regimes enable; null for all of them.

    Raises
    ------
    ParameterError
        If a value is out of its range, or a pattern unknown.

    """

    min_strength: float = 0.5
    min_confidence: float = 0.6
    cooldown_s: float = 0.0
    patterns: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        for name in ("min_strength", "min_confidence"):
            if not 0 <= getattr(self, name) <= 1:
                raise ParameterError(
                    f"rules.router.{name}", f"{getattr(self, name)} is not within 0 to 1"
                )
        if not (isfinite(self.cooldown_s) and self.cooldown_s >= 0):
            raise ParameterError("rules.router.cooldown_s", f"{self.cooldown_s} is negative")
        for name in self.patterns or ():
            if name not in Pattern:
                raise ParameterError(
                    "rules.router.patterns", f"{name!r} is none of {', '.join(map(str, Pattern))}"
                )


class EntryRules(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    Represents the rules of entry, stop and target.

    Parameters
    ----------
    stop_ticks, target_ticks : int, optional
        The distances of stop and target from the fill (ticks); null takes those of the contract's
        profile.
    limit_expiry_bars : int, default 6
        The bars after which the unfilled rest of a limit entry is canceled.

    Raises
    ------
    ParameterError
        If a value is not positive.

    """

    stop_ticks: int | None = None
    target_ticks: int | None = None
    limit_expiry_bars: int = 6

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ParameterError(f"rules.entry.{name}", f"{value} is not positive")


class OrderFlowRules(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    Represents the rules of the order flow system.

    Parameters
    ----------
    router : RouterParams
        Which patterns are traded.
    entry : EntryRules
        Entry, stop and target.
    hours : HourRules
        When there are entries, and when all is closed.

    """

    router: RouterParams = RouterParams()
    entry: EntryRules = EntryRules()
    hours: HourRules = HourRules()
