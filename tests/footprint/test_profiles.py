"""Profiles of symbols by root, and what a configuration puts over them."""

from decimal import Decimal

import pytest
from nautilus_trader.model.data import TradeTick
from nautilus_trader.model.enums import AggressorSide
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.model.identifiers import TradeId
from nautilus_trader.model.objects import Price
from nautilus_trader.model.objects import Quantity

from actors.footprint.profiles import profile_of
from actors.footprint.profiles import read_profiles
from actors.footprint.profiles import symbol_profiles
from actors.footprint.thresholds import DetectorParams
from actors.footprint.thresholds import thresholds_of
from catalog.contracts import FUTURES
from errors import ParameterError
from indicators.components import Footprints
from tests.vectors import load


VECTORS = load("002", "05_normalize_price.json.gz")


@pytest.mark.parametrize("symbol", VECTORS["profiles"])
def test_a_symbol_has_the_profile_of_its_root(symbol):
    profile = profile_of(symbol)
    expected = VECTORS["profiles"][symbol]
    assert {name: getattr(profile, name) for name in expected} == expected


def test_ticks_and_their_values_are_those_of_the_exchange():
    known = symbol_profiles()
    for root, tick in VECTORS["tick_sizes"].items():
        assert float(known[root].tick) == tick, root
        assert float(known[root].tick_value) == VECTORS["tick_values"][root], root
    # Those that the original lacked.
    assert (known["MCL"].tick, known["MCL"].tick_value) == (Decimal("0.01"), 1)
    assert (known["MGC"].tick, known["MGC"].tick_value) == (Decimal("0.10"), 1)
    for root, spec in FUTURES.items():
        assert known[root].tick == Decimal(spec.tick), root
        assert known[root].tick_value == Decimal(spec.tick) * spec.multiplier, root


@pytest.mark.parametrize(
    ("symbol", "root"),
    [("ESZ5", "ES"), ("MESH26", "MES"), ("M2KZ5", "M2K"), ("MYMZ5", "MYM"), ("SPY", "SPY")],
)
def test_a_root_is_matched_whole(symbol, root):
    assert profile_of(symbol) is symbol_profiles()[root]


@pytest.mark.parametrize("symbol", ["ESTXZ5", "ESTX", "ESX", "NQA5", "BTCUSDT-LINEAR", "ESZ5.XCME"])
def test_an_unknown_root_is_refused_with_what_to_do(symbol):
    with pytest.raises(ParameterError, match="has no profile: name a root"):
        profile_of(symbol)


def test_profile_then_configuration_then_argument():
    assert thresholds_of("ESZ5", DetectorParams()).imbalance_min_volume == 20
    params = DetectorParams(imbalance_min_volume=7)
    found = thresholds_of("ESZ5", params)
    assert (found.imbalance_min_volume, found.absorption_min_volume) == (7, 150)
    given = thresholds_of("ESZ5", params, imbalance_min_volume=3, absorption_min_volume=9)
    assert (given.imbalance_min_volume, given.absorption_min_volume) == (3, 9)
    assert thresholds_of("ESZ5", DetectorParams(profile="NQ")).absorption_min_volume == 100
    # Nothing of a profile is needed.
    own = DetectorParams(imbalance_min_volume=1, absorption_min_volume=2)
    assert thresholds_of("BTCUSDT-LINEAR", own).absorption_min_volume == 2
    with pytest.raises(ParameterError, match="has no profile"):
        thresholds_of("BTCUSDT-LINEAR", params)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"stack_min": 1}, "stack_min"),
        ({"imbalance_min_volume": 0}, "imbalance_min_volume"),
        ({"imbalance_ratio": 0}, "imbalance_ratio"),
        ({"exhaustion_decline": 1.1}, "exhaustion_decline"),
        ({"absorption_share": 0}, "absorption_share"),
        ({"divergence_lookback": 2}, "divergence_lookback"),
        ({"unfinished_mode": "thick"}, "unfinished_mode"),
        ({"zero_opposing": "two"}, "zero_opposing"),
        ({"unfinished_memory": 0}, "unfinished_memory"),
    ],
)
def test_a_wrong_parameter_is_named(change, name):
    with pytest.raises(ParameterError) as caught:
        DetectorParams(**change)
    assert caught.value.name == f"detectors.{name}"


@pytest.mark.parametrize(
    "text",
    [
        "ES: {tick: '0.25'}",
        "ES: {tick: '0.25', tick_value: '1', imbalance_min_volume: 0, absorption_min_volume: 1, "
        "typical_bar_volume: 1, stop_ticks: 1, target_ticks: 1}",
    ],
)
def test_a_file_with_a_missing_or_senseless_value_is_refused(text):
    with pytest.raises(ValueError, match=r"missing|must be positive"):
        read_profiles(text)


@pytest.mark.parametrize("row", VECTORS["rows"], ids=str)
def test_a_price_off_the_grid_counts_at_the_nearest_tick_and_a_half_at_the_even_one(row):
    _, price, ticks, tick_size = row
    bars = Footprints(str(tick_size), "1", "ticks", 1)
    bars.handle_trade_tick(
        TradeTick(
            InstrumentId.from_str("X.SIM"),
            Price(price, 4),
            Quantity.from_int(1),
            AggressorSide.BUYER,
            TradeId("1"),
            1,
            1,
        )
    )
    assert bars.core.session.low == ticks
