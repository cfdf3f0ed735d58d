"""Databento Binary Encoding (DBN): the metadata of a file and its records, in flat memory."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from databento.common.constants import SCHEMA_STRUCT_MAP
from databento.common.constants import SCHEMA_STRUCT_MAP_V1
from databento.common.constants import SCHEMA_STRUCT_MAP_V2
from databento_dbn import DBNError
from databento_dbn import Metadata
from databento_dbn import RType
from databento_dbn import Schema
from databento_dbn import VersionUpgradePolicy
from numpy.typing import NDArray

from adapters.progress import Advance
from adapters.streams import first_bytes
from adapters.streams import open_stream
from errors import AuctionError


CHUNK_RECORDS = 100_000

_MAGIC = b"DBN"
_PREFIX_BYTES = 8
# The metadata of a request for all symbols of an exchange take some megabytes.
_LARGEST_METADATA = 1 << 28
_STRUCTS = {1: SCHEMA_STRUCT_MAP_V1, 2: SCHEMA_STRUCT_MAP_V2}
# The length of a record is written in units of four bytes.
_LENGTH_UNIT = 4
_TS_OUT = ("ts_out", "<u8")
# The stubs of the library declare its members as integers.
_AS_IS: Any = VersionUpgradePolicy.AS_IS


def is_dbn(path: Path) -> bool:
    """
    Return True if the content of a file is DBN, compressed or not.

    Raises
    ------
    UsageError
        If there is no such file.

    """
    return first_bytes(path, len(_MAGIC)) == _MAGIC


def read_metadata(path: Path) -> Metadata:
    """
    Return the metadata of a DBN file.

    Raises
    ------
    UsageError
        If there is no such file.
    AuctionError
        If it is not a DBN file, is damaged or of a newer version.

    """
    with open_stream(path) as (_, stream), _reported(path):
        return _metadata(path, stream)


def read_records(path: Path, advance: Advance) -> Iterator[NDArray[Any]]:
    """
    Yield the records of a DBN file of one schema.

    Records of a live recording with `ts_out` are eight bytes longer; the field is then the last.

    Parameters
    ----------
    path : Path
        The file.
    advance : Advance
        Called with the number of bytes read from the file.

    Yields
    ------
    NDArray
        Structured arrays with the fields of the schema's record.

    Raises
    ------
    UsageError
        If there is no such file.
    AuctionError
        If the file is damaged, ends within a record or holds records of another schema.

    """
    with open_stream(path) as (file, stream), _reported(path):
        metadata = _metadata(path, stream)
        dtype = record_type(path, metadata)
        expected = int(RType.from_schema(Schema.from_str(str(metadata.schema))))
        done = before = 0
        while content := stream.read(CHUNK_RECORDS * dtype.itemsize):
            advance(file.tell() - before)
            before = file.tell()
            if len(content) % dtype.itemsize:
                raise _damaged(path, "it ends within a record")
            records = np.frombuffer(content, dtype=dtype)
            whole = records["length"].astype(np.int64) * _LENGTH_UNIT == dtype.itemsize
            fits = whole & (records["rtype"] == expected)
            if not fits.all():
                row = int(np.argmin(fits))
                record = records[row]
                raise _damaged(
                    path,
                    f"record {done + row + 1} is of type {record['rtype']} and has "
                    f"{int(record['length']) * _LENGTH_UNIT} bytes, those of {metadata.schema} "
                    f"are of type {expected} and have {dtype.itemsize}",
                )
            done += len(records)
            yield records


def _metadata(path: Path, stream: pa.NativeFile) -> Metadata:
    prefix = bytes(stream.read(_PREFIX_BYTES))
    if len(prefix) < _PREFIX_BYTES or not prefix.startswith(_MAGIC):
        raise _damaged(path, "it does not begin with a DBN header")
    length = int.from_bytes(prefix[4:], "little")
    if length > _LARGEST_METADATA:
        raise _damaged(path, f"its metadata would have {length:,} bytes")
    content = bytes(stream.read(length))
    if len(content) < length:
        raise _damaged(path, "it ends within its metadata")
    return Metadata.decode(prefix + content, upgrade_policy=_AS_IS)


def record_type(path: Path, metadata: Metadata) -> np.dtype[Any]:
    """
    Return the fields of the records of a file.

    Raises
    ------
    AuctionError
        If it is a recording of several schemas.

    """
    schema = metadata.schema
    struct = None
    if schema is not None:
        struct = _STRUCTS.get(metadata.version, SCHEMA_STRUCT_MAP).get(schema)
    if struct is None:
        raise AuctionError(f"{path}: a recording of several schemas cannot be read as one")
    fields = list(struct._dtypes)
    return np.dtype([*fields, _TS_OUT] if metadata.ts_out else fields)


@contextmanager
def _reported(path: Path) -> Iterator[None]:
    try:
        yield
    except (DBNError, pa.ArrowException, OSError, ValueError, OverflowError) as error:
        raise _damaged(path, " ".join(str(error).split())) from None


def _damaged(path: Path, reason: str) -> AuctionError:
    return AuctionError(f"{path}: not a readable DBN file ({reason}): download it again")
