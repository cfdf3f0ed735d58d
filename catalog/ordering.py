"""The common order of trades and quotes, and the unique rising `ts_init` that keeps it."""

import numpy as np
from numpy.typing import NDArray


def merge_positions(
    quote_ts: NDArray[np.int64],
    trade_ts: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """
    Return the places of quotes and trades in their common order, quotes first at equal times.

    Parameters
    ----------
    quote_ts : NDArray[np.int64]
        Not descending times (shape `n`).
    trade_ts : NDArray[np.int64]
        Not descending times (shape `m`).

    Returns
    -------
    tuple[NDArray[np.int64], NDArray[np.int64]]
        The index of each quote (shape `n`) and of each trade (shape `m`) in `0 … n + m - 1`.

    """
    quote_at = np.searchsorted(trade_ts, quote_ts, side="left")
    trade_at = np.searchsorted(quote_ts, trade_ts, side="right")
    quote_at += np.arange(len(quote_ts))
    trade_at += np.arange(len(trade_ts))
    return quote_at, trade_at


def merge_positions_by_sequence(
    quote_ts: NDArray[np.int64],
    trade_ts: NDArray[np.int64],
    quote_seq: NDArray[np.int64],
    trade_seq: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """
    Return the places of quotes and trades in their common order, by sequence at equal times.

    Quotes come first at equal time and sequence. Each stream keeps its own order.

    Parameters
    ----------
    quote_ts, quote_seq : NDArray[np.int64]
        Not descending times, and sequence numbers (shape `n`).
    trade_ts, trade_seq : NDArray[np.int64]
        Not descending times, and sequence numbers (shape `m`).

    Returns
    -------
    tuple[NDArray[np.int64], NDArray[np.int64]]
        The index of each quote (shape `n`) and of each trade (shape `m`) in `0 … n + m - 1`.

    """
    quote_at, trade_at = merge_positions(quote_ts, trade_ts)
    quotes = np.flatnonzero(is_in(quote_ts, trade_ts))
    trades = np.flatnonzero(is_in(trade_ts, quote_ts))
    ts = np.concatenate((quote_ts[quotes], trade_ts[trades]))
    seq = np.concatenate((quote_seq[quotes], trade_seq[trades]))
    places = np.sort(np.concatenate((quote_at[quotes], trade_at[trades])))
    new = np.empty_like(places)
    new[np.lexsort((seq, ts))] = places
    # Sorted, because a stream keeps its own order even where its sequence numbers contradict it.
    quote_at[quotes] = np.sort(new[: len(quotes)])
    trade_at[trades] = np.sort(new[len(quotes) :])
    return quote_at, trade_at


def rising_ts_init(ts_event: NDArray[np.int64], after: int) -> NDArray[np.int64]:
    """
    Return times that rise strictly: the event's time, or 1 ns after the one before if later.

    Parameters
    ----------
    ts_event : NDArray[np.int64]
        Not descending times (ns UTC, shape `n`).
    after : int
        The last assigned time (ns UTC).

    """
    steps = np.arange(len(ts_event))
    ts_init = ts_event - steps
    ts_init[0] = max(int(ts_event[0]), after + 1)
    return np.maximum.accumulate(ts_init) + steps


def is_in(values: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return a mask of the values that occur in another array, which must not descend."""
    if len(other) == 0:
        return np.zeros(len(values), dtype=np.bool_)
    at = np.minimum(np.searchsorted(other, values), len(other) - 1)
    found: NDArray[np.bool_] = other[at] == values
    return found
