"""Position size from the risk to the stop, capped by leverage."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Context
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction


# Own context: results must not depend on the precision a caller has set for its thread.
CONTEXT = Context(prec=28)
BASIS_POINT = Fraction(1, 10_000)


class SizeRefusal(StrEnum):
    """
    Represents why no position is opened at its size.

    The first group is found by sizing itself, the second by the limits that are looked at after it.
    """

    NO_MARGIN = "NO_MARGIN"
    ZERO_STOP = "ZERO_STOP"
    BELOW_MIN = "BELOW_MIN"
    ABOVE_MAX = "ABOVE_MAX"
    NOTIONAL = "NOTIONAL"
    LEVERAGE = "LEVERAGE"
    MARGIN = "MARGIN"
    LOW_REWARD = "LOW_REWARD"


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionSize:
    """
    Represents a sized or refused position.

    Parameters
    ----------
    lots : int
        The size in lots; 0 if refused.
    reason : SizeRefusal or None
        Why it was refused.
    capped : bool
        If the leverage limit and not the risk decided the size.
    raw_qty : Decimal or None
        The quantity by risk alone, before rounding and cap.
    qty : Decimal or None
        The quantity; None if refused, like all that follow.
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
    bound = sum((Fraction(value) for value in open_notionals), Fraction(0))
    return _decimal(Fraction(realised_equity) - bound / Fraction(max_leverage))


def size_position(
    *,
    available_margin: Decimal,
    risk_pct: Decimal,
    entry: Decimal,
    stop: Decimal,
    max_leverage: Decimal,
    lot_size: Decimal,
    min_lots: int = 1,
) -> PositionSize:
    """
    Size a position so that a fill at the stop loses a fixed share of the available margin.

    The quantity is margin * risk / distance to the stop, rounded down to whole lots, and at most
    margin * leverage / entry rounded down. It is computed exactly.

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

    Returns
    -------
    PositionSize

    Raises
    ------
    ValueError
        If `risk_pct`, `entry`, `max_leverage`, `lot_size` or `min_lots` is not positive.

    """
    _check_positive("risk_pct", risk_pct)
    _check_positive("entry", entry)
    _check_positive("max_leverage", max_leverage)
    _check_positive("lot_size", lot_size)
    _check_positive("min_lots", min_lots)
    margin, price, lot = Fraction(available_margin), Fraction(entry), Fraction(lot_size)
    distance = abs(price - Fraction(stop))
    if distance == 0:
        return PositionSize(lots=0, reason=SizeRefusal.ZERO_STOP)
    if margin <= 0:
        return PositionSize(lots=0, reason=SizeRefusal.NO_MARGIN)
    risk_target = margin * Fraction(risk_pct)
    raw_qty = risk_target / distance
    by_risk = raw_qty // lot
    by_leverage = margin * Fraction(max_leverage) / price // lot
    lots = min(by_risk, by_leverage)
    capped = by_leverage < by_risk
    if lots < min_lots:
        return PositionSize(
            lots=0,
            reason=SizeRefusal.BELOW_MIN,
            capped=capped,
            raw_qty=_decimal(raw_qty),
        )
    qty = lots * lot
    notional = qty * price
    return PositionSize(
        lots=lots,
        capped=capped,
        raw_qty=_decimal(raw_qty),
        qty=_decimal(qty),
        notional=_decimal(notional),
        leverage=_decimal(notional / margin),
        risk=_decimal(qty * distance),
        risk_target=_decimal(risk_target),
        margin_at_max_leverage=_decimal(notional / Fraction(max_leverage)),
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
    exact = Fraction(quantity) / Fraction(lot_size)
    if exact.denominator != 1 or exact < min_lots:
        return PositionSize(lots=0, reason=SizeRefusal.BELOW_MIN, raw_qty=quantity)
    if max_lots is not None and exact > max_lots:
        return PositionSize(lots=0, reason=SizeRefusal.ABOVE_MAX, raw_qty=quantity)
    risk = Fraction(quantity) * abs(Fraction(entry) - Fraction(stop))
    return PositionSize(
        lots=exact.numerator,
        raw_qty=quantity,
        qty=quantity,
        notional=_decimal(Fraction(quantity) * Fraction(entry)),
        risk=_decimal(risk),
        min_lots=min_lots,
    )


def reward_covers_fees(
    *,
    entry: Decimal,
    target: Decimal,
    entry_fee_bps: Decimal,
    exit_fee_bps: Decimal,
    min_ratio: Decimal | None,
) -> bool:
    """
    Return True if the way to the target is worth at least a multiple of the round trip's fees.

    The size of the position cancels out. A target on the side of the entry is the caller's to rule
    out: only the distance counts here.

    Parameters
    ----------
    entry, target : Decimal
        The prices.
    entry_fee_bps, exit_fee_bps : Decimal
        The fee rates in basis points of notional; negative for a rebate.
    min_ratio : Decimal or None
        The multiple; None switches the rule off.

    """
    if min_ratio is None:
        return True
    price, goal = Fraction(entry), Fraction(target)
    fees = (price * Fraction(entry_fee_bps) + goal * Fraction(exit_fee_bps)) * BASIS_POINT
    return abs(goal - price) >= Fraction(min_ratio) * fees


def _decimal(value: Fraction) -> Decimal:
    return CONTEXT.divide(Decimal(value.numerator), Decimal(value.denominator))


def _check_positive(name: str, value: Decimal | int) -> None:
    if not value > 0:
        raise ValueError(f"{name} was not positive, was {value}")
