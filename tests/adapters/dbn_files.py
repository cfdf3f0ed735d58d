"""Writes DBN files for tests."""

from collections.abc import Mapping
from collections.abc import Sequence
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import databento_dbn as dbn
import numpy as np
import zstandard
from databento.common.constants import SCHEMA_STRUCT_MAP
from numpy.typing import NDArray

from adapters.databento.loopback.definition import encode_definition
from catalog.instruments import resolve_instrument


IDS = {"NQZ5": 158704, "NQH6": 42288528, "NQZ5-NQH6": 42000001}
UNDEF_PRICE = np.iinfo(np.int64).max


def records(schema: str, rows: Sequence[Mapping[str, Any]]) -> NDArray[Any]:
    """Return records with the given fields; prices in points, the rest as stored."""
    struct = SCHEMA_STRUCT_MAP[dbn.Schema.from_str(schema)]
    found = np.zeros(len(rows), dtype=struct._dtypes)
    found["length"] = found.dtype.itemsize // 4
    found["rtype"] = int(dbn.RType.from_schema(dbn.Schema.from_str(schema)))
    found["publisher_id"] = 1
    for index, row in enumerate(rows):
        for name, value in {"symbol": "NQZ5", "action": b"T", **row}.items():
            if name == "symbol":
                found[index]["instrument_id"] = IDS[value]
            elif name in struct._price_fields:
                found[index][name] = UNDEF_PRICE if value is None else round(value * 10**9)
            elif name in found.dtype.names:
                found[index][name] = value
    if "ts_recv" in found.dtype.names:
        found["ts_recv"] = found["ts_event"] + np.uint64(200_000)
    return found


def write_dbn(
    path: Path,
    schema: str,
    data: NDArray[Any],
    stype_in: str = "raw_symbol",
    names: Mapping[str, int] = IDS,
    days: Mapping[str, tuple[int, int]] | None = None,
    *,
    by_id: bool = False,
    ts_out: bool = False,
) -> Path:
    """
    Write records with the symbols they are of, compressed if the name ends with `.zst`.

    The ids of `names` hold from the first day on, or for the `days` given (counted from it). With
    `by_id` the file was requested by ids: its metadata map these to symbols. With `ts_out` each
    record ends with the time of sending, as a recording of the live feed may.
    """
    start_ns = int(data["ts_event"][0])
    day: date = datetime.fromtimestamp(start_ns // 10**9, UTC).date()
    mappings = [
        SimpleNamespace(
            raw_symbol=str(number) if by_id else name,
            intervals=[
                SimpleNamespace(
                    start_date=day + timedelta(days=(days or {}).get(name, (0, 400))[0]),
                    end_date=day + timedelta(days=(days or {}).get(name, (0, 400))[1]),
                    symbol=name if by_id else str(number),
                ),
            ],
        )
        for name, number in names.items()
        if number in data["instrument_id"]
    ]
    metadata = dbn.Metadata(
        dataset="GLBX.MDP3",
        start=start_ns,
        stype_in=dbn.SType.from_str("instrument_id" if by_id else stype_in),
        stype_out=dbn.SType.RAW_SYMBOL if by_id else dbn.SType.INSTRUMENT_ID,
        schema=dbn.Schema.from_str(schema),
        symbols=[mapping.raw_symbol for mapping in mappings],
        mappings=mappings,
        version=3,
        ts_out=ts_out,
    )
    content = bytes(metadata) + (_with_ts_out(data) if ts_out else data).tobytes()
    path.write_bytes(zstandard.compress(content) if path.suffix == ".zst" else content)
    return path


def write_definitions(path: Path, defined: Sequence[tuple[str, int, int]]) -> Path:
    """Write definitions: instrument, id and time (ns UTC) each; its date determines the decade."""
    found = []
    for instrument_id, number, ts in defined:
        day = datetime.fromtimestamp(ts // 10**9, UTC).date()
        instrument = resolve_instrument(instrument_id, day)
        found.append(encode_definition(instrument, number, ts))
    data = np.concatenate(found)
    names = {instrument_id.partition(".")[0]: number for instrument_id, number, _ in defined}
    return write_dbn(path, "definition", data, names=names)


def _with_ts_out(data: NDArray[Any]) -> NDArray[Any]:
    longer = np.zeros(len(data), dtype=[*data.dtype.descr, ("ts_out", "<u8")])
    for name in data.dtype.names or ():
        longer[name] = data[name]
    longer["length"] += 2
    longer["ts_out"] = data["ts_event"] + np.uint64(300_000)
    return longer
