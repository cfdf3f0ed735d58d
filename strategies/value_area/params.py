"""Parameters of the signal machines."""

import math
from typing import Literal
from typing import get_args

from msgspec import Struct

from errors import ParameterError


CrossingMode = Literal["sequence", "each_bar"]
EdgeMode = Literal["key", "outer"]
ImbalanceSource = Literal["ema", "close"]


class SignalParams(Struct, frozen=True, kw_only=True):
    """
    Represents the parameters that decide acceptance, confirmation and setups.

    A threshold of None switches its test off.

    Parameters
    ----------
    accept_outside_k : int, default 3
        The closes outside the value area that make a breakout accepted.
    crossing_mode : {"sequence", "each_bar"}, default "sequence"
        If one print near the boundary validates the rest of the sequence, or each bar needs one.
    crossing_min_ticks : int, default 1
        The least distance in ticks that counts as near a level (the average spread if larger).
    seq_max_minutes : int, default 240
        The age in minutes at which a sequence of outside closes expires; a close inside on the bar
        that reaches it is neither a failed breakout nor a break-in.
    enable_retest_mode : bool, default True
        If an accepted breakout waits for a pullback to the boundary.
    retest_initiative : bool, default False
        If the pullback bar needs breakout confirmation as well.
    stop_buffer_ticks : int, default 2
        The distance in ticks of the stop beyond the extreme or the boundary.
    use_qimb : bool, default True
        If the quote imbalance can confirm.
    qimb_entry_min, qimb_breakout_min : float, default 0.10
        The imbalance towards the trade that must be exceeded.
    qimb_fail_min : float, default -0.10
        The imbalance towards the failed attempt that must not be exceeded.
    of_entry_min, of_breakout_min : float, default 0.0
        The order flow in lots towards the trade that must be exceeded.
    of_entry_min_norm, of_breakout_min_norm : float, default 0.1
        The order flow per volume towards the trade that must be exceeded.
    of_fail_min : float, default 0.0
        The order flow in lots towards the failed attempt that must not be exceeded.
    of_fail_min_norm : float, default -0.1
        The order flow per volume towards the failed attempt that must not be exceeded.
    ambiguous_trade_frac_max : float, default 0.35
        The ambiguous share of volume above which flow and imbalance must both confirm.
    va_edge : {"key", "outer"}, default "key"
        If VAH and POC are the lower edges of their bins ("key"), or upper edge and middle.
    qimb_source : {"ema", "close"}, default "ema"
        The imbalance used: averaged over the minute, or as quoted at its close.

    Raises
    ------
    ParameterError
        If a value is out of its range.

    """

    accept_outside_k: int = 3
    crossing_mode: CrossingMode = "sequence"
    crossing_min_ticks: int = 1
    seq_max_minutes: int = 240
    enable_retest_mode: bool = True
    retest_initiative: bool = False
    stop_buffer_ticks: int = 2
    use_qimb: bool = True
    qimb_entry_min: float | None = 0.10
    qimb_breakout_min: float | None = 0.10
    qimb_fail_min: float | None = -0.10
    of_entry_min: float | None = 0.0
    of_entry_min_norm: float | None = 0.1
    of_breakout_min: float | None = 0.0
    of_breakout_min_norm: float | None = 0.1
    of_fail_min: float | None = 0.0
    of_fail_min_norm: float | None = -0.1
    ambiguous_trade_frac_max: float = 0.35
    va_edge: EdgeMode = "key"
    qimb_source: ImbalanceSource = "ema"

    def __post_init__(self) -> None:
        for name, least in (
            ("accept_outside_k", 1),
            ("crossing_min_ticks", 0),
            ("seq_max_minutes", 1),
            ("stop_buffer_ticks", 0),
        ):
            _check_integer(name, getattr(self, name), least)
        for name in ("enable_retest_mode", "retest_initiative", "use_qimb"):
            if not isinstance(getattr(self, name), bool):
                raise ParameterError(name, f"{getattr(self, name)!r} is neither true nor false")
        for name, choices in (
            ("crossing_mode", get_args(CrossingMode)),
            ("va_edge", get_args(EdgeMode)),
            ("qimb_source", get_args(ImbalanceSource)),
        ):
            if getattr(self, name) not in choices:
                raise ParameterError(
                    name, f"{getattr(self, name)!r} is unknown; use {' or '.join(choices)}"
                )
        for family in ("entry", "breakout", "fail"):
            _check_threshold(f"of_{family}_min", getattr(self, f"of_{family}_min"), math.inf)
            for name in (f"of_{family}_min_norm", f"qimb_{family}_min"):
                _check_threshold(name, getattr(self, name), 1.0)
        share = self.ambiguous_trade_frac_max
        if not (_is_number(share) and 0 <= share <= 1):
            raise ParameterError("ambiguous_trade_frac_max", f"{share!r} is not within 0 to 1")

    def dead_thresholds(self) -> tuple[str, ...]:
        """
        Return the normalised thresholds that can never decide, for a warning at start.

        They are dead where the absolute threshold already passes every flow they would pass: with
        the defaults any flow above 10% of volume is also a flow above 0.
        """
        dead = [
            f"of_{family}_min_norm"
            for family, absolute, normalised in (
                ("entry", self.of_entry_min, self.of_entry_min_norm),
                ("breakout", self.of_breakout_min, self.of_breakout_min_norm),
            )
            if absolute is not None and normalised is not None and absolute <= 0 <= normalised
        ]
        absolute, normalised = self.of_fail_min, self.of_fail_min_norm
        if absolute is not None and normalised is not None and normalised <= 0 <= absolute:
            dead.append("of_fail_min_norm")
        return tuple(dead)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _check_integer(name: str, value: object, least: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise ParameterError(name, f"{value!r} is not a whole number of at least {least}")


def _check_threshold(name: str, value: float | None, limit: float) -> None:
    if value is None:
        return
    if not _is_number(value):
        raise ParameterError(name, f"{value!r} is not a number; use null to switch the test off")
    if abs(value) > limit:
        raise ParameterError(name, f"{value!r} is not within -{limit:g} to {limit:g}")
