"""Builds small deterministic run folders, shaped as a backtest leaves them."""

import json
from dataclasses import dataclass
from dataclasses import field
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from actors.messages import Alert
from actors.messages import Decision
from actors.messages import ValueAreaMinute
from backtests.results.codes import codes_written
from backtests.results.message_tables import message_schema
from backtests.results.no_trade import Evidence
from backtests.results.no_trade import why_no_trade
from backtests.results.summary_keys import SCHEMA_VERSION
from backtests.results.tables import DAYS
from backtests.results.tables import EQUITY
from backtests.results.tables import FILLS
from backtests.results.tables import POSITIONS


BTC_VALUE_AREA = {"system": "strategies.value_area.system:SYSTEM"}
MINUTE_NS = 60_000_000_000
START = datetime(2025, 6, 2, tzinfo=UTC)
START_NS = int(START.timestamp()) * 1_000_000_000
WARM_MINUTES = 240
SETUPS = ("breakin", "failbreak", "breakout")
REFUSALS = ("COOLDOWN", "SAME_SIDE", "SIZE")


@dataclass(frozen=True)
class Market:
    """Represents the run that `build_run_folder` writes."""

    minutes: int = 600
    trades: int = 6
    instruments: tuple[str, ...] = ("BTCUSDT-LINEAR.BYBIT",)
    open_position: bool = False
    alerts: int = 0
    summary: dict[str, Any] = field(default_factory=dict)


def build_run_folder(folder: Path, market: Market | None = None) -> Path:
    """Write the files of a run into `folder` and return it."""
    market = market or Market()
    folder.mkdir(parents=True, exist_ok=True)
    features: list[dict[str, Any]] = []
    signals: list[dict[str, Any]] = []
    positions: list[dict[str, Any]] = []
    fills: list[dict[str, Any]] = []
    for number, instrument in enumerate(market.instruments):
        rng = np.random.default_rng(number)
        rows = _features(instrument, market.minutes, rng)
        features += rows
        signals += _signals(instrument, rows)
        for trade in range(market.trades):
            _trade(f"{instrument}-{trade + 1}", instrument, rows, market, trade, positions, fills)
    equity = _equity(market.minutes, positions)
    summary = _summary(market, features, signals, positions, equity)
    tables = {
        "features": (message_schema(ValueAreaMinute), features),
        "signals": (message_schema(Decision), signals),
        "positions": (POSITIONS, positions),
        "fills": (FILLS, fills),
        "equity": (EQUITY, equity),
        "days": (DAYS, _days(equity, positions)),
        "alerts": (message_schema(Alert), [_alert(market, i) for i in range(market.alerts)]),
    }
    for name, (schema, rows) in tables.items():
        pq.write_table(pa.Table.from_pylist(rows, schema), folder / f"{name}.parquet")
    (folder / "summary.json").write_text(json.dumps(summary))
    config = BTC_VALUE_AREA | {"strategies": [{"risk_pct": 0.02, "note": "<b>bold</b>"}]}
    (folder / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
    return folder


def _features(instrument: str, minutes: int, rng: np.random.Generator) -> list[dict[str, Any]]:
    moves = np.round(rng.normal(0.0, 25.0, minutes) * (1.0 + np.sin(np.arange(minutes) / 90)), 1)
    closes = 104_000.0 + np.cumsum(moves)
    flow = np.round(moves * 0.4 + rng.normal(0.0, 8.0, minutes), 3)
    imbalance = np.clip(np.cumsum(rng.normal(0.0, 0.05, minutes)) % 2.0 - 1.0, -1, 1)
    wicks = np.round(rng.exponential(12.0, (2, minutes)), 1)
    rows = []
    for i in range(minutes):
        begin = float(closes[i - 1]) if i else 104_000.0
        close = float(closes[i])
        window = closes[max(0, i - WARM_MINUTES + 1) : i + 1]
        val, poc, vah = (round(float(x)) for x in np.quantile(window, [0.15, 0.5, 0.85]))
        traded = i % 97 != 50
        bar = {
            "open": begin,
            "high": round(max(begin, close) + float(wicks[0, i]), 1),
            "low": round(min(begin, close) - float(wicks[1, i]), 1),
            "close": close,
        }
        rows.append(
            {
                "instrument_id": instrument,
                "ts_min": START_NS + i * MINUTE_NS,
                **(bar if traded else dict.fromkeys(bar)),
                "volume": abs(float(flow[i])) * 3,
                "poc": poc,
                "vah": vah,
                "val": val,
                "of_1m": float(flow[i]) if traded else 0.0,
                "qimb_ema_60s": float(imbalance[i]),
                "va_valid": i >= WARM_MINUTES and not 300 <= i < 315,
            }
        )
    return rows


def _signals(instrument: str, features: list[dict[str, Any]]) -> list[dict[str, Any]]:
    rows = []
    for i, minute in enumerate(features):
        candidate = i >= WARM_MINUTES and i % 41 == 0 and minute["close"] is not None
        reason = "NO_SETUP" if i >= WARM_MINUTES else "WARMUP"
        rows.append(
            {
                "ts": minute["ts_min"] + MINUTE_NS,
                "ts_min": minute["ts_min"],
                "instrument_id": instrument,
                "reason": "BREAKOUT_LONG" if candidate else reason,
                "setup": "breakout" if candidate else None,
                "side": "BUY" if candidate else None,
                "entry": minute["close"] if candidate else None,
                "action": "REFUSE" if candidate else "HOLD",
                "why": REFUSALS[i % 3] if candidate else None,
            }
        )
    return rows


def _trade(
    position_id: str,
    instrument: str,
    features: list[dict[str, Any]],
    market: Market,
    number: int,
    positions: list[dict[str, Any]],
    fills: list[dict[str, Any]],
) -> None:
    warm = market.minutes - WARM_MINUTES
    first = WARM_MINUTES + 5 + number * (warm - 10) // market.trades
    last = min(first + 4 + (number * 7) % 23, market.minutes - 2)
    while features[first]["close"] is None:
        first += 1
    while features[last]["close"] is None:
        last -= 1
    entry, exit_ = features[first]["close"], features[last]["close"]
    sign = 1 if number % 2 == 0 else -1
    stop = round(entry - sign * (60 + 20 * (number % 4)), 1)
    quantity = round(0.4 + 0.1 * (number % 5), 3)
    gross = round(sign * (exit_ - entry) * quantity, 4)
    fees = round((entry + exit_) * quantity * 0.0002, 4)
    still_open = market.open_position and number == market.trades - 1
    funding = round(0.3 * (number % 3 - 1), 4)
    net = round(gross - fees - funding, 4)
    risk = abs(entry - stop)
    mae, mfe = round(risk * 0.2 * (1 + number % 5), 4), round(risk * 0.3 * (1 + number % 4), 4)
    exit_reason = ("STOP", "BREAKEVEN", "TIME")[number % 3] if gross < 0 else "TP2"
    ts_open = features[first]["ts_min"] + MINUTE_NS + 1_500_000_000
    ts_close = features[last]["ts_min"] + MINUTE_NS + 2_500_000_000
    positions.append(
        {
            "position_id": position_id,
            "instrument_id": instrument,
            "side": "LONG" if sign > 0 else "SHORT",
            "setup": SETUPS[number % 3],
            "ts_open": ts_open,
            "ts_close": None if still_open else ts_close,
            "quantity": quantity,
            "entry": entry,
            "exit": None if still_open else exit_,
            "stop": stop,
            "tp1": round(entry + sign * 90, 1),
            "tp2": round(entry + sign * 180, 1),
            "entry_kind": ("MAKER", "TAKER")[number % 2],
            "exits": 0 if still_open else 1,
            "mae": mae,
            "mfe": mfe,
            "mae_r": round(mae / risk, 4),
            "mfe_r": round(mfe / risk, 4),
            "gross_pnl": gross,
            "fees": fees,
            "funding": funding,
            "net_pnl": net,
            "exit_reason": None if still_open else exit_reason,
            "r_price": None if still_open else round(gross / risk / quantity, 4),
            "r_net": None if still_open else round(net / risk / quantity, 4),
        }
    )
    buy, sell = ("BUY", "SELL") if sign > 0 else ("SELL", "BUY")
    role = "STOP" if exit_reason in ("STOP", "BREAKEVEN") else "EXIT"
    # The entry comes as two fills of one order.
    legs = [(ts_open, "O1", buy, "ENTRY", entry, 0.25), (ts_open, "O1", buy, "ENTRY", entry, 0.75)]
    if not still_open:
        legs.append((ts_close, "O2", sell, role, exit_, 1.0))
    for leg, (ts, order, side, name, price, share) in enumerate(legs):
        fills.append(
            {
                "ts": ts,
                "client_order_id": f"{position_id}-{order}",
                "trade_id": f"{position_id}-{leg}",
                "instrument_id": instrument,
                "side": side,
                "role": name,
                "reason": "SIGNAL" if name == "ENTRY" else exit_reason,
                "quantity": quantity * share,
                "price": price,
                "commission": fees / len(legs),
                "currency": "USDT",
                "liquidity": "TAKER",
                "position_id": position_id,
            }
        )


def _equity(minutes: int, positions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    closed = sorted((p["ts_close"], p["net_pnl"]) for p in positions if p["ts_close"])
    rows: list[dict[str, Any]] = []
    balance = peak = 10_000.0
    wobble = np.random.default_rng(99).normal(0.0, 6.0, minutes)
    for i in range(minutes):
        ts = START_NS + (i + 1) * MINUTE_NS
        while closed and closed[0][0] <= ts:
            balance += closed.pop(0)[1]
        holding = any(p["ts_open"] <= ts < (p["ts_close"] or ts + 1) for p in positions)
        equity = balance + (float(wobble[i]) if holding else 0.0)
        peak = max(peak, equity)
        rows.append(
            {
                "ts": ts,
                "balance": balance,
                "equity": equity,
                "drawdown": equity - peak,
                "drawdown_pct": (equity - peak) / peak,
            }
        )
    return rows


def _days(equity: list[dict[str, Any]], positions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    closed = [p["net_pnl"] for p in positions if p["ts_close"]]
    return [
        {
            "day": START_NS,
            "equity_open": 10_000.0,
            "equity_close": equity[-1]["equity"],
            "drawdown": -min(row["drawdown"] for row in equity),
            "drawdown_pct": -min(row["drawdown_pct"] for row in equity),
            "trades": len(closed),
            "net_pnl": sum(closed),
        }
    ]


def _alert(market: Market, number: int) -> dict[str, Any]:
    return {
        "ts": START_NS + number * MINUTE_NS,
        "instrument_id": market.instruments[0],
        "strategy_id": "ValueAreaStrategy-000",
        "kind": "KILL_SWITCH",
        "text": f"the day's loss of {number} USDT passed the limit",
    }


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


def _summary(
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
    reasons: dict[str, int] = {}
    refusals: dict[str, int] = {}
    for row in signals:
        reasons[row["reason"]] = reasons.get(row["reason"], 0) + 1
        if row["why"]:
            refusals[row["why"]] = refusals.get(row["why"], 0) + 1
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
