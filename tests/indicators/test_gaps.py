"""What is a gap in the data, and what is none."""

import numpy as np
import pytest

from errors import ParameterError
from indicators.core.gaps import PRINT_FACTOR
from indicators.core.gaps import PRINT_PACE
from indicators.core.gaps import QUOTE_PACE
from indicators.core.gaps import GapFinder
from indicators.core.minute import MinuteFeatures


S = 1_000_000_000
MINUTE = 60 * S
HOUR = 60 * MINUTE
T0 = 1_767_571_200 * S
DAY = 1_440 * MINUTE


def found_in(finder, *quotes):
    for ts in quotes:
        finder.on_quote(ts)
    return finder.found


def test_a_silence_of_the_limit_is_no_gap_and_a_nanosecond_more_is_one():
    assert found_in(GapFinder(60.0), T0, T0 + MINUTE) == []
    end = T0 + MINUTE + 1
    assert found_in(GapFinder(60.0), T0, end) == [(T0, end, MINUTE + 1)]


def test_prints_beside_silent_quotes_show_nothing():
    finder = GapFinder(60.0)
    finder.on_quote(T0)
    for second in range(1, 62):
        finder.on_trade(T0 + second * S)
    assert not finder.is_silent_at(T0 + 60 * S)
    assert finder.is_silent_at(T0 + 61 * S)
    assert finder.on_quote(T0 + 62 * S)
    assert finder.found == [(T0, T0 + 62 * S, 62 * S)]
    assert not finder.is_silent_at(T0 + 63 * S)


def printed(finder, count, step=S):
    for number in range(count):
        finder.on_trade(T0 + number * step)
    return T0 + (count - 1) * step


def test_prints_alone_may_be_silent_for_longer():
    finder = GapFinder(60.0)
    last = printed(finder, PRINT_PACE + 1)
    limit = PRINT_FACTOR * MINUTE
    assert not finder.on_trade(last + limit)
    last += limit
    pace = PRINT_PACE * (finder_mean := (100 * S + limit) // 101)
    assert finder_mean > 0
    assert not finder.is_silent_at(last + max(limit, pace))
    assert finder.on_trade(last + max(limit, pace) + 1)


def test_a_thin_market_of_prints_is_judged_by_its_own_pace():
    hours = PRINT_PACE * 10 * MINUTE
    finder = GapFinder(60.0)
    last = printed(finder, PRINT_PACE + 1, 10 * MINUTE)
    assert not finder.on_trade(last + hours)
    few = GapFinder(60.0)
    last = printed(few, PRINT_PACE)
    assert not few.on_trade(last + 500 * DAY)


def test_sampled_quotes_may_leave_out_a_few_samples():
    finder = GapFinder(60.0)
    last = T0 + QUOTE_PACE * MINUTE
    assert found_in(finder, *range(T0, last + 1, MINUTE)) == []
    assert not finder.is_silent_at(last + 5 * MINUTE)
    assert finder.is_silent_at(last + 5 * MINUTE + 1)
    # The pace of a gap is none: the next one is as long.
    finder.on_quote(last + HOUR)
    finder.on_quote(last + HOUR + 5 * MINUTE)
    assert finder.found == [(last, last + HOUR, HOUR)]


def test_few_quotes_have_no_pace():
    times = range(T0, T0 + QUOTE_PACE * MINUTE, MINUTE)
    assert found_in(GapFinder(60.0), *times, times[-1] + 61 * S)


def test_the_first_quote_after_prints_ends_their_silence():
    finder = GapFinder(60.0)
    last = printed(finder, PRINT_PACE + 1)
    assert not finder.on_quote(last + 2 * MINUTE)
    # From here on quotes alone count, and their pace is not that of the prints.
    finder.on_trade(last + 3 * MINUTE)
    assert finder.on_quote(last + 3 * MINUTE + 1)
    late = GapFinder(60.0)
    assert late.on_quote(printed(late, PRINT_PACE + 1) + PRINT_FACTOR * MINUTE + 1)


def test_time_in_which_the_market_is_closed_does_not_count():
    asked = []

    def closed(start, end):
        asked.append((start, end))
        return min(end, T0 + 49 * 60 * MINUTE) - start

    finder = GapFinder(60.0, closed)
    finder.on_quote(T0)
    finder.on_quote(T0 + 30 * S)
    assert asked == []
    end = T0 + 49 * 60 * MINUTE + MINUTE
    assert not finder.is_silent_at(end)
    assert finder.is_silent_at(end + 1)
    assert finder.on_quote(end + 5)
    assert finder.found == [(T0 + 30 * S, end + 5, MINUTE + 5)]


def test_a_late_event_and_a_pause_find_nothing():
    finder = GapFinder(60.0)
    finder.on_quote(T0 + 100 * S)
    finder.on_quote(T0)
    assert not finder.on_quote(T0 + 150 * S)
    finder.pause()
    assert not finder.on_quote(T0 + DAY)
    assert not finder.is_silent_at(T0 + 2 * DAY)
    finder.resume(T0 + 3 * DAY, has_quotes=True)
    assert not finder.on_quote(T0 + 3 * DAY + MINUTE)
    assert finder.on_quote(T0 + 3 * DAY + 3 * MINUTE)


def test_columns_in_any_chunks_find_the_same():
    times = np.cumsum(np.array([1, 30, 61, 1, 60, 500, 2]) * S) + T0
    kinds = np.zeros(len(times), np.uint8)
    whole, parts = GapFinder(60.0), GapFinder(60.0)
    whole.update_many(kinds, times)
    for i in range(len(times)):
        parts.update_many(kinds[i : i + 1], times[i : i + 1])
    assert whole.found == parts.found
    assert [end - start for start, end, _ in whole.found] == [61 * S, 500 * S]


@pytest.mark.parametrize("limit", [0.0, -1.0, float("nan"), float("inf"), 1e9])
def test_a_limit_that_is_none_is_refused(limit):
    with pytest.raises(ParameterError, match="gap_after_s: must be positive"):
        GapFinder(limit)


def features(**changes):
    parameters = {"window_minutes": 5, "warmup_minutes": 5, "min_va_bins": 1, **changes}
    return MinuteFeatures("0.1", "0.001", **parameters)


def fed(core, minutes, since=T0):
    """Ten quotes and prints a minute, of a price that moves."""
    for number in range(10 * minutes):
        ts, price = since + number * 6 * S, 600_000 + 7 * number % 40
        core.update_quote(ts, price, price + 1, 1_000, 1_500)
        core.update_trade(ts + S, price, 10 + number % 5)
    return since + minutes * MINUTE


def rows_of(core, end):
    core.close_until(end)
    found, core.closed[:] = [values for values, _ in core.closed], []
    return found


def test_after_a_gap_the_features_are_those_of_a_start_behind_it():
    later = T0 + DAY
    broken, fresh = features(gaps=GapFinder(60.0)), features(gaps=GapFinder(60.0))
    fed(broken, 12)
    end = fed(broken, 12, later)
    after = [row for row in rows_of(broken, end) if row[0] >= later]
    fed(fresh, 12, later)
    assert after == rows_of(fresh, end)
    assert [row[-1] for row in after] == 4 * [False] + 8 * [True]
    assert broken.gaps.found == [(T0 + 12 * MINUTE - 6 * S, later, DAY - 12 * MINUTE + 6 * S)]


def test_minutes_in_a_gap_are_not_warm_and_those_of_a_long_one_have_no_row():
    core = features(gaps=GapFinder(60.0))
    fed(core, 12)
    fed(core, 12, T0 + 510 * DAY)
    rows = rows_of(core, T0 + 510 * DAY + 12 * MINUTE)
    silent = [row for row in rows if row[7] == 0]
    # As many as window and warm-up.
    assert [row[-1] for row in silent] == 5 * [False]
    assert rows[-13] == silent[-1]
    assert rows[-1][0] == T0 + 510 * DAY + 11 * MINUTE


def test_a_gap_rule_changes_nothing_where_there_is_no_gap():
    plain, ruled = features(), features(gaps=GapFinder(60.0))
    assert rows_of(plain, fed(plain, 30)) == rows_of(ruled, fed(ruled, 30))


def test_a_gap_while_prints_go_on_starts_with_the_quote_that_ends_it():
    core = features(gaps=GapFinder(60.0))
    end = fed(core, 8)
    for number in range(30):
        core.update_trade(end + number * 10 * S, 600_000, 5)
    core.update_quote(end + 5 * MINUTE + 30 * S, 600_000, 600_001, 10, 10)
    rows = rows_of(core, end + 6 * MINUTE)
    assert [row[-1] for row in rows[8:]] == 6 * [False]
    # The prints of its minute before it are left out.
    assert rows[-1][7] == 0
    assert core.gaps.found == [
        (end - 6 * S, end + 5 * MINUTE + 30 * S, 5 * MINUTE + 36 * S),
    ]


@pytest.mark.parametrize("days", [3_661, 40_000])
def test_a_time_of_another_unit_is_still_refused(days):
    core = features(gaps=GapFinder(60.0))
    fed(core, 1)
    with pytest.raises(ValueError, match="3660 days after the bar"):
        core.update_quote(T0 + days * DAY, 1, 2, 1, 1)


def test_a_start_anew_closes_what_is_over_and_leaves_out_the_rest():
    core, fresh = features(), features()
    end = fed(core, 8)
    core.start_again(end + 30 * S)
    rows = rows_of(core, end)
    assert [row[0] for row in rows] == [T0 + number * MINUTE for number in range(8)]
    # What had been taken in before leaves nothing behind.
    fresh.start_again(end + 30 * S)
    last = fed(core, 8, end + MINUTE)
    fed(fresh, 8, end + MINUTE)
    assert rows_of(core, last) == rows_of(fresh, last)
