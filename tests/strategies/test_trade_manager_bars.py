"""The trade manager in a market of bars alone: what a bar at its close does to a trade."""

from dataclasses import replace

import pytest

from strategies.common.bar_prices import BarPrices
from strategies.common.bar_prices import alarm_lead
from strategies.common.commands import Cancel
from strategies.common.commands import Purpose
from strategies.common.commands import Submit
from strategies.common.reasons import DropReason
from strategies.common.reasons import ExitReason
from strategies.common.trade_params import MINUTE_NS
from strategies.common.trade_params import SECOND_NS
from tests.strategies.trade_manager_desk import LONG
from tests.strategies.trade_manager_desk import SHORT
from tests.strategies.trade_manager_desk import Desk


AXIS = 1000


class Bars(Desk):
    """Plays bars of a minute, mirrored for a short trade."""

    def __init__(self, side, **params):
        super().__init__(**params)
        self.side = side
        self.intent = LONG if side > 0 else SHORT

    def price(self, ticks):
        return AXIS + self.side * ticks

    def bar(self, low, high, close, begins=None):
        """Close the bar that began at the last full minute, or at another time."""
        begins = self.now - self.now % MINUTE_NS if begins is None else begins
        self.now = begins + MINUTE_NS
        low, high = sorted((self.price(low), self.price(high)))
        closed = BarPrices(begins, self.now, low, high, self.price(close))
        return self.keep(self.manager.on_bar(closed))

    def opened(self, ticks=0, lots=10):
        """Open the trade with a fill at the present time."""
        self.minute(self.intent)
        self.accept(1)
        self.fill(1, lots, self.price(ticks))
        self.accept(2)


@pytest.fixture(params=[1, -1], ids=["long", "short"])
def side(request):
    return request.param


@pytest.mark.parametrize(
    ("has_bars_alone", "is_live", "lead"),
    [(False, False, 1), (False, True, 1), (True, False, 0), (True, True, -2 * SECOND_NS)],
)
def test_an_alarm_comes_before_the_data_of_its_time_and_after_the_bar_that_ends_then(
    has_bars_alone, is_live, lead
):
    assert alarm_lead(has_bars_alone=has_bars_alone, is_live=is_live) == lead


def exits_of(commands):
    return [
        (command.lots, command.reason)
        for command in commands
        if isinstance(command, Submit) and command.purpose is Purpose.EXIT
    ]


def test_the_worst_price_of_a_bar_comes_before_its_best(side):
    bars = Bars(side)
    bars.opened()
    # The venue's stop is trusted to fill what its price has reached; then the rest is closed.
    assert exits_of(bars.bar(-60, 120, 110)) == []
    assert bars.manager.trade.close_reason is ExitReason.STOP
    assert exits_of(bars.wait(SECOND_NS)) == [(10, ExitReason.STOP)]


def test_a_bar_that_reaches_the_last_target_closes_the_trade(side):
    bars = Bars(side)
    bars.opened()
    assert exits_of(bars.bar(-20, 100, 30)) == [(10, ExitReason.TP2)]


def test_a_bar_in_which_a_trade_began_to_fill_counts_with_its_close_alone(side):
    bars = Bars(side)
    bars.opened()
    assert bars.bar(-60, 120, 30, bars.now - SECOND_NS) == []
    assert bars.manager.trade.close_reason is None
    assert exits_of(bars.bar(20, 110, 105, bars.now)) == [(10, ExitReason.TP2)]


def test_one_bar_may_reach_the_first_target_and_move_a_trailing_stop(side):
    bars = Bars(side)
    bars.intent = replace(bars.intent, trail_distance=30)
    bars.opened()
    commands = bars.bar(-20, 80, 75)
    assert exits_of(commands) == [(3, ExitReason.TP1)]
    stops = [c.price for c in commands if isinstance(c, Submit) and c.purpose is Purpose.STOP]
    assert stops == [bars.price(50)]


def test_an_entry_is_given_up_where_a_bar_reaches_its_stop_first(side):
    bars = Bars(side)
    bars.minute(bars.intent)
    bars.accept(1)
    assert bars.bar(-60, 10, 5) == [Cancel(order_id=1)]
    assert bars.manager.trade.drop_reason is DropReason.STOP_TOUCHED


def test_an_entry_survives_a_bar_that_had_begun_before_it_was_sent(side):
    bars = Bars(side)
    bars.minute(bars.intent)
    bars.accept(1)
    assert bars.bar(-60, 120, 5, bars.now - MINUTE_NS + SECOND_NS) == []
    assert bars.manager.trade.drop_reason is None


def test_an_entry_stays_where_the_rules_ignore_touches(side):
    bars = Bars(side, cancel_on_stop_touch=False, entry_timeout_ns=5 * MINUTE_NS)
    bars.minute(bars.intent)
    bars.accept(1)
    assert bars.bar(-60, 10, 5) == []


def test_a_time_out_at_the_close_of_a_bar_comes_with_it(side):
    bars = Bars(side)
    bars.minute(bars.intent)
    bars.accept(1)
    assert bars.bar(5, 10, 5) == [Cancel(order_id=1)]


def test_the_close_of_a_bar_stands_for_bid_and_ask(side):
    bars = Bars(side)
    bars.bar(-5, 10, 7)
    state = bars.manager.state()
    assert state.bid == state.ask == bars.price(7)


def test_a_restored_trade_ignores_a_bar_from_before(side):
    bars = Bars(side)
    bars.minute(bars.intent)
    bars.accept(1)
    other = Bars(side)
    other.manager.restore(bars.now + SECOND_NS, bars.manager.snapshot())
    other.now = bars.now
    # Sent before the process ended; what of this bar came after the restart is unknown.
    assert other.bar(-60, 10, 5, bars.now) == [Cancel(order_id=1)]
    assert other.manager.trade.drop_reason is None
