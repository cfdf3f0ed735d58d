"""The funding settlements in a catalog."""

from collections.abc import Sequence
from pathlib import Path

from adapters.simulated.rules.settlements import RateUpdate
from adapters.simulated.rules.settlements import Settlement
from adapters.simulated.rules.settlements import covers
from adapters.simulated.rules.settlements import first_gap
from adapters.simulated.rules.settlements import settlements_of
from catalog.codec import stored_funding
from catalog.layout import utc_text
from errors import AuctionError


def read_schedule(catalog_path: Path, instrument_id: str) -> list[Settlement]:
    """
    Return the settlements of an instrument in a catalog, by time.

    Parameters
    ----------
    catalog_path : Path
        The catalog.
    instrument_id : str
        The instrument.

    """
    rates = stored_funding(catalog_path, instrument_id)
    return settlements_of(RateUpdate(*rate) for rate in rates)


def check_schedule(
    catalog_path: Path,
    instrument_id: str,
    settlements: Sequence[Settlement],
    start: int,
    end: int,
) -> None:
    """
    Refuse a schedule that lacks a settlement of a window.

    Parameters
    ----------
    catalog_path : Path
        The catalog, for the message.
    instrument_id : str
        The instrument.
    settlements : Sequence[Settlement]
        The settlements by time.
    start, end : int
        The window (ns UTC), the end excluded.

    Raises
    ------
    AuctionError
        If one is missing before, within or after the known ones.

    """
    advice = (
        "download them with `auction catalog download bybit`, or charge a fixed rate with "
        "`schedule: fixed`"
    )
    if not settlements:
        raise AuctionError(f"{catalog_path}: no funding rates of {instrument_id}: {advice}")
    if not covers(settlements, start, end):
        raise AuctionError(
            f"{catalog_path}: funding rates of {instrument_id} run from "
            f"{utc_text(settlements[0].ts)} to {utc_text(settlements[-1].ts)}, the run from "
            f"{utc_text(start)} to {utc_text(end)}: {advice}"
        )
    gap = first_gap(settlements, start, end)
    if gap is not None:
        before, after = gap
        raise AuctionError(
            f"{catalog_path}: no funding rate of {instrument_id} between {utc_text(before.ts)} "
            f"and {utc_text(after.ts)}, more than the interval of the latter: {advice}"
        )
