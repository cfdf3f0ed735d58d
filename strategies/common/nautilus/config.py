"""Parameters of trading that systems share."""

from decimal import Decimal
from fractions import Fraction

from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.trading.config import StrategyConfig

from errors import ParameterError
from indicators.constraints import NonNegativeInt
from indicators.constraints import PositiveInt
from strategies.common.book_params import BookParams
from strategies.common.book_params import CooldownScope
from strategies.common.book_params import PositionMode
from strategies.common.sizing_policy import RiskSizing
from strategies.common.sizing_policy import Sizing
from strategies.common.trade_params import MINUTE_NS
from strategies.common.trade_params import TradeParams


MOST_FEE_BPS = 1_000
MOST_ATTACHED_BPS = 1_000
MOST_LEVERAGE = 1_000_000
MOST_COST = 10_000
MINUTES_OF_A_YEAR = 366 * 1_440
# Marks of orders name a trade of 676; none may be taken for another that is still open.
MOST_TRADES = 100
POSITIVE = (
    "max_leverage",
    "max_notional",
    "max_total_risk",
    "max_daily_loss",
    "max_daily_loss_all",
    "daily_profit_target",
    "min_reward_fee_ratio",
    "min_stop_fee_ratio",
    "min_stop_spreads",
)


class LimitsConfig(StrategyConfig, frozen=True, kw_only=True):  # type: ignore[misc,call-arg]
    """
    What every `TradingStrategy` needs to know, however its trades are sized, entered and left.

    Parameters
    ----------
    instrument_id : InstrumentId
        The instrument to trade.
    strategy_id : str, optional
        The name of the strategy, to which Nautilus adds `order_id_tag`; null takes the class's.
    max_leverage : Decimal, default 10
        The largest value of all positions as a multiple of the equity.
    max_notional : Decimal, optional
        The largest value of all positions in the settlement currency; null for none.
    max_trades : PositiveInt, default 1
        The most trades at once, entries that wait for their fill included.
    max_total_risk : Decimal, optional
        The most that all trades together may lose at their stops, as a share of the equity; an
        entry that would exceed it is refused, not made smaller. Null for no limit.
    one_trade_per_setup : bool, default False
        If a setup is not entered again while a trade of it is open.
    cooldown_scope : CooldownScope, default BOOK
        Which entries wait after a full exit: all (`BOOK`), or those of its setup (`SETUP`).
    position_mode : PositionMode, default NETTING
        How the venue adds up the trades of the instrument: one position for all (`NETTING`), or one
        for each (`BY_TRADE`). The venues of all environments net.
    max_daily_loss : Decimal, optional
        The realised loss of a UTC day, net of fees and funding, at which no more is entered until
        the next; null for none.
    daily_profit_target : Decimal, optional
        The realised profit of a UTC day, net of fees and funding, at which no more is entered until
        the next; null for none. The open position stays managed.
    max_trades_all : PositiveInt, optional
        The most trades at once of all strategies of the node, entries that wait for their fill
        included; null for no limit.
    max_daily_loss_all : Decimal, optional
        The realised loss of a UTC day of all strategies of the node together, net of fees and
        funding, at which those that name it enter nothing more until the next, whatever is earned
        after it; USD, USDT and USDC count one to one. Null for no limit.
    kill_flatten : bool, default False
        If the daily loss also closes the open position.
    min_reward_fee_ratio : Decimal, optional, default 2
        The least way to the last target as a multiple of the fees of the round trip; null for none.
    min_stop_fee_ratio : Decimal, optional, default 2
        The least distance of the stop as a multiple of the fees of the round trip; null for none.
        With 2 the fees of a stopped trade are at most half of what its price loses.
    min_stop_spreads : Decimal, optional, default 4
        The least distance of the stop in spreads as quoted at the decision; null for none. With 4
        the slippage to expect, a spread on each side, is at most half of the distance as well.
    slippage_spreads : Decimal, default 1
        The slippage to expect on the way in and on the way out, each, in spreads as quoted at the
        decision (a tick where nothing is quoted).
    taker_fee_bps : Decimal, optional
        The fee of a market order (basis points) in estimates; null takes the instrument's, which
        live is the account's.
    fee_per_contract : Decimal, optional
        The commission of a contract and side in estimates, in the settlement currency; futures'
        definitions carry none.
    emergency_stop_pct : Decimal, default 0.01
        How far from its price (as a share of it) the stop of a position lies that a restart finds
        and knows nothing of.
    attached_stop_bps : Decimal, default 2
        How far beyond the stop of a trade (basis points of its price, at least a tick) the stop
        lies that a live venue keeps for the position itself, and that stays when this process dies.

    """

    instrument_id: InstrumentId
    # Nautilus declares a StrategyId, and then cannot build a strategy that has one.
    strategy_id: str | None = None
    max_leverage: Decimal = Decimal(10)
    max_notional: Decimal | None = None
    max_trades: PositiveInt = 1
    max_total_risk: Decimal | None = None
    one_trade_per_setup: bool = False
    cooldown_scope: CooldownScope = CooldownScope.BOOK
    position_mode: PositionMode = PositionMode.NETTING
    max_daily_loss: Decimal | None = None
    daily_profit_target: Decimal | None = None
    max_trades_all: PositiveInt | None = None
    max_daily_loss_all: Decimal | None = None
    kill_flatten: bool = False
    min_reward_fee_ratio: Decimal | None = Decimal(2)
    min_stop_fee_ratio: Decimal | None = Decimal(2)
    min_stop_spreads: Decimal | None = Decimal(4)
    slippage_spreads: Decimal = Decimal(1)
    taker_fee_bps: Decimal | None = None
    fee_per_contract: Decimal | None = None
    emergency_stop_pct: Decimal = Decimal("0.01")
    attached_stop_bps: Decimal = Decimal(2)

    def __post_init__(self) -> None:
        share = self.emergency_stop_pct
        if not (share.is_finite() and 0 < share < 1):
            raise ParameterError("emergency_stop_pct", f"{share} is not within 0 to 1")
        distance = self.attached_stop_bps
        if not (distance.is_finite() and 0 < distance <= MOST_ATTACHED_BPS):
            raise ParameterError(
                "attached_stop_bps", f"{distance} is not above 0 and at most {MOST_ATTACHED_BPS}"
            )
        for name in POSITIVE:
            value = getattr(self, name)
            if value is not None and not (value.is_finite() and value > 0):
                raise ParameterError(name, f"{value} is not positive and finite")
        for name in ("slippage_spreads", "fee_per_contract"):
            value = getattr(self, name)
            if value is not None and not (value.is_finite() and 0 <= value <= MOST_COST):
                raise ParameterError(name, f"{value} is not within 0 to {MOST_COST:,}")
        if self.max_trades > MOST_TRADES:
            raise ParameterError("max_trades", f"{self.max_trades} is above {MOST_TRADES}")
        if self.max_total_risk is not None and self.max_total_risk > 1:
            raise ParameterError("max_total_risk", f"{self.max_total_risk} is above 1")
        if self.position_mode is PositionMode.BY_SIDE:
            raise ParameterError("position_mode", "no venue here keeps a position per side")
        if self.max_leverage > MOST_LEVERAGE:
            raise ParameterError("max_leverage", f"{self.max_leverage} is above {MOST_LEVERAGE}")
        fee = self.taker_fee_bps
        if fee is not None and not (fee.is_finite() and abs(fee) <= MOST_FEE_BPS):
            raise ParameterError(
                "taker_fee_bps", f"{fee} is not within -{MOST_FEE_BPS} to {MOST_FEE_BPS}"
            )

    def sizing(self) -> Sizing:
        """Return how entries are sized."""
        raise NotImplementedError(f"{type(self).__name__} has no rule for the size of a trade")

    def book_params(self) -> BookParams:
        """Return how many trades there may be at once, and what they share."""
        return BookParams(
            max_trades=self.max_trades,
            max_total_risk=self.max_total_risk,
            one_trade_per_setup=self.one_trade_per_setup,
            cooldown=self.cooldown_scope,
            positions=self.position_mode,
        )

    def trade_params(self, tick_value: Decimal, taker_fee_bps: Decimal) -> TradeParams:
        """
        Return the rules for the trade manager.

        Parameters
        ----------
        tick_value : Decimal
            The money one lot earns per tick.
        taker_fee_bps : Decimal
            The instrument's fee of a market order in basis points.

        """
        raise NotImplementedError(f"{type(self).__name__} has no rules for the trade manager")


class TradingConfig(LimitsConfig, frozen=True, kw_only=True):  # type: ignore[call-arg]
    """
    Configuration of a strategy that risks a share of its account and leaves in two parts.

    Parameters
    ----------
    risk_pct : Decimal, default 0.02
        The share of the available margin lost at the stop.
    risk_includes_costs : bool, default True
        If the fees of the round trip and the slippage to expect are a part of what is lost there;
        else the distance to the stop alone.
    use_limit_for_entry : bool, default True
        If entries are limit orders at the price of the signal, else market orders.
    limit_order_timeout_minutes : PositiveInt, default 1
        How long a limit entry rests before its unfilled rest is sent as a market order.
    entry_timeout_cancels : bool, default False
        If the unfilled rest is canceled then instead.
    entry_drift_pct : Decimal, optional
        The share of its price (0.01 for 1 %) that the market may move away from a limit entry of
        which nothing is filled before it is canceled; null for any.
    cancel_on_stop_touch : bool, default True
        If an entry of which nothing is filled is canceled when the stop price trades first. It
        always is when its last target trades first: it would be closed as soon as it is filled.
    tp1_pct : Decimal, default 0.3
        The share that leaves at the first target.
    move_stop_to_breakeven_after_tp1 : bool, default True
        If the stop moves to the average entry price after the first target.
    max_hold_minutes : PositiveInt, optional, default 60
        The minutes from the first close after the entry to the time stop; null for none.
    extend_if_profitable : bool, default True
        If the time stop waits while the trade would leave with a profit after all costs.
    cooldown_minutes : NonNegativeInt, default 3
        The minutes after a full exit before the next entry.
    enable_flip_on_signal : bool, default True
        If an opposite signal turns the position.

    """

    risk_pct: Decimal = Decimal("0.02")
    risk_includes_costs: bool = True
    use_limit_for_entry: bool = True
    limit_order_timeout_minutes: PositiveInt = 1
    entry_timeout_cancels: bool = False
    entry_drift_pct: Decimal | None = None
    cancel_on_stop_touch: bool = True
    tp1_pct: Decimal = Decimal("0.3")
    move_stop_to_breakeven_after_tp1: bool = True
    max_hold_minutes: PositiveInt | None = 60
    extend_if_profitable: bool = True
    cooldown_minutes: NonNegativeInt = 3
    enable_flip_on_signal: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("risk_pct", "tp1_pct"):
            value = getattr(self, name)
            if not (value.is_finite() and 0 < value <= 1):
                raise ParameterError(name, f"{value} is not above 0 and at most 1")
        drift = self.entry_drift_pct
        if drift is not None and not (drift.is_finite() and 0 < drift <= 1):
            raise ParameterError("entry_drift_pct", f"{drift} is not above 0 and at most 1")
        if self.tp1_pct == 1:
            raise ParameterError("tp1_pct", "1 leaves nothing for the second target; take less")
        for name in ("limit_order_timeout_minutes", "max_hold_minutes", "cooldown_minutes"):
            minutes = getattr(self, name)
            if minutes is not None and minutes > MINUTES_OF_A_YEAR:
                raise ParameterError(name, f"{minutes} is more than a year")

    def sizing(self) -> RiskSizing:
        return RiskSizing(risk_pct=self.risk_pct, includes_costs=self.risk_includes_costs)

    def trade_params(self, tick_value: Decimal, taker_fee_bps: Decimal) -> TradeParams:
        hold, drift = self.max_hold_minutes, self.entry_drift_pct
        return TradeParams(
            tick_value=tick_value,
            taker_fee_bps=taker_fee_bps if self.taker_fee_bps is None else self.taker_fee_bps,
            limit_entry=self.use_limit_for_entry,
            entry_timeout_ns=self.limit_order_timeout_minutes * MINUTE_NS,
            timeout_cancels=self.entry_timeout_cancels,
            entry_drift=None if drift is None else Fraction(drift),
            cancel_on_stop_touch=self.cancel_on_stop_touch,
            tp1_share=Fraction(self.tp1_pct),
            breakeven_after_tp1=self.move_stop_to_breakeven_after_tp1,
            max_hold_ns=None if hold is None else hold * MINUTE_NS,
            extend_if_profitable=self.extend_if_profitable,
            cooldown_ns=self.cooldown_minutes * MINUTE_NS,
            flip=self.enable_flip_on_signal,
            kill_flatten=self.kill_flatten,
        )
