"""Presets of market assumptions lie over the environment, and settings over both."""

from pathlib import Path

import pytest
import yaml

from configs.documents import FOLDER
from configs.loader import load_backtest
from errors import UsageError
from tests.checks import some
from tests.markets import BTC


ENVIRONMENT = FOLDER / "environments" / "backtest.yaml"
LATENCY = "nautilus_trader.backtest.models:LatencyModel"


def loaded(preset="default", settings=(), instrument_id=BTC, environment="backtest"):
    overrides = [f"instrument_id={instrument_id}", *settings]
    run = load_backtest("btc_value_area", environment, overrides, preset)
    (venue,) = run.document["venues"].values()
    return run, venue


def latency(venue):
    return venue["latency_model"]["config"]["base_latency_nanos"]


def test_a_preset_changes_the_market_assumptions_alone():
    plain, venue = loaded()
    changed, other = loaded("pessimistic")
    assert (plain.preset, changed.preset) == ("default", "pessimistic")
    assert changed.document["preset"] == "pessimistic"
    assert latency(venue) < latency(other)
    for key in ("actors", "strategies", "engine", "data", "chunk_size"):
        assert plain.document[key] == changed.document[key]
    same = set(venue) - {"latency_model", "modules", "fee_model"}
    assert {key: venue[key] for key in same} == {key: other[key] for key in same}


def test_a_setting_wins_over_the_preset():
    _, venue = loaded("pessimistic", ["venues.BYBIT.latency_model.config.base_latency_nanos=7"])
    assert latency(venue) == 7
    assert venue["modules"][1]["config"]["slippage_ticks_exit"] == 2


def test_a_preset_leaves_out_the_models_that_a_venue_lacks():
    _, venue = loaded("pessimistic", instrument_id="GCZ6.XCEC")
    assert len(venue["modules"]) == 1
    assert venue["modules"][0]["config"]["queue"] == "through"
    assert venue["fee_model"]["config"]["per_contract"] == "2.25 USD"


def test_a_preset_of_ones_own_is_a_file(tmp_path):
    path = tmp_path / "slow.yaml"
    path.write_text(yaml.safe_dump({"models": {LATENCY: {"base_latency_nanos": 5}}}))
    _, venue = loaded(str(path))
    assert latency(venue) == 5


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({}, "missing key `models`"),
        ({"models": []}, "`models` must hold keys and values"),
        ({"models": {LATENCY: 3}}, "`models.*LatencyModel` must hold keys and values"),
        ({"models": {"a.b:C": {}}}, "no venue of backtest.yaml has a model that it changes"),
        ({"model": {}}, "unknown key `model`"),
        ({"models": {LATENCY: {"speed": 3}}}, "latency_model.*unknown field `speed`"),
    ],
)
def test_a_wrong_preset_is_refused(tmp_path, document, message):
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(document))
    with pytest.raises(UsageError, match=message):
        loaded(str(path))


def test_an_unknown_preset_names_those_there_are():
    with pytest.raises(UsageError, match="no such preset; there are optimistic, pessimistic"):
        loaded("gloomy")


def test_the_catalog_of_the_funding_rates_is_that_of_the_run():
    _, venue = loaded(settings=["catalog=elsewhere"])
    assert venue["modules"][0]["config"]["catalog_path"] == "elsewhere"
    own = "venues.BYBIT.modules.0.config.catalog_path=rates"
    _, venue = loaded(settings=["catalog=elsewhere", own])
    assert venue["modules"][0]["config"]["catalog_path"] == "rates"


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("modules.1.config.queue=hope", r"modules\.1\.config\.queue"),
        ("modules.1.config.slippage_ticks_exit=-1", r"modules\.1\.config\.slippage_ticks_exit"),
        ("modules.1.config.slippage=1", r"modules\.1\.config`.*unknown field `slippage`"),
        ("modules.0.config.interval_hours=0", r"modules\.0\.config\.interval_hours"),
        ("modules.0.config.paid_factor=-1", r"modules\.0\.config\.paid_factor"),
        ("modules.0.config.schedule=often", r"modules\.0\.config\.schedule"),
        (
            "modules.0.actor_path=nowhere:Module",
            r"modules\.0`: nowhere:Module: No module named 'nowhere'",
        ),
        ("modules.0.actor_path=pathlib:Path", "is not a SimulationModule"),
        ("fee_model.config.taker_bps=-1", r"fee_model`.*taker_bps"),
        ("modules=often", r"modules"),
    ],
)
def test_a_wrong_model_is_refused_with_its_key(setting, message):
    with pytest.raises(UsageError, match=message):
        loaded(settings=[f"venues.BYBIT.{setting}"])


def test_every_preset_names_models_of_the_environment():
    document = ENVIRONMENT.read_text()
    for path in some(sorted(Path(FOLDER / "presets").glob("*.yaml"))):
        for model in some(yaml.safe_load(path.read_text())["models"]):
            assert model in document, path
