"""The summary of a run folder that `tests.backtests.run_folder` builds."""

from datetime import timedelta
from typing import Any

from backtests.results.codes import codes_written
from backtests.results.no_trade import Evidence
from backtests.results.no_trade import why_no_trade
from backtests.results.summary_keys import SCHEMA_VERSION
from tests.backtests.made_rows import BTC_VALUE_AREA
from tests.backtests.made_rows import START
from tests.backtests.made_rows import Market
from tests.backtests.made_rows import counted


def _breakdowns(closed: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    keys = {
        "setup": lambda p: p["setup"],
        "side": lambda p: p["side"],
        "exit_reason": lambda p: p["exit_reason"],
        "session": lambda p: "Asia",
        "hour": lambda p: f"{p['ts_open'] // 3_600_000_000_000 % 24:02}",
        "entry_kind": lambda p: p["entry_kind"],
    }
    result = {}
    for name, key in keys.items():
        groups: dict[str, list[dict[str, Any]]] = {}
        for position in closed:
            groups.setdefault(key(position), []).append(position)
        result[name] = [
            {
                "name": group,
                "trades": len(rows),
                **{k: sum(p[k] for p in rows) for k in ("gross_pnl", "fees", "funding", "net_pnl")},
                "win_rate": sum(p["net_pnl"] > 0 for p in rows) / len(rows),
                "profit_factor": None,
                "average_trade": sum(p["net_pnl"] for p in rows) / len(rows),
                "mean_r_price": sum(p["r_price"] for p in rows) / len(rows),
                "mean_r_costs": 0.1,
                "mean_r_net": sum(p["r_net"] for p in rows) / len(rows),
            }
            for group, rows in sorted(groups.items())
        ]
    return result


def _spread(values: list[float]) -> dict[str, Any]:
    middle = sorted(values)[len(values) // 2] if values else None
    mean = sum(values) / len(values) if values else None
    return {"count": len(values), "mean": mean, "p50": middle, "p90": middle, "p99": middle}


def summary_of(
    market: Market,
    features: list[dict[str, Any]],
    signals: list[dict[str, Any]],
    positions: list[dict[str, Any]],
    equity: list[dict[str, Any]],
) -> dict[str, Any]:
    closed = [p for p in positions if p["ts_close"] is not None]
    wins = [p["net_pnl"] for p in closed if p["net_pnl"] > 0]
    losses = [p["net_pnl"] for p in closed if p["net_pnl"] <= 0]
    net = sum(p["net_pnl"] for p in closed)
    still_open = [p for p in positions if p["ts_close"] is None]
    reasons = counted(signals, "reason")
    refusals = counted(signals, "why")
    figures = {
        "schema": SCHEMA_VERSION,
        "run_id": "btc_value_area-20250602-0001",
        "system": "btc_value_area",
        "instruments": list(market.instruments),
        "strategy": "ValueAreaStrategy-000",
        "start": START.isoformat(),
        "end": (START + timedelta(minutes=market.minutes)).isoformat(),
        "synthetic": True,
        "data_quality": ["synthetic", "inferred"],
        "events": 1_234_567,
        "minutes_closed": len(features),
        "gaps": {
            "count": 0,
            "silent_seconds": 0,
            "closes_cold": 0,
            "refused": 0,
            "trades_across": 0,
            "net_across": 0.0,
            "longest": [],
        },
        "signals": sum(refusals.values()) + len(positions),
        "entries": len(positions),
        "entries_unfilled": 2,
        "trades": len(closed),
        "orders": 3 * len(positions),
        "currency": "USDT",
        "starting_balance": 10_000.0,
        "ending_balance": 10_000.0 + net,
        "gross_pnl": sum(p["gross_pnl"] for p in closed),
        "fees": sum(p["fees"] for p in closed),
        "funding": sum(p["funding"] for p in closed),
        "funding_payments": len(closed),
        "net_pnl": net,
        "win_rate": len(wins) / len(closed) if closed else None,
        "profit_factor": sum(wins) / -sum(losses) if losses and sum(losses) < 0 else None,
        "average_trade": net / len(closed) if closed else None,
        "average_win": sum(wins) / len(wins) if wins else None,
        "average_loss": sum(losses) / len(losses) if losses else None,
        "max_drawdown": -min(row["drawdown"] for row in equity),
        "max_drawdown_pct": -min(row["drawdown_pct"] for row in equity),
        "mean_r_price": None,
        "mean_r_costs": None,
        "mean_r_net": None,
        "stop_costs": {
            "candidates": len(signals),
            "stop_bps": 9.7,
            "fees_bps": 11.0,
            "share_within_fees": 0.64,
            "within_fees": 40,
            "within_fees_refused": 30,
            "taken": 20,
            "taken_within_fees": 5,
        },
        "closed_drawdown": -min(row["drawdown"] for row in equity),
        "closed_drawdown_pct": -min(row["drawdown_pct"] for row in equity),
        "intraday_drawdown": {"max": 12.5, "max_pct": 0.00125, "day": "2025-06-02", "mean": 12.5},
        "sharpe": 1.234 if closed else None,
        "sharpe_days": 30 if closed else 0,
        "days_per_year": 365,
        "entry_cost": _spread([1.0, 2.0, 4.0]),
        "excursions": {
            "mae_r": _spread([p["mae_r"] for p in closed]),
            "mfe_r": _spread([p["mfe_r"] for p in closed]),
        },
        "ambiguous": _spread([0.0, 0.1, 0.5]) | {"limit": 0.35, "share_above": 1 / 3},
        "breakdowns": _breakdowns(closed),
        "open_positions": [
            {name: p[name] for name in ("instrument_id", "side", "quantity", "entry")}
            for p in still_open
        ],
        "reasons": reasons,
        "refusals": refusals,
        "codes": codes_written(BTC_VALUE_AREA, reasons, refusals, ["STOP", "TP2"]),
        "no_trade": [],
        "alerts": {"KILL_SWITCH": market.alerts} if market.alerts else {},
        "nautilus_statistics": {
            "pnls": {"USDT": {"PnL (total)": net, "Win Rate": 0.5}},
            "returns": {"Sharpe Ratio (252 days)": None},
        },
        "assumptions": {
            "latency": "40 ms for each order command",
            "fill_model": "fills at the touch; no slippage beyond it",
            "queue_position": "not modelled: a touched limit order fills",
            "fees": "maker -0.01 %, taker 0.05 % of notional",
            "funding": "1 bp each 8 h",
            "leverage": "10x, cross margin",
        },
        "warnings": ["12 prints without a quote in force were left unsigned"],
        "versions": {"auction-trader": "0.1.0", "nautilus_trader": "1.231.0", "python": "3.13.5"},
        "elapsed_seconds": 12.34,
    }
    summary = {**figures, **market.summary}
    if not summary["trades"] and "no_trade" not in market.summary:
        summary["no_trade"] = _no_trade(summary)
    return summary


def _no_trade(summary: dict[str, Any]) -> list[str]:
    return why_no_trade(
        Evidence(
            closes=f"{summary['minutes_closed']} closed minutes",
            open_positions=len(summary["open_positions"]),
            entries=0,
            reasons=summary["reasons"],
            refusals=summary["refusals"],
            given_up={},
            alerts={},
            meanings=summary["codes"],
        )
    )
