"""The instrument of imported rows."""

from contextlib import suppress
from datetime import UTC
from datetime import date
from datetime import datetime
from pathlib import Path

from catalog.definitions import read_instrument
from catalog.identity import definition_changes
from catalog.increments import instrument_files
from catalog.instruments import is_listed
from catalog.instruments import resolve_instrument
from catalog.instruments import trading_life
from catalog.layout import EARLIEST_NS
from catalog.layout import END_OF_TIME
from catalog.layout import NS_PER_SECOND
from catalog.layout import latest_ns
from catalog.protocols import Instrument
from errors import UsageError


def day_of(ts_ns: int) -> date:
    """Return the UTC day of a time (ns)."""
    return datetime.fromtimestamp(ts_ns // NS_PER_SECOND, UTC).date()


def find_instrument(catalog_path: Path, instrument_id: str, on_ns: int) -> Instrument:
    """
    Return the instrument of the catalog, otherwise the built-in one.

    Contract symbols repeat after ten years: a stored contract that was not listed on the day is
    skipped.

    Parameters
    ----------
    catalog_path : Path
        The catalog.
    instrument_id : str
        The id.
    on_ns : int
        A time of the data (ns UTC). An impossible one, as in a damaged file, counts as the nearest
        possible one.

    Returns
    -------
    Instrument

    Raises
    ------
    UsageError
        If the id is neither in the catalog nor built in.

    """
    if instrument_files(catalog_path, instrument_id):
        stored = read_instrument(catalog_path, instrument_id)
        if is_listed(stored, on_ns):
            return stored
    return resolve_instrument(instrument_id, day_of(min(max(on_ns, EARLIEST_NS), latest_ns())))


def definition_notes(catalog_path: Path, instrument: Instrument) -> list[str]:
    """
    Return a line for each other definition of an instrument that differs.

    Parameters
    ----------
    catalog_path : Path
        The catalog before the ingest.
    instrument : Instrument
        The definition used by the ingest.

    """
    instrument_id = str(instrument.id)
    others: dict[str, Instrument] = {}
    if instrument_files(catalog_path, instrument_id):
        others["the catalog's definition until now"] = read_instrument(catalog_path, instrument_id)
    with suppress(UsageError):
        last_ns = trading_life(instrument)[1]
        on = day_of(last_ns - 1) if last_ns < END_OF_TIME else None
        others["the built-in definition"] = resolve_instrument(instrument_id, on)
    return [
        f"{instrument_id}: {name} and the one used differ: {', '.join(changes)}"
        for name, other in others.items()
        if (changes := definition_changes(other, instrument))
    ]
