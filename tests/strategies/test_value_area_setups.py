"""Behaviour of the trackers and setups that simpler implementations get wrong."""

from collections.abc import Sequence

import pytest

from errors import AuctionError
from strategies.value_area.acceptance import TrackerState
from strategies.value_area.engine import Signal
from strategies.value_area.engine import SignalEngine
from strategies.value_area.inputs import Minute
from strategies.value_area.inputs import ValueArea
from strategies.value_area.params import SignalParams
from strategies.value_area.reasons import Reason
from strategies.value_area.reasons import Rejection
from strategies.value_area.reasons import Setup
from strategies.value_area.setups import Candidate
from tests.strategies.value_area_market import BUYING
from tests.strategies.value_area_market import SELLING
from tests.strategies.value_area_market import Flow
from tests.strategies.value_area_market import minute_at


IMMEDIATE = SignalParams(enable_retest_mode=False)


def feed(engine: SignalEngine, minutes: Sequence[Minute], *, take: bool = True) -> list[Signal]:
    signals = []
    for minute in minutes:
        signal = engine.on_minute(minute)
        signals.append(signal)
        if take and signal.best is not None:
            engine.take(signal.best)
    return signals


def rise(count: int) -> list[Minute]:
    """Return minutes that each close above VAH, the first of them through it."""
    first = minute_at(1, 50_088, 50_123, 50_120, flow=BUYING)
    return [first] + [
        minute_at(number, 50_117, 50_128, 50_125, flow=BUYING) for number in range(2, count + 1)
    ]


def best_of(signal: Signal) -> Candidate:
    assert signal.best is not None
    return signal.best


def test_failed_breakout_is_seen_on_the_bar_that_resets_the_sequence() -> None:
    signals = feed(
        SignalEngine(SignalParams()), [*rise(1), minute_at(2, 50_080, 50_124, 50_085, flow=SELLING)]
    )

    assert signals[-1].events == ("UP_RESET_INSIDE",)
    assert signals[-1].reason is Reason.FAILBREAK_SHORT


@pytest.mark.parametrize(("flow", "fades"), [(-100, True), (0, True), (100, False)])
def test_failed_upward_attempt_is_sold_unless_flow_still_buys(flow: int, fades: bool) -> None:
    back = minute_at(2, 50_080, 50_124, 50_085, flow=Flow(flow, 0.0))

    signals = feed(SignalEngine(SignalParams()), [*rise(1), back])

    assert (signals[-1].reason is Reason.FAILBREAK_SHORT) is fades


@pytest.mark.parametrize(("flow", "fades"), [(100, True), (0, True), (-100, False)])
def test_failed_downward_attempt_is_bought_unless_flow_still_sells(flow: int, fades: bool) -> None:
    down = minute_at(1, 49_880, 49_912, 49_885, flow=SELLING)
    back = minute_at(2, 49_870, 49_925, 49_920, flow=Flow(flow, 0.0))

    signals = feed(SignalEngine(SignalParams()), [down, back])

    assert (signals[-1].reason is Reason.FAILBREAK_LONG) is fades


@pytest.mark.parametrize(("ambiguous", "confirmed"), [(0.35, True), (0.36, False)])
def test_both_arms_are_needed_only_above_the_ambiguous_share(
    ambiguous: float, confirmed: bool
) -> None:
    minute = minute_at(1, 49_880, 49_960, 49_950, flow=Flow(100, -0.2), ambiguous_share=ambiguous)

    signal = SignalEngine(SignalParams()).on_minute(minute)

    assert (signal.reason is Reason.BREAKIN_LONG) is confirmed


def test_without_known_flow_and_imbalance_nothing_is_confirmed() -> None:
    minute = minute_at(1, 49_880, 49_960, 49_950, flow=Flow(None, None))

    assert SignalEngine(SignalParams()).on_minute(minute).reason is Reason.NO_SETUP


def test_threshold_of_null_switches_its_test_off() -> None:
    minute = minute_at(1, 49_880, 49_960, 49_950, flow=BUYING)
    params = SignalParams(of_entry_min=None, of_entry_min_norm=None, qimb_entry_min=None)

    assert SignalEngine(params).on_minute(minute).flags == ()


def test_break_in_stop_lies_behind_the_excursion_not_the_edge() -> None:
    signal = SignalEngine(SignalParams()).on_minute(
        minute_at(1, 49_850, 49_960, 49_950, flow=BUYING)
    )

    assert best_of(signal).stop == 49_848


def test_failed_breakout_stop_lies_behind_the_extreme_of_the_whole_sequence() -> None:
    poke = minute_at(2, 50_110, 50_160, 50_120, flow=BUYING)
    back = minute_at(3, 50_080, 50_121, 50_085, flow=SELLING)

    signals = feed(SignalEngine(SignalParams()), [*rise(1), poke, back])

    assert best_of(signals[-1]).stop == 50_162


def test_breakout_fires_once_per_sequence_when_taken() -> None:
    signals = feed(SignalEngine(IMMEDIATE), rise(6))

    assert [signal.flags for signal in signals] == [(), (), ("breakout_long",), (), (), ()]


def test_breakout_that_is_not_taken_stays_available() -> None:
    signals = feed(SignalEngine(IMMEDIATE), rise(5), take=False)

    assert [bool(signal.flags) for signal in signals] == [False, False, True, True, True]


def test_breakout_waits_for_a_retest_and_fires_on_it() -> None:
    engine = SignalEngine(SignalParams())

    signals = feed(engine, rise(4))
    states = [engine.up.state]
    signal = engine.on_minute(minute_at(5, 50_101, 50_140, 50_125, flow=SELLING))
    candidate = best_of(signal)
    assert (candidate.tag, candidate.stop, candidate.boundary) == ("breakout_long", 50_099, 50_100)
    engine.take(candidate)
    states.append(engine.up.state)

    assert all(signal.best is None for signal in signals)
    assert states == [TrackerState.PENDING_RETEST, TrackerState.FIRED]


def test_breakout_targets_are_one_and_two_times_the_risk() -> None:
    candidate = best_of(feed(SignalEngine(IMMEDIATE), rise(3))[-1])

    risk = candidate.entry - candidate.stop
    assert candidate.tp1_half == 2 * (candidate.entry + risk)
    assert candidate.tp2 == candidate.entry + 2 * risk


def test_bars_before_the_boundary_was_traded_do_not_count() -> None:
    gap = [minute_at(number, 50_155, 50_170, 50_165, flow=BUYING) for number in (1, 2, 3)]

    signals = feed(SignalEngine(IMMEDIATE), gap)

    assert signals[-1].up is not None
    assert (signals[-1].up.closes, signals[-1].up.count) == (3, 0)
    assert signals[-1].best is None


def test_crossing_asks_for_a_print_at_the_boundary_not_for_a_range_across_it() -> None:
    jump = minute_at(1, 50_080, 50_125, 50_120, prints=(50_080, 50_120, 50_125), flow=BUYING)

    signal = SignalEngine(SignalParams()).on_minute(jump)

    assert signal.up is not None
    assert not signal.up.validated


def test_sequence_is_judged_by_its_locked_boundary() -> None:
    risen = ValueArea(val=49_900, vah=50_140, poc_half=100_000)
    later = minute_at(2, 50_117, 50_128, 50_125, area=risen, flow=SELLING)

    signals = feed(SignalEngine(SignalParams()), [*rise(1), later])

    assert signals[-1].up is not None
    assert (signals[-1].up.boundary, signals[-1].up.count) == (50_100, 2)
    assert signals[-1].flags == ()


def test_bar_that_ends_a_sequence_starts_no_other_on_the_same_side() -> None:
    fallen = ValueArea(val=49_900, vah=50_050, poc_half=100_000)
    back = minute_at(2, 50_060, 50_121, 50_085, area=fallen, flow=SELLING)
    again = minute_at(3, 50_060, 50_121, 50_085, area=fallen, flow=SELLING)

    signals = feed(SignalEngine(SignalParams()), [*rise(1), back, again])

    assert [signal.events for signal in signals[1:]] == [("UP_RESET_INSIDE",), ("UP_START",)]


def test_expired_sequence_gives_neither_failed_breakout_nor_break_in() -> None:
    back = minute_at(241, 50_080, 50_124, 50_085, flow=SELLING)

    signals = feed(SignalEngine(SignalParams()), [*rise(1), back])

    assert signals[-1].events == ("UP_EXPIRED",)
    assert signals[-1].flags == ()


def test_sequence_one_minute_younger_than_the_limit_lives() -> None:
    back = minute_at(240, 50_080, 50_124, 50_085, flow=SELLING)

    signals = feed(SignalEngine(SignalParams()), [*rise(1), back])

    assert signals[-1].reason is Reason.FAILBREAK_SHORT


def test_minute_without_trades_moves_nothing() -> None:
    engine = SignalEngine(SignalParams())
    before = feed(engine, rise(2))[-1]
    empty = Minute(
        ts_min=before.ts_min + 60_000_000_000,
        bar=None,
        value_area=None,
        order_flow=0,
        ambiguous_share=0.0,
        quote_imbalance=None,
        spread_avg=None,
    )

    signal = engine.on_minute(empty)

    assert signal.reason is Reason.NO_BAR
    assert (signal.up, signal.events) == (before.up, ())


@pytest.mark.parametrize(
    ("is_long", "stop", "tp2", "rejection"),
    [
        (True, 99, 101, None),
        (True, 99, 100, Rejection.NO_ROOM),
        (True, 100, 101, Rejection.STOP_SIDE),
        (False, 101, 99, None),
        (False, 101, 100, Rejection.NO_ROOM),
        (False, 100, 99, Rejection.STOP_SIDE),
    ],
)
def test_stop_and_target_must_lie_strictly_on_their_sides(
    is_long: bool, stop: int, tp2: int, rejection: Rejection | None
) -> None:
    candidate = Candidate(
        setup=Setup.BREAKIN, is_long=is_long, entry=100, stop=stop, tp1_half=None, tp2=tp2
    )

    assert candidate.rejection is rejection


def test_retest_that_closes_at_its_low_without_a_buffer_has_no_room() -> None:
    at_low = minute_at(5, 50_101, 50_140, 50_101, flow=BUYING)

    signal = feed(SignalEngine(SignalParams(stop_buffer_ticks=0)), [*rise(4), at_low])[-1]

    assert signal.reason is Reason.REJECTED_NO_ROOM
    assert signal.rejected == (("breakout_long", Rejection.NO_ROOM),)


def test_break_in_wins_over_a_failed_breakout_of_the_other_side() -> None:
    down = minute_at(1, 49_880, 49_912, 49_885, flow=SELLING)
    across = minute_at(2, 49_870, 50_120, 50_050, flow=Flow(-1, 0.2))

    signal = feed(SignalEngine(SignalParams()), [down, across])[-1]

    assert signal.flags == ("breakin_short", "failbreak_long")
    assert signal.reason is Reason.BREAKIN_SHORT


def test_minute_must_follow_the_one_before() -> None:
    engine = SignalEngine(SignalParams())
    feed(engine, rise(2))

    with pytest.raises(AuctionError, match="not after minute 120000000000"):
        engine.on_minute(rise(2)[-1])


def test_taking_a_breakout_whose_sequence_has_ended_is_an_error() -> None:
    engine = SignalEngine(IMMEDIATE)
    candidate = best_of(feed(engine, rise(3), take=False)[-1])
    engine.on_minute(minute_at(4, 50_080, 50_124, 50_085, flow=SELLING))

    with pytest.raises(ValueError, match="no UP sequence is running on boundary 50100"):
        engine.take(candidate)


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"last_ts_min": 1, "sequences": {"UP": None}},
        {"last_ts_min": 1, "sequences": {"UP": {"x": 1}, "DOWN": None}},
    ],
)
def test_unfit_snapshot_is_refused_and_changes_nothing(state: dict[str, object]) -> None:
    engine = SignalEngine(SignalParams())
    feed(engine, rise(2))
    before = engine.snapshot()

    with pytest.raises(AuctionError, match="signal engine snapshot"):
        engine.restore(state)

    assert engine.snapshot() == before


@pytest.mark.parametrize(
    ("limit", "number", "events", "reason"),
    [
        (5, 5, ("UP_RESET_INSIDE",), Reason.FAILBREAK_SHORT),
        (4, 5, ("UP_EXPIRED",), Reason.NO_SETUP),
        # From the next bar on the side is judged as if there had been no sequence.
        (4, 6, (), Reason.BREAKIN_SHORT),
    ],
)
def test_a_close_inside_is_no_setup_on_the_bar_that_a_sequence_expires_with(
    limit: int, number: int, events: tuple[str, ...], reason: Reason
) -> None:
    minutes = [
        *rise(4),
        *(minute_at(at, 50_080, 50_124, 50_085, flow=SELLING) for at in range(5, number + 1)),
    ]

    signal = feed(SignalEngine(SignalParams(seq_max_minutes=limit)), minutes, take=False)[-1]

    assert (signal.events, signal.reason, signal.up) == (events, reason, None)


def test_a_sequence_that_expires_on_a_close_outside_starts_anew() -> None:
    signal = feed(SignalEngine(SignalParams(seq_max_minutes=4)), rise(5), take=False)[-1]

    assert signal.events == ("UP_EXPIRED", "UP_START")
    assert signal.reason is Reason.NO_SETUP
