"""Parameters of signals and trades, in ticks, lots and bars."""

from dataclasses import dataclass
from decimal import Decimal

from errors import ParameterError
from errors import UsageError
from strategies.common.daily_limits import DailyLimits


MINUTES_PER_DAY = 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalParams:
    """
    Represents the rules by which a node is traded.

    Distances are in ticks: with the tick of 0.25 the defaults are 2, 8 and 1.5 points.

    Parameters
    ----------
    level_tolerance : int, default 8
        How near a close touches a node.
    retest_distance : int, default 32
        How far a close must have left a node before it is tested again.
    min_delta : int, default 100
        The least buy minus sell volume of the signal bar in lots, in the impulse's direction.
    max_range : int, default 6
        The largest range of the signal bar.
    cooldown_bars : int, default 60
        The bars after a signal without another.
    level_cooldown_bars : int, default 600
        The bars after a signal without another at the same price.
    max_lvn_ratio : float, default 0.15
        The share of the average bucket above which a node is not tracked.
    same_day_only : bool, default False
        If a node is traded on the UTC date of its impulse alone.

    Raises
    ------
    ParameterError
        If a value is out of its range.

    """

    level_tolerance: int = 8
    retest_distance: int = 32
    min_delta: int = 100
    max_range: int = 6
    cooldown_bars: int = 60
    level_cooldown_bars: int = 600
    max_lvn_ratio: float = 0.15
    same_day_only: bool = False

    def __post_init__(self) -> None:
        for name, least in (
            ("level_tolerance", 0),
            ("retest_distance", 0),
            ("min_delta", 1),
            ("max_range", 0),
            ("cooldown_bars", 0),
            ("level_cooldown_bars", 0),
        ):
            if getattr(self, name) < least:
                raise ParameterError(name, f"{getattr(self, name)} is below {least}")
        if not 0 < self.max_lvn_ratio <= 1:
            raise ParameterError(
                "max_lvn_ratio", f"{self.max_lvn_ratio} is not above 0 and at most 1"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeRules:
    """
    Represents the rules of exits, trading hours and daily limits.

    Distances are in ticks: with the tick of 0.25 the defaults are 2, 20 and 4 points.

    Parameters
    ----------
    stop_buffer : int, default 8
        The distance of the stop behind the node.
    take_profit : int or None, default 80
        The distance of the target from the entry; None for none.
    trailing_stop : int, default 16
        How far the stop follows the best price, from that profit on.
    max_hold_bars : int, default 300
        The bars after that of the entry at whose end a trade is closed.
    start_minute, end_minute : int, default 570 and 960
        The minutes of the day in New York from which on there is trading, and no more. On a
        shortened day the end of the regular session comes first.
    max_daily_losses : int, default 3
        The losing trades that end the day; 0 for no limit.
    daily_loss_limit : Decimal, default 50
        The loss of a day in points for one contract that ends it.
    loss_band : Decimal, default 0.5
        The points that a trade must lose to count as a losing one.

    Raises
    ------
    ParameterError
        If a value is out of its range.

    """

    stop_buffer: int = 8
    take_profit: int | None = 80
    trailing_stop: int = 16
    max_hold_bars: int = 300
    start_minute: int = 9 * 60 + 30
    end_minute: int = 16 * 60
    max_daily_losses: int = 3
    daily_loss_limit: Decimal = Decimal(50)
    loss_band: Decimal = Decimal("0.5")

    @property
    def daily_limits(self) -> DailyLimits:
        """Return the limits that end a day."""
        return DailyLimits(
            max_losing_trades=self.max_daily_losses,
            max_loss_points=self.daily_loss_limit,
            loss_band=self.loss_band,
        )

    def __post_init__(self) -> None:
        for name in ("stop_buffer", "trailing_stop", "max_hold_bars", "daily_loss_limit"):
            if getattr(self, name) <= 0:
                raise ParameterError(name, f"{getattr(self, name)} is not positive")
        if self.take_profit is not None and self.take_profit <= 0:
            raise ParameterError(
                "take_profit", f"{self.take_profit} is not positive; null for no target"
            )
        for name in ("max_daily_losses", "loss_band"):
            if getattr(self, name) < 0:
                raise ParameterError(name, f"{getattr(self, name)} is negative")
        if not 0 <= self.start_minute < self.end_minute <= MINUTES_PER_DAY:
            raise UsageError(
                f"start, end: minutes {self.start_minute} to {self.end_minute} are no window of "
                "one day in New York"
            )
