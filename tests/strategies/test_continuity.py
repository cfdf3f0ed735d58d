"""Whether a restart goes on by itself, what it says of why not, and what it has heard of before."""

import json

import pytest

from errors import AuctionError
from strategies.common.nautilus.state_persistence import FRESH_NS
from strategies.common.nautilus.state_persistence import SNAPSHOT_NS
from strategies.common.nautilus.strategy import TradingStrategy
from tests.strategies.live_venue import LiveVenue
from tests.strategies.live_venue import as_found
from tests.strategies.live_venue import live_clock
from tests.strategies.silent_venue import LONG
from tests.strategies.test_restart_live import active


__all__ = ["live_clock"]

pytestmark = pytest.mark.usefixtures("live_clock")

MINUTE_NS = 60_000_000_000


def why(venue: LiveVenue) -> str:
    """Return why nothing is entered."""
    (text,) = [alert.text for alert in venue.alerts if alert.kind == "OBSERVATION"]
    assert not venue.strategy.active
    return text.removeprefix("enters nothing after the restart: ")


def resting() -> LiveVenue:
    """Return a venue where an entry of the strategy rests."""
    venue = active()
    venue.strategy.decide(venue.now, LONG.entry, LONG, warm=True)
    venue.accept(venue.sent[-1])
    return venue


def test_a_first_start_says_nothing_and_enters_nothing() -> None:
    venue = LiveVenue()
    assert venue.alerts == []
    assert not venue.strategy.active
    assert venue.strategy.funded_until_ns == venue.now


def test_a_short_absence_goes_on() -> None:
    venue = active()
    again = venue.restart(after_ns=FRESH_NS - 1)
    assert again.alerts == []
    assert again.strategy.active


@pytest.mark.parametrize("sign", [1, -1])
def test_a_state_that_is_not_of_now_is_observed_first(sign: int) -> None:
    venue = active()
    again = venue.restart(after_ns=sign * (FRESH_NS + MINUTE_NS + 10))
    assert why(again) == "the last state is 11 minutes old"


def test_what_was_in_observation_stays_there() -> None:
    venue = active()
    venue.strategy.active = False
    assert why(venue.restart()) == "it was in observation before"


def test_what_was_halted_stays_halted() -> None:
    venue = active()
    venue.strategy.halt_entries()
    again = venue.restart()
    assert why(again) == "it was halted before"
    assert again.strategy.manager.halted


def test_orders_without_a_state_are_taken_back_and_nothing_is_entered() -> None:
    again = resting().restart(journal=[])
    assert why(again) == "there is no state to go on from"
    assert again.cancels == again.working


def test_an_order_of_somebody_else_is_told_and_left_alone() -> None:
    venue = resting()
    foreign = as_found(venue.sent[-1], "EXTERNAL", "manual")
    again = venue.restart(orders=[foreign])
    assert again.kinds() == ["FOREIGN_ORDERS", "OBSERVATION"]
    assert again.alerts[0].text.endswith("work there: manual")
    assert again.alerts[0].value == 1
    assert why(again) == "orders not under our control work there"
    assert again.cancels == []


def test_a_foreign_order_stops_entries_of_a_first_start_too() -> None:
    foreign = as_found(resting().sent[-1], "EXTERNAL", "manual")
    again = LiveVenue(orders=[foreign])
    assert again.kinds() == ["FOREIGN_ORDERS", "OBSERVATION"]
    assert not again.strategy.active


def test_our_orders_that_nautilus_gives_to_nobody_are_told() -> None:
    venue = resting()
    unclaimed = as_found(venue.sent[-1], "EXTERNAL")
    again = venue.restart(orders=[unclaimed])
    assert again.kinds() == ["ORDERS_UNCLAIMED", "FOREIGN_ORDERS", "OBSERVATION"]
    assert "external_order_claims" in again.alerts[0].text
    assert unclaimed.client_order_id.value in again.alerts[0].text
    assert again.alerts[0].value == 1


def test_an_unreadable_journal_is_told_and_a_reason_to_enter_nothing() -> None:
    again = LiveVenue(failure="disk I/O error")
    assert again.kinds() == ["STATE_REFUSED", "OBSERVATION"]
    assert why(again) == "there is no state to go on from"
    venue = active()
    loaded = venue.strategy.on_save()["trading"]
    again = venue.restart(failure="disk I/O error", journal=[], loaded=loaded)
    assert again.kinds() == ["STATE_REFUSED", "OBSERVATION"]
    assert why(again) == "the journal cannot be read: disk I/O error"


def test_funding_is_asked_for_from_where_the_books_end() -> None:
    venue = active()
    venue.open_trade()
    venue.advance(MINUTE_NS)
    venue.fund(1.0)
    booked = venue.now
    venue.advance(MINUTE_NS)
    venue.strategy.active = False
    assert venue.restart().strategy.funded_until_ns == booked
    old = json.loads(venue.journal[-1])
    del old["digest"], old["funded_until"]
    again = venue.restart([json.dumps(old)])
    assert again.strategy.funded_until_ns == old["ts"] == venue.now


def test_the_state_is_published_every_five_minutes_where_there_is_a_journal() -> None:
    venue = active()
    before = len(venue.journal)
    venue.advance(SNAPSHOT_NS)
    assert len(venue.journal) == before + 1
    venue.advance(2 * SNAPSHOT_NS)
    assert len(venue.journal) == before + 3
    silent = LiveVenue(is_journaled=False)
    silent.strategy.active = True
    silent.advance(2 * SNAPSHOT_NS)
    assert silent.journal == []


def test_without_a_journal_the_state_that_nautilus_has_kept_is_gone_on_from() -> None:
    venue = active()
    venue.open_trade()
    loaded = venue.strategy.on_save()["trading"]
    again = venue.restart(journal=[], is_journaled=False, loaded=loaded)
    assert again.alerts == []
    assert again.strategy.manager.trade.stop == LONG.stop
    assert again.strategy.active


def test_the_later_one_of_two_states_counts() -> None:
    venue = active()
    older = venue.strategy.on_save()["trading"]
    venue.open_trade()
    venue.advance(1)
    newer = venue.strategy.on_save()["trading"]
    journal = list(venue.journal)
    venue.strategy.active = False
    for texts, loaded in ((journal, older), (journal[:1], newer)):
        again = venue.restart(journal=texts, loaded=loaded)
        assert again.strategy.manager.trade.intent.tag == LONG.tag
        assert again.alerts == []


def test_of_two_states_none_counts_where_one_cannot_be_read() -> None:
    venue = active()
    venue.open_trade()
    again = venue.restart(loaded=b"{")
    assert again.kinds() == ["POSITION_MISMATCH", "STATE_REFUSED", "OBSERVATION"]
    assert again.strategy.manager.trade.intent.tag == "adopted"


def test_signals_that_the_system_refuses_refuse_the_whole_state(monkeypatch) -> None:
    venue = active()
    venue.open_trade()

    def refuse(_, state) -> None:
        assert state is None
        raise AuctionError("signals of another version")

    monkeypatch.setattr(TradingStrategy, "check_signal_state", refuse)
    again = venue.restart()
    (text,) = [alert.text for alert in again.alerts if alert.kind == "STATE_REFUSED"]
    assert text == "the last state is not used: signals of another version"
    assert again.strategy.manager.trade.intent.tag == "adopted"
