"""What the decision machine of the playbook decides on: one closed minute and its context."""

from msgspec import Struct

from strategies.common.trade_params import MINUTE_NS


class Balance(Struct, frozen=True, kw_only=True):
    """
    Represents the value area of the last completed session, in ticks.

    Parameters
    ----------
    start : int
        The start of that session (ns UTC).
    val, poc, vah : int
        Its lower edge, its point of control, and its upper edge.

    """

    start: int
    val: int
    poc: int
    vah: int

    def edge(self, side: int) -> int:
        """Return the boundary that a breakout to a side (+1 up, -1 down) leaves behind."""
        return self.vah if side > 0 else self.val


class LargePrint(Struct, frozen=True, kw_only=True):
    """
    Represents the largest print of one side in a minute.

    Parameters
    ----------
    lots : int
        Its size.
    price : int
        Its price in ticks: of several of one size the lowest for a buyer, the highest for a seller.

    """

    lots: int
    price: int


class ContextRow(Struct, frozen=True, kw_only=True):
    """
    Represents one closed minute; prices in ticks, sizes in lots.

    Parameters
    ----------
    ts_min : int
        Its start (ns UTC).
    session : int
        The start of the session that it belongs to (ns UTC).
    open, high, low, close : int
        Its prices; the last close in a minute without prints.
    ticks, lots : tuple[int, ...]
        The prices that traded, rising, and the size at each.
    buy, sell : LargePrint or None
        The largest print of each side.
    mean_lots, mean_prints : int
        The size and the number of the prints of the preceding minutes, of which the mean print is
        taken.
    state : str
        BALANCE, IMBALANCE_UP, IMBALANCE_DOWN or UNKNOWN.
    confidence : int
        How sure the state is (0 to 100).
    flow_side : int
        The side of the aggressive flow: +1 buyers, -1 sellers, 0 neither.
    flow_score : int
        Its score (0 to 100).
    balance : Balance or None
        The balance of the session before; None for the first.
    market_session : str or None
        NEW_YORK, LONDON, ASIAN, AFTER_HOURS or CLOSED, at the close.
    minutes_in_session : int
        How long the market session has been in force at the close (minutes).
    closes_at : int or None
        When the venue closes (ns UTC); None where it never does.
    warm : bool
        If the facts rest on enough history.

    """

    ts_min: int
    session: int
    open: int
    high: int
    low: int
    close: int
    ticks: tuple[int, ...]
    lots: tuple[int, ...]
    buy: LargePrint | None
    sell: LargePrint | None
    mean_lots: int
    mean_prints: int
    state: str
    confidence: int
    flow_side: int
    flow_score: int
    balance: Balance | None
    market_session: str | None
    minutes_in_session: int
    closes_at: int | None
    warm: bool

    @property
    def end(self) -> int:
        """Return the first nanosecond after the minute."""
        return self.ts_min + MINUTE_NS

    @property
    def state_side(self) -> int:
        """Return +1 for an imbalance up, -1 for one down, else 0."""
        return (self.state == "IMBALANCE_UP") - (self.state == "IMBALANCE_DOWN")

    def large_print(self, side: int) -> LargePrint | None:
        """Return the largest print of buyers (+1) or of sellers (-1)."""
        return self.buy if side > 0 else self.sell
