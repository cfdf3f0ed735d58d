"""What a run folder holds, as short digests that can be compared column by column."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq


# Of the machine, the moment or the wording, and not of the market.
PASSING = frozenset(
    {"run_id", "elapsed_seconds", "version", "versions", "created", "schema", "codes"}
)
HEX_DIGITS = 16


def digests(folder: Path) -> dict[str, Any]:
    """
    Return the contents of a run folder.

    Parameters
    ----------
    folder : Path
        The folder of a backtest, a replay or a node run.

    Returns
    -------
    dict[str, Any]
        For each Parquet table and each file of JSON lines its rows and a digest of each column, and
        the figures of the summary, where there is one, without what changes from run to run.

    """
    tables = {path.stem: table_digests(path) for path in sorted(folder.glob("*.parquet"))}
    lines = {path.stem: line_digests(path) for path in sorted(folder.glob("*.jsonl"))}
    found: dict[str, Any] = {"tables": tables, "lines": lines}
    summary = folder / "summary.json"
    if summary.is_file():
        found["summary"] = _lasting(json.loads(summary.read_text()))
    return found


def table_digests(path: Path) -> dict[str, str | int]:
    """Return the number of rows and a digest of each column of a Parquet file."""
    table = pq.read_table(path)
    columns = {name: _column(table.column(name)) for name in table.column_names}
    return {"": table.num_rows, **columns}


def line_digests(path: Path) -> dict[str, str | int]:
    """Return the number of rows and a digest of each key of a file of JSON lines."""
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    keys = sorted({key for row in rows for key in row} - PASSING)
    return {"": len(rows), **{key: _digest_of([row.get(key) for row in rows]) for key in keys}}


def differences(expected: Any, found: Any, where: str = "") -> Iterator[str]:
    """
    Yield a line for each place where two contents are not the same.

    Parameters
    ----------
    expected, found : Any
        Values of JSON.
    where : str, default ''
        The place that both come from.

    """
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in sorted({*expected, *found}):
            place = f"{where}/{key}"
            if key not in found:
                yield f"{place}: gone"
            elif key not in expected:
                yield f"{place}: new"
            else:
                yield from differences(expected[key], found[key], place)
    elif expected != found:
        yield f"{where}: {_short(expected)} before, now {_short(found)}"


def _column(column: pa.ChunkedArray) -> str:
    # Arrow's file format would keep the chunks; one array and its type are the contents.
    array = column.combine_chunks()
    sink = pa.BufferOutputStream()
    batch = pa.record_batch([array], names=["column"])
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return hashlib.sha256(sink.getvalue()).hexdigest()[:HEX_DIGITS]


def _digest_of(values: list[Any]) -> str:
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()[:HEX_DIGITS]


def _lasting(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _lasting(part) for key, part in value.items() if key not in PASSING}
    return [_lasting(part) for part in value] if isinstance(value, list) else value


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 120 else f"{text[:117]}..."
