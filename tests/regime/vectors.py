"""The recorded vectors of order flow."""

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any


FOLDER = Path(__file__).parents[1] / "vectors" / "002"


@cache
def vector(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(gzip.decompress((FOLDER / f"{name}.json.gz").read_bytes()))
    return found
