"""Position size from the risk to the stop, capped by leverage."""

from collections.abc import Iterable
from decimal import MAX_EMAX
from decimal import MIN_EMIN
from decimal import Context
from decimal import Decimal
from decimal import DivisionByZero
from decimal import Inexact
from decimal import InvalidOperation
from enum import StrEnum

from msgspec import Struct


# Own contexts: results must not depend on the precision a caller has set for its thread.
CONTEXT = Context(prec=28)
# Sums, products and whole quotients are exact in it, or they raise.
EXACT = Context(
    prec=1_000,
    Emin=MIN_EMIN,
    Emax=MAX_EMAX,
    traps=[DivisionByZero, Inexact, InvalidOperation],
)
BASIS_POINT = Decimal("0.0001")
ZERO = Decimal(0)


class SizeRefusal(StrEnum):
    """
    Represents why no position is opened at its size.

    The first group is found by sizing itself, the second by the limits that are checked after it.
    """

    NO_MARGIN = "NO_MARGIN"
    ZERO_STOP = "ZERO_STOP"
    BELOW_MIN = "BELOW_MIN"
    ABOVE_MAX = "ABOVE_MAX"
    NOTIONAL = "NOTIONAL"
    LEVERAGE = "LEVERAGE"
    MARGIN = "MARGIN"
    TOTAL_RISK = "TOTAL_RISK"
    TOTAL_LOSS = "TOTAL_LOSS"
    DAY_BUDGET = "DAY_BUDGET"


class PositionSize(Struct, frozen=True, kw_only=True):
    """
    Represents a sized or refused position.

    Parameters
    ----------
    lots : int
        The size in lots; 0 if refused.
    reason : SizeRefusal or None
        Why it was refused.
    capped : bool
        If the leverage limit, or what the account can pay, and not the risk decided the size.
    raw_qty : Decimal or None
        The quantity by risk alone, before rounding and cap.
    qty : Decimal or None
        The quantity; None if refused or if only lots were requested, like all that follow.
    notional : Decimal or None
        The value at the entry price.
    leverage : Decimal or None
        The notional per available margin.
    risk : Decimal or None
        The loss at the stop without fees and slippage.
    risk_target : Decimal or None
        The loss that was aimed at.
    margin_at_max_leverage : Decimal or None
        The margin bound at the highest leverage.
    min_lots : int
        The least size in lots that the venue takes; the position is not split into smaller parts.

    """

    lots: int
    reason: SizeRefusal | None = None
    capped: bool = False
    raw_qty: Decimal | None = None
    qty: Decimal | None = None
    notional: Decimal | None = None
    leverage: Decimal | None = None
    risk: Decimal | None = None
    risk_target: Decimal | None = None
    margin_at_max_leverage: Decimal | None = None
    min_lots: int = 1


def available_margin(
    realised_equity: Decimal,
    open_notionals: Iterable[Decimal],
    max_leverage: Decimal,
) -> Decimal:
    """
    Return the equity that open positions at the highest leverage do not bind.

    Parameters
    ----------
    realised_equity : Decimal
        The account balance without unrealised profit and loss.
    open_notionals : Iterable[Decimal]
        The notional values of the open positions.
    max_leverage : Decimal
        The leverage set at the venue.

    Raises
    ------
    ValueError
        If `max_leverage` is not positive.

    """
    _check_positive("max_leverage", max_leverage)
    bound = ZERO
    for value in open_notionals:
        bound = EXACT.add(bound, value)
    covered = EXACT.multiply(realised_equity, max_leverage)
    return CONTEXT.divide(EXACT.subtract(covered, bound), max_leverage)


def size_position(
    *,
    available_margin: Decimal,
    risk_pct: Decimal,
    entry: Decimal,
    stop: Decimal,
    max_leverage: Decimal,
    lot_size: Decimal,
    min_lots: int = 1,
    max_lots: int | None = None,
    margin_lots: int | None = None,
    costs: Decimal = ZERO,
) -> PositionSize:
    """
    Size a position so that a fill at the stop loses a fixed share of the available margin.

    The quantity is margin * risk / (distance to the stop + costs), rounded down to whole lots, and
    at most margin * leverage / entry rounded down. It is computed exactly. What the venue or the
    account cannot take is made smaller as well.

    Parameters
    ----------
    available_margin : Decimal
        The margin not bound by other positions.
    risk_pct : Decimal
        The share of the margin to risk (0.02 for 2%).
    entry, stop : Decimal
        The prices; the stop may lie on either side.
    max_leverage : Decimal
        The highest notional per margin.
    lot_size : Decimal
        The size increment.
    min_lots : int, default 1
        The least size the venue takes.
    max_lots : int, optional
        The largest size the venue takes; None without a limit.
    margin_lots : int, optional
        The largest size for which the account has initial margin and fees; None where it is not
        limited.
    costs : Decimal, default 0
        What fees and slippage take of a quantity of one, in units of the price.

    Returns
    -------
    PositionSize

    Raises
    ------
    ValueError
        If `risk_pct`, `entry`, `max_leverage`, `lot_size` or `min_lots` is not positive, or `costs`
        is negative.

    """
    _check_positive("risk_pct", risk_pct)
    _check_positive("entry", entry)
    _check_positive("max_leverage", max_leverage)
    _check_positive("lot_size", lot_size)
    _check_positive("min_lots", min_lots)
    distance = EXACT.abs(EXACT.subtract(entry, stop))
    if not distance:
        return PositionSize(lots=0, reason=SizeRefusal.ZERO_STOP)
    if available_margin <= 0:
        return PositionSize(lots=0, reason=SizeRefusal.NO_MARGIN)
    if costs < 0:
        raise ValueError(f"costs were negative: {costs}")
    risk_target = EXACT.multiply(available_margin, risk_pct)
    loss = EXACT.add(distance, costs)
    raw_qty = CONTEXT.divide(risk_target, loss)
    by_risk = int(EXACT.divide_int(risk_target, EXACT.multiply(loss, lot_size)))
    carried = EXACT.multiply(available_margin, max_leverage)
    by_account = int(EXACT.divide_int(carried, EXACT.multiply(entry, lot_size)))
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
    qty = EXACT.multiply(lots, lot_size)
    notional = EXACT.multiply(qty, entry)
    return PositionSize(
        lots=lots,
        capped=capped,
        raw_qty=raw_qty,
        qty=CONTEXT.plus(qty),
        notional=CONTEXT.plus(notional),
        leverage=CONTEXT.divide(notional, available_margin),
        risk=CONTEXT.multiply(qty, distance),
        risk_target=CONTEXT.plus(risk_target),
        margin_at_max_leverage=CONTEXT.divide(notional, max_leverage),
        min_lots=min_lots,
    )


def fixed_size(
    *,
    quantity: Decimal,
    entry: Decimal,
    stop: Decimal,
    lot_size: Decimal,
    min_lots: int = 1,
    max_lots: int | None = None,
) -> PositionSize:
    """
    Return a quantity that was fixed beforehand as a position, whatever it risks.

    A quantity that the venue does not take is refused, never made smaller or larger.

    Parameters
    ----------
    quantity : Decimal
        The quantity.
    entry, stop : Decimal
        The money that one unit is worth at entry and at the stop.
    lot_size : Decimal
        The size increment.
    min_lots : int, default 1
        The least size the venue takes.
    max_lots : int, optional
        The largest size the venue takes; None without a limit.

    Raises
    ------
    ValueError
        If `quantity` or `lot_size` is not positive.

    """
    _check_positive("quantity", quantity)
    _check_positive("lot_size", lot_size)
    whole, rest = EXACT.divmod(quantity, lot_size)
    lots = int(whole)
    if rest or lots < min_lots:
        return PositionSize(lots=0, reason=SizeRefusal.BELOW_MIN, raw_qty=quantity)
    if max_lots is not None and lots > max_lots:
        return PositionSize(lots=0, reason=SizeRefusal.ABOVE_MAX, raw_qty=quantity)
    return PositionSize(
        lots=lots,
        raw_qty=quantity,
        qty=quantity,
        notional=CONTEXT.multiply(quantity, entry),
        risk=CONTEXT.multiply(quantity, EXACT.abs(EXACT.subtract(entry, stop))),
        min_lots=min_lots,
    )


def _check_positive(name: str, value: Decimal | int) -> None:
    if not value > 0:
        raise ValueError(f"{name} was not positive, was {value}")
