"""What a catalog and a venue remember, joined with what a node has heard."""

from actors.history import QUOTE
from actors.history import TRADE
from actors.history import Stored
from actors.history import Tick
from actors.history import align
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


def test_of_a_recording_and_live_ticks_each_counts_once():
    body, tail = [quote(0)], [quote(10), trade(11), quote(12), trade(13), quote(14)]
    # The node has subscribed to trades later, and has not received the last quote yet.
    live = [quote(10), quote(12), trade(13), trade(15)]
    kept, beyond = align(tail, live)
    assert (times(kept), times(beyond)) == ([10, 11, 12, 13], [15])
    found = join(Stored(0, 14 * S, lambda: iter(body), tuple(kept)), [], beyond, GAP)
    assert times(found) == [0, 10, 11, 12, 13, 15]


def test_as_many_equal_ticks_count_as_there_were():
    kept, beyond = align([trade(1), trade(1)], [trade(1), trade(1), trade(1)])
    assert (len(kept), len(beyond)) == (2, 1)
    kept, beyond = align([trade(1), trade(1), trade(1)], [trade(1)])
    # The others arrive live.
    assert (len(kept), len(beyond)) == (1, 0)


def test_a_kind_without_a_common_tick_ends_before_the_first_live_one():
    kept, beyond = align([trade(1), trade(3), quote(2)], [trade(2), quote(2)])
    assert (times(kept), times(beyond)) == ([1, 2], [2])
