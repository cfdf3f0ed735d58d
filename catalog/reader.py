"""Reads trades and quotes of a catalog in their common order, without NautilusTrader."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from catalog.columns import NUMBERS
from catalog.columns import Columns
from catalog.columns import decode_columns
from catalog.columns import read_columns
from catalog.increments import Increments
from catalog.increments import read_increments
from catalog.layout import END_OF_TIME
from catalog.layout import QUOTES
from catalog.layout import TICK_TYPES
from catalog.layout import TRADES
from catalog.layout import data_files
from catalog.ordering import merge_positions
from errors import AuctionError


QUOTE = 0
TRADE = 1


@dataclass(frozen=True, slots=True)
class MergedTicks:
    """
    Represents consecutive quotes and trades of one instrument in the order of `ts_init`.

    All arrays are contiguous and have the same length.

    Attributes
    ----------
    kind : NDArray[np.uint8]
        `QUOTE` or `TRADE`.
    ts_event, ts_init : NDArray[np.int64]
        The venue's and the catalog's times (ns UTC).
    a : NDArray[np.int64]
        The bid of a quote, the price of a trade (ticks).
    b : NDArray[np.int64]
        The ask of a quote (ticks), 0 for a trade.
    a_size : NDArray[np.int64]
        The bid size of a quote, the size of a trade (lots).
    b_size : NDArray[np.int64]
        The ask size of a quote (lots), 0 for a trade.
    side : NDArray[np.uint8]
        The aggressor of a trade (`NO_SIDE`, `BUYER`, `SELLER`), 0 for a quote.

    """

    kind: NDArray[np.uint8]
    ts_event: NDArray[np.int64]
    ts_init: NDArray[np.int64]
    a: NDArray[np.int64]
    b: NDArray[np.int64]
    a_size: NDArray[np.int64]
    b_size: NDArray[np.int64]
    side: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.ts_init)


def read_ticks(
    catalog_path: Path,
    instrument_id: str,
    start_ns: int = 0,
    end_ns: int = END_OF_TIME,
    batch_rows: int = 100_000,
    increments: Increments | None = None,
) -> Iterator[MergedTicks]:
    """
    Read trades and quotes in the order in which a backtest delivers them.

    At equal `ts_init`, which only catalogs of other origin have, quotes come first.

    Parameters
    ----------
    catalog_path : Path
        The catalog.
    instrument_id : str
        The instrument.
    start_ns, end_ns : int
        The interval of `ts_init` (ns UTC), both ends included as in a backtest.
    batch_rows : int
        The number of rows of each type held at a time; a result has at most twice as many.
    increments : Increments, optional
        The units to count in; those of the catalog by default.

    Returns
    -------
    Iterator[MergedTicks]
        The rows, in consecutive parts of various lengths.

    Raises
    ------
    AuctionError
        If the catalog has no ticks of the instrument or no definition of it, a file is damaged,
        or a value is off the instrument's increments.

    """
    catalog_path = Path(catalog_path)
    increments = increments or read_increments(catalog_path, instrument_id)
    files = {
        data_type: data_files(catalog_path, data_type, instrument_id) for data_type in TICK_TYPES
    }
    if not any(files.values()):
        raise AuctionError(
            f"catalog {catalog_path} has no trades and no quotes of {instrument_id}: ingest them",
        )

    def decoded(data_type: str) -> Iterator[Columns]:
        rows = read_columns(files[data_type], NUMBERS[data_type], start_ns, end_ns, batch_rows)
        for path, batch in rows:
            yield decode_columns(path, batch, data_type, increments)

    return _merged(decoded(QUOTES), decoded(TRADES))


def _merged(quotes: Iterator[Columns], trades: Iterator[Columns]) -> Iterator[MergedTicks]:
    quote = next(quotes, None)
    trade = next(trades, None)
    while quote is not None or trade is not None:
        if quote is None or trade is None:
            yield _merge(quote, trade)
            quote = None if quote is None else next(quotes, None)
            trade = None if trade is None else next(trades, None)
            continue
        # Quotes come first at equal times: a trade waits until no quote of its time can follow.
        last_quote, last_trade = quote["ts_init"][-1], trade["ts_init"][-1]
        now_quote, quote = _split(quote, last_trade, "right")
        now_trade, trade = _split(trade, last_quote, "left")
        yield _merge(now_quote, now_trade)
        quote = next(quotes, None) if quote is None else quote
        trade = next(trades, None) if trade is None else trade


def _split(
    columns: Columns,
    bound: int,
    side: Literal["left", "right"],
) -> tuple[Columns | None, Columns | None]:
    at = int(np.searchsorted(columns["ts_init"], bound, side=side))
    if at == 0:
        return None, columns
    if at == len(columns["ts_init"]):
        return columns, None
    return (
        {name: values[:at] for name, values in columns.items()},
        {name: values[at:] for name, values in columns.items()},
    )


def _merge(quote: Columns | None, trade: Columns | None) -> MergedTicks:
    rows = sum(len(columns["ts_init"]) for columns in (quote, trade) if columns is not None)
    quote_at: NDArray[np.int64] | slice = slice(None)
    trade_at: NDArray[np.int64] | slice = slice(None)
    if quote is not None and trade is not None:
        quote_at, trade_at = merge_positions(quote["ts_init"], trade["ts_init"])
    ticks = MergedTicks(
        kind=np.zeros(rows, dtype=np.uint8),
        ts_event=np.empty(rows, dtype=np.int64),
        ts_init=np.empty(rows, dtype=np.int64),
        a=np.empty(rows, dtype=np.int64),
        b=np.zeros(rows, dtype=np.int64),
        a_size=np.empty(rows, dtype=np.int64),
        b_size=np.zeros(rows, dtype=np.int64),
        side=np.zeros(rows, dtype=np.uint8),
    )
    if quote is not None:
        ticks.ts_event[quote_at] = quote["ts_event"]
        ticks.ts_init[quote_at] = quote["ts_init"]
        ticks.a[quote_at] = quote["bid_price"]
        ticks.b[quote_at] = quote["ask_price"]
        ticks.a_size[quote_at] = quote["bid_size"]
        ticks.b_size[quote_at] = quote["ask_size"]
    if trade is not None:
        ticks.kind[trade_at] = TRADE
        ticks.ts_event[trade_at] = trade["ts_event"]
        ticks.ts_init[trade_at] = trade["ts_init"]
        ticks.a[trade_at] = trade["price"]
        ticks.a_size[trade_at] = trade["size"]
        ticks.side[trade_at] = trade["aggressor_side"]
    return ticks
