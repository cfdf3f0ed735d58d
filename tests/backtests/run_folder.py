"""Builds small deterministic run folders, shaped as a backtest leaves them."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from actors.messages import Alert
from actors.value_area.messages import ValueAreaMinute
from backtests.results.message_tables import message_schema
from backtests.results.tables import DAYS
from tests.backtests.made_rows import BTC_VALUE_AREA
from tests.backtests.made_rows import MINUTE_NS
from tests.backtests.made_rows import START_NS
from tests.backtests.made_rows import Market
from tests.backtests.made_rows import fill_row
from tests.backtests.made_rows import write_tables
from tests.backtests.made_rows import write_trading
from tests.backtests.made_summary import summary_of


WARM_MINUTES = 240
SETUPS = ("breakin", "failbreak", "breakout")
REFUSALS = ("COOLDOWN", "SAME_SIDE", "SIZE")


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
    write_trading(folder, signals=signals, positions=positions, fills=fills, equity=equity)
    tables = {
        "features": (message_schema(ValueAreaMinute), features),
        "days": (DAYS, _days(equity, positions)),
        "alerts": (message_schema(Alert), [_alert(market, i) for i in range(market.alerts)]),
    }
    write_tables(folder, tables)
    summary = summary_of(market, features, signals, positions, equity)
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
            fill_row(
                position_id,
                instrument,
                ts=ts,
                order=order,
                side=side,
                role=name,
                reason="SIGNAL" if name == "ENTRY" else exit_reason,
                quantity=quantity * share,
                price=price,
                commission=fees / len(legs),
                currency="USDT",
                trade_id=f"{position_id}-{leg}",
            )
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
