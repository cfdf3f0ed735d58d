"""Read the decisions of the live node beside a shadow while that node writes them."""

import json
import re
from pathlib import Path
from typing import Any

from errors import AuctionError


type Row = dict[str, Any]


class LiveRecording:
    """
    Follows the newest live run of a system in a folder of runs.

    A restarted node has a run of its own: the rest of the old one is read first. An incomplete last
    line is read once it is complete.

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
        """Return True if the run that is followed has ended by itself."""
        return self.folder is not None and (self.folder / "end.json").is_file()

    def read(self) -> list[Row]:
        """
        Return the decisions written since the last call, in order.

        Raises
        ------
        AuctionError
            If a line is not valid. It is skipped by the next call.
        OSError
            If the files cannot be read.

        """
        newest = self._newest()
        rows = self._rest()
        # A run that could not start removes its folder: do not fall back to an older one.
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
