"""What a catalog holds, decoded without the code under test; what an ingest may leave behind."""

from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from adapters.report import IngestReport
from errors import LONGEST_LINE
from errors import AuctionError
from errors import shortened


Row = tuple[Any, ...]

PRICES_AND_SIZES = {
    "trade_tick": ("price", "size"),
    "quote_tick": ("bid_price", "bid_size", "ask_price", "ask_size"),
    "bar": ("open", "high", "low", "close", "volume"),
}


def attempt(catalog: Path, ingest: Callable[[], IngestReport]) -> IngestReport | AuctionError:
    """
    Ingest into a catalog that does not exist yet; or return the error where the input is refused.

    Checks what must hold in any event: the error is one of the user's and fits on a line, nothing
    of a refused ingest is left, and all rows are accounted for.
    """
    try:
        report = ingest()
    except AuctionError as error:
        line = shortened(f"error: {error}", LONGEST_LINE)
        assert len(line) <= LONGEST_LINE, line
        assert "\n" not in line, line
        assert not catalog.exists(), f"left behind: {sorted(catalog.rglob('*'))}"
        return error
    assert not list(catalog.glob(".*")), "a staging folder is left"
    for file in report.files:
        assert file.rows == file.accepted + file.rejected_rows, file
    kept = sum(len(stored(catalog, kind)) for kind in PRICES_AND_SIZES)
    assert kept == report.accepted, f"{kept} rows in the catalog, {report.accepted} reported"
    return report


def stored(catalog: Path, kind: str) -> list[Row]:
    """Return the rows of a type in the order of the files: ts_event, values, side and id."""
    rows: list[Row] = []
    for path in sorted(catalog.glob(f"data/{kind}/*/*.parquet")):
        # A table read by pyarrow alone; prices are 128-bit integers of 1e-16.
        columns = pq.read_table(path).to_pydict()
        values = [list(map(_decimal, columns[name])) for name in PRICES_AND_SIZES[kind]]
        others = [columns[name] for name in ("aggressor_side", "trade_id") if name in columns]
        rows += zip(columns["ts_event"], *values, *others, strict=True)
        times = columns["ts_init"]
        if kind != "bar":
            assert all(a < b for a, b in pairwise(times)), "ts_init falls"
    return rows


def _decimal(raw: bytes) -> Decimal:
    return Decimal(int.from_bytes(raw, "little", signed=True)).scaleb(-16)
