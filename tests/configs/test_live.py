"""The environments of live nodes: the same components as in a backtest, and what is refused."""

import msgspec
import pytest
import yaml
from nautilus_trader.backtest.config import LatencyModelFactory
from nautilus_trader.common.config import msgspec_encoding_hook
from nautilus_trader.model.identifiers import InstrumentId

from configs.documents import FOLDER
from configs.extends import read_environment
from configs.live import NODE_KEYS
from configs.live import load_live
from configs.loader import BACKTEST_KEYS
from configs.loader import load_backtest
from errors import UsageError


LIMIT = "strategies.0.config.max_daily_loss=250"
SYSTEMS = sorted(path.stem for path in (FOLDER / "systems").glob("*.yaml"))
NODES = ("paper", "shadow", "live", "dry_run")
BITCOIN = "BTCUSDT-LINEAR.BYBIT"


def encoded(part):
    return msgspec.json.encode(part, enc_hook=msgspec_encoding_hook)


def environment(name="paper"):
    known = BACKTEST_KEYS | NODE_KEYS
    return read_environment(FOLDER / "environments" / f"{name}.yaml", known)


def written(folder, document):
    path = folder / "mine.yaml"
    path.write_text(yaml.safe_dump(document))
    return str(path)


def test_every_environment_is_one_of_the_modes():
    names = {path.stem for path in (FOLDER / "environments").glob("*.yaml")}
    assert names == {*NODES, "backtest"}
    assert [environment(name)["environment"] for name in NODES] == list(NODES)


@pytest.mark.parametrize("name", NODES)
@pytest.mark.parametrize("system", SYSTEMS)
def test_actors_and_strategies_are_those_of_the_backtest_byte_for_byte(system, name):
    backtest = load_backtest(system, overrides=[LIMIT])
    if name == "live" and not backtest.instrument_ids[0].endswith(".BYBIT"):
        pytest.skip("orders go to Bybit alone")
    live = load_live(system, name, [LIMIT])
    extra = len(environment(name)["actors"])
    mine = live.node.actors[: len(live.node.actors) - extra]
    assert encoded(mine) == encoded(backtest.node.engine.actors)
    assert encoded(live.node.strategies) == encoded(backtest.node.engine.strategies)
    assert live.instrument_ids == backtest.instrument_ids


def test_clients_get_the_instruments_of_their_venue():
    config = load_live("btc_value_area", "paper", ["instrument_id=ETHUSDT-LINEAR.BYBIT"])
    client = config.node.data_clients["BYBIT"].create()
    wanted = InstrumentId.from_str("ETHUSDT-LINEAR.BYBIT")
    assert client.instrument_provider.load_ids == frozenset({wanted})
    futures = load_live("btc_value_area", "paper", ["instrument_id=NQZ5.XCME"])
    assert list(futures.node.data_clients) == ["DATABENTO"]
    assert list(futures.node.exec_clients) == ["XCME"]
    assert futures.node.data_clients["DATABENTO"].config["instrument_ids"] == ["NQZ5.XCME"]
    stock = load_live("btc_value_area", "paper", ["instrument_id=AAPL.XNAS"])
    assert list(stock.node.data_clients) == ["DATABENTO"]
    assert list(stock.node.exec_clients) == ["XNAS"]


def told(part):
    """Return a section without what is left open, which a backtest may be told besides."""
    if isinstance(part, dict):
        return {key: told(value) for key, value in part.items() if value is not None}
    return [told(value) for value in part] if isinstance(part, list) else part


@pytest.mark.parametrize("name", ["paper", "shadow"])
def test_a_simulated_venue_of_a_node_assumes_what_a_backtest_assumes(name):
    backtest, nodes = environment("backtest")["venues"], environment(name)["venues"]
    assert list(backtest) == list(nodes)
    for venue, assumed in backtest.items():
        config = nodes[venue]["execution"]["config"]
        assert config["venue"] == venue
        assert assumed["latency_model"]["config"]["base_latency_nanos"] == 20_000_000
        for key in set(config) - {"venue"}:
            assert told(config[key]) == told(assumed[key]), (venue, key)
        wanted = {"latency_model", "fee_model", "fill_model", "modules", "default_leverage"}
        assert wanted | {"starting_balances"} < set(config)


def test_the_latency_of_a_simulated_venue_is_set_by_configuration():
    setting = "venues.BYBIT.execution.config.latency_model.config.base_latency_nanos=7"
    config = load_live("btc_value_area", "paper", [setting])
    model = config.node.exec_clients["BYBIT"].create().latency_model
    assert LatencyModelFactory.create(model).insert_latency_nanos == 7


def test_dry_run_has_no_client_that_an_order_could_go_to():
    assert load_live("btc_value_area", "dry_run").node.exec_clients == {}


def test_actors_of_the_environment_come_after_those_of_the_system(tmp_path):
    document = environment()
    document["actors"] = [
        {
            "actor_path": "actors.value_area.actor:ValueAreaActor",
            "config_path": "actors.value_area.config:ValueAreaActorConfig",
            "config": {"instrument_id": BITCOIN, "component_id": "EXTRA"},
        },
    ]
    config = load_live("btc_value_area", written(tmp_path, document))
    assert [actor.config.get("component_id") for actor in config.node.actors] == [None, "EXTRA"]


def test_an_override_reaches_system_settings_and_clients():
    config = load_live(
        "btc_value_area",
        "paper",
        [
            "strategies.0.config.risk_pct=0.01",
            "settings.stale_after_s=3.5",
            "venues.BYBIT.data.config.environment=TESTNET",
        ],
    )
    assert config.node.strategies[0].config["risk_pct"] == "0.01"
    assert config.settings.stale_after_s == 3.5
    assert config.node.data_clients["BYBIT"].create().environment.name.upper() == "TESTNET"


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("nodes.trader_id=A-1", "unknown key `nodes`"),
        ("node.risk_engine.bypas=true", "`node.risk_engine`: .*bypas"),
        ("node.trader_id=PAPER", "`node.trader_id`: 'PAPER' must be NAME-TAG"),
        ("settings.stale_after=3", "`settings`: .*stale_after"),
        ("settings.stale_after_s=0", "`settings.stale_after_s`"),
        ("venues.BYBIT.data.config.quotes=true", "`venues.BYBIT.data.config`: .*quotes"),
        ("venues.BYBIT.data.config.api_key=abc", "set the environment variable instead"),
        ("venues.BYBIT.data.config.environment=MOON", "`venues.BYBIT.data.config"),
        (
            "venues.BYBIT.data.path=adapters.bybit.live:nothing",
            "`venues.BYBIT.data.path`: .*nothing",
        ),
        ("venues.BYBIT.data.path=pathlib:Path", "is not a LiveDataClientConfig"),
        (
            "venues.BYBIT.data.factory.path=adapters.bybit.live:LiveBybitDataClientFactory",
            "no function of no arguments",
        ),
        ("venues.BYBIT.data=null", "without data would do nothing"),
        ("venues.BYBIT.execution=null", "paper cannot send orders"),
        ("node.data_clients={}", "name clients below `venues`"),
        ("instrument_id=BTCUSD.KRAKEN", "no venue `KRAKEN`"),
        ("cache=memcached", "`cache`: 'memcached' must be redis or null"),
        ("cache=redis", "`cache`: the venue of paper ends with the node"),
        ("node.cache={database: {port: 6379}}", "`node.cache.database`: set `cache: redis`"),
        ("environment=backtest", "must be one of paper, shadow, live, dry_run"),
    ],
)
def test_a_mistake_is_refused_with_the_path_of_its_key(setting, message):
    with pytest.raises(UsageError, match=message):
        load_live("btc_value_area", "paper", [setting])


def test_bars_fill_no_order_of_a_node_that_reads_quotes():
    setting = "venues.BYBIT.execution.config.modules.1.config.touch=bar"
    with pytest.raises(UsageError, match="execution.config.*fills where the `data` of a node are"):
        load_live("btc_value_area", "paper", [setting])


def test_live_tells_that_futures_trade_on_paper_alone():
    with pytest.raises(UsageError, match=r"no venue `XCME` for NQH6.XCME; .*on paper alone"):
        load_live("nq_impulse_lvn", "live")


def test_live_is_refused_without_a_limit_of_loss():
    with pytest.raises(UsageError, match=r"`strategies.0.config.max_daily_loss`: live refuses"):
        load_live("btc_value_area", "live")


@pytest.mark.parametrize(
    "setting",
    [
        "reconciliation=false",
        "open_check_interval_secs=null",
        "position_check_interval_secs=null",
    ],
)
def test_live_is_refused_where_a_lost_fill_would_never_arrive(setting):
    with pytest.raises(UsageError, match="would never arrive"):
        load_live("btc_value_area", "live", [LIMIT, f"node.exec_engine.{setting}"])


@pytest.mark.parametrize(
    ("setting", "cure"),
    [
        ("inflight_check_interval_ms=2000", "set it to 0"),
        ("open_check_open_only=false", "switch it on"),
    ],
)
def test_live_is_refused_where_an_order_of_unknown_fate_would_be_rejected(setting, cure):
    with pytest.raises(
        UsageError, match=rf"{setting.partition('=')[0]}.*would be rejected.*{cure}"
    ):
        load_live("btc_value_area", "live", [LIMIT, f"node.exec_engine.{setting}"])


def test_prices_of_one_market_and_orders_to_another_are_refused():
    setting = "venues.BYBIT.execution.config.environment=TESTNET"
    with pytest.raises(UsageError, match="prices of MAINNET and orders to TESTNET"):
        load_live("btc_value_area", "live", [LIMIT, setting])
    both = [LIMIT, setting, "venues.BYBIT.data.config.environment=TESTNET"]
    assert load_live("btc_value_area", "live", both).mode == "live"


def test_no_node_needs_a_server_by_default():
    assert [environment(name)["cache"] for name in NODES] == [None] * len(NODES)
    assert load_live("btc_value_area", "live", [LIMIT]).node.cache is None


@pytest.mark.parametrize("name", ["shadow", "dry_run"])
def test_redis_is_refused_where_no_order_outlives_the_node(name):
    with pytest.raises(UsageError, match="`cache`: .*set it to null"):
        load_live("btc_value_area", name, ["cache=redis"])


def test_redis_is_found_by_the_environment_and_its_password_stands_in_no_file(monkeypatch):
    monkeypatch.setenv("REDIS_HOST", "cache.local")
    monkeypatch.setenv("REDIS_PORT", "7000")
    monkeypatch.setenv("REDIS_PASSWORD", "p@ss word/1")
    config = load_live(
        "btc_value_area", "live", [LIMIT, "cache=redis", "node.cache={tick_capacity: 9}"]
    )
    cache = config.node.cache
    assert (cache.database.host, cache.database.port) == ("cache.local", 7000)
    assert cache.database.password == "p%40ss%20word%2F1"
    assert (cache.encoding, cache.use_instance_id, cache.tick_capacity) == ("msgpack", False, 9)
    # More retries, and a node would wait for a lost server when it ends.
    assert cache.database.number_of_retries == 1
    assert config.document["cache"] == "redis"
    assert "p@ss" not in yaml.safe_dump(config.document)
    assert "p%40ss" not in repr(config.node)


def test_redis_on_this_machine_needs_no_variable(monkeypatch):
    for name in ("REDIS_HOST", "REDIS_PORT", "REDIS_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    database = load_live("btc_value_area", "live", [LIMIT, "cache=redis"]).node.cache.database
    assert (database.host, database.port, database.password) == ("127.0.0.1", 6379, None)


@pytest.mark.parametrize("port", ["0", "65536", "redis", "63.79"])
def test_a_port_that_is_none_is_refused(port, monkeypatch):
    monkeypatch.setenv("REDIS_PORT", port)
    with pytest.raises(UsageError, match="REDIS_PORT: .* must be a port"):
        load_live("btc_value_area", "live", [LIMIT, "cache=redis"])


def test_a_replay_leaves_redis_of_the_real_node_alone():
    config = load_live("btc_value_area", "live", [LIMIT, "cache=redis"], own_actors=False)
    assert config.node.cache is None


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("venues.BYBIT.data.name=[a]", "`venues.BYBIT.data.name`: .* must be text"),
        ("venues.BYBIT.data.factory={}", "it is no package.module:Name"),
        ("catalog=[a]", "`catalog`: .* must be the path of a folder"),
        ("settings.hang_after_s=.inf", "`settings.hang_after_s`: inf is out of all bounds"),
    ],
)
def test_values_of_another_kind_are_refused(setting, message):
    with pytest.raises(UsageError, match=message):
        load_live("btc_value_area", "paper", [setting])
