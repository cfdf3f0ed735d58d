"""
The whole runs of the vectors through Nautilus's simulated venue.

On prints alone, with neither latency nor slippage: the entry then fills at the open of the next
bar, as in the bar model of the vectors. Transitions, signals, levels, stops and exit reasons are
the recommended answers. Where a price or a second differs a fill rule is the cause, and each such
case is named here.

The random tapes hold prints without a size and prints of earlier seconds, which no venue sends:
without them the bar model itself is asked what it makes of the rest.
"""

from dataclasses import dataclass
from typing import Any

import pytest

from actors.impulse.messages import ImpulseTransition
from actors.impulse.messages import LvnVisit
from actors.messages import Decision
from actors.messages import TradeEvent
from tests.backtests.impulse_runs import SECOND
from tests.backtests.impulse_runs import catalog_of
from tests.backtests.impulse_runs import config_of
from tests.backtests.impulse_runs import prints
from tests.backtests.impulse_runs import run_of
from tests.backtests.impulse_runs import written
from tests.impulse_vectors import TICK
from tests.impulse_vectors import named
from tests.impulse_vectors import seconds
from tests.markets import iso
from tests.strategies.impulse_lvn_desk import Desk
from tests.strategies.impulse_lvn_desk import engine_of
from tests.strategies.impulse_lvn_desk import trades_of


RUNS = named("e2e")
REASONS = {"STOP": {"STOP", "TRAIL"}, "TARGET": {"TARGET"}, "TIMEOUT": {"TIME"}}
REASONS |= {"SESSION_END": {"SESSION_END"}}

# A stop pays the print that sets it off; the bar model pays the stop, wherever the print lay.
AT_THE_PRINT = {"up_entry_stop": [21514.0], "up_entry_bar_stop": [21513.5]}
# A target is left at market on the first print after the one that reaches it, not at its price.
PRINT_AFTER_THE_TARGET = {"up_target": [21538.25]}
# A trade whose time is over is left at the first print after the bar, so that bar is lost as well.
PRINT_AFTER_THE_BAR = {"timeout_300": [21518.75]}
FILLS = AT_THE_PRINT | PRINT_AFTER_THE_TARGET | PRINT_AFTER_THE_BAR
# The price has left the trailing stop behind when its bar closes: no venue takes such a stop, the
# trade is closed at the next print. The bar model sets the stop and fills it at the next open.
REACHED_STOP = {"up_spike", "down_spike"}
# The close of the hours comes before the close of the last bar in them, which moves no stop.
STOP_OF_THE_LAST_BAR = {"late_trade": 21525.5}
# The tape of a day ends with an open trade. The bar model closes it at the last price, the venue at
# the first print of the next day, which is beyond the stop.
OVER_NIGHT = {"position_open_at_day_end"}
# Slippage is part of the fills, here none; the bar model takes half a point off each trade.
LIMITS = {"daily_limit_exact": 3.0}


@dataclass
class Expected:
    """The answers for one run."""

    transitions: list[tuple[Any, ...]]
    signals: list[tuple[int, str, float]]
    entries: list[tuple[int, float]]
    targets: list[float | None]
    stops: list[tuple[int, float]]
    exits: list[tuple[int, float, str]]
    skipped: int


def expected_of(log: list[list[Any]]) -> Expected:
    found = Expected([], [], [], [], [], [], 0)
    for row in log:
        second, kind, name, *rest = row[2] // SECOND, *row[3:]
        if kind == "STATE":
            detail = {"BREAKOUT": rest[:2], "COMPLETE": rest[:1]}.get(name, [])
            name = f"INVALID_{rest[0].upper()}" if name == "INVALID" else name
            found.transitions.append((second, name, *detail))
        elif name == "SIGNAL":
            found.signals.append((second, rest[0], rest[1]))
        elif name == "ENTER":
            found.entries.append((second, rest[1]))
            found.stops.append((second, rest[2]))
            found.targets.append(rest[3])
            if len(rest) > 5:
                found.exits.append((second, rest[5][2], rest[5][4]))
        elif name == "STOP_TO":
            found.stops.append((second, rest[0]))
        elif name == "EXIT":
            found.exits.append((second, rest[1], rest[3]))
        elif name == "SKIP":
            found.skipped += 1
    return found


def settings(name: str, case: dict[str, Any]) -> list[str]:
    trader, machine = case["trader"], case["machine"]
    values = {
        key: trader[key]
        for key in (
            "contracts",
            "trailing_stop",
            "stop_buffer",
            "min_delta",
            "max_lvn_ratio",
            "level_tolerance",
            "max_daily_losses",
            "daily_loss_limit",
            "max_hold_bars",
        )
    }
    values["take_profit"] = trader["take_profit"] if trader["take_profit"] > 0 else "null"
    values["daily_loss_limit"] = LIMITS.get(name, trader["daily_loss_limit"])
    for key in ("start", "end"):
        values[f"{key}_time"] = f"'{trader[key] // 60:02d}:{trader[key] % 60:02d}'"
    return [
        "data=[TradeTick]",
        "venues.XCME.latency_model=null",
        "venues.XCME.modules.0.config.slippage_ticks_entry=0",
        "venues.XCME.modules.0.config.slippage_ticks_exit=0",
        *(f"strategies.0.config.{key}={value}" for key, value in {**values, **machine}.items()),
    ]


def whole(day: dict[str, Any]) -> list[tuple[int, int, int, int]]:
    """Return the prints of a day that a venue can send."""
    return sorted((row for row in trades_of(day) if row[2] > 0), key=lambda row: row[0])


def answers(name: str, case: dict[str, Any]) -> Expected:
    if not name.startswith("noise"):
        return expected_of(case["recommended"]["log"])
    desk = Desk(engine_of(case), case["trader"])
    for number, day in enumerate(case["days"]):
        desk.run_day(number, seconds(whole(day)), day["levels"])
    return expected_of(desk.log)


def run(name, case, folder):
    trades = [row for day in case["days"] for row in whole(day)]
    end = (trades[-1][0] // SECOND + 1) * SECOND
    return run_of(
        config_of(
            catalog_of(folder, prints(trades)),
            *settings(name, case),
            f"end='{iso(end)}'",
            levels=written({day["t0_ns"]: day["levels"] for day in case["days"]}),
        )
    )


def transition(message):
    detail = {
        "BREAKOUT": (message.level, message.direction),
        "COMPLETE": (message.nodes,),
    }.get(message.event, ())
    return (message.ts_second // SECOND, message.event, *detail)


@pytest.mark.parametrize("name", RUNS)
def test_run(name, tmp_path):
    case = RUNS[name]
    expected, found = answers(name, case), run(name, case, tmp_path)

    transitions = [transition(message) for message in found.of(ImpulseTransition)]
    wanted = expected.transitions
    if name in PRINT_AFTER_THE_BAR:
        wanted = [*wanted[:-1], (wanted[-1][0] + 1, *wanted[-1][1:])]
    assert transitions == wanted

    plans = [d for d in found.of(Decision) if d.reason == "RETEST"]
    sides = {"BUY": "Long", "SELL": "Short"}
    visits = [v for v in found.of(LvnVisit) if v.event == "SIGNAL"]
    signals = [
        (v.ts_second // SECOND, sides[d.side], v.price * TICK)
        for v, d in zip(visits, plans, strict=True)
    ]
    assert signals == expected.signals
    canceled = [e for e in found.of(TradeEvent) if e.kind == "ENTRY_CANCELED"]
    refused = [d for d in plans if d.action == "REFUSE"]
    assert len(canceled) + len(refused) == expected.skipped

    entries = [(ts // SECOND, price) for _, _, price, ts in found.fills("ENTRY")]
    assert entries == expected.entries
    targets = [d.tp2 for d in plans if d.action == "ENTER"]
    assert [target is None for target in targets][: len(entries)] == [
        target is None for target in expected.targets
    ]

    stops = [(o.ts_init // SECOND, float(o.trigger_price)) for o in found.orders("STOP")]
    kept = expected.stops
    if name in REACHED_STOP:
        kept = kept[:-1]
    elif name in STOP_OF_THE_LAST_BAR:
        assert kept[-1][1] == STOP_OF_THE_LAST_BAR[name]
        kept = kept[:-1]
    assert stops == kept

    exits = found.fills("STOP", "EXIT")
    if name in OVER_NIGHT:
        assert exits[0][1] == "STOP"
        assert exits[0][3] // SECOND >= expected.entries[1][0] - 200
        exits = exits[1:]
    prices = iter(FILLS.get(name, []))
    for (_, reason, price, ts), (second, wanted_price, why) in zip(
        exits, expected.exits, strict=True
    ):
        assert reason in REASONS[why]
        differs = name in FILLS
        assert price == (next(prices) if differs else wanted_price)
        assert ts // SECOND == second + (name in PRINT_AFTER_THE_BAR)
    assert list(prices) == []
    found.engine.dispose()
