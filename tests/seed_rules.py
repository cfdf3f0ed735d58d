"""The rules of the seed on size and costs: the distance to the stop alone, and no rule on costs."""

from decimal import Decimal

from strategies.common.nautilus.config import TradingConfig


COST_RULES = ("min_reward_fee_ratio", "min_stop_fee_ratio", "min_stop_spreads")
# Overrides for a system file, of any system and of one that sizes by risk.
NO_COST_RULES = [f"strategies.0.config.{name}=null" for name in COST_RULES]
SEED_RULES = ["strategies.0.config.risk_includes_costs=false", *NO_COST_RULES]


class SeedRulesConfig(TradingConfig, frozen=True, kw_only=True):  # type: ignore[call-arg]
    """Configures a strategy by the seed's rules."""

    risk_includes_costs: bool = False
    min_reward_fee_ratio: Decimal | None = None
    min_stop_fee_ratio: Decimal | None = None
    min_stop_spreads: Decimal | None = None
