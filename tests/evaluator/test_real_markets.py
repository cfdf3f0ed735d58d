"""
Real days, prints without quotes and recorded funding rates, through evaluator and Nautilus.

`make test-equality` runs them: each comparison is a backtest in a process of its own.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from adapters.bybit.funding import funding_updates
from adapters.bybit.funding import write_funding
from adapters.files.ingest import ingest_csv
from catalog.sample import write_sample
from research.evaluation import Evaluation
from research.evaluation import difference
from research.evaluator.evaluator import FastEvaluator
from research.nautilus_evaluator import NautilusEvaluator
from research.points import PointConfig
from tests import gc_ticks
from tests import nq_half_day
from tests.adapters.simulated.desk import HOUR
from tests.adapters.simulated.desk import MS
from tests.adapters.simulated.desk import T0
from tests.backtests.test_playbook_real_markets import LOOSE
from tests.markets import BTC
from tests.seed_rules import NO_COST_RULES


pytestmark = pytest.mark.equality
PRESETS = ("default", "pessimistic", "optimistic")


@pytest.fixture(scope="module")
def real_data() -> Path:
    folder = os.environ.get("AUCTION_REAL_DATA")
    if not folder:
        pytest.skip("AUCTION_REAL_DATA is not set")
    return Path(folder)


@pytest.fixture(scope="module")
def gold(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("gold")
    trades, quotes = gc_ticks.write_gc_csv(real_data, folder)
    ingest_csv(folder / "catalog", gc_ticks.INSTRUMENT_ID, [trades], [quotes])
    return folder / "catalog"


@pytest.fixture(scope="module")
def nasdaq(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("nasdaq")
    nq_half_day.write_catalog(folder, real_data)
    return folder


def compare(
    system: str, catalog: Path, cache: Path, settings: Sequence[str]
) -> dict[str, Evaluation]:
    """Hold the evaluator equal to Nautilus in all presets, and return what it has made."""
    base: dict[str, Any] = {"catalog": str(catalog)}
    for text in settings:
        key, _, value = text.partition("=")
        base[key] = value
    config = PointConfig(system, overrides=base)
    fast, reference = FastEvaluator(config, cache), NautilusEvaluator(config)
    found = {}
    for preset in PRESETS:
        found[preset] = fast.evaluate({}, market=preset)
        assert difference(found[preset], reference.evaluate({}, market=preset)) is None, preset
        assert found[preset].decisions
    return found


@pytest.mark.parametrize(
    ("system", "settings"),
    [
        ("btc_value_area", NO_COST_RULES),
        ("playbook", ("actors.0.config.session_hours=4", *LOOSE)),
    ],
    ids=["btc_value_area", "playbook"],
)
def test_days_of_gold_are_equal_to_nautilus(
    system: str, settings: Sequence[str], gold: Path, tmp_path: Path
) -> None:
    instrument = f"instrument_id={gc_ticks.INSTRUMENT_ID}"
    found = compare(system, gold, tmp_path, [instrument, *settings])
    assert found["default"].fills


def test_prints_of_the_nasdaq_future_are_equal_to_nautilus(nasdaq: Path, tmp_path: Path) -> None:
    system, options, _ = nq_half_day.write_system(tmp_path)
    settings = [text for text in options if text not in ("--set", "--end", "2025-11-29")]
    settings += ["end=2025-11-29", *NO_COST_RULES, *nq_half_day.LOOSE_SETTINGS]
    found = compare(str(system), nasdaq, tmp_path / "cache", settings)
    assert found["default"].fills


def test_prints_of_the_nasdaq_future_by_minutes_are_equal_to_nautilus(
    nasdaq: Path, tmp_path: Path
) -> None:
    settings = [
        f"instrument_id={nq_half_day.NQ}",
        "data=[TradeTick]",
        "end=2025-11-29",
        "actors.0.config.session_hours=1",
        *LOOSE,
    ]
    compare("playbook", nasdaq, tmp_path, settings)


def test_recorded_funding_rates_are_equal_to_nautilus(tmp_path: Path) -> None:
    catalog = tmp_path / "catalog"
    write_sample(catalog, 7, 1, ["BTCUSDT"])
    rows = [
        {"fundingRate": f"{rate}", "fundingRateTimestamp": str((T0 + hour * HOUR) // MS)}
        for hour, rate in zip(range(1, 26), ("0.00010001", "-0.000375") * 13, strict=False)
    ]
    write_funding(catalog, BTC, funding_updates(rows, 60))
    settings = ["venues.BYBIT.modules.0.config.schedule=catalog", *NO_COST_RULES]
    found = compare("btc_value_area", catalog, tmp_path / "cache", settings)
    assert found["default"].payments
