"""The events that a loopback server plays, and their readers from a catalog."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from adapters.bybit.loopback.orders import Side
from catalog.bars import bar_rows
from catalog.batches import BUYER
from catalog.batches import NO_SIDE
from catalog.increments import FIXED_PRECISION
from catalog.increments import read_increments
from catalog.layout import BARS
from catalog.layout import END_OF_TIME
from catalog.layout import bar_step_ns
from catalog.layout import instrument_of
from catalog.reader import QUOTE
from catalog.reader import read_ticks
from errors import AuctionError


MINUTE_NS = 60_000_000_000


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
    """Represents the rate of the next funding payment."""

    ts_ns: int
    rate: Decimal


@dataclass(frozen=True, slots=True)
class Kline:
    """Represents a candle of whole minutes that has closed at a time (ns UTC)."""

    ts_ns: int
    minutes: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal

    @property
    def start_ms(self) -> int:
        """Return its start (ms UTC)."""
        return self.ts_ns // 1_000_000 - self.minutes * 60_000


type Event = Quote | Trade | Depth | FundingRate | Kline


def catalog_events(
    catalog_path: Path,
    instrument_id: str,
    start_ns: int = 0,
    end_ns: int = END_OF_TIME,
) -> Iterator[Quote | Trade]:
    """
    Yield quotes and trades of a catalog in the order in which a backtest delivers them.

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
    Yield quotes and trades of a catalog, each with the time at which a backtest delivers it.

    The times of the events are those of the venue (`ts_event`). Trades are numbered from 1; the
    ids in the catalog are not read.

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
    tick, lot = _units(catalog_path, instrument_id)
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


def timed_klines(
    catalog_path: Path,
    bar_type: str,
    start_ns: int = 0,
    end_ns: int = END_OF_TIME,
) -> Iterator[tuple[int, Kline]]:
    """
    Yield candles of a catalog, each with the time at which a backtest delivers it.

    Parameters
    ----------
    catalog_path : Path
        The catalog.
    bar_type : str
        The bar type, of whole minutes.
    start_ns, end_ns : int
        The interval of `ts_init` (ns UTC), both ends included.

    Yields
    ------
    tuple[int, Kline]
        `ts_init` (ns UTC) and the candle.

    Raises
    ------
    AuctionError
        If a file is damaged or a value is off its increment.

    """
    tick, lot = _units(catalog_path, instrument_of(BARS, bar_type))
    minutes = bar_step_ns(bar_type) // MINUTE_NS
    for ts_init, ts_event, *values in bar_rows(catalog_path, bar_type, start_ns, end_ns):
        open_, high, low, close = (price * tick for price in values[:4])
        volume = values[4] * lot
        yield ts_init, Kline(ts_event, minutes, open_, high, low, close, volume)


def _units(catalog_path: Path, instrument_id: str) -> tuple[Decimal, Decimal]:
    increments = read_increments(Path(catalog_path), instrument_id)
    tick, lot = (
        Decimal(raw).scaleb(-FIXED_PRECISION).normalize()
        for raw in (increments.tick_raw, increments.lot_raw)
    )
    return tick, lot
