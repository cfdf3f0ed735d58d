"""Parameters of the trade manager."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction


MINUTE_NS = 60_000_000_000
SECOND_NS = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeParams:
    """
    Represents the rules by which a trade is entered, managed and left.

    Parameters
    ----------
    tick_value : Decimal
        The money one lot earns per tick (tick size * lot size * multiplier).
    taker_fee_bps : Decimal
        The fee of a market order in basis points of notional, for the estimate of an exit.
    limit_entry : bool, default True
        If entries are limit orders at the price of the signal, else market orders.
    entry_timeout_ns : int, default 1 minute
        How long a limit entry rests before its unfilled rest is sent as a market order.
    timeout_cancels : bool, default False
        If the unfilled rest is canceled then instead.
    entry_drift : Fraction or None, default None
        The share of its limit price that the market may move away from an entry of which nothing is
        filled before it is canceled; None for any.
    cancel_on_stop_touch : bool, default True
        If an entry of which nothing is filled is canceled when the stop price trades.
    cancel_on_target_touch : bool, default True
        If an entry of which nothing is filled is canceled when its last target trades: it would be
        closed as soon as it is filled.
    tp1_share : Fraction, default 3/10
        The share that leaves at the first target.
    breakeven_after_tp1 : bool, default True
        If the stop moves to the average entry price after the first target has been filled.
    trail_step : int, default 1
        The least way in ticks that a trailing stop is moved at the venue.
    max_hold_ns : int or None, default 60 minutes
        The time from the first boundary after the entry to the time stop; None for none.
    extend_if_profitable : bool, default True
        If the time stop waits while the trade would leave with a profit after all costs.
    cooldown_ns : int, default 3 minutes
        The time after a full exit before the next entry.
    flip : bool, default True
        If an opposite intent turns the position.
    kill_flatten : bool, default False
        If the kill switch also closes the open position.
    retry_ns : int, default 1 second
        The pause before a refused exit or a refused or doubtful cancel is sent again, how long a
        stop whose price has traded may take to fill before the position is closed at market, and
        within what time a second lost stop closes it.
    unprotected_retry_ns : int, default 1/4 second
        The pause of a refused exit or stop while no stop covers the position.

    Raises
    ------
    ValueError
        If a value is out of its range.

    """

    tick_value: Decimal
    taker_fee_bps: Decimal
    limit_entry: bool = True
    entry_timeout_ns: int = MINUTE_NS
    timeout_cancels: bool = False
    entry_drift: Fraction | None = None
    cancel_on_stop_touch: bool = True
    cancel_on_target_touch: bool = True
    tp1_share: Fraction = Fraction(3, 10)
    breakeven_after_tp1: bool = True
    trail_step: int = 1
    max_hold_ns: int | None = 60 * MINUTE_NS
    extend_if_profitable: bool = True
    cooldown_ns: int = 3 * MINUTE_NS
    flip: bool = True
    kill_flatten: bool = False
    retry_ns: int = SECOND_NS
    unprotected_retry_ns: int = SECOND_NS // 4

    def __post_init__(self) -> None:
        for name in (
            "tick_value",
            "entry_timeout_ns",
            "trail_step",
            "retry_ns",
            "unprotected_retry_ns",
        ):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} was not positive, was {getattr(self, name)}")
        if self.entry_drift is not None and self.entry_drift <= 0:
            raise ValueError(f"entry_drift was not positive, was {self.entry_drift}")
        if self.cooldown_ns < 0:
            raise ValueError(f"cooldown_ns was negative, was {self.cooldown_ns}")
        if self.max_hold_ns is not None and self.max_hold_ns <= 0:
            raise ValueError(f"max_hold_ns was not positive, was {self.max_hold_ns}")
        if not 0 < self.tp1_share < 1:
            raise ValueError(f"tp1_share was not within 0 to 1, was {self.tp1_share}")
