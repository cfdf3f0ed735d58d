"""The Nautilus indicators against their cores, fed with the objects of the engine."""

from decimal import Decimal

import pytest
from nautilus_trader.model.data import QuoteTick
from nautilus_trader.model.data import TradeTick

from indicators.core.minute import COLUMNS
from indicators.core.minute import MinuteFeatures
from indicators.core.order_flow import OrderFlow
from indicators.core.quotes import QuoteImbalance
from indicators.core.value_area import ValueArea
from indicators.core.volume_profile import RollingProfile
from indicators.core.volume_profile import VolumeProfile
from indicators.nautilus import AggressorFlow
from indicators.nautilus import BestQuoteImbalance
from indicators.nautilus import RollingVolumeProfile
from indicators.nautilus import SpanVolumeProfile
from indicators.nautilus import ValueAreaMinutes
from tests.indicators.market import START
from tests.indicators.reference import MINUTE
from tests.indicators.ticks import MARKETS
from tests.indicators.ticks import market
from tests.indicators.ticks import quote
from tests.indicators.ticks import trade


def feed(indicator, objects):
    for each in objects:
        if isinstance(each, TradeTick):
            indicator.handle_trade_tick(each)
        else:
            indicator.handle_quote_tick(each)


def trades_of(objects):
    return [each for each in objects if isinstance(each, TradeTick)]


def quotes_of(objects):
    return [each for each in objects if isinstance(each, QuoteTick)]


@pytest.mark.parametrize(("start", "tick"), MARKETS.items())
def test_profiles_equal_their_cores(start, tick):
    objects, integers = market(start, tick)
    rolling, span = RollingVolumeProfile(tick, "0.001", 5), SpanVolumeProfile(tick, "0.001")
    core, whole = RollingProfile(5), VolumeProfile()
    for each in trades_of(objects):
        rolling.handle_trade_tick(each)
        span.handle_trade_tick(each)
    for kind, ts, price, _, size, _, side in integers:
        if kind == 1:
            sign = (0, 1, -1)[side]
            core.update(ts, price, size, sign)
            whole.add(price, size, sign)

    assert rolling.core.window.levels() == core.window.levels() != []
    assert rolling.core.minute.levels() == core.minute.levels()
    assert span.core.levels() == whole.levels()
    assert rolling.levels(2) == ValueArea().of_profile(core.window, 2)
    assert span.levels() == ValueArea("0.7", 1).of_profile(whole)


@pytest.mark.parametrize(("start", "tick"), MARKETS.items())
@pytest.mark.parametrize("source", ["auto", "inferred", "both"])
def test_flow_equals_its_core(start, tick, source):
    objects, integers = market(start, tick)
    indicator = AggressorFlow(tick, "0.001", source)
    core = OrderFlow(source)
    feed(indicator, objects)
    current = START // MINUTE
    for kind, ts, price, ask, size, _, side in integers:
        if ts // MINUTE < current:
            continue
        if ts // MINUTE > current:
            core.start_minute()
            current = ts // MINUTE
        if kind == 0:
            core.update_quote(ts, price, ask)
        else:
            core.update_trade(ts, price, size, side)

    for name in ("buy", "sell", "unsigned_volume", "ambiguous", "trade_count", "group_count"):
        assert getattr(indicator.core, name) == getattr(core, name)
    assert indicator.core.cvd == core.cvd
    assert indicator.core.agreement == core.agreement
    assert indicator.delta == core.delta / 1_000
    assert indicator.cvd == core.cvd / 1_000


def test_late_events_are_left_out_of_the_flow_and_the_imbalance():
    flow, imbalance = AggressorFlow("0.1", "0.001", "inferred"), BestQuoteImbalance("0.001")
    late = quote(START + MINUTE - 1, "10.1", "10.2", 9, 1)
    for each in (quote(START + MINUTE, "9.9", "10.0", 1, 3), late):
        flow.handle_quote_tick(each)
        imbalance.handle_quote_tick(each)
    flow.handle_trade_tick(trade(START + MINUTE + 1, "10.0", 5))
    flow.handle_trade_tick(trade(START + MINUTE - 1, "10.0", 3))

    assert (flow.delta, flow.cvd) == (0.005, 0.005)
    assert imbalance.value == imbalance.average == -0.5


def test_imbalance_equals_its_core():
    objects, integers = market("60000.6", "0.1")
    indicator, core = BestQuoteImbalance("0.001"), QuoteImbalance()
    current = START // MINUTE
    for each in quotes_of(objects):
        indicator.handle_quote_tick(each)
    last = START
    for kind, ts, _, _, size, ask_size, _ in integers:
        if kind == 1 or ts // MINUTE < current:
            continue
        if ts // MINUTE > current:
            current = ts // MINUTE
            core.start_minute(current * MINUTE)
        core.update(ts, size, ask_size)
        last = ts

    assert indicator.value == core.value is not None
    assert indicator.average == core.value_at(last)


@pytest.mark.parametrize(("start", "tick"), MARKETS.items())
def test_minutes_equal_their_core(start, tick):
    objects, integers = market(start, tick)
    closed = []
    options = {"window_minutes": 6, "min_va_bins": 2, "warmup_minutes": 4, "alpha_bin": 50.0}
    indicator = ValueAreaMinutes(
        tick, "0.001", on_close=lambda values, levels: closed.append((values, levels)), **options
    )
    core = MinuteFeatures(tick, "0.001", **options)
    feed(indicator, objects)
    for kind, ts, price, ask, size, ask_size, side in integers:
        if kind == 0:
            core.update_quote(ts, price, ask, size, ask_size)
        else:
            core.update_trade(ts, price, size, side)
    for each in (indicator, core):
        each.close_until(START + 30 * MINUTE)

    assert closed == core.closed
    assert len(closed) == 30
    assert indicator.core.closed == []
    first = dict(zip(COLUMNS, closed[0][0], strict=True))
    assert first["close"] == float(first["close"])
    assert abs(Decimal(str(first["low"])) - Decimal(start)) <= 11 * Decimal(tick)
