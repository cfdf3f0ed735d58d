"""Writes the sample market into a catalog."""

from collections import Counter
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from catalog.instruments import resolve_instrument
from catalog.layout import SYNTHETIC
from catalog.protocols import Instrument
from catalog.sample.driftless import random_walk
from catalog.sample.market import Market
from catalog.sample.market import Session
from catalog.sample.market import make_market
from catalog.sample.markets import DEFAULT_MARKETS
from catalog.sample.markets import find_markets
from catalog.sample.schedule import BLOCK_DAYS
from catalog.sample.schedule import FIRST_DAY
from catalog.sample.schedule import MAX_DAYS
from catalog.sample.statistics import MarketStatistics
from catalog.sample.statistics import Statistics
from catalog.transaction import CatalogWrites
from catalog.transaction import catalog_writes
from catalog.write_report import WriteReport
from catalog.writer import write_ticks
from errors import UsageError


@dataclass(frozen=True, slots=True)
class MarketReport:
    """
    Represents the data written for one instrument.

    Attributes
    ----------
    instrument_id : str
        The instrument.
    written : WriteReport
        The rows, the period and the files.
    statistics : MarketStatistics
        The measured statistics; `STATED_MARKETS` has their ranges.
    scenes : Mapping[str, int]
        How often each scene was played.

    """

    instrument_id: str
    written: WriteReport
    statistics: MarketStatistics
    scenes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class SampleReport:
    """
    Represents what `write_sample` has done.

    Attributes
    ----------
    seed : int
        The seed.
    days : int
        The days of each market.
    markets : tuple[MarketReport, ...]
        One report for each instrument.
    is_random_walk : bool, default False
        If the prices are those of the control.

    """

    seed: int
    days: int
    markets: tuple[MarketReport, ...]
    is_random_walk: bool = False


def write_sample(
    catalog_path: Path,
    seed: int = 7,
    days: int = 2,
    instruments: Sequence[str] = DEFAULT_MARKETS,
    advance: Callable[[int], None] = lambda _: None,
    *,
    is_random_walk: bool = False,
) -> SampleReport:
    """
    Write the sample market, by default two days of the BTCUSDT perpetual and of the NQ future.

    The same seed gives the same data; a catalog that holds it already is left as it is, and one
    that holds fewer days, at least two, is extended. Memory does not grow with the days.

    Parameters
    ----------
    catalog_path : Path
        The catalog; created if missing.
    seed : int, default 7
        The seed of all chance, zero or more.
    days : int, default 2
        The days from 5 January 2026 on, at most 45: of UTC, or on which the exchange is open.
    instruments : Sequence[str], default ('BTCUSDT', 'NQ')
        The markets, keys of `catalog.sample.markets.MARKETS`.
    advance : Callable[[int], None], optional
        Is called with the number of days that have been made.
    is_random_walk : bool, default False
        If prices are driftless random walks without scenes (`catalog.sample.driftless`).

    Returns
    -------
    SampleReport
        What was written.

    Raises
    ------
    UsageError
        If the seed is negative, the days are too many or too few, or a market is unknown.
    AuctionError
        If the catalog holds other data of the same instruments and times.

    """
    if seed < 0:
        raise UsageError(f"seed {seed} is negative: use zero or more")
    if not 1 <= days <= MAX_DAYS:
        raise UsageError(f"days: {days} is not within 1 to {MAX_DAYS}")
    markets = find_markets(instruments)
    if is_random_walk:
        markets = tuple(random_walk(market) for market in markets)
    return SampleReport(
        seed,
        days,
        tuple(_write(catalog_path, market, seed, days, advance) for market in markets),
        is_random_walk,
    )


def _write(
    catalog_path: Path, market: Market, seed: int, days: int, advance: Callable[[int], None]
) -> MarketReport:
    instrument = resolve_instrument(market.instrument_id, on=FIRST_DAY)
    statistics = Statistics()
    scenes: Counter[str] = Counter()

    def counted() -> Iterator[Session]:
        for session in make_market(market, seed, days):
            statistics.add(session)
            scenes.update(name for name, _ in session.path.scenes)
            advance(session.days)
            yield session

    sessions = counted()
    with catalog_writes(catalog_path) as writes:
        # The first block is one write and every later session one more, so that a file of a longer
        # sample is the same as that of a shorter one.
        first = _write_sessions(writes, instrument, _first_block(sessions))
        reports = [first, *(_write_sessions(writes, instrument, [s]) for s in sessions)]
    return MarketReport(market.instrument_id, _joined(reports), statistics.measured(), dict(scenes))


def _first_block(sessions: Iterator[Session]) -> list[Session]:
    first = next(sessions)
    return [first, *islice(sessions, BLOCK_DAYS - first.days)]


def _write_sessions(
    writes: CatalogWrites, instrument: Instrument, sessions: Sequence[Session]
) -> WriteReport:
    return write_ticks(
        writes,
        instrument,
        [session.trades for session in sessions],
        [session.quotes for session in sessions],
        quality=SYNTHETIC,
    )


def _joined(reports: Sequence[WriteReport]) -> WriteReport:
    rows: Counter[str] = Counter()
    for report in reports:
        rows.update(report.rows)
    return WriteReport(
        identifier=reports[0].identifier,
        rows=dict(rows),
        start_ns=min(report.start_ns for report in reports),
        end_ns=max(report.end_ns for report in reports),
        unordered=sum(report.unordered for report in reports),
        repeats=sum(report.repeats for report in reports),
        files_written=sum(report.files_written for report in reports),
        files_unchanged=sum(report.files_unchanged for report in reports),
        files_refined=sum(report.files_refined for report in reports),
    )
