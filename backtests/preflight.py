"""Looks at the catalog before a run: Nautilus itself would succeed with zero events."""

from dataclasses import dataclass

from nautilus_trader.model.instruments import Instrument

from catalog.contents import data_quality
from catalog.definitions import read_instrument
from catalog.errors import AuctionError
from catalog.layout import END_OF_TIME
from catalog.layout import QUOTES
from catalog.layout import TRADES
from catalog.layout import data_files
from catalog.layout import utc_text
from configs.loader import RunConfig


FOLDERS = {"QuoteTick": QUOTES, "TradeTick": TRADES}
NANOS_PER_HOUR = 3_600_000_000_000


@dataclass(frozen=True, slots=True)
class Preflight:
    """
    Represents what a run will find.

    Attributes
    ----------
    instruments : dict[str, Instrument]
        The instruments by id.
    quality : list[str]
        The quality labels of the data, sorted.
    warnings : list[str]
        What deserves a look before the result is believed.

    """

    instruments: dict[str, Instrument]
    quality: list[str]
    warnings: list[str]


def preflight(run: RunConfig) -> Preflight:
    """
    Refuse a run that could not see any event.

    Raises
    ------
    AuctionError
        If the catalog, an instrument, a data type or the interval is missing.

    """
    if not run.catalog.is_dir():
        raise AuctionError(
            f"{run.catalog}: no such catalog: make one with `auction catalog sample` or "
            "`auction catalog ingest`, or name another with --catalog"
        )
    start = run.start_ns if run.start_ns is not None else 0
    end = run.end_ns - 1 if run.end_ns is not None else END_OF_TIME
    instruments: dict[str, Instrument] = {}
    labels: set[str] = set()
    warnings: list[str] = []
    for instrument_id in run.instrument_ids:
        instruments[instrument_id] = read_instrument(run.catalog, instrument_id)
        folders = [FOLDERS[name] for name in run.document["data"]]
        labels |= data_quality(run.catalog, instrument_id, folders)
        for name in run.document["data"]:
            files = data_files(run.catalog, FOLDERS[name], instrument_id)
            if not files:
                raise AuctionError(
                    f"{run.catalog}: no {name} data of {instrument_id}: ingest it, or see "
                    "`auction catalog list`"
                )
            first, last = files[0].start_ns, max(file.end_ns for file in files)
            if not any(file.overlaps(start, end) for file in files):
                raise AuctionError(
                    f"{run.catalog}: no {name} data of {instrument_id} from "
                    f"{run.document['start']} to {run.document['end']}: it runs from "
                    f"{utc_text(first)} to {utc_text(last)}"
                )
            if run.start_ns is not None and first > start + NANOS_PER_HOUR:
                warnings.append(f"{name} data of {instrument_id} starts only at {utc_text(first)}")
            if run.end_ns is not None and last < end - NANOS_PER_HOUR:
                warnings.append(f"{name} data of {instrument_id} ends already at {utc_text(last)}")
    return Preflight(instruments, sorted(labels), warnings)
