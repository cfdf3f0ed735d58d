"""Daily limits on entries: losses in money, in points or in number, and a profit target."""

from decimal import Decimal

from msgspec import Struct

from actors.codes import Code


ZERO = Decimal(0)


class DayStop(Code):
    """Represents why no more trades are opened on a day."""

    MAX_LOSS = "MAX_LOSS", "The day had lost max_daily_loss: no more until the next."
    MAX_LOSSES = "MAX_LOSSES", "The day had max_daily_losses losing trades: no more until the next."
    DAILY_LIMIT = "DAILY_LIMIT", "The day had lost daily_loss_limit points: no more until the next."
    PROFIT_TARGET = (
        "PROFIT_TARGET",
        "The day had earned daily_profit_target: no more until the next.",
    )


class DailyLimits(Struct, frozen=True, kw_only=True):
    """
    Represents the limits of one day; the defaults limit nothing.

    Parameters
    ----------
    max_loss : Decimal or None, default None
        The realised loss in money, net of fees and funding.
    profit_target : Decimal or None, default None
        The realised profit in money, net of fees and funding.
    max_losing_trades : int, default 0
        The losing trades; 0 for no limit.
    max_loss_points : Decimal or None, default None
        The loss in points of one contract, summed over the trades.
    loss_band : Decimal, default 0
        The points that a trade must lose to count as a losing one.

    Raises
    ------
    ValueError
        If a limit is not positive, or a count or the band negative.

    """

    max_loss: Decimal | None = None
    profit_target: Decimal | None = None
    max_losing_trades: int = 0
    max_loss_points: Decimal | None = None
    loss_band: Decimal = ZERO

    def __post_init__(self) -> None:
        for name in ("max_loss", "profit_target", "max_loss_points"):
            value = getattr(self, name)
            if value is not None and value <= 0:
                raise ValueError(f"{name} was not positive, was {value}")
        for name in ("max_losing_trades", "loss_band"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} was negative, was {getattr(self, name)}")


class DayResult[D]:
    """
    Sums the results of one day, and determines when it is over for entries.

    A limit that is reached ends the day until `start`. A loss also ends a day whose target has been
    reached; nothing follows a loss.

    Parameters
    ----------
    limits : DailyLimits
        The limits.

    Attributes
    ----------
    day : D or None
        The day; None before the first.
    money : Decimal
        The realised money.
    points : Decimal
        The points of all trades, for one contract.
    losses : int
        The losing trades.
    stop : DayStop or None
        Why the day has ended.

    """

    __slots__ = ("day", "limits", "losses", "money", "points", "stop")

    def __init__(self, limits: DailyLimits) -> None:
        self.limits = limits
        self.day: D | None = None
        self.money = ZERO
        self.points = ZERO
        self.losses = 0
        self.stop: DayStop | None = None

    def start(self, day: D) -> None:
        """Start a day."""
        self.day = day
        self.money = self.points = ZERO
        self.losses = 0
        self.stop = None

    def book_money(self, amount: Decimal) -> DayStop | None:
        """Book realised money; return why the day ends with it."""
        self.money += amount
        return self.check()

    def book_trade(self, points: Decimal) -> DayStop | None:
        """Book the result of a trade in points for one contract; return why the day ends."""
        self.points += points
        if points < -self.limits.loss_band:
            self.losses += 1
        return self.check()

    def check(self) -> DayStop | None:
        """Return why the day ends now; None where it goes on or has ended before."""
        if self.stop is not None and self.stop is not DayStop.PROFIT_TARGET:
            return None
        reached = self._reached()
        if reached is None or reached is self.stop:
            return None
        self.stop = reached
        return reached

    def _reached(self) -> DayStop | None:
        limits = self.limits
        if limits.max_loss is not None and self.money <= -limits.max_loss:
            return DayStop.MAX_LOSS
        if 0 < limits.max_losing_trades <= self.losses:
            return DayStop.MAX_LOSSES
        if limits.max_loss_points is not None and self.points <= -limits.max_loss_points:
            return DayStop.DAILY_LIMIT
        if limits.profit_target is not None and self.money >= limits.profit_target:
            return DayStop.PROFIT_TARGET
        return None
