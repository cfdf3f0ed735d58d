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
) -> Path:
    """
    Write records with the symbols they are of, compressed if the name ends with `.zst`.

    The ids of `names` hold from the first day on, or for the `days` given (counted from it).
    """
    start_ns = int(data["ts_event"][0])
    day: date = datetime.fromtimestamp(start_ns // 10**9, UTC).date()
    mappings = [
        SimpleNamespace(
            raw_symbol=name,
            intervals=[
                SimpleNamespace(
                    start_date=day + timedelta(days=(days or {}).get(name, (0, 400))[0]),
                    end_date=day + timedelta(days=(days or {}).get(name, (0, 400))[1]),
                    symbol=str(number),
                ),
            ],
        )
        for name, number in names.items()
        if number in data["instrument_id"]
    ]
    metadata = dbn.Metadata(
        dataset="GLBX.MDP3",
        start=start_ns,
        stype_in=dbn.SType.from_str(stype_in),
        stype_out=dbn.SType.INSTRUMENT_ID,
        schema=dbn.Schema.from_str(schema),
        symbols=[mapping.raw_symbol for mapping in mappings],
        mappings=mappings,
        version=3,
    )
    content = bytes(metadata) + data.tobytes()
    path.write_bytes(zstandard.compress(content) if path.suffix == ".zst" else content)
    return path
