"""The budget of a day: realised result, open loss, and what the next trade may lose."""

from decimal import Decimal
from itertools import count
from typing import Any

import pytest

from errors import AuctionError
from strategies.common.commands import Purpose
from strategies.common.day_budget import DayBudget
from strategies.common.day_budget import affordable_contracts
from strategies.common.day_budget import open_result
from strategies.common.gate import Refusal
from strategies.common.intents import Intent
from strategies.common.sizing import PositionSize
from strategies.common.trade import Trade


LIMIT, TARGET = Decimal(100), Decimal(200)
LOSS, GAIN = Refusal.DAY_LOSS, Refusal.DAY_TARGET


@pytest.mark.parametrize(
    ("realised", "open_", "counts", "expected"),
    [
        ("-99.99", "0", True, None),
        ("-100", "0", True, LOSS),
        ("-60", "-40", True, LOSS),
        ("-60", "-40", False, None),
        # Open profit is not earned yet, and does not hide a loss.
        ("-100", "50", True, LOSS),
        ("150", "50", True, None),
        ("200", "0", True, GAIN),
        ("200", "-0.01", True, None),
        ("200", "-0.01", False, GAIN),
    ],
)
def test_realised_result_and_open_loss_end_a_day(
    realised: str, open_: str, counts: bool, expected: Refusal | None
) -> None:
    budget = DayBudget(TARGET, counts_open_loss=counts)
    assert budget.check(1, LIMIT, Decimal(realised), Decimal(open_)) is expected
    assert budget.stop is expected


def test_a_limit_ends_the_day_until_the_next_and_a_loss_follows_a_target() -> None:
    budget = DayBudget(TARGET, counts_open_loss=True)
    steps = [(1, 200), (1, 50), (1, -100), (1, 300), (2, 0), (1, -100)]
    found = [budget.check(day, LIMIT, Decimal(money), Decimal(0)) for day, money in steps]
    assert found == [GAIN, GAIN, LOSS, LOSS, None, LOSS]


def test_a_loss_of_an_earlier_day_does_not_end_the_running_one() -> None:
    budget = DayBudget(TARGET, counts_open_loss=True)
    assert budget.check(2, LIMIT, Decimal(0), Decimal(0)) is None
    # A boundary of the day before comes late: no entry of that day, but today goes on.
    assert budget.check(1, LIMIT, Decimal(-100), Decimal(0)) is LOSS
    assert budget.stop is None
    assert budget.check(2, LIMIT, Decimal(0), Decimal(0)) is None
    # A day that is over stays over for boundaries of the day before as well.
    assert budget.check(2, LIMIT, Decimal(-100), Decimal(0)) is LOSS
    assert budget.check(1, LIMIT, Decimal(0), Decimal(0)) is LOSS
    assert budget.check(3, LIMIT, Decimal(0), Decimal(0)) is None


def test_without_limits_a_day_never_ends() -> None:
    budget = DayBudget(None, counts_open_loss=True)
    assert budget.check(1, None, Decimal(-1_000_000), Decimal(-1)) is None
    assert budget.check(1, None, Decimal(1_000_000), Decimal(0)) is None


def test_a_restored_day_stays_over_and_a_damaged_state_is_refused() -> None:
    budget = DayBudget(TARGET, counts_open_loss=True)
    budget.check(7, LIMIT, Decimal(-100), Decimal(0))
    again = DayBudget(TARGET, counts_open_loss=True)
    again.restore(budget.snapshot())
    assert again.check(7, LIMIT, Decimal(0), Decimal(0)) is LOSS
    assert again.check(8, LIMIT, Decimal(0), Decimal(0)) is None
    damaged: list[Any] = [{"day": "x"}, {"stop": "NEVER"}, {"more": 1}, None]
    for state in damaged:
        with pytest.raises(AuctionError, match="state of the day's budget"):
            again.restore(state)


LONG = Intent(is_long=True, entry=20_000, stop=19_984, tag="x_long", costs=2_000)


@pytest.mark.parametrize(
    ("remaining", "expected"),
    # A contract loses 16 ticks and 2 of costs, 22.50 USD.
    [("67.5", 3), ("67.49", 2), ("22.5", 1), ("22.49", 0), ("0", 0), ("-5", 0)],
)
def test_a_trade_is_cut_to_what_the_day_may_still_lose(remaining: str, expected: int) -> None:
    assert affordable_contracts(LONG, 3, Decimal("1.25"), Decimal(remaining)) == expected


def _trade(*, is_long: bool, lots: int, cost: int) -> Trade:
    side = 1 if is_long else -1
    intent = Intent(is_long=is_long, entry=20_000, stop=20_000 - side * 16, tag="x")
    trade = Trade(intent, PositionSize(lots=lots), Decimal("12.5"), count(1))
    trade.open = lots
    trade.open_cost += cost
    return trade


def test_open_lots_are_worth_what_the_other_side_quotes() -> None:
    long = _trade(is_long=True, lots=2, cost=40_001)
    short = _trade(is_long=False, lots=1, cost=20_000)
    assert open_result([long], 19_996, 19_997) == Decimal("-112.5")
    assert open_result([short], 19_996, 19_997) == Decimal("37.5")
    assert open_result([long, short], 19_996, 19_997) == Decimal("-75")
    assert open_result([long], None, None) == 0
    waiting = _trade(is_long=True, lots=0, cost=0)
    assert open_result([waiting], 19_996, 19_997) == 0
    assert waiting.orders.remaining(Purpose.ENTRY) == 0
