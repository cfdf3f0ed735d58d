"""Parameters of the two setups: the attempt, its nodes, the entry and its prices."""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Literal

from msgspec import Struct

from errors import ParameterError
from strategies.common.settings import LESS
from strategies.common.settings import MORE
from strategies.common.settings import AsTight
from strategies.playbook.events import Setup


LEAST = (
    ("atr_minutes", 1),
    ("stall_minutes", 1),
    ("origin_minutes", 1),
    ("reclaim_minutes", 0),
    ("leg_bin_ticks", 1),
    ("lvn_ratio", 0),
    ("touch_ticks", 0),
    ("expiry_minutes", 0),
    ("min_score", 0),
    ("big_print_ratio", 0),
    ("stop_buffer_ticks", 0),
    ("min_leg_atr", 0),
    ("min_rr", 0),
    ("kept_balances", 1),
    ("skip_open_minutes", 0),
    ("flat_before_close_minutes", 0),
)
# Beyond these nothing has a meaning; a decimal of any exponent would take all memory as a fraction.
MOST = 1_000_000_000_000
MOST_DECIMALS = 18
MOST_MINUTES = 1_440
DECIMALS = ("min_leg_atr", "lvn_ratio", "big_print_ratio", "min_rr", "fallback_rr")
MOST_LVN_RATIO = 1_000
MOST_BALANCES = 1_000
StopBasis = Literal["print", "attempt_extreme"]
# With these changed no trade is entered that was not before, and none is held for longer.
AS_TIGHT: Mapping[str, AsTight] = MappingProxyType(
    {
        "mode": lambda before, after, _: after in (before, "alerts"),
        "setups": lambda before, after, _: set(after) <= set(before),
        "session_filter": MORE,
        "skip_open_minutes": MORE,
        "flat_before_close_minutes": MORE,
        "min_leg_atr": MORE,
        "expiry_minutes": LESS,
        # It is also what the flow against a position must reach to close it.
        "min_score": lambda before, after, params: (
            before < after and not params.counter_aggression_exit
        ),
        "counter_aggression_exit": MORE,
        "breakeven_on_cvd": MORE,
    }
)


class SignalParams(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    Represents the rules by which breakout attempts of the balance are traded.

    Parameters
    ----------
    mode : {'trade', 'alerts'}, default 'trade'
        If signals are entered, or only published.
    setups : tuple[Setup, ...], default both
        The setups that are entered; the others are published as refused.
    session_filter : bool, default True
        If the trend model is traded in New York's session alone, and mean reversion in London's.
    skip_open_minutes : int, default 0
        The first minutes of New York's session without the trend model.
    flat_before_close_minutes : int, default 5
        How long before the session of the venue ends nothing is entered and everything is closed; a
        market that never closes has no such time.
    atr_minutes : int, default 14
        The true ranges in the average true range.
    min_leg_atr : Decimal, default 2
        The least length of the impulse leg (average true ranges).
    stall_minutes : int, default 2
        The minutes without a new extreme that end a leg.
    origin_minutes : int, default 30
        How far the origin of a leg is searched before the breakout (minutes).
    reclaim_minutes : int, default 15
        The minutes within which a return inside makes a failed breakout.
    leg_bin_ticks : int, default 5
        The width of a bin of the leg's profile (ticks).
    lvn_ratio : Decimal, default 0.3
        The share of the mean volume of the populated bins below which a run of bins is a low volume
        node; 0 for none.
    touch_ticks : int, default 2
        How near a node counts as touched, and how far beyond its far side a close breaks it
        (ticks).
    expiry_minutes : int, default 60
        How long a pullback is waited for (minutes).
    min_score : int, default 70
        The least score of the aggressive flow at the entry (0 to 100).
    big_print_ratio : Decimal, default 5
        The least size of an aggressive print, as a multiple of the mean print.
    stop_buffer_ticks : int, default 2
        The distance of the stop beyond the aggressive print, or the extreme of the minute (ticks).
    reversion_stop : {'print', 'attempt_extreme'}, default 'print'
        Where the stop of mean reversion lies: beyond the print, or beyond the failed extreme.
    min_rr : Decimal, default 1.5
        The least way to the target as a multiple of the way to the stop. Mean reversion is refused
        below it; the trend model passes over a nearer POC.
    fallback_rr : Decimal, default 2
        The target of the trend model where no POC serves, as that multiple.
    kept_balances : int, default 20
        The completed sessions whose POC can be a target.
    breakeven_on_cvd : bool, default False
        If the stop moves to the entry when the flow agrees with a score of 100 at a profit of one
        risk or more.
    counter_aggression_exit : bool, default False
        If aggressive flow against the position (min_score) closes it.

    Raises
    ------
    ParameterError
        If a value is out of its range.

    """

    mode: Literal["trade", "alerts"] = "trade"
    setups: tuple[Setup, ...] = (Setup.TREND_MODEL, Setup.MEAN_REVERSION)
    session_filter: bool = True
    skip_open_minutes: int = 0
    flat_before_close_minutes: int = 5
    atr_minutes: int = 14
    min_leg_atr: Decimal = Decimal(2)
    stall_minutes: int = 2
    origin_minutes: int = 30
    reclaim_minutes: int = 15
    leg_bin_ticks: int = 5
    lvn_ratio: Decimal = Decimal("0.3")
    touch_ticks: int = 2
    expiry_minutes: int = 60
    min_score: int = 70
    big_print_ratio: Decimal = Decimal(5)
    stop_buffer_ticks: int = 2
    reversion_stop: StopBasis = "print"
    min_rr: Decimal = Decimal("1.5")
    fallback_rr: Decimal = Decimal(2)
    kept_balances: int = 20
    breakeven_on_cvd: bool = False
    counter_aggression_exit: bool = False

    def __post_init__(self) -> None:
        for name, least in LEAST:
            value = getattr(self, name)
            if not Decimal(value).is_finite() or value < least:
                raise ParameterError(f"signals.{name}", f"{value} is below {least}")
            if value > MOST:
                raise ParameterError(f"signals.{name}", f"{value} is above {MOST:,}")
        for name in ("atr_minutes", "origin_minutes", "stall_minutes", "skip_open_minutes"):
            if getattr(self, name) > MOST_MINUTES:
                raise ParameterError(
                    f"signals.{name}", f"{getattr(self, name)} is above {MOST_MINUTES:,}"
                )
        for name in DECIMALS:
            exponent = Decimal(getattr(self, name)).as_tuple().exponent
            if isinstance(exponent, int) and exponent < -MOST_DECIMALS:
                text = f"{getattr(self, name)} has more than {MOST_DECIMALS} decimals"
                raise ParameterError(f"signals.{name}", text)
        if not (self.fallback_rr.is_finite() and 0 < self.fallback_rr <= MOST):
            text = f"{self.fallback_rr} is not above 0 and at most {MOST:,}"
            raise ParameterError("signals.fallback_rr", text)
        if self.lvn_ratio > MOST_LVN_RATIO:
            raise ParameterError(
                "signals.lvn_ratio", f"{self.lvn_ratio} is above {MOST_LVN_RATIO:,}"
            )
        if self.kept_balances > MOST_BALANCES:
            raise ParameterError(
                "signals.kept_balances", f"{self.kept_balances} is above {MOST_BALANCES}"
            )
        if len(set(self.setups)) < len(self.setups):
            raise ParameterError("signals.setups", f"{', '.join(self.setups)} names a setup twice")
