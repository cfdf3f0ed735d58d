"""
The reference sequences and runs, through Nautilus's simulated venue.

Latency off and the reference's fees; the rest is the environment file's. What the strategy does at
each boundary is the reference's in every case. Fills differ only where the rules of
`adapters.simulated` do, and each such case is named here with its price or its reason.
"""

from dataclasses import asdict
from dataclasses import replace
from decimal import Decimal

import msgspec
import pytest
from nautilus_trader.trading.config import ImportableStrategyConfig

from actors.messages import TradeEvent
from configs.loader import load_backtest
from tests.engines import collecting
from tests.engines import run_node
from tests.markets import BTC
from tests.markets import MS
from tests.markets import NO_GAP
from tests.markets import iso
from tests.markets import vector_stream
from tests.markets import write_catalog
from tests.markets import write_vector_catalog
from tests.seed_rules import SEED_RULES
from tests.strategies.test_trade_manager_vectors import BASE
from tests.strategies.test_trade_manager_vectors import intent
from tests.vectors import load


CASES = load("004", "execution_cases.json")
START = 1_767_571_200_000 * MS  # 2026-01-05 00:00 UTC
DEEP = 100_000_000
KINDS = {
    "ENTRY_SUBMITTED": "ENTRY_SUBMIT",
    "ENTRY_FILLED": "ENTRY_FILL",
    "ENTRY_CANCELED": "ENTRY_CANCEL",
    "EXIT_FILLED": "EXIT_FILL",
    "FUNDING_PAID": "FUNDING",
}

# A stop fills at the print that sets it off less the slippage, not at the first quote after it.
AT_THE_PRINT = {
    "stop_long": [494_999],
    "stop_gap_fills_at_the_market": [492_999],
    "tp1_then_breakeven": [499_999],
    "cooldown_blocks_three_minutes": [494_999],
    "cooldown_exact_edge": [494_999],
    "cooldown_after_stop_then_second_stop": [494_999, 494_999],
    "breakout_pullback_low_stop_intraminute": [498_999],
    "kill_switch_trips_and_blocks_until_utc_midnight": [494_999],
    "kill_switch_not_reached": [494_999],
    "zero_slippage": [495_000],
    "taker_everywhere": [494_999],
}
OTHER_EVENTS = {
    # A print through the limit fills it, so the stop's price is not touched before the entry.
    "stop_touched_before_fill": [("ENTRY_SUBMIT", None), ("ENTRY_FILL", "LIMIT")],
}


def settings(config):
    fees = "venues.BYBIT.fee_model.config"
    return [
        "venues.BYBIT.latency_model=null",
        f"{fees}.maker_bps={config['maker']}",
        f"{fees}.taker_bps={config['taker']}",
        *(
            f"venues.BYBIT.modules.1.config.slippage_ticks_{side}={config[f'slip_{side}']}"
            for side in ("entry", "exit")
        ),
    ]


def parameters(config):
    """Return the strategy's parameters of a reference configuration."""
    return {
        "risk_pct": config["risk_pct"],
        "max_leverage": config["max_leverage"],
        "move_stop_to_breakeven_after_tp1": config["move_be"],
        "max_hold_minutes": config["max_hold"],
        "extend_if_profitable": config["extend"],
        "cooldown_minutes": config["cooldown"],
        "use_limit_for_entry": config["limit_entry"],
        "enable_flip_on_signal": config["flip"],
        "cancel_on_stop_touch": config["cancel_on_stop_touch"],
        "max_daily_loss": config["max_daily_loss"],
        "taker_fee_bps": config["taker"],
    }


def rows(ops):
    result = []
    for op, ts, *values in ops:
        if op == "q":
            result.append((0, START + ts * MS, values[0], DEEP, values[1], DEEP))
        elif op == "t":
            result.append((1, START + ts * MS, values[0], DEEP))
    # A catalog needs both; these stand long before anything is decided.
    return [(0, START, 500_000, DEEP, 500_001, DEEP), (1, START, 500_000, 1), *result]


def minutes(ops):
    for op, ts, *values in ops:
        if op == "m":
            close, best, *gates = values
            gate = {"warm": True, "active": True} | (gates[0] if gates else {})
            fields = None if best is None else asdict(intent(best))
            yield (START + ts * MS, close, fields, gate["warm"], gate["active"])


def run_case(case, folder):
    config = BASE | case["config"]
    catalog = write_catalog(folder, rows(case["ops"]))
    end = START + (max(op[1] for op in case["ops"]) + 1) * MS
    run = load_backtest(
        "btc_value_area",
        overrides=[
            *SEED_RULES,
            f"catalog={catalog}",
            f"start='{iso(START)}'",
            f"end='{iso(end)}'",
            f"venues.BYBIT.starting_balances=['{config['capital']} USDT']",
            *settings(config),
        ],
    )
    strategy = ImportableStrategyConfig(
        strategy_path="tests.backtests.intents:WrittenIntents",
        config_path="tests.backtests.intents:WrittenIntentsConfig",
        config={"instrument_id": BTC, "minutes": [*minutes(case["ops"])], **parameters(config)},
    )
    engine_config = msgspec.structs.replace(run.node.engine, actors=[], strategies=[strategy])
    events = []
    engine = run_node(
        replace(run, node=msgspec.structs.replace(run.node, engine=engine_config)),
        lambda engine: engine.kernel.msgbus.subscribe(
            topic=TradeEvent.topic(), handler=events.append
        ),
    )
    (strategy,) = engine.trader.strategies()
    decisions = strategy.decisions
    engine.dispose()
    return decisions, [event for event in events if event.kind in KINDS]


def reason(event):
    return None if event.kind in ("ENTRY_SUBMITTED", "FUNDING_PAID") else event.reason


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_execution_case(case, tmp_path):
    decisions, events = run_case(case, tmp_path)

    expected = case["expected"]
    actions = [[(ts - START) // MS, d.action, d.reason] for ts, d in decisions]
    assert actions == expected["actions"]
    log = [(row["event"], row.get("how") or row.get("reason")) for row in expected["log"]]
    assert [(KINDS[e.kind], reason(e)) for e in events] == OTHER_EVENTS.get(case["name"], log)
    if case["name"] in OTHER_EVENTS:
        return
    stops = iter(AT_THE_PRINT.get(case["name"], ()))
    for event, row in zip(events, expected["log"], strict=True):
        if event.kind.endswith("FILLED"):
            at_stop = case["name"] in AT_THE_PRINT and event.reason in ("STOP", "BREAKEVEN")
            ticks = next(stops) if at_stop else row["ticks"]
            assert Decimal(str(event.price)) == ticks * Decimal("0.1")
        if event.kind == "FUNDING_PAID":
            assert event.funding == pytest.approx(float(row["pay"]), abs=1e-8)
    assert list(stops) == []


@pytest.fixture(scope="module")
def ticks(tmp_path_factory):
    return write_vector_catalog(tmp_path_factory.mktemp("ticks"))


@pytest.mark.parametrize("name", ["default", "immediate_outer", "strict"])
def test_a_whole_run_decides_as_the_reference(name, ticks):
    """
    Compares all 720 minutes.

    The limit of the day's loss is reached in the strict run by an amount that a few ticks decide:
    where the reference has stopped trading, nothing is compared.
    """
    run = load("004", f"run_{name}.json.gz")
    changes = run["signal_config"] | parameters(run["exec_config"])
    if "retest" in changes:
        changes["enable_retest_mode"] = changes.pop("retest")
    seen = []
    engine = run_node(
        load_backtest(
            "btc_value_area",
            overrides=[
                *SEED_RULES,
                f"catalog={ticks}",
                f"end='{iso(vector_stream()[1])}'",
                NO_GAP,
                *settings(run["exec_config"]),
                *(
                    f"strategies.0.config.{key}={msgspec.json.encode(value).decode()}"
                    for key, value in changes.items()
                ),
            ],
        ),
        lambda engine: seen.append(collecting(engine)),
    )
    engine.dispose()
    compared = 0
    for recorded, decision in zip(run["signals"], seen[0].decisions, strict=True):
        action, why = recorded["action"], recorded["why"]
        assert decision.reason == recorded["reason"]
        assert decision.flags == ",".join(recorded["flags"])
        if why == "KILL_SWITCH":
            break
        compared += 1
        if action.startswith("ENTER"):
            action, why = ("FLIP" if why.startswith("FLIP_") else "ENTER"), None
        elif action == "HOLD" and why is not None:
            action = "REFUSE"
        assert (decision.action, decision.why) == (action, why)
    assert compared > (350 if name == "strict" else 719)
