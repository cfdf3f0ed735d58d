"""Check that the fills and the account of a run agree."""

from collections.abc import Sequence
from decimal import Decimal

from backtests.results.netted import booked
from backtests.results.netted import netted
from backtests.results.trade import Trade


CENT = Decimal("0.01")


def check_books(
    trades: Sequence[Trade],
    start: Decimal,
    balance: Decimal,
    precision: int = 2,
) -> None:
    """
    Compare the balance that fills and funding make with that of the account.

    They may differ by a cent, and by half the smallest unit of the currency for each booking, since
    the account rounds every one of them: 23 fills in dollars may add up to 11 cents more, 23 fills
    in a currency of eight decimals to nothing that shows.

    Parameters
    ----------
    trades : Sequence[Trade]
        The positions of the run.
    start, balance : Decimal
        The balance before and after the run.
    precision : int, default 2
        The decimals of the settlement currency.

    Raises
    ------
    RuntimeError
        If they differ by more.

    """
    counted = start + sum(map(booked, netted(trades)), Decimal(0))
    # A fill is booked twice, as a result and as a fee.
    bookings = sum(2 * len(trade.fills) + len(trade.payments) for trade in trades)
    rounding = Decimal(1).scaleb(-precision) / 2 * bookings
    if abs(counted - balance) > CENT + rounding:
        raise RuntimeError(f"the fills make a balance of {counted}, the account says {balance}")
