"""When perpetuals settle funding, and at what rate."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

from nautilus_trader.model.data import FundingRateUpdate
from nautilus_trader.persistence.catalog import ParquetDataCatalog

from catalog.layout import utc_text
from errors import AuctionError


NANOS_PER_MINUTE = 60_000_000_000
# Some feeds stamp a settlement when it was booked, some milliseconds late.
SLACK = NANOS_PER_MINUTE


@dataclass(frozen=True, slots=True)
class Settlement:
    """
    Represents one settlement of an instrument.

    Attributes
    ----------
    ts : int
        When it is due (ns UTC).
    rate : Decimal
        The rate as a fraction of the notional value; positive when longs pay.
    interval : int
        The time since the settlement before (ns).

    """

    ts: int
    rate: Decimal
    interval: int


def read_schedule(catalog_path: Path, instrument_id: str) -> list[Settlement]:
    """
    Return the settlements of an instrument that a catalog holds, by time.

    Of several updates before one settlement the last counts. Without an interval, the time since
    the settlement before is taken.

    Parameters
    ----------
    catalog_path : Path
        The catalog.
    instrument_id : str
        The instrument.

    """
    catalog = ParquetDataCatalog(Path(catalog_path).resolve())
    updates = catalog.query(FundingRateUpdate, identifiers=[instrument_id])
    due = {}
    for update in sorted(updates, key=lambda update: update.ts_init):
        if update.next_funding_ns and update.ts_init <= update.next_funding_ns:
            due[update.next_funding_ns] = update
    times = sorted(due)
    settlements = []
    for i, ts in enumerate(times):
        before = times[i - 1] if i else times[min(1, len(times) - 1)]
        interval = (due[ts].interval or 0) * NANOS_PER_MINUTE or abs(ts - before)
        # The catalog gives the rate back as text.
        settlements.append(Settlement(ts, Decimal(str(due[ts].rate)), interval))
    return settlements


def check_schedule(
    catalog_path: Path,
    instrument_id: str,
    settlements: Sequence[Settlement],
    start: int,
    end: int,
) -> None:
    """
    Refuse a schedule that leaves out a settlement of a window.

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
        If one is missing before, within or after those there are.

    """
    advice = (
        "download them with `auction catalog download bybit`, or charge a fixed rate with "
        "`schedule: fixed`"
    )
    if not settlements:
        raise AuctionError(f"{catalog_path}: no funding rates of {instrument_id}: {advice}")
    first, last = settlements[0], settlements[-1]
    if first.ts - first.interval > start + SLACK or last.ts + last.interval < end - SLACK:
        raise AuctionError(
            f"{catalog_path}: funding rates of {instrument_id} run from {utc_text(first.ts)} to "
            f"{utc_text(last.ts)}, the run from {utc_text(start)} to {utc_text(end)}: {advice}"
        )
    for before, after in pairwise(settlements):
        first_missing = before.ts + after.interval + SLACK
        last_missing = after.ts - after.interval - SLACK
        if first_missing < min(after.ts, end) and last_missing > max(before.ts, start):
            raise AuctionError(
                f"{catalog_path}: no funding rate of {instrument_id} between {utc_text(before.ts)} "
                f"and {utc_text(after.ts)}, more than the interval of the latter: {advice}"
            )
