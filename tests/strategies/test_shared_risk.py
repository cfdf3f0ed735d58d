"""Limits that all strategies of a node share."""

from decimal import Decimal

import pytest

from strategies.common.gate import Refusal
from strategies.common.shared_risk import RiskShare
from strategies.common.shared_risk import shared_refusal


def share(trades: int = 0, day_pnl: str = "0", currency: str = "USDT") -> RiskShare:
    return RiskShare(trades=trades, day_pnl=Decimal(day_pnl), currency=currency)


@pytest.mark.parametrize(
    ("shares", "is_new", "expected"),
    [
        ([share(1), share(1)], True, None),
        ([share(1), share(2)], True, Refusal.ALL_TRADES),
        ([share(1), share(2)], False, None),
        ([share(0, "-60"), share(0, "-39.99", "USD")], True, None),
        ([share(0, "-60"), share(0, "-40", "USD")], True, Refusal.TOTAL_LOSS),
        ([share(0, "-160"), share(0, "70", "USDC")], True, None),
        ([share(3, "-60"), share(0, "-40")], True, Refusal.TOTAL_LOSS),
        ([share(0), share(0, currency="EUR")], True, Refusal.CURRENCIES),
        ([share(0, "-99", "EUR"), share(0, currency="EUR")], True, None),
    ],
)
def test_the_first_limit_that_all_together_break_refuses(
    shares: list[RiskShare], is_new: bool, expected: Refusal | None
) -> None:
    found = shared_refusal(shares, is_new=is_new, max_trades=3, max_daily_loss=Decimal(100))
    assert found is expected


def test_without_limits_nothing_is_refused() -> None:
    shares = [share(9, "-1000"), share(9, "-1000", "EUR")]
    assert shared_refusal(shares, is_new=True, max_trades=None, max_daily_loss=None) is None
