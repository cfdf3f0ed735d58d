from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

from indicators.core.context_minute import ContextMinute
from indicators.core.context_minute import MinuteDetails as MinuteDetails
from indicators.core.context_row import ROW_DTYPE as ROW_DTYPE
from indicators.core.gaps import GapFinder
from indicators.core.level_alert import DIRECTIONS as LEVEL_DIRECTIONS

__all__ = ["LEVEL_DIRECTIONS"]

SIDE_SOURCES: tuple[str, ...]

def utc_day(ts: int) -> tuple[int, int]:
    """Return start and end of the UTC day of a time (ns UTC)."""

class MarketContext(ContextMinute):
    """
    Market context of each minute: state, low volume nodes, aggressive flow, session, balance.

    A minute closes at the first event at or past its boundary, or when `close_until` names a time
    at or past it. The first minute is that of the first print within a session; from then on every
    minute of a session has a row, but for long silences. A minute without prints carries the last
    close. Data outside of the sessions are not used.

    - State (`AuctionState`): value area of the last `state_lookback` minutes of the session, from
      `min_profile_minutes` minutes on; momentum over `mom_lookback` minutes of it.
    - Low and high volume nodes (`VolumeZones`) of the session so far, and an alert near the low
      ones (`LevelAlert`), which restarts with each session.
    - Flow (`AggressiveFlow`): its minutes run on across sessions.
    - Balance: the value area of the session before, if its data were whole: from the start of the
      session (or a moment after, no longer than a gap) to its end, without a gap. The true range
      (`SessionTrueRange`) is that of the session.
    - The side of a print is the venue's; in `auto`, while the venue has given none, and in
      `tick_rule` always, a price above the last one is a buyer's, one below it a seller's, and an
      equal one has the sign of the last. Such volume counts as unclear.
    - A print of a minute already closed joins the minute in progress; one of an earlier session or
      outside of all sessions is left out. Both are counted.
    - A given bar is a minute without prints whose volume is an estimate (`update_bar`).
    - All ties go to the lower price, floors go down: a mirrored market is mirrored but for those.

    Both faces, event by event and columns, give the same bits.

    Parameters
    ----------
    tick_size, lot_size : str, float, Decimal or Fraction
        The price of one tick and the size of one lot, for `values`.
    bin_ticks : int, default 1
        The width of a bin of all profiles (ticks), bins anchored at price 0.
    va_fraction : str, float, Decimal or Fraction, default '0.7'
        The share of volume in a value area; it grows one bin at a time.
    state_lookback : int, default 60
        The wall-clock minutes in the profile of the state.
    mom_lookback : int, default 20
        The minutes that momentum is measured over.
    dist_max_pct, mom_min_pct : str, float, Decimal or Fraction, default '1' and '0.5'
        Distance and momentum of the state (percent).
    min_profile_minutes : int, default 10
        The minutes of a session from which on there is a profile of the state.
    lvn_ratio, hvn_ratio : str, float, Decimal or Fraction, default '0.3' and '1.5'
        Multiples of the mean bin that nodes lie below and above.
    alert_unit : {'percent', 'ticks', 'atr'}, default 'percent'
        The unit of the distances of the alert.
    alert_near, alert_rearm : str, float, Decimal or Fraction, default '0.5' and '0.75'
        The distance below which the alert fires, and that from which on it may fire again.
    alert_each_trade : bool, default False
        If the alert is evaluated at each print as well, against the nodes of the last close.
    alert_previous_session : bool, default False
        If the low volume nodes of the session before are levels of the alert as well.
    flow_scoring, flow_lookback, avg_lookback, volume_ratio_min, cvd_min, cvd_min_rel, pressure_min
        The parameters of `AggressiveFlow`: scoring, lookback, average and the others.
    atr_period : int, default 14
        The bars in the average true range.
    side_source : {'auto', 'venue', 'tick_rule'}, default 'auto'
        Where the side of a print comes from.
    warmup_minutes : int, default 60
        The closed minutes from which on a row is warm.
    sessions : Callable[[int], tuple[int, int]], optional
        Returns start and end (ns UTC) of the session that a time lies in, or of the next one; whole
        minutes. Called once for each session. None for UTC days.
    sessions_close : bool, default True
        If the end of a session is a close of the market, by `closes_at`. That of a UTC day by
        default never is.
    labels : Callable[[int], tuple[str, str, int, int]], optional
        Returns the label in force at a time (ns UTC), the next one, since when the first is in
        force, and when the next begins. Called once for each label. None for no labels.
    gaps : GapFinder, optional
        Finds gaps in the data; None for none. After a gap everything starts again, as at the first
        event. While the market is silent no row is warm, and when it has been for longer than all
        lookbacks, minutes without prints have no row.
    on_alert : Callable, optional
        Called where the alert fires at a print, event by event alone, with its time (ns UTC) and
        price, price, low and high of the node (ticks), direction, and if the price approaches.

    Attributes
    ----------
    profile : RollingProfile
        The window of the state. Only to be read, like the parts below.
    session : VolumeProfile
        The closed minutes of the session.
    area : ValueArea
        The rules of value areas.
    state : AuctionState
        The rules of the state.
    zones : VolumeZones
        The rules of nodes.
    alert : LevelAlert
        The alert.
    flow : AggressiveFlow
        The flow.
    true_range : SessionTrueRange
        The true range of the session.
    closed : list
        A pair for each minute closed by a single event: the values in the order of `COLUMNS`, and
        its `MinuteDetails`. The reader empties it.

    Raises
    ------
    ParameterError
        If a parameter is out of its range.

    """

    def __init__(
        self,
        tick_size: str | float | Decimal | Fraction,
        lot_size: str | float | Decimal | Fraction,
        *,
        bin_ticks: int = 1,
        va_fraction: str | float | Decimal | Fraction = "0.7",
        state_lookback: int = 60,
        mom_lookback: int = 20,
        dist_max_pct: str | float | Decimal | Fraction = "1",
        mom_min_pct: str | float | Decimal | Fraction = "0.5",
        min_profile_minutes: int = 10,
        lvn_ratio: str | float | Decimal | Fraction = "0.3",
        hvn_ratio: str | float | Decimal | Fraction = "1.5",
        alert_unit: str = "percent",
        alert_near: str | float | Decimal | Fraction = "0.5",
        alert_rearm: str | float | Decimal | Fraction = "0.75",
        alert_each_trade: bool = False,
        alert_previous_session: bool = False,
        flow_scoring: str = "basic",
        flow_lookback: int = 5,
        avg_lookback: int = 60,
        volume_ratio_min: str | float | Decimal | Fraction = "2",
        cvd_min: str | float | Decimal | Fraction = "1000",
        cvd_min_rel: str | float | Decimal | Fraction | None = None,
        pressure_min: str | float | Decimal | Fraction = "70",
        atr_period: int = 14,
        side_source: str = "auto",
        warmup_minutes: int = 60,
        sessions: Callable[[int], tuple[int, int]] | None = None,
        sessions_close: bool = True,
        labels: Callable[[int], tuple[str, str, int, int]] | None = None,
        gaps: GapFinder | None = None,
        on_alert: Callable[[int, int, int, int, int, str, bool | None], object] | None = None,
    ) -> None: ...
    def update_bar(
        self,
        ts_min: int,
        open: int,
        high: int,
        low: int,
        close: int,
        volume: int,
    ) -> None:
        """
        Take in a minute as a candle, whose volume by price and side is estimated.

        The volume is spread evenly over the ticks from low to high, whole lots, the fractions
        adding up from the low. The buyers' share is 50 % + 50 % (close - open) / (high - low), the
        sellers' share is the rest; each is rounded down, and a remaining lot has no side. At
        each price the volume has no side. There are no prints: no largest one and no run.

        Parameters
        ----------
        ts_min : int
            The start of the minute (ns UTC).
        open, high, low, close : int
            The prices (ticks).
        volume : int
            The volume (lots).

        Raises
        ------
        ValueError
            If open or close lie outside of high and low, the volume is negative, or the minute has
            prints or a candle already; so are prints of a minute that has one.

        """

    def start_again(self, ts: int) -> None:
        """Close minutes like `close_until`, and restart at a time (ns UTC), as at a gap."""

    def reset(self) -> None:
        """Forget everything but the parameters."""

    @property
    def initialized(self) -> bool:
        """If `warmup_minutes` have closed; minutes without prints count."""

    @property
    def has_inputs(self) -> bool:
        """If a minute is in progress."""
