"""The events that a loopback server plays, and how they are read from a catalog."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from adapters.bybit.loopback.orders import Side
from catalog.batches import BUYER
from catalog.batches import NO_SIDE
from catalog.increments import FIXED_PRECISION
from catalog.increments import read_increments
from catalog.layout import END_OF_TIME
from catalog.reader import QUOTE
from catalog.reader import read_ticks
from errors import AuctionError


@dataclass(frozen=True, slots=True)
class Quote:
    """Represents the best bid and ask from a time (ns UTC) on."""

    ts_ns: int
    bid: Decimal
    bid_size: Decimal
    ask: Decimal
    ask_size: Decimal


@dataclass(frozen=True, slots=True)
class Trade:
    """Represents a trade and the side of its aggressor."""

    ts_ns: int
    price: Decimal
    size: Decimal
    side: Side
    trade_id: str


@dataclass(frozen=True, slots=True)
class Depth:
    """Represents the levels behind the best ones, `(price, size)` from the best one on."""

    ts_ns: int
    bids: tuple[tuple[Decimal, Decimal], ...]
    asks: tuple[tuple[Decimal, Decimal], ...]


@dataclass(frozen=True, slots=True)
class FundingRate:
    """Represents the rate that the next funding payment will have."""

    ts_ns: int
    rate: Decimal


type Event = Quote | Trade | Depth | FundingRate


def catalog_events(
    catalog_path: Path,
    instrument_id: str,
    start_ns: int = 0,
    end_ns: int = END_OF_TIME,
) -> Iterator[Quote | Trade]:
    """
    Read quotes and trades of a catalog in the order in which a backtest delivers them.

    The arguments and errors are those of `timed_events`.
    """
    for _, event in timed_events(catalog_path, instrument_id, start_ns, end_ns):
        yield event


def timed_events(
    catalog_path: Path,
    instrument_id: str,
    start_ns: int = 0,
    end_ns: int = END_OF_TIME,
) -> Iterator[tuple[int, Quote | Trade]]:
    """
    Read quotes and trades of a catalog, each with the time at which a backtest delivers it.

    The times of the events are those of the venue (`ts_event`). Trades are numbered from 1 on; a
    catalog's own ids are not read.

    Parameters
    ----------
    catalog_path : Path
        The catalog.
    instrument_id : str
        The instrument.
    start_ns, end_ns : int
        The interval of `ts_init` (ns UTC), both ends included.

    Yields
    ------
    tuple[int, Quote or Trade]
        `ts_init` (ns UTC) and the event.

    Raises
    ------
    AuctionError
        If the catalog has no ticks of the instrument, or a trade without a side, which Bybit's
        messages cannot express.

    """
    increments = read_increments(Path(catalog_path), instrument_id)
    tick = Decimal(increments.tick_raw).scaleb(-FIXED_PRECISION).normalize()
    lot = Decimal(increments.lot_raw).scaleb(-FIXED_PRECISION).normalize()
    number = 0
    for part in read_ticks(catalog_path, instrument_id, start_ns, end_ns):
        columns = (
            *(part.ts_init, part.kind, part.ts_event),
            *(part.a, part.b, part.a_size, part.b_size, part.side),
        )
        rows = zip(*(column.tolist() for column in columns), strict=True)
        for ts_init, kind, ts_ns, a, b, a_size, b_size, side in rows:
            if kind == QUOTE:
                yield ts_init, Quote(ts_ns, a * tick, a_size * lot, b * tick, b_size * lot)
                continue
            if side == NO_SIDE:
                raise AuctionError(
                    f"catalog {catalog_path}: the trade of {instrument_id} at {ts_ns} ns has no "
                    "side: ingest it with the side of its aggressor",
                )
            number += 1
            aggressor = Side.BUY if side == BUYER else Side.SELL
            yield ts_init, Trade(ts_ns, a * tick, a_size * lot, aggressor, str(number))
