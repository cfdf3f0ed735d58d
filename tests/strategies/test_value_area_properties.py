"""Properties of the signal engine over arbitrary markets."""

import json

from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from msgspec.structs import replace

from strategies.value_area.acceptance import Direction
from strategies.value_area.acceptance import OutsideSequence
from strategies.value_area.engine import Signal
from strategies.value_area.engine import SignalEngine
from strategies.value_area.params import SignalParams
from strategies.value_area.setups import Candidate
from tests.strategies.value_area_market import PIVOT
from tests.strategies.value_area_market import Market
from tests.strategies.value_area_market import markets
from tests.strategies.value_area_market import mirrored
from tests.strategies.value_area_market import run
from tests.strategies.value_area_market import signal_params


FEW = settings(max_examples=60, deadline=None)
OPPOSITE = {"long": "short", "short": "long", "UP": "DOWN", "DOWN": "UP"}


def swapped(text: str, separator: str) -> str:
    return separator.join(OPPOSITE.get(word, word) for word in text.split(separator))


def mirrored_candidate(candidate: Candidate) -> Candidate:
    return replace(
        candidate,
        is_long=not candidate.is_long,
        entry=2 * PIVOT - candidate.entry,
        stop=2 * PIVOT - candidate.stop,
        tp1_half=None if candidate.tp1_half is None else 4 * PIVOT - candidate.tp1_half,
        tp2=2 * PIVOT - candidate.tp2,
        boundary=None if candidate.boundary is None else 2 * PIVOT - candidate.boundary,
    )


def mirrored_sequence(sequence: OutsideSequence | None) -> OutsideSequence | None:
    return sequence and replace(
        sequence,
        boundary=2 * PIVOT - sequence.boundary,
        extreme=2 * PIVOT - sequence.extreme,
    )


def mirrored_signal(signal: Signal) -> dict[str, object]:
    best = signal.best and mirrored_candidate(signal.best)
    return {
        "reason": best.tag.upper() if best else signal.reason,
        "flags": {swapped(tag, "_") for tag in signal.flags},
        "events": [swapped(event, "_") for event in signal.events],
        "best": best,
        "rejected": {(swapped(tag, "_"), cause) for tag, cause in signal.rejected},
        "up": mirrored_sequence(signal.down),
        "down": mirrored_sequence(signal.up),
    }


@given(markets(), signal_params())
@FEW
def test_a_mirrored_market_gives_mirrored_signals(market: Market, params: SignalParams) -> None:
    """
    Holds without exception for given levels.

    The exceptions lie where levels are made: ties of the value area go to the lower price, and bin
    keys are lower edges. See the mirror of outer edges in the tests of the inputs.
    """
    reflection = Market(tuple(mirrored(minute) for minute in market.minutes), market.takes)

    for signal, reflected in zip(run(market, params), run(reflection, params), strict=True):
        assert mirrored_signal(signal) == {
            "reason": reflected.reason,
            "flags": set(reflected.flags),
            "events": list(reflected.events),
            "best": reflected.best,
            "rejected": set(reflected.rejected),
            "up": reflected.up,
            "down": reflected.down,
        }


@given(markets(), markets(), signal_params(), st.integers(0, 12))
@FEW
def test_later_minutes_change_no_earlier_signal(
    market: Market, other: Market, params: SignalParams, cut: int
) -> None:
    head = market.minutes[:cut]
    last = head[-1].ts_min if head else 0
    tail = tuple(replace(minute, ts_min=minute.ts_min + last) for minute in other.minutes)
    takes = market.takes[: len(head)] + other.takes

    signals = run(Market(head + tail, takes), params)

    assert signals[: len(head)] == run(market, params)[: len(head)]


@given(markets(), signal_params())
@FEW
def test_engine_is_deterministic(market: Market, params: SignalParams) -> None:
    assert run(market, params) == run(market, params)


@given(markets(), signal_params())
@FEW
def test_a_restored_engine_goes_on_as_the_original(market: Market, params: SignalParams) -> None:
    expected = run(market, params)
    engine = SignalEngine(params)

    for minute, take, signal in zip(market.minutes, market.takes, expected, strict=True):
        state = json.loads(json.dumps(engine.snapshot()))
        engine = SignalEngine(params)
        engine.restore(state)
        assert engine.on_minute(minute) == signal
        if take and signal.best is not None:
            engine.take(signal.best)


def test_sequences_count_soundly() -> None:
    looked_at = 0

    @given(markets(), signal_params())
    @FEW
    def holds(market: Market, params: SignalParams) -> None:
        nonlocal looked_at
        for signal in run(market, params):
            assert signal.up is None or signal.down is None
            for direction, sequence in ((Direction.UP, signal.up), (Direction.DOWN, signal.down)):
                if sequence is None:
                    continue
                looked_at += 1
                assert sequence.accepted == (sequence.count >= params.accept_outside_k)
                assert sequence.count <= sequence.closes
                assert sequence.validated == (sequence.count > 0)
                assert sequence.accepted or not (sequence.pending or sequence.fired)
                assert direction.sign * (sequence.extreme - sequence.boundary) > 0

    holds()
    assert looked_at > 0


def test_break_in_and_failed_breakout_exclude_each_other_on_one_side() -> None:
    looked_at = 0

    @given(markets(), signal_params())
    @FEW
    def holds(market: Market, params: SignalParams) -> None:
        nonlocal looked_at
        for signal in run(market, params):
            for side in ("long", "short"):
                looked_at += f"failbreak_{side}" in signal.flags
                assert not {f"breakin_{side}", f"failbreak_{side}"} <= set(signal.flags)

    holds()
    assert looked_at > 0


def test_prices_of_a_tradable_candidate_lie_on_their_sides() -> None:
    looked_at = 0

    @given(markets(), signal_params())
    @FEW
    def holds(market: Market, params: SignalParams) -> None:
        nonlocal looked_at
        for signal in run(market, params):
            best = signal.best
            if best is None:
                continue
            looked_at += 1
            sign = 1 if best.is_long else -1
            assert sign * (best.entry - best.stop) > 0
            assert sign * (best.tp2 - best.entry) > 0
            assert best.tp1_half is None or sign * (best.tp1_half - 2 * best.entry) > 0
            assert best.tag not in {tag for tag, _ in signal.rejected}

    holds()
    assert looked_at > 0


def test_a_taken_breakout_does_not_come_again_in_its_sequence() -> None:
    looked_at = 0

    @given(markets(), signal_params())
    # Breakouts are seldom: enough of them, and each is taken.
    @settings(max_examples=600, deadline=None)
    def holds(market: Market, params: SignalParams) -> None:
        nonlocal looked_at
        fired: dict[str, int] = {}
        for signal in run(Market(market.minutes, (True,) * len(market.minutes)), params):
            for side, sequence in (("long", signal.up), ("short", signal.down)):
                started = None if sequence is None else sequence.started_ns
                tag = f"breakout_{side}"
                if started is not None and fired.get(tag) == started:
                    looked_at += 1
                    assert tag not in signal.flags
                if started is not None and signal.best and signal.best.tag == tag:
                    fired[tag] = started

    holds()
    assert looked_at > 0
