"""Conversion of feature rows and checks of the parameters."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nautilus_trader.model.identifiers import InstrumentId

from errors import AuctionError
from errors import UsageError
from strategies.value_area.config import ValueAreaStrategyConfig
from strategies.value_area.inputs import Bar
from strategies.value_area.inputs import Minute
from strategies.value_area.inputs import ValueArea
from strategies.value_area.inputs import minute_from_row
from strategies.value_area.params import SignalParams
from strategies.value_area.strategy import dead_text


TICK = Decimal("0.1")
LOT = Decimal("0.001")
OUTER = SignalParams(va_edge="outer")
ROW: dict[str, Any] = {
    "ts_min": 60_000_000_000,
    "open": 50_000.0,
    "high": 50_000.3,
    "low": 49_999.9,
    "close": 50_000.1,
    "volume": 1.473,
    "spread_avg_60m": 0.275,
    "bin_width": 3.7,
    "poc": 50_086.9,
    "vah": 50_090.6,
    "val": 50_001.8,
    "va_valid": True,
    "of_1m": -0.735,
    "ambiguous_trade_frac_1m": 4 / 491,
    "qimb_close": -0.1,
    "qimb_ema_60s": -0.04,
}


def converted(params: SignalParams | None = None, **changes: Any) -> Minute:
    prints = (499_999, 500_001, 500_003)
    return minute_from_row(ROW | changes, prints, TICK, LOT, params or SignalParams())


def test_row_is_converted_to_ticks_and_lots() -> None:
    assert converted() == Minute(
        ts_min=60_000_000_000,
        bar=Bar(500_000, 500_003, 499_999, 500_001, 1473, (499_999, 500_001, 500_003)),
        value_area=ValueArea(val=500_018, vah=500_906, poc_half=1_001_738),
        order_flow=-735,
        ambiguous_share=4 / 491,
        quote_imbalance=-0.04,
        spread_avg=2.75,
    )


def test_outer_edges_are_the_upper_edge_and_the_middle_of_the_bins() -> None:
    assert converted(OUTER).value_area == ValueArea(val=500_018, vah=500_943, poc_half=1_001_775)


def test_imbalance_at_the_close_can_be_chosen() -> None:
    assert converted(SignalParams(qimb_source="close")).quote_imbalance == -0.1


@pytest.mark.parametrize("missing", [None, float("nan")])
def test_missing_values_stay_missing(missing: float | None) -> None:
    minute = converted(close=missing, of_1m=missing, qimb_ema_60s=missing, spread_avg_60m=missing)

    assert minute.bar is None
    assert minute.order_flow is None
    assert minute.quote_imbalance is None
    assert minute.spread_avg is None


def test_invalid_value_area_is_none_even_with_levels() -> None:
    assert converted(va_valid=False).value_area is None


def test_modelled_flow_may_lie_between_lots() -> None:
    assert converted(of_1m=0.0005).order_flow == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"close": 50_000.05}, "close 50000.05 is not a multiple of 0.1"),
        ({"volume": 0.0005}, "volume 0.0005 is not a multiple of 0.001"),
        ({"vah": None}, "column vah is empty"),
    ],
)
def test_unusable_row_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(AuctionError, match=message):
        converted(**changes)


@given(st.integers(1, 5_000_000), st.integers(1, 10_000_000), st.integers(1, 60))
def test_rounding_errors_of_the_row_do_not_move_a_tick_a_lot_or_the_tolerance(
    ticks: int, lots: int, minutes: int
) -> None:
    spread = ticks % 50 + 1
    row: dict[str, Any] = {
        "close": ticks * 0.1,
        "volume": lots * 0.001,
        "of_1m": -lots * 0.001,
        "spread_avg_60m": sum([spread * 0.1] * minutes) / minutes,
    }

    minute = converted(**row)

    assert minute.bar is not None
    assert (minute.bar.close, minute.bar.volume) == (ticks, lots)
    assert minute.order_flow == -lots
    assert minute.tolerance(1) == spread


@given(st.integers(1, 200), st.integers(0, 20), st.integers(0, 20))
def test_outer_edges_of_mirrored_bins_are_mirrored(width: int, below: int, above: int) -> None:
    """
    Reflects bins [key, key + width) at price 0 of the pivot: the key becomes -(key + width).

    Bin keys themselves do not mirror: as lower edges they favour the lower side.
    """
    pivot, poc = 500_000, 7
    val, vah = poc - below * width, poc + above * width

    def levels(val: int, poc: int, vah: int) -> ValueArea:
        keys = {"val": val, "poc": poc, "vah": vah}
        changes: dict[str, Any] = {name: (pivot + key) * 0.1 for name, key in keys.items()}
        area = converted(OUTER, bin_width=width * 0.1, **changes).value_area
        assert area is not None
        return area

    area = levels(val, poc, vah)
    reflected = levels(-(vah + width), -(poc + width), -(val + width))

    assert reflected.val == 2 * pivot - area.vah
    assert reflected.vah == 2 * pivot - area.val
    assert reflected.poc_half == 4 * pivot - area.poc_half


@given(st.sets(st.integers(0, 40), min_size=1), st.integers(-3, 43), st.integers(0, 3))
def test_a_level_is_traded_if_any_print_lies_within_the_tolerance(
    prints: set[int], level: int, tolerance: int
) -> None:
    bar = Bar(0, 0, 0, 0, 1, sorted(prints))

    assert bar.traded_within(level, tolerance) == any(
        abs(price - level) <= tolerance for price in prints
    )


@pytest.mark.parametrize(
    ("spread", "least", "expected"),
    [(None, 1, 1), (0.5, 1, 1), (2.9, 1, 2), (3.0, 1, 3), (1.0, 2, 2)],
)
def test_tolerance_is_the_average_spread_but_at_least_the_minimum(
    spread: float | None, least: int, expected: int
) -> None:
    minute = Minute(0, None, None, None, 0.0, None, spread)

    assert minute.tolerance(least) == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("accept_outside_k", 0),
        ("accept_outside_k", 2.5),
        ("accept_outside_k", True),
        ("seq_max_minutes", 0),
        ("stop_buffer_ticks", -1),
        ("crossing_min_ticks", -1),
        ("crossing_mode", "any"),
        ("va_edge", "inner"),
        ("qimb_source", "open"),
        ("use_qimb", 1),
        ("qimb_entry_min", 1.1),
        ("of_fail_min_norm", -1.1),
        ("of_entry_min", float("nan")),
        ("of_breakout_min", "0"),
        ("ambiguous_trade_frac_max", None),
        ("ambiguous_trade_frac_max", 1.1),
    ],
)
def test_parameter_out_of_range_is_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(UsageError, match=f"^{name}: "):
        SignalParams(**{name: value})  # type: ignore[arg-type]


def test_default_normalised_thresholds_are_reported_as_dead() -> None:
    assert SignalParams().dead_thresholds() == (
        "of_entry_min_norm",
        "of_breakout_min_norm",
        "of_fail_min_norm",
    )
    params = SignalParams(of_entry_min=None, of_breakout_min=5.0, of_fail_min=-5.0)
    assert params.dead_thresholds() == ()


def test_thresholds_without_effect_are_said_with_what_to_set() -> None:
    text = dead_text(SignalParams(of_breakout_min=5.0).dead_thresholds())
    assert text == (
        "Order flow is tested by of_entry_min, of_fail_min alone: passing one of two thresholds is "
        "enough, and of_entry_min_norm, of_fail_min_norm (shares of the volume) are the stricter. "
        "To test by the share, set of_entry_min, of_fail_min to null."
    )


@pytest.mark.parametrize("lot", ["0.001", "1", "5"])
def test_flow_thresholds_are_counted_in_lots_and_null_switches_them_off(lot: str) -> None:
    config = ValueAreaStrategyConfig(
        instrument_id=InstrumentId.from_str("BTCUSDT-LINEAR.BYBIT"),
        of_entry_min=2.5,
        of_breakout_min=None,
        of_fail_min=-1.5,
    )

    params = config.signal_params(Decimal(lot))

    assert params.of_entry_min == 2.5 / float(lot)
    assert params.of_breakout_min is None
    assert params.of_fail_min == -1.5 / float(lot)
