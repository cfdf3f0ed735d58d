"""The layout of DBN records."""

import time
from typing import Any

import numpy as np
from databento.common.constants import SCHEMA_STRUCT_MAP
from databento_dbn import RType
from databento_dbn import Schema
from numpy.typing import NDArray


# CME Globex, see the venue's publisher list.
PUBLISHER = 1


def empty_records(schema: str, count: int, number: int) -> NDArray[Any]:
    """Return records of an instrument (shape `count`) with their headers filled in."""
    kind = Schema.from_str(schema)
    found = np.zeros(count, dtype=SCHEMA_STRUCT_MAP[kind]._dtypes)
    found["length"] = found.dtype.itemsize // 4
    found["rtype"] = int(RType.from_schema(kind))
    found["publisher_id"] = PUBLISHER
    found["instrument_id"] = number
    return found


def with_ts_out(record: bytes) -> bytes:
    """Return one record with the time of sending appended."""
    # The first byte is the length in units of four.
    return bytes([record[0] + 2]) + record[1:] + time.time_ns().to_bytes(8, "little")


def all_with_ts_out(records: NDArray[Any]) -> NDArray[Any]:
    """Return records (shape `n`) with the time of sending appended to each."""
    fields = [(name, records.dtype[name]) for name in records.dtype.names or ()]
    found = np.empty(len(records), dtype=[*fields, ("ts_out", "u8")])
    for name, _ in fields:
        found[name] = records[name]
    found["length"] += 2
    found["ts_out"] = time.time_ns()
    return found
