"""Folders, file names and labels of the Parquet catalog in NautilusTrader's layout."""

import re
import time
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from pathlib import Path


TRADES = "trade_tick"
QUOTES = "quote_tick"
BARS = "bar"
TICK_TYPES = (TRADES, QUOTES)
DATA_TYPES = (TRADES, QUOTES, BARS)
NOUNS = {TRADES: "trades", QUOTES: "quotes", BARS: "bars"}

NS_PER_SECOND = 1_000_000_000
NS_PER_HOUR = 3600 * NS_PER_SECOND
NS_PER_DAY = 24 * NS_PER_HOUR
END_OF_TIME = 2**63 - 2
# No market data are older.
EARLIEST_NS = 315_532_800 * NS_PER_SECOND  # 1980-01-01

VENUE_SIDE = "venue side"
INFERRED = "inferred"
ESTIMATED = "estimated from bars"
SYNTHETIC = "synthetic"
NO_VOLUME = "no volume"
QUALITIES = (VENUE_SIDE, INFERRED, ESTIMATED, SYNTHETIC, NO_VOLUME)
PROXY = "proxy for "

_BAR_UNITS_NS = {
    "SECOND": NS_PER_SECOND,
    "MINUTE": 60 * NS_PER_SECOND,
    "HOUR": NS_PER_HOUR,
    "DAY": NS_PER_DAY,
}
_TIME_FORMAT = "%Y-%m-%dT%H-%M-%S"


def latest_ns() -> int:
    """Return the latest possible time of market data (ns UTC): tomorrow, as clocks may differ."""
    return time.time_ns() + NS_PER_DAY


@dataclass(frozen=True, slots=True)
class DataFile:
    """
    Represents one Parquet file of a catalog.

    Attributes
    ----------
    path : Path
        The file.
    start_ns, end_ns : int
        The first and the last `ts_init` (ns UTC) according to its name.

    """

    path: Path
    start_ns: int
    end_ns: int

    def overlaps(self, start_ns: int, end_ns: int) -> bool:
        """Return True if the file's interval overlaps another, ends included."""
        return self.start_ns <= end_ns and start_ns <= self.end_ns


def proxy_label(symbol: str) -> str:
    """Return the quality label of data that stand in for those of another instrument."""
    return f"{PROXY}{symbol}"


def is_quality(label: object) -> bool:
    """Return True for a known quality label."""
    return label in QUALITIES or (
        isinstance(label, str) and re.fullmatch(rf"{PROXY}[A-Z0-9.]{{1,20}}", label) is not None
    )


def data_folder(catalog_path: Path, data_type: str, identifier: str) -> Path:
    """Return the folder of one data type of an instrument id (of a bar type for bars)."""
    return Path(catalog_path) / "data" / data_type / identifier.replace("/", "")


def instrument_of(data_type: str, identifier: str) -> str:
    """Return the instrument id of an identifier: itself, or that of the bar type."""
    if data_type != BARS:
        return identifier
    return identifier.partition("@")[0].rsplit("-", 4)[0]


def bar_step_ns(bar_type: str) -> int:
    """Return the time (ns) between two bars of a type, 0 if it is not fixed."""
    match = re.search(r"-(\d+)-([A-Z]+)-[A-Z]+-[A-Z]+$", bar_type.partition("@")[0])
    return int(match[1]) * _BAR_UNITS_NS.get(match[2], 0) if match else 0


def file_name(start_ns: int, end_ns: int) -> str:
    """Return the name of a file with rows from one `ts_init` (ns UTC) to another."""
    return f"{_stamp(start_ns)}_{_stamp(end_ns)}.parquet"


def data_files(catalog_path: Path, data_type: str, identifier: str) -> list[DataFile]:
    """Return the files of one data type in the order of their intervals."""
    return files_in(data_folder(catalog_path, data_type, identifier))


def files_in(folder: Path) -> list[DataFile]:
    """
    Return the data files of a folder in the order of their intervals.

    Files whose name is not an interval do not belong to the catalog and are left out.
    """
    files = [file for path in folder.glob("*.parquet") if (file := _data_file(path)) is not None]
    return sorted(files, key=lambda file: (file.start_ns, file.end_ns))


def misnamed_files(folder: Path) -> list[Path]:
    """Return the Parquet files of a folder whose name is not an interval."""
    return sorted(path for path in folder.glob("*.parquet") if _data_file(path) is None)


def _data_file(path: Path) -> DataFile | None:
    try:
        first, last = path.stem.split("_")
        file = DataFile(path, _parse(first), _parse(last))
    except ValueError:
        return None
    return file if file.start_ns <= file.end_ns else None


def has_data(catalog_path: Path, instrument_id: str) -> bool:
    """Return True if the catalog holds ticks or bars of an instrument."""
    name = instrument_id.replace("/", "")
    return any(
        any(Path(catalog_path).glob(f"data/{pattern}/*.parquet"))
        for pattern in (f"{TRADES}/{name}", f"{QUOTES}/{name}", f"{BARS}/{name}-*")
    )


def bar_steps(catalog_path: Path, instrument_id: str) -> list[int]:
    """Return the lengths (ns) of the bars of an instrument in the catalog."""
    folders = Path(catalog_path).glob(f"data/{BARS}/{instrument_id.replace('/', '')}-*")
    steps = {bar_step_ns(folder.name) for folder in folders if files_in(folder)}
    return sorted(steps - {0})


def utc_text(ts_ns: int) -> str:
    """Return a time (ns UTC) as text to the millisecond, for messages and tables."""
    seconds, ns = divmod(ts_ns, NS_PER_SECOND)
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment:%Y-%m-%d %H:%M:%S}.{ns // 1_000_000:03d}"


def _stamp(ts_ns: int) -> str:
    seconds, ns = divmod(ts_ns, NS_PER_SECOND)
    return f"{datetime.fromtimestamp(seconds, UTC).strftime(_TIME_FORMAT)}-{ns:09d}Z"


def _parse(stamp: str) -> int:
    moment, _, ns = stamp.removesuffix("Z").rpartition("-")
    seconds = datetime.strptime(moment, _TIME_FORMAT).replace(tzinfo=UTC).timestamp()
    return int(seconds) * NS_PER_SECOND + int(ns)
