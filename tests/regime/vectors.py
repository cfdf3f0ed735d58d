"""The recorded vectors of order flow."""

from functools import cache
from typing import Any

from tests.vectors import load


@cache
def vector(name: str) -> dict[str, Any]:
    found: dict[str, Any] = load("002", f"{name}.json.gz")
    return found
