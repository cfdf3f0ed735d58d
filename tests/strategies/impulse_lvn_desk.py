"""A desk that fills the impulse system's trades by the bar, for whole runs of the vectors."""

import math
import statistics
from decimal import Decimal
from fractions import Fraction
from typing import Any

from actors.impulse.bars import NANOS_PER_SECOND
from actors.impulse.bars import Second
from actors.impulse.transition import Event
from catalog.sessions import NewYorkClock
from indicators.core.market_state import MarketState
from strategies.common.intents import Intent
from strategies.common.trail import BarTrail
from strategies.impulse_lvn.engine import ImpulseEngine
from strategies.impulse_lvn.params import SignalParams
from strategies.impulse_lvn.params import TradeRules
from strategies.impulse_lvn.plan import TradePlan
from strategies.impulse_lvn.step import Phase
from strategies.impulse_lvn.step import Step
from tests.impulse_vectors import TICK
from tests.impulse_vectors import impulse_params
from tests.impulse_vectors import levels
from tests.impulse_vectors import ticks_of


def engine_of(case: dict[str, Any]) -> ImpulseEngine:
    """Return the engine of one case."""
    trader = case["trader"]
    take_profit = trader["take_profit"]
    return ImpulseEngine(
        impulse_params(case["machine"]),
        SignalParams(
            level_tolerance=ticks_of(trader["level_tolerance"]),
            min_delta=trader["min_delta"],
            max_lvn_ratio=trader["max_lvn_ratio"],
        ),
        TradeRules(
            stop_buffer=ticks_of(trader["stop_buffer"]),
            take_profit=ticks_of(take_profit) if take_profit > 0 else None,
            trailing_stop=ticks_of(trader["trailing_stop"]),
            max_hold_bars=trader["max_hold_bars"],
            start_minute=trader["start"],
            end_minute=trader["end"],
            max_daily_losses=trader["max_daily_losses"],
            daily_loss_limit=Decimal(str(trader["daily_loss_limit"])),
        ),
    )


def trades_of(day: dict[str, Any]) -> list[tuple[int, int, int, int]]:
    """Return the trades of one day as time, tick, size and sign."""
    assert day["tick"] == TICK
    ts, tick = day["t0_ns"], ticks_of(day["p0"])
    trades = []
    for ms, change, size, letter in day["ticks"]:
        ts += ms * 1_000_000
        tick += change
        trades.append((ts, tick, size, {"A": -1, "B": 1}.get(letter, 0)))
    return trades


class Desk:
    """
    Fills one trade at a time at the open of a bar, at the stop as the bar before has left it, at
    the target, or at the close, and keeps the accounts.
    """

    def __init__(self, engine: ImpulseEngine, trader: dict[str, Any]) -> None:
        self.engine = engine
        self.trader = trader
        self.log: list[list[Any]] = []
        self.net: list[float] = []
        self.days_stopped = 0
        self.balance = self.peak = trader["starting_balance"]
        self.drawdown = 0.0
        self._state = MarketState()
        self._plan: TradePlan | None = None
        self._intent: Intent | None = None
        self._trail_stop: BarTrail | None = None
        self._stop = 0
        self._clock = NewYorkClock()
        self._day = 0
        self._bar_number = 0

    def run_day(self, number: int, bars: list[Second], breakable: dict[str, float]) -> None:
        self._day = number
        self._state.reset()
        self.engine.on_levels(self._clock.trade_date(bars[0].ts), levels(breakable))
        for bar in bars:
            self._on_bar(bar)
        if self._intent is not None:
            self._exit(bars[-1], bars[-1].close, None, bars[-1].end - 1)
        elif self.engine.phase is Phase.PENDING:
            self.engine.on_skipped(bars[-1].end - 1)
        self._plan = None
        self.days_stopped += self.engine.day.stop is not None

    def _on_bar(self, bar: Second) -> None:
        self._bar_number += 1
        leave = self.engine.on_clock(bar.ts)
        if self._plan is not None:
            self._enter(bar, leave is not None)
        elif self._intent is not None and leave is not None:
            self._exit(bar, bar.open, str(leave), bar.ts)
        if self._intent is not None:
            self._fill_inside(bar)
        self._state.update(bar.open, bar.high, bar.low, bar.close, bar.volume, bar.delta)
        step = self.engine.on_bar(bar, imbalanced=self._state.imbalanced)
        self._write(bar, step)
        if self._intent is not None and step.leave is not None:
            self._exit(bar, bar.close, "TIMEOUT", bar.end - 1)
        elif self._intent is not None:
            self._trail(bar)

    def _enter(self, bar: Second, too_late: bool) -> None:
        assert self._plan is not None
        plan, self._plan = self._plan, None
        intent = None if too_late else plan.intent(bar.open)
        if intent is None:
            self.engine.on_skipped(bar.ts)
            self._row(bar, "ACT", "SKIP")
            return
        self.engine.on_entered(bar.ts)
        self._intent, self._stop = intent, intent.stop
        self._trail_stop = BarTrail(
            plan.trail,
            is_long=intent.is_long,
            entered_at=bar.ts,
            interval_ns=NANOS_PER_SECOND,
        )
        self._row(
            bar,
            "ACT",
            "ENTER",
            "Long" if intent.is_long else "Short",
            intent.entry * TICK,
            intent.stop * TICK,
            None if intent.tp2 is None else intent.tp2 * TICK,
            self.trader["contracts"],
        )

    def _fill_inside(self, bar: Second) -> None:
        intent = self._intent
        assert intent is not None
        worst, best = (bar.low, bar.high) if intent.is_long else (bar.high, bar.low)
        if intent.side * (worst - self._stop) <= 0:
            beyond = intent.side * (bar.open - self._stop) <= 0
            self._exit(bar, bar.open if beyond else self._stop, "STOP", bar.ts)
        elif intent.tp2 is not None and intent.side * (best - intent.tp2) >= 0:
            beyond = intent.side * (bar.open - intent.tp2) >= 0
            self._exit(bar, bar.open if beyond else intent.tp2, "TARGET", bar.ts)

    def _trail(self, bar: Second) -> None:
        intent = self._intent
        assert intent is not None
        assert self._trail_stop is not None
        stop = self._trail_stop.on_bar(bar, Fraction(intent.entry))
        if stop is not None and intent.side * (stop - self._stop) > 0:
            self._stop = stop
            self._row(bar, "ACT", "STOP_TO", stop * TICK)

    def _exit(self, bar: Second, price: int, reason: str | None, ts: int) -> None:
        intent, trader = self._intent, self.trader
        assert intent is not None
        net = intent.side * (price - intent.entry) * TICK - 2 * trader["slippage"]
        self._intent = None
        self.engine.on_closed(ts, Decimal(str(net)))
        self.net.append(net)
        self.balance += (net * trader["point_value"] - trader["commission"]) * trader["contracts"]
        self.peak = max(self.peak, self.balance)
        self.drawdown = max(self.drawdown, self.peak - self.balance)
        if reason is None:
            return
        row = ["EXIT", "Long" if intent.is_long else "Short", price * TICK, net, reason]
        if self.log and self.log[-1][1] == self._bar_number and self.log[-1][4] == "ENTER":
            self.log[-1].append(row)
        else:
            self._row(bar, "ACT", *row)

    def _write(self, bar: Second, step: Step) -> None:
        for change in step.transitions:
            row: list[Any] = [change.event]
            if change.event is Event.BREAKOUT:
                row += [change.level, change.direction, change.price * TICK]
            elif change.event is Event.COMPLETE:
                row += [len(change.nodes), change.direction]
            elif change.event in {Event.INVALID_RETRACE, Event.INVALID_TIMEOUT}:
                row = ["INVALID", change.event.removeprefix("INVALID_").lower()]
            self._row(bar, "STATE", *row)
        if step.plan is not None:
            self._plan = step.plan
            signal = step.plan.signal
            side = "Long" if signal.is_long else "Short"
            self._row(bar, "ACT", "SIGNAL", side, signal.node.price * TICK, signal.delta)

    def _row(self, bar: Second, *columns: Any) -> None:
        self.log.append([self._day, self._bar_number, bar.ts, *columns])

    @property
    def bars(self) -> int:
        return self._bar_number

    def summary(self) -> dict[str, Any]:
        """Return the figures of the run in the form of the vectors."""
        net, trader = self.net, self.trader
        slippage = 2 * trader["slippage"] * len(net)
        wins = [points for points in net if points > 0.5]
        losses = [points for points in net if points < -0.5]
        factor = sum(wins) / -sum(losses) if losses else (math.inf if wins else 0.0)
        deviation = statistics.pstdev(net) if net else 0.0
        return {
            "trades": len(net),
            "wins": len(wins),
            "losses": len(losses),
            "breakevens": len(net) - len(wins) - len(losses),
            "win_rate": 100.0 * len(wins) / len(net) if net else 0.0,
            "profit_factor": factor,
            "gross_pnl": sum(net) + slippage,
            "net_pnl": sum(net),
            "slippage": slippage,
            "commission": trader["commission"] * trader["contracts"] * len(net),
            "avg_win": sum(wins) / len(wins) if wins else 0.0,
            "avg_loss": sum(losses) / len(losses) if losses else 0.0,
            "max_drawdown": self.drawdown,
            "balance": self.balance,
            "days_stopped": self.days_stopped,
            "signals_skipped": 0,
            "sharpe": statistics.fmean(net) / deviation * 252**0.5 if deviation else 0.0,
        }
