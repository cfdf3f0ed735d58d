"""Configuration of the strategy of leg nodes."""

from dataclasses import replace
from decimal import Decimal

from errors import ParameterError
from indicators.constraints import NonNegativeInt
from indicators.constraints import PositiveInt
from strategies.common.nautilus.config import MINUTES_OF_A_YEAR
from strategies.common.nautilus.config import TradingConfig
from strategies.common.sizing_policy import RiskSizing
from strategies.common.trade_params import TradeParams
from strategies.leg_lvn.params import LegLvnRules


class LegLvnConfig(TradingConfig, frozen=True, kw_only=True):  # type: ignore[call-arg]
    """
    Configuration for `LegLvnStrategy`.

    How trades are sized, entered and left is documented at `TradingConfig`. Entries are limit
    orders that rest until the machine takes them back; a traded target does not end them, for the
    market is still on the way to the node.

    Parameters
    ----------
    rules : LegLvnRules, default LegLvnRules()
        The rules of orders at nodes.
    risk_pct : Decimal, default 0.01
        The share of the equity, the balance without unrealised profit and loss, that is lost at
        the stop. A resting order keeps the size of the moment when it was sent.

    Raises
    ------
    ParameterError
        If entries are not to be limit orders.

    """

    rules: LegLvnRules = LegLvnRules()
    max_trades: PositiveInt = 10
    risk_pct: Decimal = Decimal("0.01")
    limit_order_timeout_minutes: PositiveInt = MINUTES_OF_A_YEAR
    entry_timeout_cancels: bool = True
    cancel_on_stop_touch: bool = False
    max_hold_minutes: PositiveInt | None = None
    cooldown_minutes: NonNegativeInt = 0
    enable_flip_on_signal: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.use_limit_for_entry:
            raise ParameterError("use_limit_for_entry", "orders rest at nodes; leave it true")

    def sizing(self) -> RiskSizing:
        return RiskSizing(
            risk_pct=self.risk_pct, includes_costs=self.risk_includes_costs, of_equity=True
        )

    def trade_params(self, tick_value: Decimal, taker_fee_bps: Decimal) -> TradeParams:
        params = super().trade_params(tick_value, taker_fee_bps)
        return replace(params, cancel_on_target_touch=False)
