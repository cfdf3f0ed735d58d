"""Averages, ranges and slopes of the last bars."""

from collections.abc import Sequence


ADX_PERIOD = 14
# The regime has no ADX before twice the period.
ADX_BARS = 2 * ADX_PERIOD


def ema(values: Sequence[float], period: int) -> list[float]:
    """
    Return the exponential average of values, with the weight 2 / (period + 1).

    It begins with the simple mean of the first `period` values, which is the average at each of
    them; of fewer values all averages are their mean.
    """
    return _smoothed(values, period, 2 / (period + 1))


def wilder(values: Sequence[float], period: int) -> list[float]:
    """Return the average of Wilder, with the weight 1 / period; it begins as `ema` does."""
    return _smoothed(values, period, 1 / period)


def _smoothed(values: Sequence[float], period: int, weight: float) -> list[float]:
    seed = values[:period]
    if not seed:
        return []
    average = sum(seed) / len(seed)
    averages = [average] * len(seed)
    for value in values[period:]:
        average = value * weight + average * (1 - weight)
        averages.append(average)
    return averages


def true_ranges(highs: Sequence[int], lows: Sequence[int], closes: Sequence[int]) -> list[int]:
    """Return the true range of each bar; that of the first is its height."""
    ranges = [highs[0] - lows[0]]
    for high, low, last in zip(highs[1:], lows[1:], closes, strict=False):
        ranges.append(max(high, last) - min(low, last))
    return ranges


def directional_movement(highs: Sequence[int], lows: Sequence[int]) -> tuple[list[int], list[int]]:
    """Return the upward and the downward movement of each bar; those of the first are 0."""
    plus, minus = [0], [0]
    for high, low, last_high, last_low in zip(highs[1:], lows[1:], highs, lows, strict=False):
        up, down = high - last_high, last_low - low
        plus.append(up if up > down and up > 0 else 0)
        minus.append(down if down > up and down > 0 else 0)
    return plus, minus


def ema_atr(ranges: Sequence[int]) -> list[float]:
    """Return the average true range of 14 bars, smoothed by `ema`."""
    return ema(ranges, ADX_PERIOD)


def ema_adx(ranges: Sequence[int], plus: Sequence[int], minus: Sequence[int]) -> list[float]:
    """
    Return the ADX of 14 bars, smoothed by `ema` instead of Wilder's average.

    It is 0 at each bar while there are fewer than 28.
    """
    if len(ranges) < ADX_BARS:
        return [0.0] * len(ranges)
    averages = (ema(values, ADX_PERIOD) for values in (ranges, plus, minus))
    return ema([_dx(*values) for values in zip(*averages, strict=True)], ADX_PERIOD)


def wilder_atr(ranges: Sequence[int]) -> list[float]:
    """Return the average true range of 14 bars as Wilder has it; the first bar has no range."""
    return [float(ranges[0]), *wilder(ranges[1:], ADX_PERIOD)]


def wilder_adx(ranges: Sequence[int], plus: Sequence[int], minus: Sequence[int]) -> list[float]:
    """Return the ADX of 14 bars as Wilder has it; 0 at the 27 bars before the first value."""
    if len(ranges) < ADX_BARS:
        return [0.0] * len(ranges)
    averages = (wilder(values[1:], ADX_PERIOD) for values in (ranges, plus, minus))
    # The averages of the first bars are the seed alone.
    dx = [_dx(*values) for values in zip(*averages, strict=True)][ADX_PERIOD - 1 :]
    return [0.0] * (ADX_BARS - 1) + wilder(dx, ADX_PERIOD)[ADX_PERIOD - 1 :]


def _dx(true_range: float, plus: float, minus: float) -> float:
    if true_range <= 0:
        return 0.0
    up, down = 100 * plus / true_range, 100 * minus / true_range
    return 100 * abs(up - down) / (up + down) if up + down > 0 else 0.0


def slope(values: Sequence[float]) -> float:
    """Return the slope of the line of least squares through equally spaced values; 0 for one."""
    count = len(values)
    if count < 2:
        return 0.0
    middle = (count - 1) / 2
    spread = count * (count * count - 1) / 12
    return sum((at - middle) * value for at, value in enumerate(values)) / spread


def share_below_last(values: Sequence[float]) -> float:
    """Return the share (per cent) of values that are below the last of them."""
    last = values[-1]
    return 100 * sum(value < last for value in values) / len(values)


def bars_in_box(highs: Sequence[int], lows: Sequence[int]) -> int:
    """Return how many bars lie within the first, widened by a tenth of its height on each side."""
    top, bottom = highs[0], lows[0]
    # In tenths of a tick, so that the edge is exact.
    room = top - bottom
    highest, lowest = 10 * top + room, 10 * bottom - room
    return sum(
        10 * high <= highest and 10 * low >= lowest for high, low in zip(highs, lows, strict=True)
    )
