"""Check for quoted CSV fields that do not end on their line."""

import re

import pyarrow as pa

from errors import AuctionError


_LINE_END = re.compile(rb"\r\n|\n|\r")
_QUOTE = b'"'


class CheckedLines:
    """
    Passes a CSV file on, and refuses a quoted field that does not end on its line.

    A CSV reader takes all lines up to the next quote as the text of one field: market data would
    be lost silently. No field of market data spans several lines.

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
            # The next bytes decide whether a line end is one character or two.
            whole, cut = (text[:-1], text[-1:]) if text.endswith(b"\r") else (text, b"")
            *lines, self._rest = _LINE_END.split(whole)
            self._rest += cut
            for line in lines:
                self._check(line)
                self._line += 1
        else:
            # Only the number of lines and the unfinished line are needed.
            whole, found, rest = content.rpartition(b"\n")
            self._line += whole.count(b"\n") + len(found)
            self._rest = rest if found else self._rest + rest
        return content

    def close(self) -> None:
        """Do nothing: the owner of the stream closes it."""
        self.closed = True

    def _check(self, line: bytes) -> None:
        if line.count(_QUOTE) % 2:
            column = line.rfind(_QUOTE) + 1
            raise AuctionError(
                f"{self._path}: line {self._line}, column {column}: a quote is not closed on its "
                "line, and the rows after it would be taken for its text: remove it"
            )
