"""Rows of the vectors' bars, and the fills of a plain market of bars."""

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field
from functools import cache
from typing import Any

from indicators.core.ema_trend import ema_trend
from indicators.core.leg_nodes import PRESETS
from indicators.core.leg_nodes import LegNodes
from indicators.core.legs import leg_structures
from indicators.core.zigzag import STRUCTURES
from strategies.leg_lvn.hours import EntryHours
from strategies.leg_lvn.nodes import NodeState
from strategies.leg_lvn.params import LegLvnRules
from strategies.leg_lvn.plans import Plan
from strategies.leg_lvn.plans import plan_of
from strategies.leg_lvn.rows import LegRow
from tests.indicators.leg_market import TICK
from tests.indicators.leg_market import bars
from tests.vectors import load


UNIT = 100.0
CONTRACT = 100.0
RISK = 0.01


@cache
def rows_of(preset: str) -> tuple[LegRow, ...]:
    """Return the rows of the vectors' bars."""
    ts, high, low, close, volume = bars()
    found = leg_structures(ts, high, low, volume, TICK, LegNodes(**PRESETS[preset]), 0.12)
    *_, trend = ema_trend(close, TICK)
    pivots = {row["confirmed_bar"]: row for row in found.pivots if not row["is_seed"]}
    legs = {row["confirmed_bar"]: row for row in found.legs}
    nodes: dict[int, list[float]] = {}
    for row in found.nodes:
        nodes.setdefault(int(row["leg_id"]), []).append(float(row["price"]))
    result = []
    for i in range(len(ts)):
        pivot, leg = pivots.get(i), legs.get(i)
        result.append(
            LegRow(
                ts_min=int(ts[i]),
                low=int(low[i]),
                high=int(high[i]),
                close=int(close[i]),
                trend=int(trend[i]),
                pivot=None if pivot is None else int(pivot["tick"]),
                pivot_ts=None if pivot is None else int(pivot["ts"]),
                structure=None if pivot is None else STRUCTURES[pivot["structure"]],
                direction=0 if leg is None else int(leg["direction"]),
                leg_start=None if leg is None else int(leg["start_tick"]),
                leg_end=None if leg is None else int(leg["end_tick"]),
                nodes=() if leg is None else tuple(nodes.get(int(leg["leg_id"]), ())),
            )
        )
    return tuple(result)


@dataclass
class Open:
    """A trade of the reference."""

    plan: Plan
    at: int
    size: float
    equity_before: float


@dataclass
class Reference:
    """
    Fills resting orders by bars exactly: at their prices, stops first, targets from the next bar.

    `quoted` says if the quote of the bar before is known; `round_size` makes sizes of the
    quantities by risk.
    """

    preset: str
    rules: LegLvnRules
    quoted: bool = True
    round_size: Callable[[float], float] = float
    trades: list[dict[str, Any]] = field(default_factory=list)
    equity: float = 10_000.0

    def run(self) -> "Reference":
        """Play all bars."""
        market = load("001", "bars.json.gz")
        hours = EntryHours(self.rules.hours)
        state, running = NodeState(), list[Open]()
        trend, spread = 0, 0.0
        self.index = {row.ts_min: i for i, row in enumerate(rows_of(self.preset))}
        for i, row in enumerate(rows_of(self.preset)):
            first, high, low, last = (market[k][i] / UNIT for k in ("open", "high", "low", "close"))
            # Positions of before.
            for trade in list(running):
                side, plan = trade.plan.node.side, trade.plan
                worst, best = (low, high) if side > 0 else (high, low)
                if side * (first - plan.stop) <= 0:
                    self._leave(running, trade, i, first, "stop")
                elif side * (worst - plan.stop) <= 0:
                    self._leave(running, trade, i, plan.stop, "stop")
                elif plan.target is not None and side * (best - plan.target) >= 0:
                    self._leave(running, trade, i, plan.target, "target")
                elif hours.must_flatten(row.end):
                    self._leave(running, trade, i, last, "close")
            for node in list(state.nodes):
                if node.side != trend or not hours.may_enter(row.ts_min):
                    continue
                if self.rules.one_trade_at_a_time and running:
                    break
                plan = plan_of(node, state.pivots, spread, 0.01, self.rules)
                if plan is None or node.side * (first - plan.stop) <= 0:
                    continue
                worst = low if node.side > 0 else high
                if node.side * (worst - plan.entry) > 0:
                    continue
                risked = self.equity * RISK / (abs(plan.entry - plan.stop) * CONTRACT)
                size = self.round_size(risked)
                if size <= 0:
                    continue
                state.nodes.remove(node)
                running.append(Open(plan, i, size, self.equity))
                # On its own bar only the stop counts.
                if node.side * (worst - plan.stop) <= 0:
                    self._leave(running, running[-1], i, plan.stop, "stop")
            state.take(row, self.rules)
            trend = row.trend
            bid, ask = market["bid"][i], market["ask"][i]
            is_known = self.quoted and bid is not None and ask is not None and bid > 0 and ask > 0
            spread = max(0.0, ask / UNIT - bid / UNIT) if is_known else 0.0
        self.left = len(running)
        self.pending = len(state.nodes)
        return self

    def _leave(self, running: list[Open], trade: Open, i: int, price: float, why: str) -> None:
        running.remove(trade)
        plan = trade.plan
        pnl = (price - plan.entry) * plan.node.side * CONTRACT * trade.size
        self.equity += pnl
        self.trades.append(
            {
                "armed_idx": self.index[plan.node.confirmed],
                "lvn_rank": plan.node.rank,
                "direction": "uptrend" if plan.node.side > 0 else "downtrend",
                "lvn_price": plan.node.price,
                "entry_idx": trade.at,
                "entry_price": plan.entry,
                "stop": plan.stop,
                "target": plan.target,
                "stop_src": plan.stop_from,
                "target_src": plan.target_from,
                "size": trade.size,
                "equity_before": trade.equity_before,
                "exit_idx": i,
                "exit_price": price,
                "outcome": why,
                "pnl": pnl,
                "equity_after": self.equity,
            }
        )
