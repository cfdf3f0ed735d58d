"""Reads the files of JSON lines that a node writes while it runs."""

import json
from pathlib import Path
from typing import Any

from errors import AuctionError


type Row = dict[str, Any]


def read_lines(path: Path) -> list[Row]:
    """
    Return the messages of a file as plain values.

    A node that was killed may have written half a line, at the end alone: it is left out.

    Raises
    ------
    AuctionError
        If a line is no JSON.

    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
        return [json.loads(line) for line in lines[:-1]]
    except (ValueError, RecursionError) as error:
        raise AuctionError(f"{path}: not readable ({error})") from None
