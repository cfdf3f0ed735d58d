"""Aggressive orders of a sample market: times of arrival, sides and fills."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.sample.fine import SECOND
from catalog.sample.fine import FinePrice
from catalog.sample.walk import MILLI
from catalog.sample.walk import PricePath


MILLISECOND = 1_000_000
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class TickModel:
    """
    Describes how the orders of a market become prints and quotes.

    Attributes
    ----------
    resolution : int
        The step of the venue's clock (ns).
    followers : float
        The share of orders that another order follows within 30 ms, most of them at once.
    prints_tail : float
        The Pareto exponent of the number of prints of one order.
    prints_max : int
        The most prints of one order.
    walk : float
        The greatest chance that the next print of an order lies on a further level; orders of
        many prints walk less for each print.
    level_gap : float
        The chance that the next level is the next tick.
    tight : float
        The chance that the spread is one tick, and that each further tick is the last.
    hidden : float
        The share of prints between the quotes where the spread leaves room.
    quote_rate : float
        The number of quotes between orders, for each order.
    quote_move : int
        The deviation of the move of the mid price after which the book makes a quote (ticks).
    depth : tuple[float, float]
        The median (lots) and the logarithmic deviation of the size at the best prices.
    follow, chase, split : float
        The weights of the move since the order before, of the move in 20 seconds and of order
        splitting in the choice of a side.
    sizes : Callable[[np.random.Generator, int], Floats]
        Draws trade sizes (lots; rounded down after adding one).

    """

    resolution: int
    followers: float
    prints_tail: float
    prints_max: int
    walk: float
    level_gap: float
    tight: float
    hidden: float
    quote_rate: float
    quote_move: int
    depth: tuple[float, float]
    follow: float
    chase: float
    split: float
    sizes: Callable[[np.random.Generator, int], Floats]


@dataclass(frozen=True, slots=True)
class Orders:
    """
    Represents aggressive orders in the order of arrival and the prints they leave.

    Attributes
    ----------
    time : Ints, shape (orders,)
        The arrival (ns from the start of the path).
    sign : Ints, shape (orders,)
        +1 for a buyer, -1 for a seller.
    bid, ask : Ints, shape (orders,)
        The best prices that the order meets (ticks).
    reach : Ints, shape (orders,)
        The distance from the best price to the last print (ticks).
    filled : Ints, shape (orders,)
        The size taken at the best price (lots).
    owner : Ints, shape (prints,)
        The order of each print.
    price, size : Ints, shape (prints,)
        The prints (ticks, lots).

    """

    time: Ints
    sign: Ints
    bid: Ints
    ask: Ints
    reach: Ints
    filled: Ints
    owner: Ints
    price: Ints
    size: Ints


def make_orders(
    path: PricePath,
    fine: FinePrice,
    model: TickModel,
    rng: np.random.Generator,
) -> Orders:
    """
    Return the orders of a path.

    An order's first print is at the best price of the other side, later prints there or on levels
    beyond it, from which the book comes back within milliseconds; a small share is filled between
    the quotes. The side of an order follows moves that were before it.
    """
    time, block = _arrivals(path, model, rng)
    count = len(time)
    mid = fine.at(time)
    move = np.diff(mid, prepend=mid[:1])
    trend = mid - fine.at(np.maximum(time - 20 * SECOND, 0))
    sign = _signs(move, trend, model, rng)
    prints = np.minimum(1.0 + np.floor(rng.pareto(model.prints_tail, count)), model.prints_max)
    prints = prints.astype(np.int64)
    for at, (_, direction, many) in zip(np.flatnonzero(block), sorted(path.blocks), strict=True):
        sign[at], prints[at] = direction, many

    first = np.cumsum(prints) - prints
    owner = np.repeat(np.arange(count), prints)
    depth = _depths(block, first, owner, model, rng)
    reach = depth[first + prints - 1]
    bid = mid // MILLI
    spread = spreads(count, model, rng)

    at_best = np.where(sign > 0, bid + spread, bid)[owner]
    price = at_best + sign[owner] * depth
    room = spread[owner] - 1
    inside = (depth == 0) & (room > 0) & (rng.random(len(owner)) < model.hidden)
    price[inside] = (bid[owner] + 1 + rng.integers(0, np.maximum(room, 1)))[inside]
    size = 1 + np.floor(model.sizes(rng, len(owner))).astype(np.int64) + 2 * block[owner]
    filled = np.add.reduceat(np.where(price == at_best, size, 0), first)
    return Orders(time, sign, bid, bid + spread, reach, filled, owner, price, size)


def spreads(count: int, model: TickModel, rng: np.random.Generator) -> Ints:
    """Return spreads (ticks, at least 1)."""
    wide = rng.random(count) >= model.tight
    return 1 + wide * rng.geometric(model.tight, count)


def uniform_times(counts: Ints, model: TickModel, rng: np.random.Generator) -> Ints:
    """Return a number of times in each second (ns from the path's start, not sorted within it)."""
    times = np.repeat(np.arange(len(counts)), counts) * SECOND
    steps = rng.integers(0, SECOND // model.resolution, len(times))
    return times + steps * model.resolution


def _arrivals(path: PricePath, model: TickModel, rng: np.random.Generator) -> tuple[Ints, Flags]:
    own = uniform_times(rng.poisson(path.intensity), model, rng)
    leaders = own[rng.random(len(own)) < model.followers]
    most = 30 * MILLISECOND // model.resolution
    delay = (most * rng.random(len(leaders)) ** 3).astype(np.int64)
    blocks = np.array(sorted(b[0] for b in path.blocks), dtype=np.int64) * SECOND
    time = np.concatenate((own, leaders + delay * model.resolution, blocks))
    time = np.minimum(time, len(path.intensity) * SECOND - model.resolution)
    ranked = np.argsort(time, kind="stable")
    return time[ranked], ranked >= len(own) + len(leaders)


def _signs(move: Ints, trend: Ints, model: TickModel, rng: np.random.Generator) -> Ints:
    score = model.follow * _usual(move, 51) + model.chase * _usual(trend, 301)
    score += rng.standard_normal(len(move))
    for length, weight in ((3.0, 1.0), (25.0, 0.6)):
        run = np.cumsum(rng.random(len(move)) < 1.0 / length)
        coin = rng.integers(0, 2, len(move) + 1) * 2 - 1
        score += model.split * weight * coin[run]
    return np.where(score > 0.0, 1, -1)


def _usual(move: Ints, window: int) -> Floats:
    total = np.cumsum(np.abs(move))
    total[window:] -= total[:-window].copy()
    mean = total / window
    return np.clip(move / (mean + 1.0), -3.0, 3.0)


def _depths(
    block: Flags,
    first: Ints,
    owner: Ints,
    model: TickModel,
    rng: np.random.Generator,
) -> Ints:
    prints = np.diff(first, append=len(owner))
    chance = rng.random(len(first)) * model.walk / (1.0 + prints / 40.0)
    chance[block | (rng.random(len(first)) < 0.3)] = 0.0
    walks = rng.random(len(owner)) < chance[owner]
    steps = walks * rng.geometric(model.level_gap, len(owner))
    steps[first] = 0
    total = np.cumsum(steps)
    return total - total[first][owner]
