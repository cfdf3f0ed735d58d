"""Real days of gold and of the Nasdaq future by the playbook, recounted from the raw files."""

import os
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from adapters.files.ingest import ingest_csv
from tests import nq_half_day
from tests.actors.test_market_context_days import gold
from tests.backtests.playbook_recount import MINUTE
from tests.backtests.playbook_recount import attempts_of
from tests.checks import some
from tests.engines import auction
from tests.gc_ticks import INSTRUMENT_ID
from tests.gc_ticks import write_gc_csv
from tests.indicators.context_reference import state_of
from tests.indicators.reference import value_area
from tests.seed_rules import NO_COST_RULES
from tests.strategies.test_impulse_lvn_real_data import trades_of


# Short sessions and loose rules: a day of the defaults has one balance and hardly a leg.
LOOSE = (
    "actors.0.config.profile_session=utc_day",
    "actors.0.config.dist_max_pct=0.1",
    "actors.0.config.mom_min_pct=0.05",
    "actors.0.config.cvd_min_rel=1",
    "strategies.0.config.signals.session_filter=false",
    "strategies.0.config.signals.min_leg_atr=1",
    "strategies.0.config.signals.min_score=40",
    *NO_COST_RULES,
)
DIST_MAX, MOM_MIN, MIN_SCORE = Fraction(1, 10), Fraction(1, 20), 40
NODE_EVENTS = {"SIGNAL", "NO_NODE", "NODE_BROKEN"}
Print = tuple[int, int, int, int]


@dataclass
class Market:
    """A run over a real market, and the prints of its raw file."""

    folder: Path
    prints: list[Print]
    is_signed: bool

    def table(self, name: str) -> pd.DataFrame:
        return pd.read_parquet(self.folder / f"{name}.parquet")

    def rows(self, name: str = "market_context") -> list[dict[str, Any]]:
        frame = self.table(name)
        for column in frame.select_dtypes("datetimetz"):
            frame[column] = frame[column].astype("int64")
        return [{str(k): v for k, v in row.items()} for row in frame.to_dict("records")]


@pytest.fixture(scope="module", params=["gold", "nasdaq"])
def market(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Market:
    data = os.environ.get("AUCTION_REAL_DATA")
    if not data:
        pytest.skip("AUCTION_REAL_DATA is not set")
    folder = tmp_path_factory.mktemp(request.param)
    catalog = folder / "catalog"
    options: tuple[str, ...]
    if request.param == "gold":
        trades, quotes = write_gc_csv(Path(data), folder)
        ingest_csv(catalog, INSTRUMENT_ID, [trades], [quotes])
        prints = gold(Path(data))
        settings = (f"instrument_id={INSTRUMENT_ID}", "actors.0.config.session_hours=4")
        options = ()
    else:
        nq_half_day.write_catalog(catalog, Path(data))
        prints = trades_of("20251128")
        settings = (
            f"instrument_id={nq_half_day.NQ}",
            "data=[TradeTick]",
            "actors.0.config.session_hours=1",
        )
        options = ("--end", "2025-11-29")
    overrides = [part for setting in (*settings, *LOOSE) for part in ("--set", setting)]
    done = auction(
        "backtest",
        "playbook",
        "--catalog",
        catalog,
        "--runs",
        folder / "runs",
        "--single",
        *options,
        *overrides,
    )
    assert done.returncode == 0, done.stderr
    (run,) = (folder / "runs").iterdir()
    return Market(run, prints, request.param == "nasdaq")


def test_each_minute_of_the_run_is_that_of_the_raw_file(market: Market) -> None:
    by_minute: dict[int, list[Print]] = {}
    for each in market.prints:
        by_minute.setdefault(each[0] // MINUTE * MINUTE, []).append(each)
    close = None
    for row in some(market.rows()):
        prints = by_minute.get(row["ts_min"], [])
        prices = [price for _, price, _, _ in prints] or [close]
        close = prices[-1]
        found = [row[name] for name in ("open", "high", "low", "close")]
        assert found == [prices[0], max(prices), min(prices), close]
        assert row["volume"] == sum(size for _, _, size, _ in prints)
        if market.is_signed:
            assert row["buy"] == sum(size for _, _, size, sign in prints if sign > 0)
            assert row["sell"] == sum(size for _, _, size, sign in prints if sign < 0)


def test_each_balance_is_the_value_area_of_the_session_before(market: Market) -> None:
    starts = {row["session_start"] for row in market.rows()}
    for balance in some(market.rows("session_balances")):
        begin = balance["session_start"]
        end = min(start for start in starts if start > begin)
        levels: Counter[int] = Counter()
        for ts, price, size, _ in market.prints:
            if begin <= ts < end:
                levels[price] += size
        area = value_area(levels, Fraction(7, 10), 1)
        assert area is not None
        assert (balance["poc"], balance["val"], balance["vah"]) == area[:3]


def test_state_and_flow_of_each_minute_follow_from_the_minutes_before_it(market: Market) -> None:
    rows = market.rows()
    scored = 0
    for number, row in enumerate(rows):
        levels = [None if pd.isna(row[name]) else int(row[name]) for name in ("poc", "val", "vah")]
        base = None if pd.isna(row["momentum_close"]) else int(row["momentum_close"])
        state, confidence, *_ = state_of(row["close"], *levels, base, DIST_MAX, MOM_MIN)
        assert (row["state"], row["confidence"]) == (state, confidence)
        # Means run on across sessions, and start again after a gap.
        if row["prior_minutes"] < 60 or row["estimated"]:
            continue
        before = rows[number - 60 : number]
        assert row["prior_volume"] == sum(each["volume"] for each in before)
        assert (row["flow_score"], row["flow_direction"]) == score_of(rows, number)
        scored += 1
    assert scored > 100


def score_of(rows: list[dict[str, Any]], number: int) -> tuple[int, str]:
    row, before = rows[number], rows[number - 60 : number]
    change = sum(each["buy"] - each["sell"] for each in rows[number - 4 : number + 1])
    usual = sum(abs(each["buy"] - each["sell"]) for each in before)
    own, both = row["buy"] if change > 0 else row["sell"], row["buy"] + row["sell"]
    score = 30 * (60 * row["volume"] > 2 * row["prior_volume"])
    score += 40 * (60 * abs(change) > 5 * usual)
    score += 30 * (change != 0 and 100 * own > 70 * both)
    return score, "BUY" if change > 0 else "SELL" if change < 0 else "NEUTRAL"


def test_each_attempt_is_that_of_a_recount(market: Market) -> None:
    rows, table = market.rows(), market.rows("attempts")
    balances: dict[int, tuple[int, int, int] | None] = {
        row["session_start"]: None
        if pd.isna(row["balance_poc"])
        else (int(row["balance_val"]), int(row["balance_poc"]), int(row["balance_vah"]))
        for row in rows
    }
    ends = {
        event: {row["ts_min"] for row in table if row["event"] == event}
        for event in ("SIGNAL", "NO_NODE")
    }
    gaps = [row["end"] // MINUTE * MINUTE for row in market.rows("gaps")]
    recounted = [
        (ts, a.started, event, a.edge, a.origin, a.extreme, a.latched)
        for ts, a, event in attempts_of(
            rows, balances, gaps, ends["SIGNAL"], ends["NO_NODE"], least_atr=1
        )
    ]
    columns = ("ts_min", "started", "event", "edge", "origin", "extreme", "latched")
    found = [
        tuple(row[name] for name in columns) for row in table if row["event"] not in NODE_EVENTS
    ]
    assert found == recounted
    begun = {each[2] for each in found}
    assert {"ATTEMPT_UP", "ATTEMPT_DOWN", "LEG_READY", "RECLAIM", "RETURN"} <= begun


def test_each_touch_is_a_signal_or_a_refusal_with_its_reason(market: Market) -> None:
    rows = {row["ts_min"]: row for row in market.rows()}
    decisions = {row["ts_min"]: row for row in market.rows("signals")}
    assert list(decisions) == list(rows)
    assert all(later - earlier >= MINUTE for earlier, later in pairwise(decisions))
    setups = market.rows("setup_signals")
    tick = next(iter(rows.values()))["tick_size"]
    for setup in some(setups):
        row, decision = rows[setup["ts_min"]], decisions[setup["ts_min"]]
        side = 1 if setup["side"] == "BUY" else -1
        touched = setup["node_high"] if side > 0 else setup["node_low"]
        extreme = row["low"] if side > 0 else row["high"]
        assert side * (extreme - round(touched / tick)) <= 2
        is_weak = row["flow_direction"] != setup["side"] or row["flow_score"] < MIN_SCORE
        # The last imbalance of the attempt decides, not the state in its pullback.
        states = [rows[ts]["state"] for ts in range(setup["started"], setup["ts_min"] + 1, MINUTE)]
        known = [state for state in states if state.startswith("IMBALANCE")]
        own = "IMBALANCE_UP" if side > 0 else "IMBALANCE_DOWN"
        if setup["setup"] == "TREND_MODEL" and known[-1:] != [own]:
            assert setup["outcome"] == "NOT_IMBALANCE"
        elif is_weak:
            assert setup["outcome"] == "NO_AGGRESSION"
        else:
            assert setup["outcome"] in ("SIGNAL", "RR_TOO_LOW", "FLAT_BEFORE_CLOSE")
        if setup["outcome"] != "SIGNAL":
            assert (decision["action"], decision["why"]) == ("REFUSE", setup["outcome"])
            assert setup["missing"]
        else:
            assert (decision["action"] == "ENTER") != isinstance(decision["why"], str)
    outcomes = {setup["outcome"] for setup in setups}
    assert "NO_AGGRESSION" in outcomes
    # The half day has no complete signal, even by these rules.
    assert ("SIGNAL" in outcomes) is not market.is_signed
