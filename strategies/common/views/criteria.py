"""The success criteria of a system, checked against the figures of a run."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Criterion:
    """
    Represents a figure that a run should reach, named before it and never fitted to it.

    Parameters
    ----------
    label : str
        What it is called.
    figure : str
        The key of the figure in the summary of a run.
    over : str, default ''
        The key of another, by whose size it is divided; empty for none.
    above, below : float, optional
        The bound that it must lie beyond; one of them.
    is_share : bool, default False
        If it is a share, shown in percent.

    Raises
    ------
    ValueError
        If it has no bound, or two.

    """

    label: str
    figure: str
    over: str = ""
    above: float | None = None
    below: float | None = None
    is_share: bool = False

    def __post_init__(self) -> None:
        if (self.above is None) == (self.below is None):
            raise ValueError(f"{self.label}: one bound, above or below")

    def value(self, summary: Mapping[str, Any]) -> float | None:
        """Return the figure of a run; None where it does not exist."""
        found = summary[self.figure]
        if found is None or not self.over:
            return None if found is None else float(found)
        by = summary[self.over]
        return float(found) / abs(float(by)) if by else None

    def is_met(self, summary: Mapping[str, Any]) -> bool | None:
        """Return if a run reaches it; None where the figure does not exist."""
        value = self.value(summary)
        if value is None:
            return None
        if self.above is not None:
            return value > self.above
        return self.below is not None and value < self.below
