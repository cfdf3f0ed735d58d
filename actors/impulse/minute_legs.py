"""Impulses of three to five minutes in a history of minute bars."""

from collections.abc import Sequence
from fractions import Fraction

from msgspec import Struct

from actors.impulse.bars import Second
from actors.impulse.leg import ImpulseLeg
from actors.impulse.leg import Marks
from actors.impulse.levels import Direction
from actors.impulse.params import ImpulseParams


LOOKBACK = 10
LENGTHS = (3, 4, 5)


class MinuteLeg(Struct, frozen=True, kw_only=True):
    """
    Represents one impulse of a history.

    Parameters
    ----------
    start, end : int
        The times of its first and its last bar (UNIX nanoseconds).
    start_price, end_price : int
        The first open and the last close in ticks.
    direction : Direction
        The direction.
    bars : int
        The number of bars.
    marks : Marks
        Its marks.

    """

    start: int
    end: int
    start_price: int
    end_price: int
    direction: Direction
    bars: int
    marks: Marks


def minute_legs(
    bars: Sequence[Second],
    params: ImpulseParams,
    min_move: int | None = None,
) -> list[MinuteLeg]:
    """
    Return the impulses in a history of bars, one after the other.

    At each start three, four, then five bars are tried; the first length whose move from open to
    close is large enough is scored against the ten bars before, and taken where the score
    suffices. The search goes on behind a leg that is taken, else at the next bar.

    Parameters
    ----------
    bars : Sequence[Second]
        The bars by rising time, of a minute each.
    params : ImpulseParams
        The rules of size and score.
    min_move : int, optional
        The least move in ticks; by default the least size of an impulse.

    """
    least = params.min_impulse_size if min_move is None else min_move
    legs: list[MinuteLeg] = []
    i = LOOKBACK
    while i < len(bars):
        leg = _leg_at(bars, i, params, least)
        if leg is None or leg.marks.score < params.min_impulse_score:
            i += 1
        else:
            legs.append(leg)
            i += leg.bars
    return legs


def _leg_at(
    bars: Sequence[Second],
    first: int,
    params: ImpulseParams,
    least: int,
) -> MinuteLeg | None:
    for length in LENGTHS:
        span = bars[first : first + length]
        if len(span) < length:
            return None
        move = span[-1].close - span[0].open
        if abs(move) < least:
            continue
        before = bars[first - LOOKBACK : first]
        direction = Direction.UP if move > 0 else Direction.DOWN
        if direction is Direction.UP:
            broke = span[-1].close > max(bar.high for bar in before)
        else:
            broke = span[-1].close < min(bar.low for bar in before)
        leg = ImpulseLeg(
            0,
            direction,
            params,
            Fraction(sum(bar.volume for bar in before), len(before)),
            broke_swing=broke,
        )
        for bar in span:
            leg.add(bar)
        return MinuteLeg(
            start=span[0].ts,
            end=span[-1].ts,
            start_price=span[0].open,
            end_price=span[-1].close,
            direction=direction,
            bars=length,
            marks=leg.marks(),
        )
    return None
