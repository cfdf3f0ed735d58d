"""What ends a day: money, points, losing trades and a target reached."""

from decimal import Decimal
from typing import Any

import pytest

from actors.messages import Alert
from strategies.common.daily_limits import DailyLimits
from strategies.common.daily_limits import DayResult
from strategies.common.daily_limits import DayStop
from strategies.common.gate import Refusal
from strategies.common.ledger import DAY_NS
from strategies.common.ledger import Ledger
from strategies.common.reasons import DropReason
from strategies.common.trade_state import from_plain
from tests.strategies.silent_venue import ENTRY
from tests.strategies.silent_venue import LONG
from tests.strategies.silent_venue import SilentVenue


TARGET = Decimal(50)


def result(**limits: Any) -> DayResult[int]:
    return DayResult(DailyLimits(**{name: Decimal(value) for name, value in limits.items()}))


@pytest.mark.parametrize("limit", ["max_loss", "profit_target", "max_loss_points"])
def test_a_limit_that_is_not_positive_is_refused(limit: str) -> None:
    with pytest.raises(ValueError, match=f"{limit} was not positive, was 0"):
        DailyLimits(**{limit: Decimal(0)})
    with pytest.raises(ValueError, match="loss_band was negative"):
        DailyLimits(loss_band=Decimal(-1))


def test_without_limits_a_day_never_ends() -> None:
    day = result()
    assert day.book_money(Decimal(-1_000_000)) is None
    assert day.book_trade(Decimal(-1_000_000)) is None


def test_exactly_the_limit_ends_the_day_once() -> None:
    day = result(max_loss=10)
    assert day.book_money(Decimal("-9.99")) is None
    assert day.book_money(Decimal("-0.01")) is DayStop.MAX_LOSS
    assert day.book_money(Decimal(-5)) is None
    day.start(1)
    assert (day.stop, day.money) == (None, 0)


def test_a_loss_ends_a_day_whose_target_was_reached_but_not_the_other_way_round() -> None:
    day = result(max_loss=10, profit_target=20)
    assert day.book_money(Decimal(20)) is DayStop.PROFIT_TARGET
    assert day.book_money(Decimal(-25)) is None
    assert day.stop is DayStop.PROFIT_TARGET
    assert day.book_money(Decimal(-5)) is DayStop.MAX_LOSS
    assert day.book_money(Decimal(100)) is None
    assert day.stop is DayStop.MAX_LOSS


def test_a_target_stays_reached_over_a_restart_until_its_day_is_over() -> None:
    ledger = Ledger(Decimal(0), profit_target=TARGET)
    assert ledger.book(0, TARGET) is DayStop.PROFIT_TARGET
    ledger.book(1, Decimal(-20))
    assert not ledger.killed
    kept = (ledger.day, ledger.day_pnl, ledger.cash)
    again = Ledger(Decimal(0), profit_target=TARGET)
    stop = again.restore(2, *kept, killed=False, is_target_reached=True)
    assert stop is DayStop.PROFIT_TARGET
    assert again.restore(2, *kept, killed=False) is None
    assert again.restore(DAY_NS, *kept, killed=False, is_target_reached=True) is None


def test_a_reached_target_gives_up_the_entry_and_refuses_the_next_one() -> None:
    venue = SilentVenue(daily_profit_target=TARGET, cooldown_minutes=0)
    alerts: list[Alert] = []
    venue.msgbus.subscribe(Alert.topic(), alerts.append)
    venue.strategy.decide(venue.now, ENTRY, LONG, warm=True)
    entry = venue.sent[-1]
    venue.accept(entry)
    venue.fund(-60.0)
    assert venue.strategy.manager.trade.drop_reason is DropReason.PROFIT_TARGET
    assert venue.cancels == [entry]
    venue.cancel(entry)
    assert alerts[-1].kind == "PROFIT_TARGET"
    assert "+60.00, has reached the target" in alerts[-1].text
    decision, _ = venue.strategy.decide(venue.now, ENTRY, LONG, warm=True)
    assert decision.reason is Refusal.PROFIT_TARGET
    venue.advance(DAY_NS)
    decision, _ = venue.strategy.decide(venue.now, ENTRY, LONG, warm=True)
    assert decision.reason != Refusal.PROFIT_TARGET


def test_an_open_trade_goes_on_when_the_target_is_reached() -> None:
    venue = SilentVenue(daily_profit_target=TARGET, kill_flatten=True)
    venue.open_trade()
    venue.fund(-60.0)
    trade = venue.strategy.manager.trade
    assert (trade.close_reason, trade.open > 0) == (None, True)


def test_a_snapshot_of_before_there_was_a_target_is_read() -> None:
    venue = SilentVenue()
    plain = venue.strategy.manager.slots[0].manager.snapshot()
    assert plain.pop("is_target_reached") is False
    assert from_plain(plain).is_target_reached is False
