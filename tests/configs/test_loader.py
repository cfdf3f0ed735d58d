"""System and environment files, overrides, and what is refused."""

from decimal import Decimal

import msgspec
import pytest
import yaml
from nautilus_trader.common.config import msgspec_decoding_hook

from actors.value_area import ValueAreaActorConfig
from catalog.errors import UsageError
from configs.loader import FOLDER
from configs.loader import load_backtest
from configs.loader import load_system
from configs.loader import parse_time
from configs.loader import system_names
from strategies.value_area.config import ValueAreaStrategyConfig


def test_the_system_file_spells_every_parameter_of_its_configs():
    document = yaml.safe_load((FOLDER / "systems" / "btc_value_area.yaml").read_text())
    for entry, cls, base in (
        (document["actors"][0], ValueAreaActorConfig, "ActorConfig"),
        (document["strategies"][0], ValueAreaStrategyConfig, "StrategyConfig"),
    ):
        inherited = set(next(c for c in cls.__mro__ if c.__name__ == base).__struct_fields__)
        own = set(cls.__struct_fields__) - inherited - {"instrument_id"}
        assert set(entry["config"]) == own


def test_the_system_file_holds_the_defaults():
    for entry, cls in zip(
        [load_system("btc_value_area")[s][0] for s in ("actors", "strategies")],
        (ValueAreaActorConfig, ValueAreaStrategyConfig),
        strict=True,
    ):
        typed = msgspec.convert(entry["config"], cls, dec_hook=msgspec_decoding_hook)
        assert typed == cls(instrument_id=typed.instrument_id)


def test_the_instrument_is_named_once_for_actors_and_strategies():
    run = load_backtest("btc_value_area", overrides=["instrument_id=GCZ3.XCEC"])
    assert run.instrument_ids == ("GCZ3.XCEC",)
    assert [venue.name for venue in run.node.venues] == ["XCEC"]
    assert {str(data.instrument_id) for data in run.node.data} == {"GCZ3.XCEC"}


def test_an_override_reaches_the_typed_config():
    run = load_backtest("btc_value_area", overrides=["strategies.0.config.risk_pct=0.01"])
    entry = run.document["strategies"][0]["config"]
    assert Decimal(entry["risk_pct"]) == Decimal("0.01")
    assert run.node.engine.strategies[0].config["risk_pct"] == entry["risk_pct"]


def test_null_switches_a_threshold_off():
    run = load_backtest("btc_value_area", overrides=["strategies.0.config.of_entry_min=null"])
    assert run.document["strategies"][0]["config"]["of_entry_min"] is None


def test_the_same_configuration_has_the_same_fingerprint():
    assert load_backtest("btc_value_area").node.id == load_backtest("btc_value_area").node.id
    other = load_backtest("btc_value_area", overrides=["chunk_size=10000"])
    assert other.node.id != load_backtest("btc_value_area").node.id


def test_the_end_is_excluded():
    run = load_backtest("btc_value_area", overrides=["start=2026-01-05", "end=2026-01-06"])
    assert run.node.end == "2026-01-05T23:59:59.999999999+00:00"
    assert run.end_ns - run.start_ns == 86_400_000_000_000


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("strategies.0.config.riskpct=1", "strategies.0.config.*unknown field `riskpct`"),
        ("strategies.0.config.accept_outside_k=0", "strategies.0.config.accept_outside_k"),
        ("strategies.0.config.va_edge=x", "strategies.0.config.va_edge"),
        ("strategies.0.config.risk_pct=2", "strategies.0.config.risk_pct: 2 is not"),
        ("strategies.0.config.qimb_entry_min=3", "strategies.0.config.qimb_entry_min: 3"),
        ("strategies.1.config.x=1", "`strategies.1` must be an index below 1"),
        ("strategies=[]", "no strategies"),
        ("actors.0.config.min_va_bins=many", "actors.0.config.min_va_bins.*Expected `int`"),
        ("actors.0.config_path=nowhere:X", "actors.0.config_path"),
        ("foo=1", "unknown key `foo`"),
        ("venues.BYBIT.oms_typ=3", "venues.BYBIT.*unknown field `oms_typ`"),
        ("chunk_size=abc", "chunk_size.*Expected `int"),
        ("instrument_id=XXX", "must be SYMBOL.VENUE"),
        ("instrument_id=A.B", "no venue `B`"),
        ("engine.bla=3", "engine.*unknown field `bla`"),
        ("data=[Foo]", "unknown type Foo"),
        ("start=yesterdayish", "start: 'yesterdayish' is not"),
        ("start.x=3", "lies inside a single value"),
        ("nonsense", "must be of the form"),
        ("chunk_size=[", "not valid YAML"),
    ],
)
def test_a_wrong_setting_is_refused_with_its_key(override, message):
    with pytest.raises(UsageError, match=message) as caught:
        load_backtest("btc_value_area", overrides=[override])
    assert "\n" not in str(caught.value)


def test_the_end_must_come_after_the_start():
    with pytest.raises(UsageError, match="end: .* is not after the start"):
        load_backtest("btc_value_area", overrides=["start=2026-01-06", "end=2026-01-05"])


@pytest.mark.parametrize(("system", "environment"), [("nope", "backtest"), ("x.yaml", "backtest")])
def test_an_unknown_system_is_refused(system, environment):
    with pytest.raises(UsageError, match="no such"):
        load_backtest(system, environment)


def test_an_unknown_environment_lists_the_known():
    with pytest.raises(UsageError, match="no such environment; there are .*backtest"):
        load_backtest("btc_value_area", "nope")


def test_a_file_of_the_user_may_be_named(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text((FOLDER / "systems" / "btc_value_area.yaml").read_text())
    assert load_backtest(str(path)).system == "mine"
    path.write_text("actors: [")
    with pytest.raises(UsageError, match="not valid YAML"):
        load_backtest(str(path))


def test_every_system_loads():
    assert "btc_value_area" in system_names()
    for name in system_names():
        assert load_backtest(name).instrument_ids


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("2026-01-05", 1_767_571_200_000_000_000),
        ("2026-01-05T01:00:00+01:00", 1_767_571_200_000_000_000),
        ("2026-01-05T00:00:00.000000001Z", 1_767_571_200_000_000_001),
        (None, None),
    ],
)
def test_times_are_utc_unless_an_offset_is_given(text, ns):
    assert parse_time(text, "start") == ns
