"""Parameters of a strategy with capital tiers, margin protection and a budget of the day."""

from catalog.contracts import contract_spec
from errors import ParameterError
from indicators.constraints import PositiveInt
from strategies.common.margin_protection import MarginParams
from strategies.common.nautilus.config import LimitsConfig
from strategies.common.sizing_policy import ContractSizing
from strategies.common.tier_params import TierParams


class TieredConfig(LimitsConfig, frozen=True, kw_only=True):  # type: ignore[call-arg]
    """
    Configuration of a strategy whose size follows capital tiers, or a number of contracts.

    Parameters
    ----------
    tiers : TierParams, optional
        The capital tiers; null for none. With them the daily loss limit is that of the tier, by the
        results of all strategies of the node; `max_daily_loss` of this strategy alone holds beside.
    contracts : PositiveInt, default 2
        The largest size without tiers: a setup takes its share of it, at least one contract.
    margin_protection : MarginParams, optional
        The limits of the margin of one contract; null for none.
    margin_file : str, optional
        The file of day-trading margins; null takes the built-in one.
    count_open_loss : bool, default True
        If the loss of the open position counts towards the limits of the day; with `kill_flatten`
        it then closes the position.
    fit_last_trade : bool, default False
        If a size is cut to what the day may still lose at its stop.

    """

    tiers: TierParams | None = None
    contracts: PositiveInt = 2
    margin_protection: MarginParams | None = None
    margin_file: str | None = None
    count_open_loss: bool = True
    fit_last_trade: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        root = root_of(self.instrument_id.symbol.value)
        if self.tiers is not None and root not in self.tiers.roots:
            known = ", ".join(self.tiers.roots)
            raise ParameterError("tiers", f"no tier trades {root} ({self.instrument_id}): {known}")

    def sizing(self) -> ContractSizing:
        return ContractSizing(contracts=self.contracts)


def root_of(symbol: str) -> str:
    """Return the root of a futures symbol (`ES` of `ESZ5`); another symbol is its own root."""
    spec = contract_spec(symbol)
    return symbol if spec is None else spec.root
