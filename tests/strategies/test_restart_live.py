"""What a live strategy makes of what a restart finds at the venue."""

import pytest
from nautilus_trader.model.events import OrderFilled

from actors.journal.rows import fill_row
from tests.strategies.live_venue import LiveVenue
from tests.strategies.live_venue import live_clock
from tests.strategies.silent_venue import LONG
from tests.strategies.silent_venue import SHORT


__all__ = ["live_clock"]

pytestmark = pytest.mark.usefixtures("live_clock")

INTENTS = pytest.mark.parametrize("intent", [LONG, SHORT], ids=["long", "short"])


def active() -> LiveVenue:
    """Return a venue whose strategy may enter."""
    venue = LiveVenue()
    venue.strategy.active = True
    venue.strategy.warm = True
    venue.advance(1)
    return venue


@INTENTS
def test_the_first_target_is_not_taken_again_where_the_journal_lacks_it(intent) -> None:
    venue = active()
    venue.open_trade(intent)
    journal = list(venue.journal)
    venue.print(intent.tp1)
    first = venue.sent[-1]
    venue.accept(first)
    venue.fill(first, intent.tp1)
    again = venue.restart(journal)
    trade = again.strategy.manager.trade
    assert again.alerts == []
    assert (trade.tp1_over, trade.stop, trade.stop_reason) == (True, intent.entry, "BREAKEVEN")
    marks = [order.client_order_id.value.rpartition("-")[2] for order in again.sent]
    assert marks == ["S", "BS"]
    again.print(intent.tp1)
    assert len(again.sent) == 2


def test_fills_found_at_a_restart_have_a_role() -> None:
    venue = active()
    stop = venue.open_trade()
    venue.print(LONG.tp1)
    venue.fill(venue.sent[-1], LONG.tp1)
    venue.fill(stop, LONG.stop)
    rows = [
        fill_row(event, order, None)
        for order in venue.left()
        for event in order.events
        if isinstance(event, OrderFilled)
    ]
    assert [row["role"] for row in rows] == ["ENTRY", "STOP", "EXIT"]
