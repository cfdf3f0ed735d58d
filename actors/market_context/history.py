"""The share of the required history of the market context that the data of a run provided."""

from collections.abc import Mapping
from typing import Any


class ContextHistory:
    """
    Counts the minutes that closed, those that were warm, and those with a balance.

    Parameters
    ----------
    warmup_minutes : int
        The closed minutes after which the context counts as warm.

    Attributes
    ----------
    closed, warm, balanced : int
        The minutes that closed, the warm ones, and the warm ones with a balance.
    outside, late, estimated : int
        Prints outside of the sessions, prints that came late, and minutes made of candles.
    volume, unclear : int
        The volume, and that without a side of the venue (lots).

    """

    def __init__(self, warmup_minutes: int) -> None:
        self.closed = 0
        self.warm = 0
        self.balanced = 0
        self.outside = 0
        self.late = 0
        self.estimated = 0
        self.volume = 0
        self.unclear = 0
        self._needed = warmup_minutes

    def on_minute(self, row: Mapping[str, Any]) -> None:
        """Count a closed minute by its columns."""
        self.closed += 1
        self.warm += row["warm"]
        self.balanced += row["warm"] and row["balance_poc"] is not None
        self.outside += row["outside_trades"]
        self.late += row["late_trades"]
        self.estimated += row["estimated"]
        self.volume += row["volume"]
        self.unclear += round(row["unclear_share"] * row["volume"])

    def notices(self) -> dict[str, int]:
        """Return notices for a reader of the results, and how often each occurred."""
        found = {
            "prints outside of the sessions (profile_session): left out": self.outside,
            "prints of a minute already closed: counted in the next one": self.late,
            "minutes made of candles: volume by price and side is estimated": self.estimated,
        }
        if self.unclear and not self.estimated:
            share = self.unclear / self.volume
            found[f"sides of prints: {share:.1%} of the volume without one of the venue"] = 1
        return {text: count for text, count in found.items() if count}

    def describe(self) -> list[str]:
        """Return, for a reader of a run, which history was needed and which was there."""
        return [
            f"History: warm after {self._needed:,} minutes without a gap (warmup_minutes), and "
            f"{self.closed:,} closed: {self.warm:,} were warm, {self.balanced:,} of them after a "
            "whole session, whose balance setups need."
        ]
