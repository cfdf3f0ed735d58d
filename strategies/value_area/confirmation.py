"""Confirmation of a setup by order flow and quote imbalance."""

from strategies.value_area.inputs import Bar
from strategies.value_area.inputs import Minute
from strategies.value_area.params import SignalParams


def confirms_entry(minute: Minute, bar: Bar, sign: int, params: SignalParams) -> bool:
    """
    Return True if flow and imbalance support a break-in.

    The flow arm passes if the signed flow exceeds either of its thresholds, the imbalance arm if
    the signed imbalance exceeds its own. One arm is enough, except that both are needed where too
    much of the volume is ambiguous; then nothing is confirmed with `use_qimb` off.

    Parameters
    ----------
    minute : Minute
        The minute.
    bar : Bar
        The trades of that minute.
    sign : int
        The side of the trade: +1 long, -1 short.
    params : SignalParams
        The thresholds.

    """
    flow = _flow_exceeds(minute, bar, sign, params.of_entry_min, params.of_entry_min_norm)
    imbalance = _exceeds(_signed(minute.quote_imbalance, sign), params.qimb_entry_min)
    return _confirmed(flow, imbalance, minute, params)


def confirms_breakout(minute: Minute, bar: Bar, sign: int, params: SignalParams) -> bool:
    """Return True if flow and imbalance support a breakout (see `confirms_entry`)."""
    flow = _flow_exceeds(minute, bar, sign, params.of_breakout_min, params.of_breakout_min_norm)
    imbalance = _exceeds(_signed(minute.quote_imbalance, sign), params.qimb_breakout_min)
    return _confirmed(flow, imbalance, minute, params)


def confirms_failure(minute: Minute, bar: Bar, sign: int, params: SignalParams) -> bool:
    """
    Return True if flow and imbalance no longer support the attempt that the trade fades.

    Flow and imbalance are signed by the attempt, against the trade, and must not exceed their
    thresholds; a value equal to the threshold passes. The arms combine as in `confirms_entry`.

    Parameters
    ----------
    minute : Minute
        The minute.
    bar : Bar
        The trades of that minute.
    sign : int
        The side of the trade: +1 long (after a failed downward attempt), -1 short.
    params : SignalParams
        The thresholds.

    """
    attempt = -sign
    flow = _at_most(_signed(minute.order_flow, attempt), params.of_fail_min) or _at_most(
        _signed(_normalised(minute, bar), attempt), params.of_fail_min_norm
    )
    imbalance = _at_most(_signed(minute.quote_imbalance, attempt), params.qimb_fail_min)
    return _confirmed(flow, imbalance, minute, params)


def _confirmed(flow: bool, imbalance: bool, minute: Minute, params: SignalParams) -> bool:
    imbalance = imbalance and params.use_qimb
    if minute.ambiguous_share > params.ambiguous_trade_frac_max:
        return flow and imbalance
    return flow or imbalance


def _flow_exceeds(
    minute: Minute,
    bar: Bar,
    sign: int,
    least: float | None,
    least_norm: float | None,
) -> bool:
    return _exceeds(_signed(minute.order_flow, sign), least) or _exceeds(
        _signed(_normalised(minute, bar), sign), least_norm
    )


def _normalised(minute: Minute, bar: Bar) -> float | None:
    if minute.order_flow is None:
        return None
    return minute.order_flow / bar.volume if bar.volume else 0.0


def _signed(value: float | None, sign: int) -> float | None:
    return None if value is None else sign * value


def _exceeds(value: float | None, threshold: float | None) -> bool:
    return value is not None and threshold is not None and value > threshold


def _at_most(value: float | None, threshold: float | None) -> bool:
    return value is not None and threshold is not None and value <= threshold
