"""Constructors name a wrong parameter, and a reset gives the state of a new object."""

import math

import pytest
from hypothesis import given

from errors import ParameterError
from indicators.core.minute import MinuteFeatures
from indicators.core.order_flow import OrderFlow
from indicators.core.quotes import QuoteImbalance
from indicators.core.quotes import SpreadAverage
from indicators.core.value_area import ValueArea
from indicators.core.volatility import BinWidth
from indicators.core.volatility import MinuteVolatility
from indicators.core.volume_profile import RollingProfile
from tests.indicators.market import columns
from tests.indicators.market import events
from tests.indicators.market import feed
from tests.indicators.market import quick


def features(**changes):
    return MinuteFeatures(**({"tick_size": "0.1", "lot_size": "0.001"} | changes))


@pytest.mark.parametrize(
    ("build", "name", "value"),
    [
        (RollingProfile, "minutes", 0),
        (ValueArea, "fraction", "0"),
        (ValueArea, "fraction", 1.01),
        (ValueArea, "fraction", "0.1234567"),
        (ValueArea, "fraction", "seventy"),
        (ValueArea, "fraction", math.nan),
        (ValueArea, "fraction", None),
        (ValueArea, "min_bins", 0),
        (ValueArea, "method", "three_row"),
        (OrderFlow, "side_source", "tape"),
        (OrderFlow, "max_quote_staleness_ms", -1),
        (QuoteImbalance, "span_seconds", 1),
        (SpreadAverage, "minutes", 0),
        (MinuteVolatility, "lookback", 1),
        (BinWidth, "alpha", 0),
        (BinWidth, "alpha", math.nan),
        (BinWidth, "alpha", math.inf),
        (BinWidth, "base_ticks", 0),
        (BinWidth, "base_ticks", 201),
        (BinWidth, "max_ticks", 0),
        (BinWidth, "interval_minutes", 0),
        (BinWidth, "change", "0"),
        (BinWidth, "change", "0.1234567"),
        (BinWidth, "change", "a quarter"),
        (features, "tick_size", "0"),
        (features, "tick_size", "-0.1"),
        (features, "tick_size", "ten"),
        (features, "lot_size", 0),
        (features, "lot_size", math.inf),
        (features, "window_minutes", 0),
        (features, "va_fraction", "2"),
        (features, "va_fraction", "x"),
        (features, "va_method", "three_row"),
        (features, "min_va_bins", 0),
        (features, "alpha_bin", -1),
        (features, "base_bin_ticks", 0),
        (features, "bin_width_max_ticks", 0),
        (features, "rebucket_interval_minutes", 0),
        (features, "rebucket_change_pct", "-1"),
        (features, "sigma_lookback", 1),
        (features, "spread_lookback_minutes", 0),
        (features, "side_source", "tape"),
        (features, "max_quote_staleness_ms", -1),
        (features, "qimb_ema_span_seconds", 1),
        (features, "flow_source", "bars"),
        (features, "bvc_lookback", 1),
        (features, "warmup_minutes", 0),
    ],
)
def test_a_wrong_parameter_is_named(build, name, value):
    with pytest.raises(ParameterError) as caught:
        build(**{name: value})
    assert caught.value.name == name
    assert "\n" not in str(caught.value)
    assert str(value) in str(caught.value)


@quick
@given(events(), events())
def test_a_reset_object_gives_the_rows_of_a_new_one(first, second):
    end = max(row[1] for row in second) + 99 * 60_000_000_000
    options = {"sigma_lookback": 4, "flow_source": "bvc"}
    used, new = features(**options), features(**options)
    feed(used, first)
    used.update_many(*columns(first))
    used.reset()

    assert not used.has_inputs
    assert not used.initialized
    assert used.row is None
    assert used.closed == []
    assert len(used.take_rows()) == 0
    for each in (used, new):
        each.update_many(*columns(second))
        each.close_many(end)
    assert used.take_rows().tobytes() == new.take_rows().tobytes()
    assert used.profile.window.levels() == new.profile.window.levels()
    assert used.row.tobytes() == new.row.tobytes()


@quick
@given(events(), events())
def test_reset_parts_are_as_new(first, second):
    flows = OrderFlow("both"), OrderFlow("both")
    imbalances = QuoteImbalance(), QuoteImbalance()
    profiles = RollingProfile(3), RollingProfile(3)

    def state(i, rows):
        kinds, ts, price, ask, size, ask_size, side = columns(rows)
        signs = flows[i].update_many(kinds, ts, price, ask, size, side)
        imbalances[i].update_many(ts, size, ask_size)
        for _, event, tick, _, lots, _, _ in rows:
            profiles[i].update(event, tick, lots)
        flow = flows[i]
        return (
            *(signs.tolist(), flow.cvd, flow.volume, flow.ambiguous, flow.stale_trades),
            *(flow.agreement, flow.rule, flow.quote_age_ns, flow.group_count),
            *(imbalances[i].value, imbalances[i].value_at(int(ts[-1]) + 10**9)),
            *(profiles[i].window.levels(), profiles[i].minute.levels()),
            profiles[i].current_minute,
        )

    state(0, first)
    for each in (flows[0], imbalances[0], profiles[0]):
        each.reset()
    assert state(0, second) == state(1, second)


def test_reset_sums_of_minutes_are_as_new():
    spread, volatility, width = SpreadAverage(3), MinuteVolatility(3), BinWidth()
    for value in (5, 9, 7, 11):
        spread.close(value)
        volatility.close(value)
    width.decide(width.propose(900, 0.1), 3)
    for each in (spread, volatility, width):
        each.reset()

    assert spread.value is volatility.value is volatility.last_return is None
    assert width.value is width.raw is None
    assert (spread.spread_sum, spread.count, volatility.count) == (0, 0, 0)
    volatility.close(100)
    assert volatility.last_return is None
