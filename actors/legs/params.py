"""Parameters of legs and their low volume nodes."""

from typing import Literal

from msgspec import Struct

from errors import ParameterError
from indicators.core.ema_trend import EmaTrend
from indicators.core.leg_nodes import PRESETS
from indicators.core.leg_nodes import LegNodes
from indicators.core.zigzag import Zigzag


class LegParams(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    Represents the rules by which legs and their nodes are found.

    Parameters
    ----------
    profile : {'ticks', 'bars'}, default 'ticks'
        Where a leg's volume at price comes from. `bars` are one-minute bars of a vendor or a venue:
        an estimate, the volume of each spread evenly over its range. `ticks` are trades, from which
        the actor closes minutes itself: exact.
    reversal_pct : float, default 0.12
        The reversal that confirms a pivot (per cent of the magnitude of the extreme).
    keep_opposite : bool, default False
        If the opposite end of the bar that confirms a pivot stays in force; false is the rule of
        the original, which loses it (`Zigzag`).
    preset : {'legacy', 'head', 'clean'}, default 'legacy'
        The rule for nodes (`LegNodes`): `legacy` and `head` agree with the original bit for bit,
        its oddities included, `clean` is without them.
    edge, prominence, min_share, value_area : float, optional
        Parameters of `LegNodes` other than those of the preset.
    top, smooth, min_bars : int, optional
        The same.
    ema_fast, ema_slow : int, default 9 and 20
        The spans of the averages (bars).
    warmup_bars : int, default 120
        The bars since the start or a gap after which minutes count as warm. Averages have no
        warm-up of their own; after so many the first close weighs less than a hundred-thousandth.

    Raises
    ------
    ParameterError
        If a value is out of its range.

    """

    profile: Literal["bars", "ticks"] = "ticks"
    reversal_pct: float = 0.12
    keep_opposite: bool = False
    preset: Literal["legacy", "head", "clean"] = "legacy"
    edge: float | None = None
    prominence: float | None = None
    min_share: float | None = None
    value_area: float | None = None
    top: int | None = None
    smooth: int | None = None
    min_bars: int | None = None
    ema_fast: int = 9
    ema_slow: int = 20
    warmup_bars: int = 120

    def __post_init__(self) -> None:
        if self.profile not in ("bars", "ticks"):
            raise ParameterError("legs.profile", f"{self.profile!r} is neither bars nor ticks")
        if self.preset not in PRESETS:
            raise ParameterError("legs.preset", f"{self.preset!r} is none of {', '.join(PRESETS)}")
        if self.warmup_bars < 0:
            raise ParameterError("legs.warmup_bars", f"{self.warmup_bars} is negative")
        try:
            self.nodes()
            Zigzag(1, self.reversal_pct)
            EmaTrend(1, self.ema_fast, self.ema_slow)
        except ParameterError as e:
            name = {"fast_bars": "ema_fast", "slow_bars": "ema_slow"}.get(e.name, e.name)
            raise ParameterError(f"legs.{name}", e.reason.replace("fast_bars", "ema_fast")) from e

    @property
    def is_exact(self) -> bool:
        """Return True if profiles are those of trades."""
        return self.profile == "ticks"

    def nodes(self) -> LegNodes:
        """Return the rule for nodes."""
        rules = dict(PRESETS[self.preset])
        own = {name: getattr(self, name) for name in rules if hasattr(self, name)}
        return LegNodes(**rules | {name: value for name, value in own.items() if value is not None})
