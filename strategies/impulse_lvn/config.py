"""Configuration of the impulse LVN strategy."""

from decimal import Decimal

from actors.impulse.config import impulse_params
from actors.impulse.params import IMPULSE
from actors.impulse.params import ImpulseParams
from actors.impulse.params import as_decimal
from actors.impulse.params import in_points
from actors.impulse.params import in_ticks
from errors import ParameterError
from indicators.constraints import NonNegativeInt
from indicators.constraints import PositiveInt
from strategies.common.nautilus.config import LimitsConfig
from strategies.common.sizing_policy import ContractSizing
from strategies.common.trade_params import SECOND_NS
from strategies.common.trade_params import TradeParams
from strategies.common.trading_hours import clock_of
from strategies.common.trading_hours import minute_of
from strategies.impulse_lvn.params import SignalParams
from strategies.impulse_lvn.params import TradeRules


FINEST_TICK = Decimal("0.000001")
# The structs of the machine alone have the defaults.
SIGNALS = SignalParams()
RULES = TradeRules()


class ImpulseLvnConfig(LimitsConfig, frozen=True, kw_only=True):  # type: ignore[call-arg]
    """
    Configuration for `ImpulseLvnStrategy`.

    Distances are in points. They must be whole numbers of ticks of the instrument, which is
    checked at the start. Times are minutes of the clock in New York. The limits of the account are
    documented at `LimitsConfig`.

    Parameters
    ----------
    contracts : PositiveInt, default 1
        The size of a trade.
    entry_timeout_seconds : PositiveInt, default 60
        How long a backtest waits for a market to send the entry to. An entry of which nothing is
        filled is canceled when its stop or its target trades first.
    breakout_threshold : Decimal, default 2
        How far a close must lie beyond a level.
    min_impulse_size : Decimal, default 25
        The least extent of an impulse, for its completion and for the mark of its size.
    min_impulse_score : NonNegativeInt, default 4
        The marks out of five that complete an impulse.
    max_impulse_bars : PositiveInt, default 300
        The bars after the breakout after which an impulse is abandoned.
    max_hunting_bars : PositiveInt, default 600
        The bars for which the nodes of an impulse are hunted.
    max_retrace_ratio : Decimal, default 0.7
        The share of the extent that a close may give back.
    lvn_bucket : Decimal, default 0.5
        The width of a bucket of the impulse's profile.
    lvn_ratio : Decimal, default 0.15
        The share of the average bucket below which a bucket is a low volume node.
    switching : bool, default False
        If a later breakout can replace an impulse.
    min_bars_before_switch : PositiveInt, default 60
        The bars for which it cannot be replaced.
    max_lvn_ratio : Decimal, default 0.15
        The share of the average bucket above which a node is not traded.
    level_tolerance : Decimal, default 2
        How near a close touches a node.
    retest_distance : Decimal, default 8
        How far a close must have left a node before it is tested again.
    min_delta : PositiveInt, default 100
        The least delta (lots) of the signal bar in the direction of the impulse.
    max_range : Decimal, default 1.5
        The largest range of the signal bar.
    cooldown_bars : NonNegativeInt, default 60
        The bars after a signal without another.
    level_cooldown_bars : NonNegativeInt, default 600
        The bars after a signal without another at the same price.
    same_day_only : bool, default False
        If a node is traded on the UTC date of its impulse alone.
    stop_buffer : Decimal, default 2
        The distance of the stop behind the node.
    take_profit : Decimal, default 20
        The distance of the target from the entry; 0 or null for none.
    trailing_stop : Decimal, default 4
        How far the stop follows the best price, from that profit on.
    max_hold_bars : PositiveInt, default 300
        The bars after which a trade is closed.
    start_time, end_time : str, default '09:30' and '16:00'
        When trading starts, and when everything is closed, or with the end of a shortened session.
    max_daily_losses : NonNegativeInt, default 3
        The losing trades that end the day; 0 for no limit.
    daily_loss_limit : Decimal, default 50
        The loss of a day in points for one contract that ends it.

    """

    contracts: PositiveInt = 1
    entry_timeout_seconds: PositiveInt = 60
    breakout_threshold: Decimal = in_points(IMPULSE.breakout_threshold)
    min_impulse_size: Decimal = in_points(IMPULSE.min_impulse_size)
    min_impulse_score: NonNegativeInt = IMPULSE.min_impulse_score
    max_impulse_bars: PositiveInt = IMPULSE.max_impulse_bars
    max_hunting_bars: PositiveInt = IMPULSE.max_hunting_bars
    max_retrace_ratio: Decimal = as_decimal(IMPULSE.max_retrace_ratio)
    lvn_bucket: Decimal = in_points(IMPULSE.lvn_bucket)
    lvn_ratio: Decimal = as_decimal(IMPULSE.lvn_ratio)
    switching: bool = IMPULSE.switching
    min_bars_before_switch: PositiveInt = IMPULSE.min_bars_before_switch
    max_lvn_ratio: Decimal = Decimal(str(SIGNALS.max_lvn_ratio))
    level_tolerance: Decimal = in_points(SIGNALS.level_tolerance)
    retest_distance: Decimal = in_points(SIGNALS.retest_distance)
    min_delta: PositiveInt = SIGNALS.min_delta
    max_range: Decimal = in_points(SIGNALS.max_range)
    cooldown_bars: NonNegativeInt = SIGNALS.cooldown_bars
    level_cooldown_bars: NonNegativeInt = SIGNALS.level_cooldown_bars
    same_day_only: bool = SIGNALS.same_day_only
    stop_buffer: Decimal = in_points(RULES.stop_buffer)
    take_profit: Decimal | None = in_points(RULES.take_profit or 0)
    trailing_stop: Decimal = in_points(RULES.trailing_stop)
    max_hold_bars: PositiveInt = RULES.max_hold_bars
    start_time: str = clock_of(RULES.start_minute)
    end_time: str = clock_of(RULES.end_minute)
    max_daily_losses: NonNegativeInt = RULES.max_daily_losses
    daily_loss_limit: Decimal = RULES.daily_loss_limit

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.max_trades > 1:
            raise ParameterError("max_trades", "this system follows one trade at a time")
        # What does not depend on the tick is checked now, with a finer one than any distance has.
        self.impulse_params(FINEST_TICK)
        self.signal_params(FINEST_TICK)
        self.trade_rules(FINEST_TICK)

    def sizing(self) -> ContractSizing:
        return ContractSizing(contracts=self.contracts)

    def trade_params(self, tick_value: Decimal, taker_fee_bps: Decimal) -> TradeParams:
        return TradeParams(
            tick_value=tick_value,
            taker_fee_bps=taker_fee_bps if self.taker_fee_bps is None else self.taker_fee_bps,
            limit_entry=False,
            entry_timeout_ns=self.entry_timeout_seconds * SECOND_NS,
            breakeven_after_tp1=False,
            max_hold_ns=None,
            cooldown_ns=0,
            flip=False,
            kill_flatten=self.kill_flatten,
        )

    def impulse_params(self, tick_size: Decimal) -> ImpulseParams:
        """
        Return the rules of the impulse for an instrument's tick.

        Raises
        ------
        ParameterError
            If a distance is not a whole number of ticks or a value is out of its range.

        """
        return impulse_params(self, tick_size)

    def signal_params(self, tick_size: Decimal) -> SignalParams:
        """
        Return the rules of the signals for an instrument's tick.

        Raises
        ------
        ParameterError
            If a distance is not a whole number of ticks or a value is out of its range.

        """
        return SignalParams(
            level_tolerance=in_ticks("level_tolerance", self.level_tolerance, tick_size),
            retest_distance=in_ticks("retest_distance", self.retest_distance, tick_size),
            min_delta=self.min_delta,
            max_range=in_ticks("max_range", self.max_range, tick_size),
            cooldown_bars=self.cooldown_bars,
            level_cooldown_bars=self.level_cooldown_bars,
            max_lvn_ratio=float(self.max_lvn_ratio),
            same_day_only=self.same_day_only,
        )

    def trade_rules(self, tick_size: Decimal) -> TradeRules:
        """
        Return the rules of trades and days for an instrument's tick.

        Raises
        ------
        ParameterError
            If a distance is not a whole number of ticks or a value is out of its range.

        """
        target = self.take_profit
        return TradeRules(
            stop_buffer=in_ticks("stop_buffer", self.stop_buffer, tick_size),
            take_profit=in_ticks("take_profit", target, tick_size) if target else None,
            trailing_stop=in_ticks("trailing_stop", self.trailing_stop, tick_size),
            max_hold_bars=self.max_hold_bars,
            start_minute=minute_of("start_time", self.start_time),
            end_minute=minute_of("end_time", self.end_time),
            max_daily_losses=self.max_daily_losses,
            daily_loss_limit=self.daily_loss_limit,
        )
