"""The costs of an instrument's trades, by its definition and a strategy's configuration."""

from decimal import Decimal
from fractions import Fraction

from catalog.protocols import Instrument
from strategies.common.costs import BASIS_POINTS
from strategies.common.costs import CostLimits
from strategies.common.costs import RoundTrip
from strategies.common.nautilus.config import LimitsConfig
from strategies.common.nautilus.units import Units
from strategies.common.sizing import ZERO


def round_trip(instrument: Instrument, config: LimitsConfig) -> RoundTrip:
    """
    Return the costs of entering and leaving.

    Both ways pay the taker's rate: a limit entry may be marketable, and what of it is unfilled at
    its time-out goes at market. Where the maker's rate is the higher one, the entry pays that.

    Parameters
    ----------
    instrument : Instrument
        Its fee rates are those of the account where the venue gives them (Bybit with keys), else
        those of the base tier.
    config : LimitsConfig
        Its `taker_fee_bps` and `fee_per_contract` come before the instrument's.

    """
    taker = config.taker_fee_bps
    entry = leave = instrument.taker_fee * BASIS_POINTS if taker is None else taker
    if taker is None:
        entry = max(entry, instrument.maker_fee * BASIS_POINTS)
    return RoundTrip.of(
        entry_fee_bps=entry,
        exit_fee_bps=leave,
        fee_per_contract=config.fee_per_contract or ZERO,
        slippage_spreads=config.slippage_spreads,
        tick_money=Units(instrument).tick_money,
    )


def cost_limits(config: LimitsConfig) -> CostLimits:
    """Return the rules that a trade's costs must pass."""

    def exact(value: Decimal | None) -> Fraction | None:
        return None if value is None else Fraction(value)

    return CostLimits(
        min_stop_spreads=exact(config.min_stop_spreads),
        min_stop_fee_ratio=exact(config.min_stop_fee_ratio),
        min_reward_fee_ratio=exact(config.min_reward_fee_ratio),
    )
