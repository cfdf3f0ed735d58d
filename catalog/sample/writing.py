"""Writes the sample market into a catalog."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from catalog.instruments import resolve_instrument
from catalog.layout import SYNTHETIC
from catalog.sample.market import MARKETS
from catalog.sample.market import Market
from catalog.sample.market import make_market
from catalog.sample.statistics import MarketStatistics
from catalog.sample.statistics import measure
from catalog.write_report import WriteReport
from catalog.writer import write_ticks
from errors import UsageError


@dataclass(frozen=True, slots=True)
class MarketReport:
    """
    Represents what was written for one instrument.

    Attributes
    ----------
    instrument_id : str
        The instrument.
    written : WriteReport
        The rows, the period and the files.
    statistics : MarketStatistics
        The measured statistics; `SAMPLE_STATISTICS` states their ranges.
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
    markets : tuple[MarketReport, ...]
        One report for each instrument.

    """

    seed: int
    markets: tuple[MarketReport, ...]


def write_sample(catalog_path: Path, seed: int = 7) -> SampleReport:
    """
    Write the sample market: two days of BTCUSDT perpetual and two sessions of the NQ future.

    The same seed gives the same data; a catalog that holds it already is left as it is.

    Parameters
    ----------
    catalog_path : Path
        The catalog; created if missing.
    seed : int, default 7
        The seed of all chance, zero or more.

    Returns
    -------
    SampleReport
        What was written.

    Raises
    ------
    UsageError
        If the seed is negative.
    AuctionError
        If the catalog holds other data of the same instruments and times.

    """
    if seed < 0:
        raise UsageError(f"seed {seed} is negative: use zero or more")
    return SampleReport(seed, tuple(_write(catalog_path, market, seed) for market in MARKETS))


def _write(catalog_path: Path, market: Market, seed: int) -> MarketReport:
    sessions = make_market(market, seed)
    written = write_ticks(
        catalog_path,
        resolve_instrument(market.instrument_id, on=market.day),
        [session.trades for session in sessions],
        [session.quotes for session in sessions],
        quality=SYNTHETIC,
    )
    scenes = Counter(name for session in sessions for name, _ in session.path.scenes)
    return MarketReport(market.instrument_id, written, measure(sessions), dict(scenes))
