"""The specification's vectors: inputs and exact expected outputs."""

import gzip
import json
import math
from pathlib import Path
from typing import Any


def load(system: str, name: str) -> Any:
    """Return the content of one vector file."""
    path = Path(__file__).parent / system / name
    raw = path.read_bytes()
    return json.loads(gzip.decompress(raw) if path.suffix == ".gz" else raw)


def close(actual: float | None, expected: str | float | None, rel: float = 1e-12) -> bool:
    """Tell whether a double equals a decimal of the vectors."""
    if actual is None or expected is None:
        return actual is None and expected is None
    return math.isclose(actual, float(expected), rel_tol=rel, abs_tol=0.0)
