"""Aggressor sides against the rules in plain Python."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.core.order_flow import OrderFlow
from tests.indicators.market import START
from tests.indicators.market import columns
from tests.indicators.market import events
from tests.indicators.market import quick
from tests.indicators.reference import Flow


sources = st.sampled_from(["auto", "venue", "inferred", "both"])


@quick
@given(sources, st.booleans(), events())
def test_signs_and_sums_equal_the_rules_in_plain_python(source, tick_rule, rows):
    flow = OrderFlow(source, tick_rule, 250)
    expected = Flow(source, tick_rule)
    for kind, ts, price, ask, size, _, side in rows:
        if kind == 0:
            flow.update_quote(ts, price, ask)
            expected.quote(ts, price, ask)
        else:
            assert flow.update_trade(ts, price, size, side) == expected.trade(ts, price, size, side)
    assert (flow.buy, flow.sell, flow.unsigned_volume) == tuple(map(expected.volume, (1, -1, 0)))
    assert flow.volume == flow.buy + flow.sell + flow.unsigned_volume
    assert flow.delta == flow.cvd == flow.buy - flow.sell
    assert flow.ambiguous == expected.ambiguous
    assert flow.trade_count == len(expected.signed)
    assert flow.group_count == expected.groups
    assert flow.stale_trades == expected.stale
    assert (flow.compared_volume, flow.agreed_volume) == (expected.compared, expected.agreed)
    if expected.compared:
        assert flow.agreement == expected.agreed / expected.compared
    else:
        assert flow.agreement is None


@quick
@given(sources, events())
def test_columns_give_the_signs_of_single_events(source, rows):
    kinds, ts, price, ask, size, _, side = columns(rows)
    batch, single = OrderFlow(source), OrderFlow(source)
    signs = batch.update_many(kinds, ts, price, ask, size, side)

    for row, sign in zip(rows, signs.tolist(), strict=True):
        if row[0] == 0:
            single.update_quote(row[1], row[2], row[3])
            assert sign == 0
        else:
            assert single.update_trade(row[1], row[2], row[4], row[6]) == sign
    assert batch.cvd == single.cvd


@quick
@given(events())
def test_the_sums_start_anew_with_a_minute_and_the_running_delta_does_not(rows):
    flow = OrderFlow()
    deltas = 0
    for kind, ts, price, ask, size, _, side in rows:
        if kind == 0:
            flow.update_quote(ts, price, ask)
        else:
            flow.update_trade(ts, price, size, side)
            deltas += flow.delta
            flow.start_minute()
            assert flow.volume == flow.trade_count == flow.ambiguous == 0
    assert flow.cvd == deltas


def test_a_side_seen_once_makes_later_prints_without_one_unsigned():
    flow = OrderFlow("auto")
    flow.update_quote(START, 10, 12)

    assert flow.update_trade(START + 1, 12, 1) == 1
    assert flow.rule == "QUOTE"
    assert flow.update_trade(START + 2, 12, 1, 2) == -1
    assert flow.update_trade(START + 3, 12, 1, 0) == 0
    assert flow.rule == "VENUE"
    assert flow.unsigned_volume == flow.ambiguous == 1


def test_a_sweep_is_judged_by_the_quote_before_it():
    flow = OrderFlow("inferred")
    flow.update_quote(START, 10, 11)
    assert flow.update_trade(START + 5, 11, 1) == 1
    flow.update_quote(START + 5, 11, 12)

    assert flow.update_trade(START + 5, 11, 1) == 1
    assert flow.update_trade(START + 6, 11, 1) == -1
    assert flow.group_count == 2


def test_the_quote_in_force_is_searched_in_the_last_256():
    flow = OrderFlow("inferred", False)
    flow.update_quote(START, 10, 11)
    for i in range(255):
        flow.update_quote(START + 100 + i, 20, 21)
    assert flow.update_trade(START + 1, 11, 1) == 1
    flow.update_quote(START + 400, 20, 21)
    assert flow.update_trade(START + 2, 11, 1) == 0
    assert flow.rule == "NO_QUOTE"
    assert flow.quote_age_ns is None


@pytest.mark.parametrize("size", [0, -3])
def test_sizes_must_be_positive_in_both_faces(size):
    flow = OrderFlow()
    kinds = np.array([0, 1], dtype=np.uint8)
    column = np.array([0, size])

    with pytest.raises(ValueError, match=f"`size` must be positive, was {size}"):
        flow.update_trade(START, 10, size)
    with pytest.raises(ValueError, match=f"`size` must be positive, was {size} at 1"):
        flow.update_many(kinds, column, column, column, column, np.zeros(2, dtype=np.uint8))
    assert flow.trade_count == 0
