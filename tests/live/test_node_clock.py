"""A clock that is wrong is told, and a node whose own clock stands still ends."""

import pytest
from nautilus_trader.model.data import QuoteTick
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.model.objects import Price
from nautilus_trader.model.objects import Quantity

from errors import AuctionError
from live import clock_watch
from live.clock_watch import ClockWatch
from tests.markets import BTC


T0 = 1_767_600_000
NS = 10**9


@pytest.fixture
def look(monkeypatch):
    """Look with a venue, a machine and a node at times after T0 (s)."""
    watch = ClockWatch()

    def look_at(venue: float, machine: float, node: float) -> float:
        monkeypatch.setattr(clock_watch.time, "time", lambda: T0 + machine)
        price, size = Price.from_str("60000.0"), Quantity.from_str("1.000")
        ts = int((T0 + venue) * NS)
        quote = QuoteTick(InstrumentId.from_str(BTC), price, price, size, size, ts, ts)
        watch.check(quote, int((T0 + node) * NS))
        return watch.error_s

    return look_at


def test_a_clock_that_is_off_twice_is_wrong_until_it_is_right(look):
    assert look(1, 91, 91) == 0
    assert look(2, 92, 92) == pytest.approx(90)
    assert look(3, 3.5, 3.5) == 0


def test_the_quote_of_before_tells_nothing(look):
    assert look(1, 1, 1) == 0
    assert look(1, 91, 91) == look(1, 95, 95) == 0


def test_a_late_quote_is_no_wrong_clock(look):
    assert look(1, 4, 4) == 0
    assert look(5, 5.1, 5.1) == 0


def test_data_of_another_day_are_a_rehearsal(look):
    assert look(1, 90_000, 90_000) == look(2, 90_001, 90_001) == 0


def test_a_node_whose_clock_stands_still_ends(look):
    assert look(1, 1, 91) == 0
    with pytest.raises(AuctionError, match="node's is 89 s ahead"):
        look(2, 2, 91)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(
    ("off_s", "is_wrong"),
    [(2, False), (2.5, True), (3_599.5, True), (3_600, False), (3_600.5, False)],
)
def test_a_clock_is_wrong_beyond_what_the_venue_takes_and_within_the_hour(
    look, sign, off_s, is_wrong
):
    errors = [look(venue, venue + sign * off_s, venue + sign * off_s) for venue in (1, 2)]
    assert errors == [0, sign * off_s if is_wrong else 0]
