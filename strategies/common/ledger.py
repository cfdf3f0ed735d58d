"""The account: cash, the day's result, and the switch that stops trading after a loss."""

from collections.abc import Iterable
from decimal import Decimal

from strategies.common.sizing import available_margin


DAY_NS = 86_400_000_000_000
ZERO = Decimal(0)


class Ledger:
    """
    Keeps the realised money of an account.

    The day's result is everything realised since 00:00 UTC: profit, fees and funding, each at the
    time it is booked. Once it has reached the limit the switch stays on until the next 00:00 UTC,
    whatever the open position still earns. An amount at exactly 00:00 belongs to the new day.

    Parameters
    ----------
    cash : Decimal
        The balance without unrealised profit.
    max_daily_loss : Decimal or None, default None
        The loss at which the switch goes on; None switches the rule off.

    Raises
    ------
    ValueError
        If `max_daily_loss` is not positive.

    """

    __slots__ = ("_day", "cash", "day_pnl", "killed", "max_daily_loss")

    def __init__(self, cash: Decimal, max_daily_loss: Decimal | None = None) -> None:
        if max_daily_loss is not None and max_daily_loss <= 0:
            raise ValueError(f"max_daily_loss was not positive, was {max_daily_loss}")
        self.cash = cash
        self.max_daily_loss = max_daily_loss
        self.day_pnl = ZERO
        self.killed = False
        self._day: int | None = None

    def roll(self, ts: int) -> None:
        """Start a new day if the time (nanoseconds) lies in one."""
        day = ts // DAY_NS
        if self._day is None:
            self._day = day
        elif day > self._day:
            self._day, self.day_pnl, self.killed = day, ZERO, False

    def book(self, ts: int, amount: Decimal) -> bool:
        """Add realised money; return True if this turns the switch on."""
        self.roll(ts)
        self.cash += amount
        self.day_pnl += amount
        return self._trip()

    def is_over(self, ts: int) -> bool:
        """Return True if the time (nanoseconds) lies in a day before the running one."""
        return self._day is not None and ts // DAY_NS < self._day

    @property
    def day(self) -> int | None:
        """Return the number of the running day since the epoch; None before the first."""
        return self._day

    def restore(
        self,
        ts: int,
        day: int | None,
        day_pnl: Decimal,
        cash: Decimal,
        *,
        killed: bool,
    ) -> bool:
        """
        Go on after a restart; return True if no more may be entered.

        A switch that was on stays on until its day is over, also under a larger limit than before;
        a smaller limit may turn it on.

        Parameters
        ----------
        ts : int
            The present time (ns UTC).
        day, day_pnl, cash, killed
            What was kept.

        """
        self._day, self.day_pnl, self.cash, self.killed = day, day_pnl, cash, killed
        if day is not None:
            self.roll(ts)
        self._trip()
        return self.killed

    def _trip(self) -> bool:
        if self.killed or self.max_daily_loss is None or self.day_pnl > -self.max_daily_loss:
            return False
        self.killed = True
        return True


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
