"""What a catalog and a venue remember, joined with what a node has heard."""

from actors.history import QUOTE
from actors.history import TRADE
from actors.history import Stored
from actors.history import Tick
from actors.history import join as join_all
from indicators.core.gaps import GapFinder


S = 1_000_000_000
GAP = 60 * S


def join(stored, recent, heard, gap_ns):
    return join_all(stored, recent, heard, GapFinder(gap_ns / S))


def quote(seconds):
    return Tick(QUOTE, seconds * S, 100, 101, 5, 5)


def trade(seconds, trade_id=""):
    return Tick(TRADE, seconds * S, 100, 0, 1, 0, 1, trade_id)


def stored(*ticks):
    return Stored(ticks[0].ts, ticks[-1].ts, lambda: iter(ticks))


def times(ticks):
    return [tick.ts // S for tick in ticks]


def test_each_source_begins_where_the_one_before_it_ends():
    joined = join(
        stored(quote(0), trade(30)),
        [trade(70, "c"), trade(20, "a"), trade(50, "b")],
        [quote(90), trade(95, "d")],
        GAP,
    )
    assert times(joined) == [0, 30, 50, 70, 90, 95]


def test_a_trade_that_was_heard_as_well_counts_once():
    joined = list(join(None, [trade(88, "a"), trade(90, "b")], [trade(90, "b"), quote(91)], GAP))
    assert [tick.trade_id for tick in joined] == ["a", "b", ""]


def test_trades_remembered_of_a_later_time_than_the_first_heard_are_left_out():
    assert times(join(None, [trade(90, "x"), trade(92, "y")], [quote(90)], GAP)) == [90, 90]


def test_what_lies_before_a_gap_is_left_out():
    assert times(join(stored(trade(0)), [trade(50, "a")], [quote(111)], GAP)) == [111]
    assert times(join(stored(trade(0)), [trade(61, "a")], [quote(100)], GAP)) == [61, 100]
    assert times(join(stored(trade(0)), [], [quote(60)], GAP)) == [0, 60]


def test_a_catalog_that_reaches_beyond_the_first_tick_heard_gives_way_to_it():
    assert times(join(stored(trade(0), trade(20)), [], [quote(10), trade(15)], GAP)) == [0, 10, 15]


def test_without_any_history_only_what_was_heard_is_left():
    assert times(join(None, [], [quote(5), trade(6)], GAP)) == [5, 6]
    assert list(join(None, [], [], GAP)) == []


def test_a_stretch_spans_a_time_but_for_a_gap_at_its_ends():
    found = stored(quote(30), trade(100))
    assert found.spans(0, 160 * S, GAP)
    assert not found.spans(-31 * S, 160 * S, GAP)
    assert not found.spans(0, 161 * S, GAP)
