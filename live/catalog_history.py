"""Read the history of an actor from a catalog: its last stretch without a gap."""

from collections.abc import Iterable
from collections.abc import Iterator
from pathlib import Path

from actors.history import TRADE
from actors.history import Stored
from actors.history import Tick
from catalog.gate import pass_gate
from catalog.increments import instrument_increments
from catalog.increments import read_increments
from catalog.layout import END_OF_TIME
from catalog.layout import TICK_TYPES
from catalog.market_hours import closed_time
from catalog.protocols import Instrument
from catalog.reader import MergedTicks
from catalog.reader import read_ticks
from errors import AuctionError
from indicators.core.gaps import GapFinder


NS_PER_S = 1_000_000_000


def stretch(
    catalog: Path,
    instrument: Instrument,
    since_ns: int,
    gap_ns: int,
    until_ns: int = END_OF_TIME,
    *,
    with_quotes: bool = True,
) -> Stored | None:
    """
    Return the last stretch of a catalog without a gap, None if there is no data since a time.

    Parameters
    ----------
    catalog : Path
        The catalog.
    instrument : Instrument
        The instrument; the catalog may have finer steps.
    since_ns : int
        The time (ns UTC) from which on events count.
    gap_ns : int
        The longest silence of the quotes (ns) that is not a gap, as for `GapFinder`.
    until_ns : int
        The time (ns UTC) up to which events count.
    with_quotes : bool, default True
        If its ticks include the quotes; gaps are searched in them in any case.

    Raises
    ------
    AuctionError
        If the catalog gate refuses the catalog, or its tick or lot is not the venue's.

    """
    name = instrument.id.value
    increments, here = read_increments(catalog, name), instrument_increments(instrument)
    # Older data may have finer steps; values off the venue's steps are refused on reading.
    if here.tick_raw % increments.tick_raw or here.lot_raw % increments.lot_raw:
        raise AuctionError(f"{name}: the venue has another tick or lot than the catalog")
    pass_gate(catalog, name, TICK_TYPES, since_ns, until_ns)

    def parts(from_ns: int) -> Iterator[MergedTicks]:
        return read_ticks(catalog, name, from_ns, until_ns, increments=here)

    span = last_span(parts(since_ns), instrument, gap_ns)
    if span is None:
        return None
    first_ns, last_ns = span
    return Stored(
        first_ns,
        last_ns,
        lambda: ticks_of(parts(first_ns), first_ns, with_quotes=with_quotes),
    )


def last_span(
    parts: Iterable[MergedTicks], instrument: Instrument, gap_ns: int
) -> tuple[int, int] | None:
    """Return the times (ns UTC) of the last stretch of ticks without a gap, None without one."""
    first_ns = last_ns = -1
    finder = GapFinder(gap_ns / NS_PER_S, closed_time(instrument.id.venue.value))
    for part in parts:
        if not len(part.ts_event):
            continue
        finder.update_many(part.kind, part.ts_event)
        first_ns = int(part.ts_event[0]) if last_ns < 0 else first_ns
        last_ns = int(part.ts_event[-1])
    # If the quotes end before the trades, the gap is not over.
    if last_ns < 0 or finder.is_silent_at(last_ns):
        return None
    return (finder.found[-1][1] if finder.found else first_ns), last_ns


def ticks_of(parts: Iterable[MergedTicks], first_ns: int, *, with_quotes: bool) -> Iterator[Tick]:
    """Yield the ticks from a time (ns UTC) on, with or without the quotes."""
    for part in parts:
        columns = (part.kind, part.ts_event, part.a, part.b, part.a_size, part.b_size, part.side)
        if not with_quotes:
            is_trade = part.kind == TRADE
            columns = tuple(column[is_trade] for column in columns)
        for row in zip(*(column.tolist() for column in columns), strict=True):
            if row[1] >= first_ns:
                yield Tick(*row)
