"""The account: cash, the day's result, and whether the day is over for entries."""

from collections.abc import Iterable
from decimal import Decimal

from strategies.common.daily_limits import DailyLimits
from strategies.common.daily_limits import DayResult
from strategies.common.daily_limits import DayStop
from strategies.common.sizing import available_margin


DAY_NS = 86_400_000_000_000
ZERO = Decimal(0)


class Ledger:
    """
    Keeps the realised money of an account.

    The day's result is everything realised since 00:00 UTC: profit, fees and funding, each at the
    time it is booked. Once it has reached a limit nothing more is entered until the next 00:00 UTC,
    whatever the open position still earns. An amount at exactly 00:00 belongs to the new day.

    Parameters
    ----------
    cash : Decimal
        The balance without unrealised profit.
    max_daily_loss : Decimal or None, default None
        The loss at which the day is over; None switches the rule off.
    profit_target : Decimal or None, default None
        The profit at which it is; None switches the rule off.

    Raises
    ------
    ValueError
        If a limit is not positive.

    """

    __slots__ = ("_result", "cash")

    def __init__(
        self,
        cash: Decimal,
        max_daily_loss: Decimal | None = None,
        profit_target: Decimal | None = None,
    ) -> None:
        limits = DailyLimits(max_loss=max_daily_loss, profit_target=profit_target)
        self._result: DayResult[int] = DayResult(limits)
        self.cash = cash

    @property
    def max_daily_loss(self) -> Decimal | None:
        """Return the loss at which the day is over."""
        return self._result.limits.max_loss

    @property
    def day(self) -> int | None:
        """Return the number of the running day since the epoch; None before the first."""
        return self._result.day

    @property
    def day_pnl(self) -> Decimal:
        """Return the result of the running day."""
        return self._result.money

    @property
    def stop(self) -> DayStop | None:
        """Return why nothing more is entered today."""
        return self._result.stop

    @property
    def killed(self) -> bool:
        """Return True if the loss of the day has reached its limit."""
        return self._result.stop is DayStop.MAX_LOSS

    def roll(self, ts: int) -> None:
        """Start a new day if the time (nanoseconds) lies in one."""
        day, result = ts // DAY_NS, self._result
        if result.day is None:
            # What was booked before any time was known is of this day.
            result.day = day
        elif day > result.day:
            result.start(day)

    def book(self, ts: int, amount: Decimal) -> DayStop | None:
        """Add realised money; return why the day ends with it."""
        self.roll(ts)
        self.cash += amount
        return self._result.book_money(amount)

    def is_over(self, ts: int) -> bool:
        """Return True if the time (nanoseconds) lies in a day before the running one."""
        day = self._result.day
        return day is not None and ts // DAY_NS < day

    def restore(
        self,
        ts: int,
        day: int | None,
        day_pnl: Decimal,
        cash: Decimal,
        *,
        killed: bool,
        is_target_reached: bool = False,
    ) -> DayStop | None:
        """
        Resume after a restart; return why no more may be entered today.

        A day that was over stays so, also under larger limits than before; smaller limits may end
        it.

        Parameters
        ----------
        ts : int
            The present time (ns UTC).
        day, day_pnl, cash, killed, is_target_reached
            What was kept.

        """
        result = self._result
        result.day, result.money, self.cash = day, day_pnl, cash
        result.stop = DayStop.PROFIT_TARGET if is_target_reached else None
        if killed:
            result.stop = DayStop.MAX_LOSS
        if day is not None:
            self.roll(ts)
        result.check()
        return result.stop


def heat(
    realised_equity: Decimal,
    risks: Iterable[Decimal],
    notionals: Iterable[Decimal],
    max_leverage: Decimal,
) -> Decimal | None:
    """
    Return the loss at the stops of all open positions per available margin.

    Parameters
    ----------
    realised_equity : Decimal
        The account balance without unrealised profit and loss.
    risks : Iterable[Decimal]
        What each position loses at its stop; 0 or less from break-even on.
    notionals : Iterable[Decimal]
        The value of each position at its entry price.
    max_leverage : Decimal
        The leverage set at the venue.

    Returns
    -------
    Decimal or None
        Negative where the positions bind more than the equity; None where they bind all of it.

    """
    margin = available_margin(realised_equity, notionals, max_leverage)
    at_risk = sum((max(ZERO, risk) for risk in risks), ZERO)
    if not at_risk:
        return ZERO
    return at_risk / margin if margin else None
