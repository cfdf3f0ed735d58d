"""Several trades at once through whole runs: tables, money and report count each of them."""

import re
from dataclasses import fields
from enum import StrEnum
from types import SimpleNamespace

import pandas as pd
import pytest
import yaml

from backtests.results.summary import entry_attempts
from strategies.common.book_params import BookParams
from strategies.common.trade_params import MINUTE_NS
from tests.backtests.pages import body_of
from tests.backtests.pages import charts_of
from tests.backtests.pages import trace_of
from tests.checks import some
from tests.engines import REPOSITORY
from tests.ladder.runs import LADDER
from tests.ladder.runs import Run
from tests.ladder.runs import equity_by_cash
from tests.ladder.runs import most_at_once


def test_the_keys_are_documented_with_their_defaults() -> None:
    page = (REPOSITORY / "docs" / "add_a_system.md").read_text(encoding="utf-8")
    section = page.partition("## 11. Several trades at once")[2].partition("\n## ")[0]
    told = dict(re.findall(r"^\| `(\w+)` \| `(\w+)` \|", section, re.MULTILINE))
    params = BookParams()
    values = {
        "max_trades": params.max_trades,
        "max_total_risk": params.max_total_risk,
        "one_trade_per_setup": params.one_trade_per_setup,
        "cooldown_scope": params.cooldown,
        "position_mode": params.positions,
    }
    assert len(values) == len(fields(BookParams))
    assert told == {name: _as_yaml(value) for name, value in values.items()}
    config = yaml.safe_load(LADDER.read_text())["strategies"][0]["config"]
    assert set(values) <= set(config)


def _as_yaml(value: object) -> str:
    return yaml.safe_dump(str(value) if isinstance(value, StrEnum) else value).split()[0]


@pytest.fixture(params=["netting", "hedging"])
def run(request: pytest.FixtureRequest) -> Run:
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Run)
    return found


def test_three_trades_of_one_side_share_the_position_of_a_netting_venue(netting: Run) -> None:
    assert most_at_once(netting.positions) == 3
    held = netting.signed_fills()["signed"].cumsum().round(9)
    # The position passes through zero: flips close all trades first.
    turns = held[(held * held.shift(fill_value=0.0)) < 0]
    assert turns.empty
    assert {"LONG", "SHORT"} == set(netting.positions["side"])
    assert {"FLIP", "TRAIL", "TIME", "STOP"} <= set(netting.closed["exit_reason"])


def test_trades_of_both_sides_are_open_at_once_at_a_hedging_venue(hedging: Run) -> None:
    assert most_at_once(hedging.positions) == 3
    rows = hedging.positions.to_dict(orient="records")
    both = [
        (a, b)
        for a in rows
        for b in rows
        if a["side"] == "LONG"
        and b["side"] == "SHORT"
        and a["ts_open"] < b["ts_open"] < a["ts_close"]
    ]
    assert both


def test_every_table_names_the_trade_of_its_rows(run: Run) -> None:
    trades = run.positions.set_index("position_id")["strategy_trade_id"]
    assert trades.is_unique
    assert trades.notna().all()
    for name in ("orders", "fills"):
        rows = getattr(run, name)
        assert rows["strategy_trade_id"].notna().all()
        filled = rows.dropna(subset=["position_id"])
        assert len(filled)
        assert list(filled["strategy_trade_id"]) == list(filled["position_id"].map(trades)), name
    log = pd.read_csv(run.folder / "trades.csv")
    entered = log.loc[log["action"] == "ENTRY", "strategy_trade_id"]
    assert sorted(entered) == sorted(trades)
    left = log.loc[log["action"] == "EXIT", "strategy_trade_id"]
    assert sorted(left) == sorted(run.closed.index)
    events = run.trade_events.dropna(subset=["trade_id"])
    assert set(run.orders["strategy_trade_id"]) == set(events["trade_id"])


def test_the_fills_of_each_trade_add_up_to_it(run: Run) -> None:
    fills = run.signed_fills()
    left = fills.groupby("strategy_trade_id")["signed"].sum().round(9)
    positions = run.positions.set_index("strategy_trade_id")
    is_closed = positions["ts_close"].notna()
    assert (left[is_closed] == 0).all()
    sign = positions["side"].map({"LONG": 1.0, "SHORT": -1.0})
    opened = fills[fills["role"] == "ENTRY"].groupby("strategy_trade_id")["quantity"].sum()
    expected = positions["quantity"].sort_index()
    pd.testing.assert_series_equal(opened, expected, check_names=False)
    # Of those that are open at the end nothing has left.
    still = positions.index[~is_closed]
    assert len(still)
    assert list(left[still]) == list((sign * positions["quantity"])[still])


def test_each_trade_has_the_money_that_its_strategy_has_booked(run: Run) -> None:
    events = run.events("TRADE_CLOSED").set_index("trade_id")
    closed = run.closed
    assert sorted(events.index) == sorted(closed.index)
    for column, of_events in {
        "gross_pnl": "gross", "fees": "fees", "funding": "funding", "net_pnl": "net"
    }.items():  # fmt: skip
        expected = events[of_events].sort_index().rename(column)
        found = closed[column].sort_index()
        pd.testing.assert_series_equal(
            found, expected, check_names=False, check_index_type=False, atol=1e-6, rtol=0
        )
    # Trades that were open at a settlement have shared it.
    assert (closed["funding"] != 0).sum() >= 3


def test_the_summary_counts_trades(run: Run) -> None:
    summary, closed = run.summary, run.closed
    assert summary["trades"] == len(closed)
    assert summary["entries"] == len(run.positions)
    assert summary["net_pnl"] == pytest.approx(closed["net_pnl"].sum())
    assert summary["win_rate"] == pytest.approx((closed["net_pnl"] > 0).mean())
    assert summary["mean_r_net"] == pytest.approx(closed["r_net"].mean())
    assert len(summary["open_positions"]) == run.positions["ts_close"].isna().sum()  # type: ignore[arg-type]


def test_a_settlement_that_trades_share_is_counted_once(netting: Run) -> None:
    paid = netting.events("FUNDING_PAID")
    of_closed = paid[paid["trade_id"].isin(netting.closed.index)]
    assert netting.summary["funding_payments"] == of_closed["ts"].nunique() < len(of_closed)


def test_a_market_order_for_the_rest_belongs_to_the_entry_of_its_own_trade() -> None:
    orders = [
        SimpleNamespace(
            tags=["ENTRY", "rung", reason, f"trade={trade}"],
            client_order_id=f"O-{number}",
            strategy_id="S-000",
            instrument_id="BTC",
            ts_init=number,
        )
        for number, (trade, reason) in enumerate([(1, "SIGNAL"), (2, "SIGNAL"), (1, "TIMEOUT")])
    ]
    attempts = [[order.ts_init for order in attempt] for attempt in entry_attempts(orders)]
    assert attempts == [[0, 2], [1]]


def test_r_is_measured_by_the_plan_of_its_own_trade(run: Run) -> None:
    signals = run.signals
    entered = signals[signals["action"].isin(["ENTER", "FLIP"])]
    risks = (entered["entry"] - entered["stop"]).abs()
    plans = dict(
        zip(zip(entered["setup"], entered["stop"].round(1), strict=True), risks, strict=True)
    )
    for row in some(run.closed.to_dict(orient="records")):
        risk = plans[(row["setup"], round(row["stop"], 1))]
        assert row["r_price"] == pytest.approx(row["gross_pnl"] / (risk * row["quantity"]))


def test_the_equity_is_that_of_the_cash_that_has_moved(run: Run) -> None:
    equity = run.equity.set_index("ts")
    bars = run.channel
    ends = pd.to_datetime(bars["ts_min"].astype("int64") + MINUTE_NS, utc=True)
    marks = pd.Series(bars["close"].to_numpy() * 0.1, index=ends)
    marks = marks[marks.index.isin(equity.index)]
    assert len(marks) > 200
    expected = equity_by_cash(run, marks)
    off = (equity.loc[marks.index, "equity"] - expected).abs()
    assert off.max() < 1e-6


def test_the_balance_ends_as_the_account_does(run: Run) -> None:
    assert run.equity["balance"].iloc[-1] == pytest.approx(run.summary["ending_balance"], abs=1e-6)


def test_the_report_draws_and_lists_every_trade(run: Run) -> None:
    page = (run.folder / "report.html").read_text(encoding="utf-8")
    positions = run.positions
    chart = next(c for c in charts_of(page) if any(t.get("name") == "Trade" for t in c["data"]))
    traces = [trace_of(chart, f"{side.title()} entry") for side in set(positions["side"])]
    texts = [text for trace in traces for text in trace["text"]]
    # Two that entered together share a marker.
    entered = {
        int(number) for text in texts for number in re.findall(r"<b>trade (\d+): .*? entry", text)
    }
    assert entered == set(positions["strategy_trade_id"])
    assert len(texts) <= len(positions)
    # A line from entry to exit each, of three points with its gap.
    assert len(trace_of(chart, "Trade")["x"]) == 3 * len(run.closed)
    listed = re.findall(r'data-to="\d+">\d+</a></td><td[^>]*>(\d+)</td>', body_of(page))
    assert sorted(map(int, listed)) == sorted(positions["strategy_trade_id"])
