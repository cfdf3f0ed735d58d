"""Reads what the live node beside a shadow has decided, while that node writes it."""

import json
import re
from pathlib import Path
from typing import Any

from errors import AuctionError


type Row = dict[str, Any]


class LiveRecording:
    """
    Follows the newest live run of a system in a folder of runs.

    A node that is started again has a run of its own: what is left of the old one is read first. A
    line that is not complete yet is read when it is.

    Parameters
    ----------
    runs : Path
        The folder of runs.
    system : str
        The name of the system.

    Attributes
    ----------
    folder : Path or None
        The run that is followed; None while there is none.

    """

    def __init__(self, runs: Path, system: str) -> None:
        self._runs = runs
        self._name = re.compile(rf"\d{{8}}T\d+-{re.escape(system)}-live")
        self._offset = 0
        self.folder: Path | None = None

    @property
    def is_over(self) -> bool:
        """Return True if the run that is followed has come to its end by itself."""
        return self.folder is not None and (self.folder / "end.json").is_file()

    def read(self) -> list[Row]:
        """
        Return the decisions written since the last time, in their order.

        Raises
        ------
        AuctionError
            If a line is none of a recording. It is left out the next time.
        OSError
            If the files cannot be read.

        """
        newest = self._newest()
        rows = self._rest()
        # A run that could not begin removes its folder: it is not gone back behind.
        if newest is not None and (self.folder is None or newest.name > self.folder.name):
            self.folder, self._offset = newest, 0
            rows += self._rest()
        return rows

    def _newest(self) -> Path | None:
        found = (path for path in self._runs.iterdir() if self._name.fullmatch(path.name))
        return max(found, key=lambda path: path.name, default=None)

    def _rest(self) -> list[Row]:
        if self.folder is None:
            return []
        path = self.folder / "signals.jsonl"
        try:
            with path.open("rb") as file:
                file.seek(self._offset)
                text = file.read()
        except FileNotFoundError:
            return []
        complete = text[: text.rfind(b"\n") + 1]
        self._offset += len(complete)
        try:
            return [json.loads(line) for line in complete.splitlines()]
        except (ValueError, RecursionError) as error:
            raise AuctionError(f"{path}: not readable ({error})") from None
