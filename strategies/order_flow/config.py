"""Configuration of the order flow strategy."""

from decimal import Decimal

from actors.footprint.profiles import profile_of
from strategies.common.nautilus.config import MINUTES_OF_A_YEAR
from strategies.common.nautilus.tiered_config import TieredConfig
from strategies.common.trade_params import MINUTE_NS
from strategies.common.trade_params import TradeParams
from strategies.order_flow.bracket import Bracket
from strategies.order_flow.params import OrderFlowRules


class OrderFlowConfig(TieredConfig, frozen=True, kw_only=True):  # type: ignore[call-arg]
    """
    Configuration for `OrderFlowStrategy`.

    Sizes and limits of the day are documented at `TieredConfig` and `LimitsConfig`.

    Parameters
    ----------
    rules : OrderFlowRules
        The rules of router, entries and hours.
    use_limit_for_entry : bool, default False
        If an entry is a limit order at the price of the pattern, which rests for
        `rules.entry.limit_expiry_bars` bars, else a market order after the bar. A limit order of
        which nothing is filled is canceled when its target trades first.

    """

    rules: OrderFlowRules = OrderFlowRules()
    use_limit_for_entry: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        self.bracket()

    def bracket(self) -> Bracket:
        """
        Return what makes entries, by the profile of the contract where the rules name no distance.

        Raises
        ------
        ParameterError
            If a distance is null and there is no profile of the contract.

        """
        rules = self.rules.entry
        stop, target = rules.stop_ticks, rules.target_ticks
        if stop is None or target is None:
            profile = profile_of(self.instrument_id.symbol.value)
            stop, target = stop or profile.stop_ticks, target or profile.target_ticks
        return Bracket(stop_ticks=stop, target_ticks=target, is_limit=self.use_limit_for_entry)

    def trade_params(self, tick_value: Decimal, taker_fee_bps: Decimal) -> TradeParams:
        # The machine takes limit entries back after some bars.
        minutes = MINUTES_OF_A_YEAR if self.use_limit_for_entry else 1
        return TradeParams(
            tick_value=tick_value,
            taker_fee_bps=taker_fee_bps if self.taker_fee_bps is None else self.taker_fee_bps,
            limit_entry=self.use_limit_for_entry,
            entry_timeout_ns=minutes * MINUTE_NS,
            timeout_cancels=True,
            breakeven_after_tp1=False,
            max_hold_ns=None,
            cooldown_ns=0,
            flip=False,
            kill_flatten=self.kill_flatten,
        )
