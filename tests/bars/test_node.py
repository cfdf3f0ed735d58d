"""What a node with a system of bars reads, and what is refused."""

from pathlib import Path

import pytest

from configs.live import load_live
from errors import UsageError


SYSTEM = str(Path(__file__).parent / "bars.yaml")
SPEC = "1-MINUTE-LAST-EXTERNAL"
LIMIT = "strategies.0.config.max_daily_loss=250"


def rules_of(config):
    (venue,) = config.node.exec_clients.values()
    return {**venue.config["modules"][1]["config"], "latency": venue.config["latency_model"]}


@pytest.mark.parametrize("environment", ["paper", "shadow", "dry_run", "live"])
def test_a_node_reads_quotes_and_trades_beside_the_bars_of_its_actors(environment):
    config = load_live(SYSTEM, environment, [LIMIT])
    assert config.document["data"] == ["QuoteTick", "TradeTick", "Bar 1m"]
    assert config.market_bars == {}
    if environment in ("paper", "shadow"):
        assert "touch" not in rules_of(config)


@pytest.mark.parametrize("environment", ["paper", "shadow"])
def test_on_bars_alone_bars_fill_as_in_a_backtest(environment):
    config = load_live(SYSTEM, environment, ["data=[Bar]"])
    assert config.market_bars == {"BTCUSDT-LINEAR.BYBIT": f"BTCUSDT-LINEAR.BYBIT-{SPEC}"}
    rules = rules_of(config)
    assert (rules["touch"], rules["bar_spec"]) == ("bar", SPEC)
    assert rules["latency"]["config"]["base_latency_nanos"] == 0
    # Sections that several venues share stay what they were.
    assert "touch" not in rules_of(load_live(SYSTEM, environment))


@pytest.mark.parametrize(
    ("environment", "data", "message"),
    [
        ("live", "[Bar]", "real orders need quotes and trades: stops, targets and the watchdog"),
        ("paper", "[TradeTick, Bar]", "a node reads quotes and trades, or bars alone"),
        ("paper", "[Bar 5m]", "lacks Bar 1m, which Closes needs: it has bars of 5m"),
        ("paper", "[QuoteTick, TradeTick]", "lacks Bar 1m, which Closes needs"),
        ("dry_run", "[Bar 7x]", "'7x' is not a step"),
    ],
)
def test_what_a_node_cannot_run_on_is_refused_in_one_line(environment, data, message):
    with pytest.raises(UsageError, match=message) as caught:
        load_live(SYSTEM, environment, [f"data={data}", LIMIT])
    text = str(caught.value)
    assert len(text) < 300
    assert "\n" not in text
