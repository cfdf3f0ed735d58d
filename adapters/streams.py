"""Files of market data as streams of bytes, independent of the compression."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from errors import UsageError


_MAGIC = {b"\x28\xb5\x2f\xfd": "zstd", b"\x1f\x8b": "gzip"}


@contextmanager
def open_stream(path: Path) -> Iterator[tuple[pa.NativeFile, pa.NativeFile]]:
    """
    Open a plain, gzip or zstandard file; its first bytes decide which, not its name.

    Files of several gzip members or zstandard frames are read whole.

    Parameters
    ----------
    path : Path
        The file.

    Yields
    ------
    tuple[pa.NativeFile, pa.NativeFile]
        The file, whose position shows the progress, and the stream of its content. The stream
        raises OSError if the file is damaged or ends within a frame.

    Raises
    ------
    UsageError
        If there is no such file.

    """
    if not path.is_file():
        raise UsageError(f"{path}: no such file")
    with pa.OSFile(str(path), "rb") as file:
        head = file.read(4)
        compression = next((name for magic, name in _MAGIC.items() if head.startswith(magic)), None)
        file.seek(0)
        stream = pa.CompressedInputStream(file, compression) if compression else file
        with stream:
            yield file, stream


def first_bytes(path: Path, count: int) -> bytes:
    """
    Return the first bytes of the content of a file, empty if it is damaged.

    Raises
    ------
    UsageError
        If there is no such file.

    """
    with open_stream(path) as (_, stream):
        try:
            return bytes(stream.read(count))
        except OSError:
            return b""
