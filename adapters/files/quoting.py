"""Quotes of a CSV file that run over the end of their line."""

import re

import pyarrow as pa

from errors import AuctionError


_LINE_END = re.compile(rb"\r\n|\n|\r")
_QUOTE = b'"'


class CheckedLines:
    """
    Passes a CSV file on, and refuses a quoted field that does not end on its line.

    A reader of CSV takes all lines up to the next quote for the text of one field: rows of the
    market would be gone without a word. No field of market data runs over a line.

    Parameters
    ----------
    path : object
        The file, for the error.
    stream : pa.NativeFile
        Its content.

    """

    def __init__(self, path: object, stream: pa.NativeFile) -> None:
        self._path = path
        self._stream = stream
        self._line = 1
        self._rest = b""
        self.closed = False

    def read(self, size: int = -1) -> bytes:
        """
        Return the next bytes.

        Raises
        ------
        AuctionError
            If a line among them has a quote that is not closed.

        """
        content = bytes(self._stream.read(size))
        if not content:
            self._check(self._rest)
            self._rest = b""
        elif _QUOTE in content or _QUOTE in self._rest:
            text = self._rest + content
            # What follows decides whether a line end is one character or two.
            whole, cut = (text[:-1], text[-1:]) if text.endswith(b"\r") else (text, b"")
            *lines, self._rest = _LINE_END.split(whole)
            self._rest += cut
            for line in lines:
                self._check(line)
                self._line += 1
        else:
            # Only the number of the line has to be known, and what its rest may be part of.
            whole, found, rest = content.rpartition(b"\n")
            self._line += whole.count(b"\n") + len(found)
            self._rest = rest if found else self._rest + rest
        return content

    def close(self) -> None:
        """End; the stream is closed by who opened it."""
        self.closed = True

    def _check(self, line: bytes) -> None:
        if line.count(_QUOTE) % 2:
            column = line.rfind(_QUOTE) + 1
            raise AuctionError(
                f"{self._path}: line {self._line}, column {column}: a quote is not closed on its "
                "line, and the rows after it would be taken for its text: remove it"
            )
