"""Stress tests of trades: costs, clock, streaks, drawdowns, chance and capital tiers."""

import json
from datetime import date
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from catalog.sessions.clock import NEW_YORK
from research.stress.costs_and_clock import by_hour
from research.stress.costs_and_clock import by_weekday
from research.stress.costs_and_clock import extremes
from research.stress.costs_and_clock import profit_factor
from research.stress.costs_and_clock import slippage
from research.stress.monte_carlo import monte_carlo
from research.stress.streaks import drawdowns
from research.stress.streaks import losing_streaks
from research.stress.suite import StressParams
from research.stress.suite import stress
from research.stress.tables import result_tables
from research.stress.tiers import tier_transitions
from research.stress.trade import ExchangeClock
from research.stress.trade import StressTrade
from strategies.common.tier_params import TierParams


VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "002" / "16_stress.json").read_text())
TICK_MONEY = {"ES": 12.5, "MES": 1.25}
ORIGINAL = VECTORS["original"]


def _trade(row: dict[str, Any]) -> StressTrade:
    moment = datetime.fromisoformat(row["entry_time"]).replace(tzinfo=NEW_YORK)
    return StressTrade(
        ts_open=int(moment.timestamp()) * 1_000_000_000,
        day=date.fromisoformat(row["backtest_date"]),
        hour=moment.hour,
        root=row["instrument"],
        net=row["pnl"],
        tick_money=TICK_MONEY[row["instrument"]] * row["size"],
    )


TRADES = [_trade(row) for row in VECTORS["trades"]]
NETS = [trade.net for trade in TRADES]


@pytest.mark.parametrize("ticks", VECTORS["recommended_slippage"])
def test_slippage_costs_each_trade_its_ticks_and_size(ticks: str) -> None:
    expected = VECTORS["recommended_slippage"][ticks]
    found = slippage(TRADES, float(ticks))
    assert found["slippage"] == pytest.approx(expected["total_slippage"], abs=1e-9)
    assert found["net"] == pytest.approx(expected["adjusted_pnl"], abs=1e-9)
    assert found["win_rate"] == pytest.approx(expected["win_rate"], abs=1e-9)
    assert found["profit_factor"] == pytest.approx(expected["profit_factor"], abs=1e-9)
    assert found["per_day"] == pytest.approx(expected["avg_per_day"], abs=1e-9)
    assert found["passed"] is expected["survived"]


def test_hours_are_those_of_the_exchange() -> None:
    found = {str(row["hour"]): row for row in by_hour(TRADES)}
    assert found.keys() == ORIGINAL["time_of_day"].keys()
    for hour, expected in ORIGINAL["time_of_day"].items():
        row = found[hour]
        assert (row["trades"], row["net"]) == (expected["trades"], expected["pnl"])
        assert row["win_rate"] == pytest.approx(expected["win_rate"], abs=1e-9)
        assert row["mean"] == pytest.approx(expected["avg_pnl"], abs=1e-9)
    assert extremes(by_hour(TRADES), "hour") == {
        "best": 12,
        "worst": 10,
        "losing": [10, 13, 14, 15],
    }


def test_weekdays_are_those_of_the_days_of_trading() -> None:
    found = {row["weekday"]: row for row in by_weekday(TRADES)}
    assert list(found) == list(ORIGINAL["day_of_week"])
    for name, expected in ORIGINAL["day_of_week"].items():
        row = found[name]
        assert [row[key] for key in ("days", "trades", "net")] == [
            expected[key] for key in ("days", "trades", "pnl")
        ]
        assert row["win_rate"] == pytest.approx(expected["win_rate"], abs=1e-9)
        assert row["per_day"] == pytest.approx(expected["avg_day"], abs=1e-9)


def test_losing_streaks_end_with_a_result_of_zero() -> None:
    expected = ORIGINAL["losing_streaks"]
    found = losing_streaks(NETS)
    assert found["longest"] == expected["max_streak"]
    assert found["longest_loss"] == expected["max_streak_loss"]
    assert found["counts"] == dict(sorted(expected["streak_distribution"].items()))
    assert found["loss_rate"] == pytest.approx(expected["loss_rate"], abs=1e-9)
    assert found["chance"]["3"] == pytest.approx(expected["loss_rate"] ** 3, abs=1e-9)
    assert losing_streaks([-1, -1, 0, -1, 5])["counts"] == {"1": 1, "2": 1}
    assert losing_streaks([])["loss_rate"] == 0


def test_a_drawdown_has_its_deepest_point_and_ends_at_its_peak() -> None:
    found = drawdowns(NETS)
    events = [{key: row[key] for key in ("start", "depth", "end")} for row in found["events"]]
    assert events == VECTORS["recommended_drawdowns"]
    assert found["deepest"] == ORIGINAL["drawdown"]["max_drawdown"]
    assert found["count"] == ORIGINAL["drawdown"]["total_drawdowns"]
    assert [row["trades"] for row in found["events"]] == [
        row["duration_trades"] for row in ORIGINAL["drawdown"]["drawdowns"]
    ]
    assert [row["recovered"] for row in found["events"]] == [True, True, False]
    assert drawdowns([1.0, 2.0])["deepest"] == 0


def test_chance_is_seeded_and_drawn_with_replacement() -> None:
    found = monte_carlo(NETS, 500, seed=3)
    assert found == monte_carlo(NETS, 500, seed=3)
    other = monte_carlo(NETS, 500, seed=4)
    assert other["net"] != found["net"]
    assert other["drawdown"] != found["drawdown"]
    for name in ("net", "drawdown"):
        values = list(found[name].values())
        assert all(low <= high for low, high in pairwise(values))
        assert values[0] < values[-1]
    # The mean of the drawn sums is the sum, within what 500 paths allow.
    spread = float(np.std(NETS)) * len(NETS) ** 0.5
    assert abs(found["net"]["50"] - sum(NETS)) < spread / 4
    assert 0 < found["ruin"] < 1
    # No order is deeper than all losses in a row, or shallower than the largest loss.
    assert found["drawdown"]["100"] <= -sum(net for net in NETS if net < 0)
    assert found["drawdown"]["0"] >= -min(NETS)


def test_blocks_of_paths_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = monte_carlo(NETS, 50, seed=1)
    monkeypatch.setattr("research.stress.monte_carlo.BLOCK", 7 * len(NETS))
    assert monte_carlo(NETS, 50, seed=1) == whole


def test_chance_knows_what_a_single_trade_does() -> None:
    found = monte_carlo([-10.0], 20, ruin=5.0)
    assert set(found["net"].values()) == {-10.0}
    assert set(found["drawdown"].values()) == {10.0}
    assert found["ruin"] == 1.0
    assert monte_carlo([])["ruin"] is None


def _trades(*rows: tuple[str, float]) -> list[StressTrade]:
    return [
        StressTrade(
            ts_open=number,
            day=date.fromisoformat(day),
            hour=10,
            root="MES",
            net=net,
            tick_money=1.25,
        )
        for number, (day, net) in enumerate(rows)
    ]


def test_a_drop_of_the_tier_counts_the_days_until_it_is_made_up_for() -> None:
    trades = _trades(
        ("2026-01-05", 1_200.0),
        ("2026-01-06", -300.0),
        ("2026-01-07", 50.0),
        ("2026-01-09", 100.0),
        ("2026-01-09", -500.0),
    )
    found = tier_transitions(trades, TierParams())
    changes = [(row["trade"], row["from"], row["to"]) for row in found["changes"]]
    assert changes == [(0, 1, 2), (1, 2, 1), (3, 1, 2), (4, 2, 1)]
    drops = [row["recovery_days"] for row in found["changes"] if "recovery_days" in row]
    # Days of trading: the 8th had no trade.
    assert drops == [2, None]
    assert (found["rises"], found["drops"], found["not_recovered"]) == (2, 2, 1)
    assert (found["start"], found["end"], found["last_tier"]) == (2_500.0, 3_050.0, 1)
    assert found["trades_in_tier"] == [3, 2, 0, 0, 0]
    assert not found["below_zero"]
    lost = tier_transitions(_trades(("2026-01-05", -60.0)), TierParams(), Decimal(50))
    assert (lost["start"], lost["below_zero"], lost["changes"]) == (50.0, True, [])


def test_each_exchange_has_its_clock() -> None:
    clock = ExchangeClock()

    def read(text: str, venue: str) -> tuple[str, int]:
        ts = int(datetime.fromisoformat(text).timestamp()) * 1_000_000_000
        day, hour = clock.day_and_hour(ts, venue)
        return day.isoformat(), hour

    # In winter New York is five hours behind, in summer four; a trade date begins at 18:00.
    assert read("2026-01-05T14:30+00:00", "XCME") == ("2026-01-05", 9)
    assert read("2025-07-01T14:30+00:00", "XCME") == ("2025-07-01", 10)
    assert read("2026-01-04T23:30+00:00", "XCME") == ("2026-01-05", 18)
    assert read("2026-01-05T23:30+00:00", "XNAS") == ("2026-01-05", 18)
    assert read("2026-01-05T23:30+00:00", "BYBIT") == ("2026-01-05", 23)
    assert ExchangeClock.name(["BYBIT", "XCME"]) == "New York and UTC"


def test_all_results_are_plain_and_shown() -> None:
    result = stress(TRADES, StressParams(iterations=20))
    assert json.loads(json.dumps(result, allow_nan=False)) == result
    tables = result_tables(result, "USD", "New York")
    titles = [table.title for table in tables]
    assert len(titles) == len(set(titles)) == 9
    for table in tables:
        assert all(len(row) == len(table.heads) for row in table.rows)
    worse = next(table for table in tables if table.title == "Worse fills")
    assert [row[0] for row in worse.rows] == ["1", "1.5", "2"]
    assert {row[-1] for row in worse.rows} == {"FAILED"}
    assert result["tiers"]["names"][0] == "Tier 1: MES Building"


def test_gains_without_losses_have_no_profit_factor() -> None:
    assert profit_factor([1.0, 0.0]) is None
    assert slippage([], 1.0)["per_day"] is None
