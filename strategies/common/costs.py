"""The costs of a round trip beside its prices, and the rules on a trade's worth."""

from decimal import Decimal
from fractions import Fraction
from math import ceil

from msgspec import Struct

from strategies.common.gate import Refusal
from strategies.common.intents import Intent


# Costs are counted in parts of a tick per lot, rounded up.
PARTS = 1_000
BASIS_POINTS = 10_000


class RoundTrip(Struct, frozen=True, kw_only=True):
    """
    Represents the costs of entering and leaving one lot, in thousandths of a tick.

    Fees are those of the rates at the two prices, and of a commission. Expected slippage is a
    number of spreads on the way in and as many on the way out: a market order and a triggered stop
    meet the far side of the quote, and the print that sets them off has taken a part of it.

    Parameters
    ----------
    entry_rate, exit_rate : int
        The fee rates, in parts of `rate_unit`; negative for a rebate.
    rate_unit : int
        The denominator of both rates.
    commission : int
        What both sides pay per lot whatever the price (thousandths of a tick).
    slippage : int
        The expected slippage of both sides per tick of spread (thousandths of a tick).

    """

    entry_rate: int
    exit_rate: int
    rate_unit: int
    commission: int
    slippage: int

    @classmethod
    def of(
        cls,
        *,
        entry_fee_bps: Decimal,
        exit_fee_bps: Decimal,
        fee_per_contract: Decimal,
        slippage_spreads: Decimal,
        tick_money: Decimal,
    ) -> "RoundTrip":
        """
        Return the costs of an instrument.

        Parameters
        ----------
        entry_fee_bps, exit_fee_bps : Decimal
            The fee rates in basis points of notional.
        fee_per_contract : Decimal
            The commission of each side for a size of one, in the settlement currency.
        slippage_spreads : Decimal
            The expected slippage of each side in spreads.
        tick_money : Decimal
            The money that a size of one earns per tick.

        """
        entry, leave = Fraction(entry_fee_bps), Fraction(exit_fee_bps)
        unit = entry.denominator * leave.denominator
        return cls(
            entry_rate=int(entry * unit),
            exit_rate=int(leave * unit),
            rate_unit=unit * BASIS_POINTS,
            commission=ceil(2 * PARTS * Fraction(fee_per_contract) / Fraction(tick_money)),
            slippage=ceil(2 * PARTS * Fraction(slippage_spreads)),
        )

    def fees(self, entry: int, leave: int) -> int:
        """Return the fees between two prices (ticks) per lot; a rebate at most makes them 0."""
        rated = (abs(entry) * self.entry_rate + abs(leave) * self.exit_rate) * PARTS
        return max(0, self.commission - (-rated // self.rate_unit))

    def expected(self, entry: int, stop: int, spread: int) -> int:
        """Return fees and slippage of a trade that its stop ends; prices and spread in ticks."""
        return self.fees(entry, stop) + self.slippage * spread


class CostLimits(Struct, frozen=True, kw_only=True):
    """
    Represents the rules on a trade's worth beside its costs; None switches a rule off.

    Parameters
    ----------
    min_stop_spreads : Fraction or None
        The least distance of the stop from the entry, in spreads.
    min_stop_fee_ratio : Fraction or None
        The same in fees of the round trip to the stop.
    min_reward_fee_ratio : Fraction or None
        The least distance of the last target, in fees of the round trip to it.

    """

    min_stop_spreads: Fraction | None = None
    min_stop_fee_ratio: Fraction | None = None
    min_reward_fee_ratio: Fraction | None = None


def cost_refusal(
    intent: Intent,
    costs: RoundTrip,
    spread: int,
    limits: CostLimits,
) -> Refusal | None:
    """
    Return the first rule by which costs would eat the trade, or None.

    The size of the position cancels out of all of them.

    Parameters
    ----------
    intent : Intent
        The trade.
    costs : RoundTrip
        What it costs.
    spread : int
        The spread in ticks.
    limits : CostLimits
        The rules.

    """
    entry, stop, target = intent.entry, intent.stop, intent.tp2
    distance = abs(entry - stop)
    least = limits.min_stop_spreads
    if least is not None and distance < least * spread:
        return Refusal.STOP_IN_SPREAD
    least = limits.min_stop_fee_ratio
    if least is not None and PARTS * distance < least * costs.fees(entry, stop):
        return Refusal.STOP_IN_FEES
    least = limits.min_reward_fee_ratio
    if (
        least is not None
        and target is not None
        and PARTS * abs(target - entry) < least * costs.fees(entry, target)
    ):
        return Refusal.LOW_REWARD
    return None
