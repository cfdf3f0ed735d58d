"""Limits on what all strategies of a node hold and lose together."""

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from decimal import Decimal

from strategies.common.gate import Refusal


# Counted one to one; amounts in other currencies cannot be added up.
DOLLARS = frozenset({"USD", "USDT", "USDC"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskShare:
    """
    Represents position and result of one strategy.

    Parameters
    ----------
    trades : int
        Its running trades, entries on their way included.
    day_pnl : Decimal
        Its realised result of the UTC day, net of fees and funding.
    currency : str
        The currency of that.

    """

    trades: int
    day_pnl: Decimal
    currency: str


@dataclass(slots=True)
class RiskRequest:
    """
    Asks all strategies of a node, over the message bus, for their shares; they add them at once.

    Parameters
    ----------
    ts : int
        The time (ns UTC) whose day is meant.
    shares : list[RiskShare]
        The answers.

    """

    ts: int
    shares: list[RiskShare] = field(default_factory=list)


def total_result(shares: Sequence[RiskShare]) -> Decimal | None:
    """Return the result of the day of all strategies; None for currencies that do not add up."""
    currencies = {share.currency for share in shares}
    if len(currencies) > 1 and not currencies <= DOLLARS:
        return None
    return sum((share.day_pnl for share in shares), Decimal(0))


def reaches_loss(shares: Sequence[RiskShare], max_daily_loss: Decimal | None) -> bool:
    """Return True if the result of the day of all strategies is a loss of a limit or more."""
    if max_daily_loss is None:
        return False
    total = total_result(shares)
    return total is not None and total <= -max_daily_loss


def shared_refusal(
    shares: Sequence[RiskShare],
    *,
    is_new: bool,
    max_trades: int | None,
    max_daily_loss: Decimal | None,
    is_over: bool = False,
) -> Refusal | None:
    """
    Return the first limit of all strategies together that holds an entry back, or None.

    Parameters
    ----------
    shares : Sequence[RiskShare]
        What all of them hold and have earned, that of the entry included.
    is_new : bool
        If the entry is a trade more, and turns none.
    max_trades : int or None
        The most trades at once; None for no limit.
    max_daily_loss : Decimal or None
        The loss of the day from which on nothing is entered; None for no limit.
    is_over : bool, default False
        If the loss of this day has reached the limit before, whatever was earned since.

    """
    if max_daily_loss is not None:
        if is_over or reaches_loss(shares, max_daily_loss):
            return Refusal.TOTAL_LOSS
        if total_result(shares) is None:
            return Refusal.CURRENCIES
    if is_new and max_trades is not None and sum(share.trades for share in shares) >= max_trades:
        return Refusal.ALL_TRADES
    return None
