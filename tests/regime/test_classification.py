"""Inputs and regimes against the recorded vectors; the regime in force from bar to bar."""

from datetime import datetime
from itertools import pairwise

import pytest

from actors.regime.classification import NoTrade
from actors.regime.classification import Regime
from actors.regime.classification import classify
from actors.regime.clock import SessionClock
from actors.regime.clock import SessionTime
from actors.regime.inputs import ClosedBar
from actors.regime.inputs import RegimeBars
from actors.regime.inputs import RegimeInputs
from actors.regime.params import RegimeParams
from actors.regime.params import RegimeScale
from actors.regime.tracker import RegimeTracker
from errors import AuctionError
from errors import ParameterError
from tests.regime.vectors import vector


SECOND = 1_000_000_000
BAR = 300 * SECOND
PARAMS = RegimeParams()
NEAR = {"abs": 1e-9, "rel": 0}


def ns(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) * SECOND


def stream():
    for start, _, high, low, close, volume, delta in vector("10_regime_stream_es")["bars"]:
        yield ClosedBar(
            start=start * SECOND,
            end=start * SECOND + BAR,
            high=high,
            low=low,
            close=close,
            volume=volume,
            delta=delta,
        )


def tracker(params=PARAMS, **others):
    return RegimeTracker(params, params.scale, 0.25, 1.0, **others)


def test_classification_equals_the_recorded_one():
    fields = vector("08_regime_classify")["fields"]
    rows = vector("08_regime_classify")["rows"]
    assert len(rows) == 399
    for values, scores, regime, confidence in rows:
        inputs = RegimeInputs(**dict(zip(fields, values, strict=True)))
        found = classify(inputs, PARAMS, PARAMS.scale)
        assert found.scores.values == pytest.approx(scores, **NEAR), values
        assert found.regime == regime, values
        assert found.confidence == pytest.approx(confidence, **NEAR), values


def test_inputs_equal_the_recorded_ones():
    recorded = vector("07_regime_inputs")
    checks = {check["after_bar"]: check["inputs"] for check in recorded["checks"]}
    bars = RegimeBars(RegimeParams(anchor="window"), 0.25, 1.0)
    checked = 0
    for at, (_, high, low, close, sold, bought) in enumerate(recorded["bars"]):
        minute = 5 + 5 * (at % 70)
        inputs = bars.add(
            ClosedBar(
                start=at,
                end=at + 1,
                high=int(4 * high),
                low=int(4 * low),
                close=int(4 * close),
                volume=sold + bought,
                delta=bought - sold,
            ),
            SessionTime(anchor=0, since_open=minute, to_close=390 - minute, is_regular=True),
            is_news=False,
        )
        found = classify(inputs, PARAMS, PARAMS.scale)
        regime, confidence = recorded["regime_after_each_bar"][at]
        assert (found.regime, found.confidence) == (regime, pytest.approx(confidence, **NEAR)), at
        for name, value in checks.get(at, {}).items():
            assert getattr(inputs, name) == pytest.approx(value, **NEAR), (at, name)
            checked += 1
    assert checked == 22 * 20


def test_regimes_of_a_session_equal_the_recorded_ones():
    follow = tracker()
    found = [follow.update(bar) for bar in stream()]
    regimes = [[state.regime, pytest.approx(state.confidence, **NEAR)] for state in found]
    assert regimes == vector("10_regime_stream_es")["regimes"]
    assert [state.by_scores.no_trade for state in found[:20]] == [NoTrade.WARM_UP] * 20
    assert [state.is_warm for state in found] == [False] * 20 + [True] * 58


def test_figures_depend_on_the_last_200_bars_alone():
    params = RegimeParams(anchor="window")
    bars = [bar for _ in range(6) for bar in stream()]
    times = SessionTime(anchor=0, since_open=60, to_close=60, is_regular=True)
    old, new = RegimeBars(params, 0.25, 1.0), RegimeBars(params, 0.25, 1.0)
    for bar in bars[:-200]:
        old.add(bar, times, is_news=False)
    for bar in bars[-200:]:
        one, other = (kept.add(bar, times, is_news=False) for kept in (old, new))
    assert one == other
    assert old.count == new.count == 200


def test_vwap_and_cumulative_delta_begin_at_the_open():
    follow = tracker()
    (*_, last) = [follow.update(bar) for bar in stream()]
    bars = list(stream())
    assert last.inputs.cumulative_delta == sum(bar.delta for bar in bars)
    day = 86_400 * SECOND
    tomorrow = ClosedBar(
        start=bars[0].start + day,
        end=bars[0].end + day,
        high=27_110,
        low=27_100,
        close=27_106,
        volume=7,
        delta=3,
    )
    found = follow.update(tomorrow).inputs
    assert found.cumulative_delta == 3
    assert found.price_vs_vwap == pytest.approx(0.25 * (27_106 - (27_110 + 27_100 + 27_106) / 3))


@pytest.mark.parametrize(
    ("start", "end", "place"),
    [
        # The evening before belongs to the trade date, whose session is still to come.
        ("2025-11-19T23:00Z", "2025-11-19T23:05Z", ("2025-11-19T23:00Z", 515, 0, False)),
        ("2025-11-20T14:25Z", "2025-11-20T14:30Z", ("2025-11-19T23:00Z", 0, 390, False)),
        ("2025-11-20T14:30Z", "2025-11-20T14:35Z", ("2025-11-20T14:30Z", 5, 385, True)),
        ("2025-11-20T20:40Z", "2025-11-20T20:45Z", ("2025-11-20T14:30Z", 375, 15, True)),
        ("2025-11-20T21:00Z", "2025-11-20T21:05Z", ("2025-11-20T14:30Z", 395, 0, False)),
        ("2025-11-20T23:00Z", "2025-11-20T23:05Z", ("2025-11-20T23:00Z", 515, 0, False)),
        # Summer time, a half day, a holiday, a Sunday evening.
        ("2025-07-01T13:30Z", "2025-07-01T13:35Z", ("2025-07-01T13:30Z", 5, 385, True)),
        ("2025-11-28T17:30Z", "2025-11-28T17:35Z", ("2025-11-28T14:30Z", 185, 25, True)),
        ("2025-11-27T16:00Z", "2025-11-27T16:05Z", ("2025-11-26T23:00Z", 0, 0, False)),
        ("2025-11-30T23:00Z", "2025-11-30T23:05Z", ("2025-11-30T23:00Z", 0, 0, False)),
    ],
)
def test_minutes_are_those_of_the_exchange(start, end, place):
    found = SessionClock("XNYS").place(ns(start), ns(end))
    anchor, *others = place
    assert (found.anchor, found.since_open, found.to_close, found.is_regular) == (
        ns(anchor),
        *others,
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"minutes_to_close": 14}, NoTrade.SESSION_CLOSE),
        ({"minutes_since_open": 4}, NoTrade.SESSION_OPEN),
        ({"is_news_window": True}, NoTrade.NEWS),
        ({"volume_vs_average": 0.29}, NoTrade.LOW_VOLUME),
        ({"minutes_to_close": 15, "minutes_since_open": 5, "volume_vs_average": 0.3}, None),
    ],
)
def test_a_bar_that_is_not_traded_has_its_reason(change, reason):
    clock = {"minutes_since_open": 60, "minutes_to_close": 60}
    found = classify(RegimeInputs(**clock | change), PARAMS, PARAMS.scale)
    assert found.no_trade is reason
    assert (found.regime is Regime.NO_TRADE) is (reason is not None)


def test_a_regime_is_held_for_its_least_bars():
    free, held = tracker(), tracker(RegimeParams(min_bars_in_regime=40))
    by_scores, in_force = [], []
    for bar in stream():
        by_scores.append(free.update(bar))
        in_force.append(held.update(bar))
    # TRENDING_UP from the 21st bar on, TRENDING_DOWN by the scores of the 50th.
    assert by_scores[49].regime is Regime.TRENDING_DOWN
    against = in_force[49:60]
    assert {(state.regime, state.confidence) for state in against} == {(Regime.TRENDING_UP, 0.5)}
    assert (in_force[60].regime, in_force[60].bars) == (Regime.TRENDING_DOWN, 1)
    # NO_TRADE does not wait.
    assert [state.regime for state in in_force[75:]] == [Regime.NO_TRADE] * 3


def test_history_has_changes_of_the_regime_and_of_its_confidence():
    follow = tracker()
    found = [follow.update(bar) for bar in stream()]
    changes = [state for state in found if state.is_change]
    assert list(follow.history) == changes
    for last, state in pairwise(changes):
        assert state.regime != last.regime or abs(state.confidence - last.confidence) > 0.2
    assert found[0].is_change
    assert len(changes) < len(found) / 2


def test_a_gap_begins_the_warm_up_anew():
    follow, bars = tracker(), list(stream())
    for bar in bars[:40]:
        follow.update(bar)
    follow.clear()
    found = [follow.update(bar) for bar in bars[40:]]
    assert [state.is_warm for state in found] == [False] * 20 + [True] * 18
    assert found[0].inputs.cumulative_delta == 0


def test_bars_outside_of_the_session_may_be_left_out():
    night = [
        ClosedBar(start=at, end=at + BAR, high=10, low=5, close=7, volume=1, delta=0)
        for at in range(ns("2025-11-20T10:00Z"), ns("2025-11-20T12:30Z"), BAR)
    ]
    for hours, warm in (("all", True), ("regular", False)):
        follow = tracker(RegimeParams(hours=hours))
        found = [follow.update(bar) for bar in night]
        assert found[-1].is_warm is warm
        assert found[-1].regime is Regime.NO_TRADE


def test_news_windows_are_not_traded():
    news = ns("2025-11-20T18:05Z")
    follow = tracker(is_news=lambda ts: ts == news)
    found = {state.end: state for state in map(follow.update, stream())}
    assert found[news].by_scores.no_trade is NoTrade.NEWS
    assert found[news + BAR].regime is not Regime.NO_TRADE


def test_a_contract_may_have_constants_of_its_own():
    small = RegimeScale(flat_delta=50)
    params = RegimeParams(scales={"MES": small})
    assert params.scale_of("MESZ5") is small
    assert params.scale_of("ESZ5") is params.scale
    inputs = RegimeInputs(cumulative_delta=100, minutes_since_open=60, minutes_to_close=60)
    by_default = classify(inputs, params, params.scale_of("ESZ5")).scores.ranging
    assert classify(inputs, params, params.scale_of("MESZ5")).scores.ranging == by_default - 1


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"min_bars": 20}, "regime.min_bars"),
        ({"min_bars": 201}, "regime.min_bars"),
        ({"min_bars_in_regime": 0}, "regime.min_bars_in_regime"),
        ({"smoothing": "sma"}, "regime.smoothing"),
        ({"min_volume_ratio": float("nan")}, "regime.min_volume_ratio"),
        ({"min_score": -1.0}, "regime.min_score"),
    ],
)
def test_parameters_out_of_range_are_refused(change, name):
    with pytest.raises(ParameterError, match=name):
        RegimeParams(**change)
    with pytest.raises(ParameterError, match="flat_delta"):
        RegimeScale(flat_delta=0)


def test_an_unknown_calendar_is_refused():
    with pytest.raises(AuctionError, match="NO_EXCHANGE"):
        tracker(RegimeParams(calendar="NO_EXCHANGE"))
