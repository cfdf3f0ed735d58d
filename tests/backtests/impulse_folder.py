"""Builds run folders of the impulse system: its own machine over a scripted market."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from nautilus_trader.model.identifiers import InstrumentId

from actors.impulse.bars import NANOS_PER_SECOND
from actors.impulse.bars import Second
from actors.impulse.daily import DailyLevels
from actors.impulse.daily import RegularSession
from actors.impulse.message_factory import levels_message
from actors.impulse.message_factory import state_message
from actors.impulse.messages import DailyLevelsUpdate
from actors.impulse.messages import ImpulseTransition
from actors.impulse.messages import LvnVisit
from actors.impulse.messages import MarketStateUpdate
from actors.impulse.messages import SecondBar
from actors.impulse.params import ImpulseParams
from actors.messages import Message
from backtests.results.message_tables import message_table
from indicators.core.market_state import MarketState
from strategies.impulse_lvn.engine import ImpulseEngine
from strategies.impulse_lvn.params import SignalParams
from strategies.impulse_lvn.params import TradeRules
from strategies.impulse_lvn.plan import TradePlan
from strategies.impulse_lvn.reporting import dropped_messages
from strategies.impulse_lvn.reporting import step_messages
from strategies.impulse_lvn.step import Phase
from tests.backtests.made_rows import Market
from tests.backtests.made_rows import counted
from tests.backtests.made_rows import fill_row
from tests.backtests.made_rows import write_trading
from tests.backtests.run_folder import build_run_folder


INSTRUMENT = "NQZ5.XCME"
STRATEGY = "ImpulseLvnStrategy-000"
TICK = 0.25
TABLES = (SecondBar, DailyLevelsUpdate, ImpulseTransition, LvnVisit, MarketStateUpdate)
PRIOR = RegularSession(
    day=date(2025, 12, 1),
    open=101_600,
    high=101_980,
    low=101_560,
    close=101_800,
    volume=400_000,
    poc=101_760,
    vah=101_880,
    val=101_640,
)
OPENING = datetime(2025, 12, 2, 14, 30, tzinfo=UTC)


@dataclass(frozen=True)
class ImpulseMarket:
    """Represents the run that `build_impulse_folder` writes."""

    seconds: int = 6 * 3600 + 1800
    days: int = 1
    seed: int = 1
    refuse_each: int = 3
    summary: dict[str, Any] = field(default_factory=dict)


def build_impulse_folder(folder: Path, market: ImpulseMarket | None = None) -> Path:
    """Write the files of a run into `folder` and return it."""
    market = market or ImpulseMarket()
    run = _Run(market)
    for number in range(market.days):
        run.play(number)
    build_run_folder(folder, Market(trades=0, instruments=(INSTRUMENT,)))
    (folder / "features.parquet").unlink()
    (folder / "config.yaml").write_text("system: strategies.impulse_lvn.system:SYSTEM\n")
    kinds: dict[type[Message], list[Message]] = {kind: [] for kind in TABLES}
    for message in run.messages:
        kinds[type(message)].append(message)
    for kind, messages in kinds.items():
        pq.write_table(message_table(kind, messages), folder / f"{kind.TABLE.name}.parquet")
    figures = run.figures()
    write_trading(
        folder,
        signals=run.signals,
        positions=run.positions,
        fills=run.fills,
        equity=run.equity,
    )
    summary = json.loads((folder / "summary.json").read_text())
    (folder / "summary.json").write_text(json.dumps(summary | figures | market.summary))
    return folder


def read_rows(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a table, times as ns UTC."""
    table = pq.read_table(path)
    time = pa.timestamp("ns", tz="UTC")
    columns = {
        name: table[name].cast(pa.int64()) if table.schema.field(name).type == time else table[name]
        for name in table.column_names
    }
    rows: list[dict[str, Any]] = pa.table(columns).to_pylist()
    return rows


def second_message(instrument_id: InstrumentId, bar: Second) -> SecondBar:
    """Return the message about a second."""
    names = ("open", "high", "low", "close", "buy", "sell", "unsigned", "trade_count")
    return SecondBar(
        instrument_id,
        bar.end - 1,
        bar.end - 1,
        ts_second=bar.ts,
        tick_size=TICK,
        lot_size=1.0,
        **{name: getattr(bar, name) for name in names},
        ticks=list(bar.ticks),
        volumes=list(bar.volumes),
    )


class _Run:
    def __init__(self, market: ImpulseMarket) -> None:
        self.market = market
        self.rng = np.random.default_rng(market.seed)
        self.engine = ImpulseEngine(
            ImpulseParams(min_impulse_size=60, min_impulse_score=3, lvn_ratio=Fraction(2, 5)),
            SignalParams(min_delta=25, max_lvn_ratio=0.4, cooldown_bars=30),
            TradeRules(max_daily_losses=0, daily_loss_limit=Decimal(10_000)),
        )
        self.state = MarketState(60)
        self.known: tuple[bool, int] | None = None
        self.messages: list[Message] = []
        self.signals: list[dict[str, Any]] = []
        self.positions: list[dict[str, Any]] = []
        self.fills: list[dict[str, Any]] = []
        self.equity: list[dict[str, Any]] = []
        self.instrument_id = InstrumentId.from_str(INSTRUMENT)
        self.pending: TradePlan | None = None
        self.open: dict[str, Any] | None = None
        self.price = 101_800.0

    def play(self, number: int) -> None:
        day = date(2025, 12, 2) + timedelta(days=number)
        opening = OPENING + timedelta(days=number)
        begin = int((opening - timedelta(minutes=30)).timestamp()) * NANOS_PER_SECOND
        opens = begin + 1800 * NANOS_PER_SECOND
        self.state.reset()
        for ts, onh, onl in ((begin, None, None), (opens, 101_930, 101_700)):
            levels = DailyLevels(
                day=day,
                prior=PRIOR,
                onh=onh,
                onl=onl,
                opens_at=opens,
                closes_at=opens + 23_400 * NANOS_PER_SECOND,
                reason=None,
            )
            message = levels_message(self.instrument_id, levels, TICK, ts, ts)
            self.messages.append(message)
            self.engine.on_levels(day, message.breakout_levels())
        for bar in self.bars(begin):
            self.take(bar)

    def bars(self, begin: int) -> Iterable[Second]:
        """Yield seconds of a market that runs and then swings around half of the way back."""
        rng, target, until, speed = self.rng, self.price, 0, 1.0
        for second in range(self.market.seconds + 1800):
            if second >= until:
                jump = float(rng.choice([-1, 1]) * rng.uniform(60, 170))
                if abs(target + jump - 101_800.0) > 260:
                    jump = -jump
                target, speed = target + jump, float(rng.uniform(1.5, 6.0))
                until = second + int(rng.integers(25, 70))
                swing = (target - jump * float(rng.uniform(0.3, 0.6)), second)
            elif second == until - 1 and speed:
                # The run is over: the price goes back part of the way and swings there.
                target, speed, until = swing[0], 0.0, second + int(rng.integers(200, 900))
            wave = 22.0 * np.sin(second / 23.0) if not speed else 0.0
            pull = (target + wave - self.price) * 0.08
            move = np.clip(pull, -max(speed, 2.5), max(speed, 2.5))
            begin_price = round(self.price)
            self.price += float(move) + float(rng.normal(0.0, 1.1))
            if rng.random() < 0.25:
                continue
            yield self.bar(begin + second * NANOS_PER_SECOND, begin_price, round(self.price))

    def bar(self, ts: int, first: int, last: int) -> Second:
        rng = self.rng
        low = min(first, last) - int(rng.integers(0, 2))
        high = max(first, last) + int(rng.integers(0, 2))
        ticks = tuple(range(low, high + 1))
        volumes = tuple(int(size) for size in 1 + rng.geometric(0.12, len(ticks)))
        total = sum(volumes)
        share = np.clip(0.5 + 0.1 * (last - first) + rng.normal(0.0, 0.25), 0.0, 1.0)
        buy = round(total * share)
        return Second(
            ts=ts,
            open=first,
            high=high,
            low=low,
            close=last,
            buy=buy,
            sell=total - buy,
            unsigned=0,
            trade_count=len(ticks),
            ticks=ticks,
            volumes=volumes,
        )

    def take(self, bar: Second) -> None:
        ts = bar.end - 1
        self.engine.on_clock(bar.ts)
        self.trade(bar)
        self.state.update(bar.open, bar.high, bar.low, bar.close, bar.volume, bar.delta)
        state = (self.state.imbalanced, self.state.trend)
        if state != self.known:
            self.known = state
            self.messages.append(state_message(self.instrument_id, bar, self.state, TICK, ts))
        step = self.engine.on_bar(bar, imbalanced=self.state.imbalanced)
        self.messages += step_messages(self.instrument_id, STRATEGY, step, TICK, ts)
        self.messages.append(second_message(self.instrument_id, bar))
        if step.plan is not None:
            self.decide(bar, step.plan)
        elif bar.ts // NANOS_PER_SECOND % 60 == 0:
            self.signals.append(self.decision(bar, "HOLD") | {"reason": "NO_SIGNAL"})

    def decide(self, bar: Second, plan: TradePlan) -> None:
        refused = self.market.refuse_each and len(self.signals) % self.market.refuse_each == 0
        sign = 1 if plan.is_long else -1
        self.signals.append(
            self.decision(bar, "REFUSE" if refused else "ENTER")
            | {
                "reason": plan.tag.upper(),
                "setup": plan.tag,
                "side": "BUY" if plan.is_long else "SELL",
                "entry": bar.close * TICK,
                "stop": plan.stop * TICK,
                "tp2": (bar.close + sign * 80) * TICK,
                "quantity": None if refused else 2.0,
                "why": "MARGIN" if refused else None,
            }
        )
        if refused:
            self.drop(self.engine.on_skipped(bar.end), bar)
        else:
            self.pending = plan

    def decision(self, bar: Second, action: str) -> dict[str, Any]:
        return {
            "ts": bar.end,
            "ts_min": bar.ts,
            "instrument_id": INSTRUMENT,
            "strategy_id": STRATEGY,
            "action": action,
        }

    def drop(self, nodes: Any, bar: Second) -> None:
        self.messages += dropped_messages(
            self.instrument_id, STRATEGY, nodes, bar.ts, TICK, bar.end - 1
        )

    def trade(self, bar: Second) -> None:
        plan = self.pending
        if plan is not None and self.engine.phase is Phase.PENDING:
            self.pending = None
            if plan.intent(bar.open) is None:
                self.drop(self.engine.on_skipped(bar.ts), bar)
            else:
                self.engine.on_entered(bar.ts)
                self.enter(bar, plan)
        elif self.open is not None:
            self.manage(bar)

    def enter(self, bar: Second, plan: TradePlan) -> None:
        sign = 1 if plan.is_long else -1
        name = f"{INSTRUMENT}-{len(self.positions) + 1}"
        self.open = {"sign": sign, "stop": plan.stop, "target": bar.open + sign * 80, "name": name}
        self.fill(bar, name, "ENTRY", "SIGNAL", "BUY" if plan.is_long else "SELL", bar.open)
        self.positions.append(
            {
                "position_id": name,
                "strategy_id": STRATEGY,
                "instrument_id": INSTRUMENT,
                "side": "LONG" if plan.is_long else "SHORT",
                "setup": plan.tag,
                "entry_kind": "TAKER",
                "ts_open": bar.ts + 50_000_000,
                "quantity": 2.0,
                "entry": bar.open * TICK,
                "stop": plan.stop * TICK,
                "tp2": self.open["target"] * TICK,
                "exits": 0,
                "gross_pnl": 0.0,
                "fees": 4.5,
                "funding": 0.0,
                "net_pnl": -4.5,
            }
        )

    def manage(self, bar: Second) -> None:
        trade = self.open
        assert trade is not None
        sign, worst, best = trade["sign"], bar.low, bar.high
        if sign < 0:
            worst, best = best, worst
        if sign * (worst - trade["stop"]) <= 0:
            self.leave(bar, trade, trade["stop"], "STOP")
        elif sign * (best - trade["target"]) >= 0:
            self.leave(bar, trade, trade["target"], "TP2")

    def leave(self, bar: Second, trade: dict[str, Any], price: int, reason: str) -> None:
        row, sign = self.positions[-1], trade["sign"]
        points = sign * (price * TICK - row["entry"])
        net = points * 20.0 * row["quantity"] - 9.0
        role = "STOP" if reason == "STOP" else "EXIT"
        self.fill(bar, trade["name"], role, reason, "SELL" if sign > 0 else "BUY", price)
        risk = abs(row["entry"] - row["stop"]) * 20.0 * row["quantity"]
        row |= {"ts_close": bar.ts + 50_000_000, "exit": price * TICK, "exits": 1}
        row |= {"exit_reason": reason, "gross_pnl": net + 9.0, "fees": 9.0, "net_pnl": net}
        row |= {
            "r_price": net / risk,
            "r_net": net / risk,
            "mae": 1.0,
            "mfe": 2.0,
            "mae_r": 0.5,
            "mfe_r": 1.0,
        }
        self.open = None
        _, nodes = self.engine.on_closed(bar.ts, Decimal(str(points)))
        self.drop(nodes, bar)

    def fill(self, bar: Second, name: str, role: str, reason: str, side: str, price: int) -> None:
        self.fills.append(
            fill_row(
                name,
                INSTRUMENT,
                ts=bar.ts + 50_000_000,
                order=role,
                side=side,
                role=role,
                reason=reason,
                quantity=2.0,
                price=price * TICK,
                commission=4.5,
                currency="USD",
                strategy_id=STRATEGY,
            )
        )

    def figures(self) -> dict[str, Any]:
        closed = [row for row in self.positions if row.get("ts_close")]
        balance = 50_000.0
        for row in closed:
            balance += row["net_pnl"]
            self.equity.append({"ts": row["ts_close"], "balance": balance, "equity": balance})
        end = max(m.ts_event for m in self.messages)
        return {
            "system": "nq_impulse_lvn",
            "run_id": "nq_impulse_lvn-20251202-0001",
            "strategy": STRATEGY,
            "start": (OPENING - timedelta(minutes=30)).isoformat(),
            "end": datetime.fromtimestamp(end // NANOS_PER_SECOND, UTC).isoformat(),
            "currency": "USD",
            "trades": len(closed),
            "net_pnl": sum(row["net_pnl"] for row in closed),
            "reasons": counted(self.signals, "reason"),
            "refusals": counted(self.signals, "why"),
        }
