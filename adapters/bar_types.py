"""Bar types: the step as written by users, as named by Nautilus, and as inferred from times."""

import re

import numpy as np
from numpy.typing import NDArray

from catalog.layout import NS_PER_DAY
from catalog.layout import NS_PER_HOUR
from catalog.layout import NS_PER_SECOND
from errors import UsageError


_UNITS = {
    "s": ("SECOND", NS_PER_SECOND),
    "m": ("MINUTE", 60 * NS_PER_SECOND),
    "h": ("HOUR", NS_PER_HOUR),
    "d": ("DAY", NS_PER_DAY),
}


def parse_bar_step(text: str) -> int:
    """
    Return the length of a bar step such as `30s`, `1m`, `4h` or `1d` (ns).

    Raises
    ------
    UsageError
        If the text is not a step.

    """
    match = re.fullmatch(r"([1-9]\d{0,3})([smhd])", text.strip().lower())
    if match is None:
        raise UsageError(f"--bar-step {text!r} is not a step: write 30s, 1m, 4h or 1d")
    return int(match[1]) * _UNITS[match[2]][1]


def step_text(step_ns: int) -> str:
    """Return a length (ns) as text, like `5m`."""
    name, unit_ns = next(
        (name, unit_ns) for name, (_, unit_ns) in reversed(_UNITS.items()) if step_ns % unit_ns == 0
    )
    return f"{step_ns // unit_ns}{name}"


def detect_bar_step(ts: NDArray[np.int64]) -> int | None:
    """Return the smallest distance between times of bars (ns), None if not whole seconds."""
    times = np.unique(ts)
    if len(times) < 2:
        return None
    smallest = int((times[1:] - times[:-1]).min())
    return smallest if smallest % NS_PER_SECOND == 0 else None


def external_bar_type(instrument_id: str, step_ns: int) -> str:
    """Return the Nautilus bar type of bars built outside of Nautilus."""
    return f"{instrument_id}-{bar_spec(step_ns)}"


def bar_spec(step_ns: int) -> str:
    """Return a bar type without its instrument, like ``1-MINUTE-LAST-EXTERNAL``."""
    name, unit_ns = next(
        (name, unit_ns) for name, unit_ns in reversed(_UNITS.values()) if step_ns % unit_ns == 0
    )
    return f"{step_ns // unit_ns}-{name}-LAST-EXTERNAL"
