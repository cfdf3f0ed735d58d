"""What a boundary, a gap and a silence of the data do to a strategy and its orders."""

from typing import Any

import pytest

from actors.messages import DataGap
from actors.messages import DataSilence
from strategies.common.gate import Refusal
from strategies.common.intents import Action
from strategies.common.reasons import DropReason
from strategies.common.reasons import ExitReason
from tests.strategies.live_venue import LiveVenue
from tests.strategies.live_venue import live_clock
from tests.strategies.silent_venue import ENTRY
from tests.strategies.silent_venue import LONG
from tests.strategies.silent_venue import SHORT
from tests.strategies.silent_venue import START
from tests.strategies.silent_venue import SilentVenue


__all__ = ["live_clock"]

MINUTE_NS = 60_000_000_000
OTHER = "ETHUSDT-LINEAR.BYBIT"
SIDES = pytest.mark.parametrize("intent", [LONG, SHORT], ids=["long", "short"])


def gap(venue: SilentVenue, instrument_id: Any = None) -> None:
    """End a gap in the data of an instrument, the strategy's where none is named."""
    iid = venue.instrument.id if instrument_id is None else instrument_id
    message = DataGap(
        iid, venue.now, venue.now, start=venue.now - MINUTE_NS, end=venue.now, silent_s=60.0
    )
    venue.msgbus.publish(DataGap.topic(), message)


def silence(venue: SilentVenue, instrument_id: Any = None) -> None:
    iid = venue.instrument.id if instrument_id is None else instrument_id
    message = DataSilence(iid, venue.now, venue.now, closes_at=venue.now)
    venue.msgbus.publish(DataSilence.topic(), message)


@pytest.mark.usefixtures("live_clock")
def test_boundaries_up_to_the_start_of_a_live_strategy_are_the_past() -> None:
    venue = LiveVenue()
    venue.strategy.active = True
    decision, size = venue.strategy.decide(START, ENTRY, LONG, warm=True)
    assert (decision.action, decision.reason, size) == (Action.HOLD, Refusal.OBSERVATION, None)
    assert venue.strategy.decide(START, ENTRY, None, warm=True)[0].reason is None
    assert venue.sent == []
    venue.advance(1)
    decision, size = venue.strategy.decide(START + 1, ENTRY, LONG, warm=True)
    assert decision.action is Action.ENTER_LONG
    assert [venue.strategy.units.lots(order.quantity) for order in venue.sent] == [
        int(size / venue.strategy.units.lot)
    ]


@pytest.mark.parametrize(("is_warm", "is_active"), [(True, False), (False, True), (True, True)])
def test_what_a_strategy_is_told_of_warmth_and_activity_reaches_the_gate(
    is_warm: bool, is_active: bool
) -> None:
    venue = SilentVenue()
    venue.strategy.active = is_active
    decision, _ = venue.strategy.decide(venue.now, ENTRY, LONG, warm=is_warm)
    assert venue.strategy.warm is is_warm
    assert (decision.action is Action.ENTER_LONG) is (is_warm and is_active)
    assert len(venue.sent) == (is_warm and is_active)


@SIDES
@pytest.mark.parametrize("profit", [500, -500])
def test_the_quote_of_a_boundary_says_whether_the_time_stop_waits(intent: Any, profit: int) -> None:
    venue = SilentVenue(max_hold_minutes=1)
    venue.open_trade(intent)
    at = ENTRY + intent.side * profit
    venue.quote(ENTRY - 1, ENTRY + 1)
    venue.advance(MINUTE_NS)
    venue.strategy.decide(venue.now, ENTRY, None, warm=True)
    venue.quote(at - 1, at + 1)
    venue.advance(MINUTE_NS)
    # The close of the minute says nothing about what an exit would get.
    decision, _ = venue.strategy.decide(venue.now, ENTRY, None, warm=True)
    trade = venue.strategy.manager.trade
    assert trade is not None
    assert trade.close_reason is (None if profit > 0 else ExitReason.TIME)
    assert (decision.action is Action.EXIT) is (profit < 0)


@pytest.mark.parametrize("end", [gap, silence])
@SIDES
def test_a_working_entry_is_taken_back_where_data_are_missing(intent: Any, end: Any) -> None:
    venue = SilentVenue()
    venue.strategy.decide(venue.now, ENTRY, intent, warm=True)
    (entry,) = venue.sent
    venue.accept(entry)
    end(venue, type(venue.instrument.id).from_str(OTHER))
    assert venue.cancels == []
    end(venue)
    assert venue.cancels == [entry]
    assert venue.strategy.manager.trade.drop_reason is DropReason.STALE


@pytest.mark.parametrize("end", [gap, silence])
@SIDES
def test_an_open_trade_keeps_its_stop_where_data_are_missing(intent: Any, end: Any) -> None:
    venue = SilentVenue()
    stop = venue.open_trade(intent)
    end(venue)
    assert (venue.working, venue.cancels) == ([stop], [])
    assert venue.strategy.manager.trade.close_reason is None


def test_closes_are_counted_and_those_that_a_gap_has_left_cold() -> None:
    venue = SilentVenue()
    strategy = venue.strategy
    # Before the first gap it has simply not seen enough yet.
    for warm in (False, True, True):
        strategy.count_close(warm=warm)
    assert (strategy.closes_seen, strategy.closes_cold, strategy.gaps_seen) == (3, 0, 0)
    gap(venue)
    for warm in (False, False, True):
        strategy.count_close(warm=warm)
    gap(venue, type(venue.instrument.id).from_str(OTHER))
    assert (strategy.closes_seen, strategy.closes_cold, strategy.gaps_seen) == (6, 2, 1)
    gap(venue)
    assert strategy.gaps_seen == 2
