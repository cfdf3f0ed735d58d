"""The warm-up of the hunt, on a live clock and after a gap in the data."""

from strategies.impulse_lvn.rows import LevelsRow


class Warmup:
    """
    Counts the seconds that are known without a gap.

    A machine that has its whole history, as in a backtest without gaps, is warm where the day has
    its levels. One that has not needs seconds since the regular opening, or as many as the longest
    impulse and its hunt can last: nothing older is hunted, and the market state uses no older
    seconds.

    Parameters
    ----------
    bars_wanted : int
        The seconds with trades of the longest impulse and its hunt.
    starts_cold : bool
        If the history before the first second may be missing.

    """

    def __init__(self, bars_wanted: int, *, starts_cold: bool) -> None:
        self._bars_wanted = bars_wanted
        self._may_miss = starts_cold
        self._since: int | None = None
        self._bars = 0
        self._is_silent = False
        self.levels: LevelsRow | None = None

    def count(self, ts: int) -> None:
        """Handle a closed second by its start (ns UTC)."""
        self._bars += 1
        if self._since is None:
            self._since = ts

    def on_gap(self, ts: int) -> None:
        """Restart: data were missing up to a time (ns UTC)."""
        self._may_miss = True
        self._since, self._bars = ts, 0
        self._is_silent = False

    def on_silence(self) -> None:
        """Stay cold until the end of the gap."""
        self._is_silent = True

    @property
    def is_warm(self) -> bool:
        """Return True if there may be entries."""
        levels, since = self.levels, self._since
        if levels is None or levels.reason is not None or since is None or self._is_silent:
            return False
        if not self._may_miss or since <= levels.opens_at:
            return True
        return self._bars >= self._bars_wanted

    @property
    def missing(self) -> str:
        """Return the reason why it is not warm."""
        levels = self.levels
        if levels is None:
            return "not warm yet: the trading day is not known"
        if levels.reason is not None:
            return f"not warm yet: no levels of {levels.day}: {levels.reason}"
        if self._is_silent:
            return "not warm: the quotes are silent"
        return f"not warm yet: {self._bars} of {self._bars_wanted} seconds with trades"
