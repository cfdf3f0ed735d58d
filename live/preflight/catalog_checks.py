"""Checks of the catalog that a node warms up from."""

from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import timedelta
from pathlib import Path

from catalog.bars import read_bars
from catalog.layout import BARS
from catalog.layout import TRADES
from catalog.layout import DataFile
from catalog.layout import data_files
from catalog.layout import files_in
from catalog.reader import TRADE
from catalog.reader import read_ticks
from catalog.sessions import GLOBEX_VENUES
from catalog.sessions import at_minute
from catalog.sessions import new_york_date
from configs.live import LiveConfig
from errors import AuctionError
from errors import UsageError


# Globex is closed from 17:00 (17:15 until 2015) to 18:00 in New York.
PAUSE = 17 * 60 + 20, 17 * 60 + 50
DAYS_CHECKED = 5
NS_PER_S = 1_000_000_000


def check_catalog(config: LiveConfig) -> str:
    """
    Check that the catalog can be read, and that the times of futures in it are UTC.

    In the last five days of the data of a contract nothing may lie in the daily pause of its
    exchange, from 17:20 to 17:50 in New York: data whose times were not converted do.

    Raises
    ------
    UsageError
        If there is no catalog.
    AuctionError
        If a file is damaged, or times are wrong.

    """
    if not config.catalog.is_dir():
        raise UsageError(f"{config.catalog}: no catalog: record one, import one, or set `catalog`")
    parts = []
    for name in config.instrument_ids:
        ticks = data_files(config.catalog, TRADES, name)
        bars = _bar_files(config.catalog, name)
        files = [*ticks, *(file for found in bars.values() for file in found)]
        if not files:
            parts.append(f"{name}: no data, the warm-up waits for its own")
            continue
        last = max(file.end_ns for file in files)
        if name.rpartition(".")[2] in GLOBEX_VENUES:
            _check_pause(config.catalog, name, new_york_date(last), bool(ticks), [*bars])
        parts.append(f"{name} until {datetime.fromtimestamp(last // NS_PER_S, UTC):%Y-%m-%d %H:%M}")
    return f"{'; '.join(parts)} (UTC)"


def _bar_files(catalog: Path, name: str) -> dict[str, list[DataFile]]:
    folders = catalog.glob(f"data/{BARS}/{name.replace('/', '')}-*")
    return {folder.name: found for folder in folders if (found := files_in(folder))}


def _check_pause(
    catalog: Path, name: str, last: date, has_ticks: bool, bar_types: list[str]
) -> None:
    for ago in range(DAYS_CHECKED):
        day = last - timedelta(days=ago)
        start, end = (at_minute(day, minute) for minute in PAUSE)
        found = 0
        if has_ticks:
            ticks = read_ticks(catalog, name, start, end)
            found += sum(int((part.kind == TRADE).sum()) for part in ticks)
        found += sum(len(part) for b in bar_types for part in read_bars(catalog, b, start, end))
        if found:
            raise AuctionError(
                f"{catalog}: {name} has {found} trades or bars between 17:20 and 17:50 in New York "
                f"on {day}, when its exchange is closed: import it with the right time zone"
            )
