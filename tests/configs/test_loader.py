"""System and environment files, overrides, and what is refused."""

from copy import deepcopy
from decimal import Decimal

import pytest
import yaml
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.trading.config import StrategyFactory

from actors.value_area.config import ValueAreaActorConfig
from configs.documents import FOLDER
from configs.loader import load_backtest
from configs.times import parse_time
from errors import ParameterError
from errors import UsageError
from strategies.value_area.config import ValueAreaStrategyConfig
from tests.checks import some


# Spelt by the file of a system that may hold several trades.
OF_SEVERAL_TRADES = {
    "max_trades",
    "max_total_risk",
    "one_trade_per_setup",
    "cooldown_scope",
    "position_mode",
}
# By the file of a system of several instruments.
OF_SEVERAL_STRATEGIES = {"max_trades_all", "max_daily_loss_all"}


def system_document():
    return yaml.safe_load((FOLDER / "systems" / "btc_value_area.yaml").read_text())


def written(folder, document):
    path = folder / "mine.yaml"
    path.write_text(yaml.safe_dump(document))
    return str(path)


def test_the_system_file_spells_every_parameter_of_its_configs():
    document = system_document()
    for entry, cls, base in (
        (document["actors"][0], ValueAreaActorConfig, "ActorConfig"),
        (document["strategies"][0], ValueAreaStrategyConfig, "StrategyConfig"),
    ):
        inherited = set(next(c for c in cls.__mro__ if c.__name__ == base).__struct_fields__)
        own = set(cls.__struct_fields__) - inherited - {"instrument_id"}
        assert set(entry["config"]) == own - OF_SEVERAL_TRADES - OF_SEVERAL_STRATEGIES


def test_a_strategy_has_the_name_that_its_file_gives_it():
    where = "strategies.0.config"
    named = [f"{where}.strategy_id=FAST", f"{where}.order_id_tag='007'"]
    (strategy,) = load_backtest("btc_value_area", overrides=named).node.engine.strategies

    assert StrategyFactory.create(strategy).id.value == "FAST-007"


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
        ("chunk_size=abc", "chunk_size.*Expected `int.*got `str`$"),
        (
            "strategies.0.config.accept_outside_k=1e400",
            "accept_outside_k.*YAML reads 1e400 as text: write a whole number in digits, like 1000",
        ),
        (
            "actors.0.config.gap_after_s=1e12",
            r"gap_after_s.*YAML reads 1e12 as text: write the digits, or .* like 1\.0e\+3$",
        ),
        ("chunk_size=1e3", "chunk_size.*YAML reads 1e3 as text"),
        ("instrument_id=BTCUSDT", "must be SYMBOL.VENUE"),
        ("instrument_id=A.B", "no venue `B`"),
        ("venues.BYBIT.base_currency=USDT", "venues.BYBIT.base_currency.*only null"),
        ("engine.bla=3", "engine.*unknown field `bla`"),
        ("data=[Foo]", "unknown type Foo"),
        ("start=yesterdayish", "start: 'yesterdayish' is not"),
        ("start.x=3", "lies inside a single value"),
        ("nonsense", "must be of the form"),
        ("chunk_size=[", "not valid YAML"),
        ("start=2026-13-45", "not valid YAML"),
        ("engine.trader_id=foo", "engine.trader_id`: 'foo' must be NAME-TAG"),
        ("engine.trader_id=null", "engine.trader_id`: None must be NAME-TAG"),
        ("engine.logging.log_level=LOUD", "engine.logging.log_level`: 'LOUD' must be one of"),
        ("engine.logging.log_level_file=LOUD", "engine.logging.log_level_file"),
        ("engine.logging.log_component_levels={X: LOUD}", "log_component_levels.X`: 'LOUD'"),
        ("engine.logging=3", "`engine.logging` must hold keys and values"),
        ("engine.environment=live", "`engine.environment` must not be set"),
        ("engine.actors=[]", "`engine.actors` must not be set"),
        ("engine=null", "`engine` must hold keys and values"),
        ("venues=null", "`venues` must hold keys and values"),
        ("venues.BYBIT=3", "`venues.BYBIT` must hold keys and values"),
        ("venues.BYBIT.name=X", "`venues.BYBIT.name`"),
        ("venues.BYBIT.oms_type=NETING", "venues.BYBIT.oms_type`: 'NETING' must be one of"),
        ("venues.BYBIT.oto_trigger_mode=ALL", "venues.BYBIT.oto_trigger_mode`: 'ALL'"),
        ("venues.BYBIT.account_type=CASH", "'CASH' is not supported, only MARGIN"),
        ("venues.BYBIT.book_type=L2_MBP", "'L2_MBP' is not supported, only L1_MBP"),
        ("venues.BYBIT.starting_balances=[10000USDT]", "BYBIT.starting_balances`: .'10000USDT'"),
        ("venues.BYBIT.starting_balances=[abc USDT]", "BYBIT.starting_balances`: .'abc USDT'"),
        ("venues.BYBIT.starting_balances=[]", "BYBIT.starting_balances`: .. must be a list"),
        (f"venues.BYBIT.starting_balances=[{10**40} USDT]", "BYBIT.starting_balances`: invalid"),
        ("venues.BYBIT.default_leverage=0", "BYBIT.default_leverage`: 0.0 is not finite"),
        ("venues.BYBIT.default_leverage=0.5", "BYBIT.default_leverage`: 0.5 .* at least 1"),
        ("venues.BYBIT.liquidity_consumption=true", "BYBIT.liquidity_consumption`: True would"),
        ("venues.BYBIT.price_protection_points=1", "BYBIT.price_protection_points`: 1 would"),
        ("venues.BYBIT.use_reduce_only=false", "BYBIT.use_reduce_only`: False would"),
        ("venues.BYBIT.fill_model.config.prob_slippage=0.5", "prob_slippage`: VenueFills ignores"),
        ("venues.BYBIT.modules=[]", "belong together: give both or none"),
        ("venues.BYBIT.fee_model.config.taker_bps=.inf", "taker_bps`: inf is not finite"),
        ("strategies.0.config.oms_type=HEDGING", "oms_type`: 'HEDGING' must be one of NETTING"),
        (
            "strategies.0.config.position_mode=BY_TRADE",
            "position_mode`: BY_TRADE does not fit NETTING of BYBIT: set it to NETTING",
        ),
        (
            "strategies.0.config.position_mode=BY_SIDE",
            "position_mode`: 'BY_SIDE' must be one of NETTING, BY_TRADE",
        ),
        (
            "venues.BYBIT.oms_type=HEDGING",
            "position_mode`: NETTING does not fit HEDGING of BYBIT: set it to BY_TRADE",
        ),
        ("strategies.0.config.taker_fee_bps=-100000", "taker_fee_bps: -100000 is not within"),
        ("strategies.0.config.max_hold_minutes=99999999", "max_hold_minutes: 99999999 is more"),
        ("strategies.0.config.max_leverage=1e999999", "max_leverage: 1E.999999 is above 1000000"),
        ("venues.BYBIT.default_leverage=-3", "BYBIT.default_leverage`: -3.0 is not finite"),
        ("venues.BYBIT.default_leverage=.inf", "BYBIT.default_leverage`: inf is not finite"),
        ("venues.BYBIT.leverages={X.BYBIT: .nan}", "BYBIT.leverages.X.BYBIT`: nan"),
        ("venues.BYBIT.fill_model.fill_model_path=no:X", "BYBIT.fill_model`: No module named"),
        ("venues.BYBIT.fill_model.config_path=X", "BYBIT.fill_model`: not enough values"),
        ("venues.BYBIT.fill_model.config.x=1", "BYBIT.fill_model`: .*unknown field `x`"),
        ("venues.BYBIT.fill_model.config.prob_slippage=2", "BYBIT.fill_model`: .*out of range"),
        ("venues.BYBIT.latency_model.config.base_latency_nanos=-1", "BYBIT.latency_model`: .*>= 0"),
        (
            f"venues.BYBIT.latency_model.config.base_latency_nanos={10**30}",
            "BYBIT.latency_model`: .*too large",
        ),
        (
            "venues.BYBIT.fill_model.fill_model_path=nautilus_trader.backtest.models:MakerTakerFeeModel",
            "BYBIT.fill_model` is not a FillModel",
        ),
        ("catalog=2026", "`catalog`: 2026 must be the path of a folder"),
        ("catalog=null", "`catalog`: None must be"),
        ("catalog=[a]", "`catalog`: .'a'. must be"),
        ("data=[]", "`data`: \\[\\] must be a list"),
        ("data=TradeTick", "`data`: 'TradeTick' must be a list"),
        ("data=[[a]]", "unknown type"),
        ("data=[TradeTick, TradeTick]", "TradeTick is named twice"),
        ("chunk_size=0", "`chunk_size`: 0 is not positive"),
        ("chunk_size=-5", "`chunk_size`: -5 is not positive"),
        ("end=9999-12-31", "end: 9999-12-31 does not lie in the years"),
        ("start=1900-01-01", "start: 1900-01-01 does not lie in the years"),
        ("start=[a]", "start: .'a'. is not an ISO 8601"),
        ("start=06.01.2026", "start: '06.01.2026' is not an ISO 8601"),
        ("start=01/05/2026", "start: '01/05/2026' is not an ISO 8601"),
        ("start=true", "start: True is not an ISO 8601"),
        ("strategies.0.config=null", "`strategies.0.config` must hold keys and values"),
        ("strategies.0.config=3", "`strategies.0.config` must hold keys and values"),
        ("strategies.0=3", "`strategies.0` must hold config, config_path, strategy_path"),
        (
            "strategies.0.strategy_path=nowhere:X",
            "strategies.0.strategy_path`: nowhere:X: No module",
        ),
        ("strategies.0.config_path=os:path", "strategies.0.config_path` is not a StrategyConfig"),
        ("strategies.0.config.risk_pct=.nan", "strategies.0.config.risk_pct: NaN"),
        ("strategies.0.config.risk_pct=.inf", "strategies.0.config.risk_pct: Infinity"),
        ("strategies.0.config.max_leverage=.nan", "strategies.0.config.max_leverage: NaN"),
        ("strategies.0.config.max_leverage=.inf", "strategies.0.config.max_leverage: Infinity"),
        ("strategies.0.config.oms_type=NETING", "strategies.0.config.oms_type`: 'NETING'"),
        ("strategies.0.config.order_id_tag=''", "strategies.0.config.order_id_tag`: ''"),
        ("strategies.0.config.strategy_id=''", "strategies.0.config.strategy_id`: '' must be"),
        ("strategies.0.config.instrument_id=GCZ3.XCEC", "no actor publishes for GCZ3.XCEC"),
        ("actors.0.config.component_id=é", "actors.0.config.component_id`: 'é'"),
        ("actors.0.config.va_fraction=1.5", "actors.0.config.va_fraction: must be above 0"),
        ("actors.0.config.bvc_lookback=1", "actors.0.config.bvc_lookback: must be at least 2"),
        ("actors.0.config.alpha_bin=.inf", "actors.0.config.alpha_bin: must be positive and fin"),
        (
            f"actors.0.config.rolling_window_minutes={10**30}",
            "actors.0.config.rolling_window_minutes",
        ),
        ("actors.0.config.qimb_ema_span_seconds=3000000000", "qimb_ema_span_seconds: 30+ is above"),
        ("actors=[]", "no actor publishes for BTCUSDT-LINEAR.BYBIT"),
    ],
)
def test_a_wrong_setting_is_refused_with_its_key(override, message):
    with pytest.raises(UsageError, match=message) as caught:
        load_backtest("btc_value_area", overrides=[override])
    assert "\n" not in str(caught.value)


def test_the_core_s_name_of_a_parameter_is_replaced_by_the_configuration_s(monkeypatch):
    def refuse(*_, **__):
        raise ParameterError("window_minutes", "must be positive, was 0")

    monkeypatch.setattr("actors.value_area.config.MinuteFeatures", refuse)
    with pytest.raises(UsageError, match="^rolling_window_minutes: must be positive, was 0$"):
        ValueAreaActorConfig(instrument_id=InstrumentId.from_str("GCZ3.XCEC"))


def test_a_setting_of_one_venue_leaves_the_others_alone():
    run = load_backtest(
        "btc_value_area",
        overrides=["venues.XCME.fee_model.config.per_contract=1 USD", "instrument_id=GCZ3.XCEC"],
    )
    assert run.document["venues"]["XCEC"]["fee_model"]["config"]["per_contract"] == "2.25 USD"


def test_a_missing_venue_names_the_instrument_that_needs_it(tmp_path):
    document = system_document()
    other = deepcopy(document["actors"][0])
    other["config"]["instrument_id"] = "EURUSD.IDEALPRO"
    document["actors"].append(other)
    with pytest.raises(UsageError, match="no venue `IDEALPRO` for EURUSD.IDEALPRO"):
        load_backtest(written(tmp_path, document))


def test_two_actors_of_one_class_on_one_instrument_are_refused(tmp_path):
    document = system_document()
    document["actors"] *= 2
    with pytest.raises(UsageError, match="`actors.1` is a second .*ValueAreaActor for BTCUSDT"):
        load_backtest(written(tmp_path, document))


def test_a_system_file_carries_no_key_of_the_environment(tmp_path):
    document = system_document() | {"chunk_size": 10}
    with pytest.raises(UsageError, match="mine.yaml: unknown key `chunk_size`"):
        load_backtest(written(tmp_path, document))


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
    for name in some(path.stem for path in (FOLDER / "systems").glob("*.yaml")):
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
