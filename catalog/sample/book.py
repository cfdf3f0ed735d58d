"""The best quotes of a sample market around its orders."""

from dataclasses import dataclass

import numpy as np

from catalog.sample.fine import SECOND
from catalog.sample.fine import FinePrice
from catalog.sample.orders import MILLISECOND
from catalog.sample.orders import Floats
from catalog.sample.orders import Ints
from catalog.sample.orders import Orders
from catalog.sample.orders import TickModel
from catalog.sample.orders import spreads
from catalog.sample.orders import uniform_times
from catalog.sample.walk import MILLI
from catalog.sample.walk import PricePath


BEFORE, TRADE, AFTER, REFILL, BETWEEN = range(5)


@dataclass(frozen=True, slots=True)
class Quotes:
    """
    Represents best quotes, not yet sorted.

    Attributes
    ----------
    time : Ints
        The time (ns from the start of the path).
    order : Ints
        The order to which the quote belongs: it comes before or after its prints.
    step : Ints
        The place within the order's events (`BEFORE` < `TRADE` < `AFTER` < `REFILL` < `BETWEEN`).
    bid, ask, bid_size, ask_size : Ints
        The quote (ticks, lots).

    """

    time: Ints
    order: Ints
    step: Ints
    bid: Ints
    ask: Ints
    bid_size: Ints
    ask_size: Ints


def make_quotes(
    path: PricePath,
    fine: FinePrice,
    orders: Orders,
    model: TickModel,
    rng: np.random.Generator,
) -> Quotes:
    """
    Return the quotes of a path.

    Each order meets its own quote and changes it: the taken size is removed, a swept side moves to
    the last print, and moments later the book is back at the mid price. Between orders the quotes
    follow the path. The order of quotes is that of the moments of the path that they show, so none
    shows a move before an earlier one.
    """
    count = len(orders.time)
    buys = orders.sign > 0
    moved = (orders.reach > 0) | (rng.random(count) < 0.2)
    step = orders.reach + (rng.random(count) < 0.3)
    step = np.where(moved, np.maximum(step, 1), 0)

    after, refill, before = _times(path, orders, model, rng)
    between = uniform_times(rng.poisson(path.intensity * model.quote_rate + 0.1), model, rng)
    between = np.concatenate((between, fine.times(model.quote_move, model.resolution)))
    last = np.searchsorted(orders.time, between, side="right") - 1
    free = (between >= np.append(0, refill)[last + 1]) & (
        between < np.append(before, len(path.intensity) * SECOND)[last + 1]
    )
    between, last = between[free], last[free]

    bid_size, ask_size = _sizes(path, before, model, rng)
    rest = np.where(buys, ask_size, bid_size)
    met = np.where(moved, np.maximum(orders.filled, 1), rest + orders.filled)
    follow = spreads(count, model, rng)
    ask_after = orders.ask + np.where(buys, step, 0)
    bid_after = orders.bid - np.where(buys, 0, step)
    refilled = np.flatnonzero(moved)
    bid_refill = fine.at(refill[refilled]) // MILLI
    middle = fine.at(between) // MILLI
    own = _sizes(path, between, model, rng)
    new = _sizes(path, refill[refilled], model, rng)

    index = np.arange(count)
    shown = np.flatnonzero(moved | (rng.random(count) < 0.5))
    return Quotes(
        time=np.concatenate((before, after[shown], refill[refilled], between)),
        order=np.concatenate((index, shown, refilled, last)),
        step=np.repeat(
            (BEFORE, AFTER, REFILL, BETWEEN), (count, len(shown), len(refilled), len(last))
        ),
        bid=np.concatenate((orders.bid, bid_after[shown], bid_refill, middle)),
        ask=np.concatenate(
            (
                orders.ask,
                ask_after[shown],
                bid_refill + follow[refilled],
                middle + spreads(len(middle), model, rng),
            )
        ),
        bid_size=np.concatenate(
            (np.where(buys, bid_size, met), np.where(buys, bid_size, rest)[shown], new[0], own[0])
        ),
        ask_size=np.concatenate(
            (np.where(buys, met, ask_size), np.where(buys, rest, ask_size)[shown], new[1], own[1])
        ),
    )


def _times(
    path: PricePath,
    orders: Orders,
    model: TickModel,
    rng: np.random.Generator,
) -> tuple[Ints, Ints, Ints]:
    end = len(path.intensity) * SECOND - model.resolution
    following = np.append(orders.time[1:], end)
    count = len(following)

    def delay(share: float, most: int) -> Ints:
        steps = rng.integers(1, most * MILLISECOND // model.resolution + 1, count)
        return np.where(rng.random(count) < share, steps, 0) * model.resolution

    after = np.minimum(orders.time + delay(0.4, 5), following)
    refill = np.minimum(after + delay(0.9, 20), following)
    before = np.maximum(orders.time - delay(0.6, 120) - delay(0.1, 3000), np.append(0, refill[:-1]))
    return after, refill, before


def _sizes(
    path: PricePath,
    time: Ints,
    model: TickModel,
    rng: np.random.Generator,
) -> tuple[Ints, Ints]:
    median, deviation = model.depth
    tilt = path.imbalance[time // SECOND]

    def side(lean: Floats) -> Ints:
        noise = 0.7 * (lean + rng.standard_normal(len(lean)))
        return np.maximum(1, np.rint(median * np.exp(deviation * noise))).astype(np.int64)

    return side(tilt), side(-tilt)
