"""Results in groups, sessions, and the equity by day."""

from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from backtests.results.breakdowns import breakdowns
from backtests.results.days import day_table
from backtests.results.days import intraday_drawdown
from backtests.results.figures import closed_positions
from backtests.results.metrics import closed_metrics
from backtests.results.tables import equity_table
from backtests.results.trading_hours import days_per_year
from backtests.results.trading_hours import hour_of
from backtests.results.trading_hours import session_of
from catalog.instruments import resolve_instrument
from tests.backtests.made_trades import fill
from tests.backtests.made_trades import position
from tests.markets import BTC


quick = settings(max_examples=60, deadline=None)


CRYPTO, FUTURES = resolve_instrument(BTC), resolve_instrument("NQZ6.XCME")
DAY = 86_400_000_000_000
SUMS = {"gross_pnl": "gross", "fees": "fees", "funding": "funding", "net_pnl": "net"}


def ns(text):
    return pd.Timestamp(text, tz="UTC").value


@pytest.mark.parametrize(
    ("time", "session"),
    [
        ("00:00", "Asia"),
        ("06:59:59.999999999", "Asia"),
        ("07:00", "Europe"),
        ("12:59", "Europe"),
        ("13:00", "US"),
        ("20:59", "US"),
        ("21:00", "Late"),
        ("23:59", "Late"),
    ],
)
def test_a_market_that_never_closes_has_sessions_by_utc_hour(time, session):
    moment = ns(f"2026-01-10 {time}")
    assert session_of(moment, CRYPTO) == session
    assert hour_of(moment) == time[:2]
    assert days_per_year(CRYPTO) == 365


@pytest.mark.parametrize(
    ("time", "session"),
    [
        ("2026-01-12 14:29:59", "ETH"),
        ("2026-01-12 14:30", "RTH"),
        ("2026-01-12 20:59:59", "RTH"),
        ("2026-01-12 21:00", "ETH"),
        ("2026-07-13 13:30", "RTH"),
        ("2026-07-13 13:29", "ETH"),
        ("2026-01-11 15:00", "ETH"),
        ("2026-01-19 15:00", "ETH"),  # a holiday
        ("2025-11-28 17:59", "RTH"),
        ("2025-11-28 18:00", "ETH"),  # an early close
        ("1998-01-19 15:00", "RTH"),  # before the calendar
    ],
)
def test_futures_have_regular_hours_by_the_clock_of_new_york(time, session):
    assert session_of(ns(time), FUTURES) == session
    assert days_per_year(FUTURES) == 252


TRADES = st.lists(
    st.tuples(
        st.sampled_from(["breakin", "breakout", None]),
        st.booleans(),
        st.sampled_from(["TP1", "STOP", "TIME"]),
        st.integers(0, 5 * DAY),
        st.integers(900, 1100),
        st.integers(-50, 500),
        st.integers(-300, 300),
        st.booleans(),
    ),
    max_size=15,
)


def made(rows):
    trades = []
    for number, (setup, is_long, reason, ts, ticks, fee, paid, closed) in enumerate(rows):
        sides = ("BUY", "SELL") if is_long else ("SELL", "BUY")
        liquidity = "MAKER" if number % 2 else "TAKER"
        fills = [fill(sides[0], "1.000", "100.0", ts, f"{fee / 100}", "E", liquidity)]
        if closed:
            fills.append(fill(sides[1], "1.000", f"{ticks / 10:.1f}", ts + 60, "0.10", "X"))
        payments = [(ts + 1, Decimal(paid) / 100)]
        trades.append(
            position(*fills, setup=setup, reason=reason, number=number, payments=payments)
        )
    return trades


@quick
@given(TRADES, st.randoms(use_true_random=False))
def test_every_breakdown_adds_up_to_the_run_whatever_the_order(rows, random):
    trades = made(rows)
    groups = breakdowns(trades, {BTC: CRYPTO})
    metrics = closed_metrics(Decimal(10_000), closed_positions(trades))
    for name, found in groups.items():
        assert sum(group["trades"] for group in found) == metrics.trades, name
        for key, attribute in SUMS.items():
            total = sum(group[key] for group in found)
            assert total == pytest.approx(float(getattr(metrics, attribute)), abs=1e-9), name
        wins = sum(round(group["win_rate"] * group["trades"]) for group in found)
        assert wins == round(float(metrics.win_rate or 0) * metrics.trades), name
    shuffled = random.sample(trades, len(trades))
    assert breakdowns(shuffled, {BTC: CRYPTO}) == groups


def curve(start, rows):
    times, equity = [ns(time) for time, _ in rows], [value for _, value in rows]
    zeros = [0.0] * len(rows)
    return day_table(
        start,
        equity_table(
            {"ts": times, "balance": equity, "equity": equity}
            | {"drawdown": zeros, "drawdown_pct": zeros}
        ),
        [],
    )


def test_a_day_falls_from_its_own_peak_and_begins_with_the_day_before():
    days = curve(
        100.0,
        [
            ("2026-01-05 00:01", 110.0),
            ("2026-01-05 12:00", 99.0),
            ("2026-01-06 00:00", 105.0),
            ("2026-01-06 00:01", 100.0),
            ("2026-01-06 00:02", 104.0),
        ],
    )
    rows = days.to_pylist()
    assert [row["day"].date().isoformat() for row in rows] == ["2026-01-05", "2026-01-06"]
    assert [(row["equity_open"], row["equity_close"]) for row in rows] == [(100, 105), (105, 104)]
    assert [row["drawdown"] for row in rows] == [11.0, 5.0]
    assert rows[0]["drawdown_pct"] == pytest.approx(0.1)
    assert intraday_drawdown(days) == {
        "max": 11.0,
        "max_pct": pytest.approx(0.1),
        "day": "2026-01-05",
        "mean": 8.0,
    }


def test_without_a_fall_no_day_is_named():
    assert intraday_drawdown(curve(100.0, []))["day"] is None
    assert intraday_drawdown(curve(100.0, [("2026-01-05 00:01", 101.0)]))["day"] is None


@quick
@given(st.lists(st.integers(-1000, 1000), max_size=30), st.integers(1, 2000))
def test_the_changes_of_the_days_add_up(steps, minutes):
    rows, value = [], 10_000.0
    for i, step in enumerate(steps, 1):
        value += step
        rows.append((pd.Timestamp(i * minutes * 60_000_000_000), value))
    days = curve(10_000.0, rows).to_pylist()
    change = sum(day["equity_close"] - day["equity_open"] for day in days)
    assert change == pytest.approx(sum(steps))
    assert all(
        day["drawdown"] >= max(0.0, day["equity_open"] - day["equity_close"]) for day in days
    )
