"""
Files into the catalog.

A trades file of 2 M rows is written beforehand. In the figure is the whole import: reading,
parsing, checking, ordering, encoding, writing and moving into place; not the start of the process
and the imports. The rate is by CPU time, all threads together, so that another load on the machine
does not count; the rate by the clock on the wall stands beside it. Each import has a process of its
own. Its peak memory is compared with that of a file of twice the rows: it must not grow.
"""

import time
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import databento_dbn as dbn
import numpy as np
import pyarrow as pa
import pyarrow.csv
import zstandard
from databento_dbn.metadata import MappingInterval

from adapters.databento.ingest import ingest_databento
from adapters.files.ingest import ingest_csv
from adapters.report import IngestReport
from benchmarks.measure import Row
from benchmarks.measure import in_own_process
from benchmarks.measure import peak_megabytes
from benchmarks.tapes import INSTRUMENT_ID
from benchmarks.tapes import make_tape


ROWS = 2_000_000
REPETITIONS = 3
FUTURE, FUTURE_NUMBER = "NQH6", 42_288_528
NQ_LOWEST = 80_000  # ticks of 0.25 points
NQ_TICK = 250_000_000  # in 1e-9 points

Writer = Callable[[Path, int], None]
Importer = Callable[[Path, Path], IngestReport]


@dataclass
class _Interval:
    start_date: date
    end_date: date
    symbol: str


@dataclass
class _Mapping:
    raw_symbol: str
    intervals: Sequence[MappingInterval]


def run() -> list[Row]:
    """Return the figures."""
    return [
        *_rows("CSV", write_csv, import_csv, ".csv", at_least=0.5),
        *_rows("DBN", write_dbn, import_dbn, ".dbn.zst", at_least=0.8),
    ]


def write_csv(path: Path, rows: int) -> None:
    """Write trades as `ts,price,size,side,id`, times in milliseconds."""
    tape = make_tape(rows)
    sides = pa.DictionaryArray.from_arrays(pa.array(tape.side - 1), ["Buy", "Sell"])
    table = pa.table(
        {
            "ts": tape.ts_event // 1_000_000,
            "price": np.round(tape.price * 0.1, 1),
            "size": np.round(tape.size * 0.001, 3),
            "side": sides.cast(pa.string()),
            "id": np.arange(rows),
        }
    )
    pyarrow.csv.write_csv(table, path)


def import_csv(path: Path, catalog: Path) -> IngestReport:
    """Import what `write_csv` has written."""
    return ingest_csv(catalog, INSTRUMENT_ID, trades=[path])


def write_dbn(path: Path, rows: int) -> None:
    """Write trades of one future as a compressed DBN file of schema `trades`."""
    tape = make_tape(rows)
    schema = dbn.Schema.from_str("trades")
    records = np.zeros(rows, dtype=dbn.TradeMsg._dtypes)
    records["length"] = records.dtype.itemsize // 4
    records["rtype"] = int(dbn.RType.from_schema(schema))
    records["publisher_id"] = 1
    records["instrument_id"] = FUTURE_NUMBER
    records["ts_event"] = tape.ts_event
    records["ts_recv"] = tape.ts_event + 200_000
    records["price"] = (tape.price - tape.price.min() + NQ_LOWEST) * NQ_TICK
    records["size"] = tape.size
    records["action"] = b"T"
    records["side"] = np.where(tape.side == 1, b"B", b"A")
    records["sequence"] = np.arange(1, rows + 1)
    valid = _Interval(date(2026, 1, 1), date(2026, 2, 1), str(FUTURE_NUMBER))
    metadata = dbn.Metadata(
        dataset="GLBX.MDP3",
        start=int(tape.ts_event[0]),
        stype_in=dbn.SType.from_str("raw_symbol"),
        stype_out=dbn.SType.from_str("instrument_id"),
        schema=schema,
        symbols=[FUTURE],
        mappings=[_Mapping(FUTURE, [valid])],
        version=3,
    )
    path.write_bytes(zstandard.compress(bytes(metadata) + records.tobytes()))


def import_dbn(path: Path, catalog: Path) -> IngestReport:
    """Import what `write_dbn` has written."""
    return ingest_databento(catalog, [path])


def _rows(name: str, write: Writer, load: Importer, suffix: str, at_least: float) -> list[Row]:
    with TemporaryDirectory() as folder:
        once, twice = Path(folder, f"once{suffix}"), Path(folder, f"twice{suffix}")
        in_own_process(write, once, ROWS)
        in_own_process(write, twice, 2 * ROWS)
        runs = [in_own_process(_import, load, once, ROWS) for _ in range(REPETITIONS)]
        _, _, peak = in_own_process(_import, load, twice, 2 * ROWS)
    peaks = [run[2] for run in runs]
    return [
        Row.of(f"{name}, by CPU time", [run[0] for run in runs], "M trades/s", at_least=at_least),
        Row.of(f"{name}, by the clock", [run[1] for run in runs], "M trades/s"),
        Row.of(f"{name}, peak memory, {ROWS / 1e6:g} M trades", peaks, "MB"),
        Row.of(
            f"{name}, peak memory of {2 * ROWS / 1e6:g} M / of {ROWS / 1e6:g} M",
            [peak / value for value in peaks],
            "times",
            at_most=1.1,
        ),
    ]


def _import(load: Importer, path: Path, rows: int) -> tuple[float, float, float]:
    with TemporaryDirectory() as folder:
        cpu, clock = time.process_time(), time.perf_counter()
        report = load(path, Path(folder))
        cpu, clock = time.process_time() - cpu, time.perf_counter() - clock
    if report.accepted != rows:
        raise RuntimeError(f"{path.name}: {report.accepted:,} of {rows:,} trades were kept")
    return rows / cpu / 1e6, rows / clock / 1e6, peak_megabytes()
