"""Configuration of the playbook strategy."""

from decimal import Decimal

from errors import ParameterError
from indicators.constraints import NonNegativeInt
from indicators.constraints import PositiveInt
from strategies.common.nautilus.config import TradingConfig
from strategies.playbook.params import SignalParams


LEAST_RISK, MOST_RISK = Decimal("0.0025"), Decimal("0.005")


class PlaybookConfig(TradingConfig, frozen=True, kw_only=True):  # type: ignore[call-arg]
    """
    Configuration for `PlaybookStrategy`.

    Parameters
    ----------
    signals : SignalParams, default SignalParams()
        The rules of attempts, nodes, entries and prices; they can be changed while it runs. How
        trades are sized, entered and left is documented at `TradingConfig`.
    risk_pct : Decimal, default 0.005
        The share of the available margin lost at the stop, within 0.0025 to 0.005.
    allow_any_risk : bool, default False
        If `risk_pct` may lie outside of that.

    Raises
    ------
    ParameterError
        If the risk is outside of its range and that is not allowed.

    """

    signals: SignalParams = SignalParams()
    allow_any_risk: bool = False
    risk_pct: Decimal = MOST_RISK
    use_limit_for_entry: bool = False
    limit_order_timeout_minutes: PositiveInt = 5
    entry_timeout_cancels: bool = True
    entry_drift_pct: Decimal | None = Decimal("0.01")
    max_hold_minutes: PositiveInt | None = None
    cooldown_minutes: NonNegativeInt = 0
    enable_flip_on_signal: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if not (self.allow_any_risk or LEAST_RISK <= self.risk_pct <= MOST_RISK):
            raise ParameterError(
                "risk_pct",
                f"{self.risk_pct} is not within {LEAST_RISK} to {MOST_RISK}; set allow_any_risk "
                "to true to risk it all the same",
            )
