"""Parameters of the market regime."""

from math import isfinite
from typing import Literal

from msgspec import Struct

from catalog.contracts import root_of
from errors import ParameterError


class RegimeScale(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    Represents the constants of the classification that depend on the contract.

    Parameters
    ----------
    near_vwap : float, default 0.5
        How near to the VWAP (points) the close of a ranging market is.
    flat_delta : float, default 500
        The cumulative delta (contracts) below which neither side leads.
    steep_delta_slope : float, default 100
        The slope of the bar deltas (contracts per bar) above which the market is volatile.

    Raises
    ------
    ParameterError
        If a constant is not positive.

    """

    near_vwap: float = 0.5
    flat_delta: float = 500.0
    steep_delta_slope: float = 100.0

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if not (isfinite(value) and value > 0):
                raise ParameterError(f"regime.scale.{name}", f"{value} is not positive")


class RegimeParams(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    Represents the rules of the market regime.

    Parameters
    ----------
    smoothing : {'ema', 'wilder'}, default 'ema'
        How ATR and ADX are smoothed. The thresholds of the classification belong to `ema`, whose
        weight is 2 / (n + 1); `wilder` is the usual definition with 1 / n.
    anchor : {'session', 'window'}, default 'session'
        From where on VWAP and cumulative delta are summed: the open of the session, or the first of
        the bars that are kept.
    hours : {'all', 'regular'}, default 'all'
        Which bars count: each one, or those of the regular session alone.
    calendar : str, default 'XNYS'
        The calendar of `exchange_calendars` that has the sessions and their early closes.
    min_bars : int, default 21
        The bars without which the regime is NO_TRADE.
    min_score : float, default 4.0
        The score that a regime must reach; below it the regime is VOLATILE.
    min_bars_in_regime : int, default 1
        How many bars a regime stays in force at least, while other scores rise above its own. Its
        confidence is 0.5 meanwhile. NO_TRADE always begins and ends at once.
    skip_open_minutes, skip_close_minutes : int, default 5 and 15
        The first and the last minutes of a session, which are NO_TRADE.
    min_volume_ratio : float, default 0.3
        The volume of a bar as a share of the mean of the last 20, below which it is NO_TRADE.
    scale : RegimeScale
        The constants that depend on the contract.
    scales : dict[str, RegimeScale], optional
        Those of single contracts, by root such as `MES`; the others have `scale`.

    Raises
    ------
    ParameterError
        If a value is out of its range.

    """

    smoothing: Literal["ema", "wilder"] = "ema"
    anchor: Literal["session", "window"] = "session"
    hours: Literal["all", "regular"] = "all"
    calendar: str = "XNYS"
    min_bars: int = 21
    min_score: float = 4.0
    min_bars_in_regime: int = 1
    skip_open_minutes: int = 5
    skip_close_minutes: int = 15
    min_volume_ratio: float = 0.3
    scale: RegimeScale = RegimeScale()
    scales: dict[str, RegimeScale] | None = None

    def __post_init__(self) -> None:
        for name, allowed in (
            ("smoothing", ("ema", "wilder")),
            ("anchor", ("session", "window")),
            ("hours", ("all", "regular")),
        ):
            if getattr(self, name) not in allowed:
                value = getattr(self, name)
                raise ParameterError(f"regime.{name}", f"{value!r} is none of {', '.join(allowed)}")
        # Fewer have no averages: the slow one takes 21, and the longest window kept is 200.
        if not 21 <= self.min_bars <= 200:
            raise ParameterError("regime.min_bars", f"{self.min_bars} is not within 21 to 200")
        if self.min_bars_in_regime < 1:
            raise ParameterError(
                "regime.min_bars_in_regime", f"{self.min_bars_in_regime} is not positive"
            )
        for name in ("skip_open_minutes", "skip_close_minutes", "min_volume_ratio", "min_score"):
            value = getattr(self, name)
            if not (isfinite(value) and value >= 0):
                raise ParameterError(f"regime.{name}", f"{value} is negative")

    def scale_of(self, symbol: str) -> RegimeScale:
        """Return the constants of a contract by its symbol (`MESZ5`), or of a stock by its own."""
        return (self.scales or {}).get(root_of(symbol) or symbol, self.scale)
