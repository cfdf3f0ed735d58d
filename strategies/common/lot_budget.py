"""Position sizes in whole numbers, from figures that change with the account alone."""

from decimal import Decimal

from msgspec import Struct

from strategies.common.costs import PARTS
from strategies.common.sizing import CONTEXT
from strategies.common.sizing import EXACT
from strategies.common.sizing import PositionSize
from strategies.common.sizing import SizeRefusal


class LotBudget(Struct, frozen=True, kw_only=True):
    """
    Represents the size limits by the money of an account, as products of lots and ticks.

    A quotient of whole numbers is the same whether it is rounded down once, or before its last
    division as well: so `size` gives the lots of `sizing.size_position`, without a decimal.

    Parameters
    ----------
    by_risk : int
        The largest product of lots and thousandths of a tick lost at the stop.
    by_leverage : int
        The largest product of lots and ticks of the entry price.
    risk_target : Decimal
        The loss that is aimed at.
    tick_money : Decimal
        The money that one whole unit (a coin, a contract) earns per tick.

    """

    by_risk: int
    by_leverage: int
    risk_target: Decimal
    tick_money: Decimal

    @classmethod
    def of(
        cls,
        *,
        margin: Decimal,
        risk_pct: Decimal,
        max_leverage: Decimal,
        tick_money: Decimal,
        lot_size: Decimal,
        capital: Decimal | None = None,
    ) -> "LotBudget":
        """
        Return the budget of an account.

        Parameters
        ----------
        margin : Decimal
            The margin that other positions do not bind.
        risk_pct : Decimal
            The share of it to risk (0.02 for 2 %).
        max_leverage : Decimal
            The highest notional per margin.
        tick_money : Decimal
            The money that one whole unit earns per tick.
        lot_size : Decimal
            The size increment.
        capital : Decimal, optional
            What the share to risk is one of; None for the margin.

        Raises
        ------
        ValueError
            If an argument is not positive.

        """
        for name, value in (
            ("margin", margin),
            ("risk_pct", risk_pct),
            ("max_leverage", max_leverage),
            ("tick_money", tick_money),
            ("lot_size", lot_size),
            ("capital", margin if capital is None else capital),
        ):
            if not value > 0:
                raise ValueError(f"{name} was not positive, was {value}")
        tick_value = EXACT.multiply(tick_money, lot_size)
        risk_target = EXACT.multiply(margin if capital is None else capital, risk_pct)
        carried = EXACT.multiply(margin, max_leverage)
        return cls(
            by_risk=int(EXACT.divide_int(EXACT.multiply(PARTS, risk_target), tick_value)),
            by_leverage=int(EXACT.divide_int(carried, tick_value)),
            risk_target=risk_target,
            tick_money=tick_money,
        )

    def size(
        self,
        *,
        entry: int,
        stop: int,
        min_lots: int = 1,
        max_lots: int | None = None,
        margin_lots: int | None = None,
        costs: int = 0,
    ) -> PositionSize:
        """
        Size a position so that a fill at the stop loses the share of the margin, or refuse it.

        Parameters
        ----------
        entry, stop : int
            The prices in ticks; the stop may lie on either side.
        min_lots : int, default 1
            The least size the venue takes.
        max_lots : int, optional
            The largest size the venue takes; None without a limit.
        margin_lots : int, optional
            The largest size for which the account has initial margin and fees; None where it is
            not limited.
        costs : int, default 0
            What fees and slippage take of a lot (thousandths of a tick).

        Returns
        -------
        PositionSize
            Without the amounts of money that follow from the lots.

        Raises
        ------
        ValueError
            If `entry` or `min_lots` is not positive, or `costs` is negative.

        """
        if entry <= 0 or min_lots <= 0 or costs < 0:
            raise ValueError(
                f"entry {entry} or min_lots {min_lots} was not positive, or costs {costs} negative"
            )
        distance = abs(entry - stop)
        if not distance:
            return PositionSize(lots=0, reason=SizeRefusal.ZERO_STOP)
        loss = PARTS * distance + costs
        raw_qty = CONTEXT.divide(
            EXACT.multiply(PARTS, self.risk_target), EXACT.multiply(loss, self.tick_money)
        )
        by_risk = self.by_risk // loss
        by_account = self.by_leverage // entry
        reason = SizeRefusal.BELOW_MIN
        if margin_lots is not None and margin_lots < by_account:
            by_account = margin_lots
            if margin_lots < min_lots <= by_risk:
                reason = SizeRefusal.MARGIN
        lots = min(by_risk, by_account)
        if max_lots is not None:
            lots = min(lots, max_lots)
        capped = by_account < by_risk
        if lots < min_lots:
            return PositionSize(lots=0, reason=reason, capped=capped, raw_qty=raw_qty)
        return PositionSize(lots=lots, capped=capped, raw_qty=raw_qty, min_lots=min_lots)
