"""A closed footprint bar as plain values: what detectors and the regime read."""

from dataclasses import dataclass
from enum import StrEnum


class ClosedBy(StrEnum):
    """Represents what has closed a bar."""

    TIME = "TIME"
    VOLUME = "VOLUME"
    TICKS = "TICKS"
    DELTA = "DELTA"
    RANGE = "RANGE"
    SESSION = "SESSION"


@dataclass(frozen=True, slots=True)
class Footprint:
    """
    Represents one closed footprint bar, in ticks and lots.

    Attributes
    ----------
    ts_start, ts_end : int
        Its start, and the first nanosecond after it (ns UTC). A bar of time starts at a whole
        multiple of its length or with the session; another one with its first trade.
    open, high, low, close : int
        Its prices (ticks).
    volume : int
        The traded size: `buy` and `sell` and `unsigned` (lots).
    buy, sell, unsigned : int
        That of each aggressor and of trades without one (lots).
    inferred : int
        The part of `buy` and `sell` whose side the tick rule gave (lots); 0 without that rule.
    delta : int
        `buy` less `sell` (lots).
    min_delta, max_delta : int
        The least and the greatest delta on the way; a bar begins at 0 (lots).
    trade_count : int
        Its trades.
    late_trades : int
        Those that happened before it: what is closed stays as it is.
    poc : int
        The price of most volume (ticks); of equal ones that nearest the middle of the bar, then
        the lower.
    closed_by : str
        What has closed it: a member of `ClosedBy`.
    cvd : int
        The sum of the deltas since the session's start, this bar included (lots).
    cvd_slope : float
        The least-squares slope of `cvd` over the last five bars of the session (lots a bar); 0
        with fewer than two.
    session_start, session_end : int
        The session that the bar lies in, or the time between two sessions (ns UTC).
    in_session : bool
        If it lies in a session, not between two.
    session_volume : int
        The volume since the session's start (lots).
    session_poc, session_val, session_vah : int
        Point of control and value area of the session so far (ticks).
    whole : bool
        If the data neither began nor had a gap within the bar.
    session_whole : bool
        If they neither began nor had a gap since the session's start.
    levels : list[int]
        The traded prices, rising (ticks).
    level_buy, level_sell, level_unsigned : list[int]
        The volume at each of them by aggressor (lots).

    """

    ts_start: int
    ts_end: int
    open: int
    high: int
    low: int
    close: int
    volume: int
    buy: int
    sell: int
    unsigned: int
    inferred: int
    delta: int
    min_delta: int
    max_delta: int
    trade_count: int
    late_trades: int
    poc: int
    closed_by: str
    cvd: int
    cvd_slope: float
    session_start: int
    session_end: int
    in_session: bool
    session_volume: int
    session_poc: int
    session_val: int
    session_vah: int
    whole: bool
    session_whole: bool
    levels: list[int]
    level_buy: list[int]
    level_sell: list[int]
    level_unsigned: list[int]

    @property
    def unclear_share(self) -> float:
        """Return the share of the volume whose side the venue did not give."""
        return (self.unsigned + self.inferred) / self.volume
