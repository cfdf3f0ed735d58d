"""The trades of a venue of bars, by the named rules in which it differs from the vectors."""

from dataclasses import dataclass
from math import floor
from typing import NamedTuple

from strategies.common.intents import Intent
from strategies.leg_lvn.hours import EntryHours
from strategies.leg_lvn.nodes import NodeState
from strategies.leg_lvn.params import LegLvnRules
from strategies.leg_lvn.plans import plan_of
from tests.leg_lvn.reference import CONTRACT
from tests.leg_lvn.reference import RISK
from tests.leg_lvn.reference import rows_of
from tests.vectors import load


TICK = 0.01


class Trade(NamedTuple):
    """A trade: the bars and prices (ticks) of its fills, its contracts, and why it ended."""

    side: int
    lots: int
    entry_bar: int
    entry: int
    exit_bar: int
    exit: int
    reason: str


@dataclass
class Order:
    """An order that rests."""

    intent: Intent
    lots: int
    sent: int


@dataclass
class Held:
    """An open trade, and why it leaves at the next open."""

    intent: Intent
    lots: int
    at: int
    entry: int
    leaves: str = ""


def venue_trades(preset: str, rules: LegLvnRules, count: int | None = None) -> list[Trade]:
    """
    Return the trades of the first bars, by their ends. The rules that the vectors do not have:

    - Nothing is quoted in a market of bars alone: the spread counts as 0.
    - Prices are whole ticks: bids rounded down, offers up, stops and targets as bids and offers.
    - Sizes are whole contracts, by the equity at the close that sends the order.
    - An order that arrives at an open beyond its price takes that open.
    - An order is at the venue before the open is known. Where that is beyond the stop it fills all
      the same; the venue refuses the stop then, and the trade leaves at the next open. No order is
      sent while the last close is there.
    - Of one trade at a time one order rests, that which the market reaches first; a nearer one
      takes its place at the next close. None rests while there is a trade, until the close of the
      bar that ends it.
    - A target is known at the close of the bar that reaches it, and left at the next open; on its
      own bar the close alone counts. So is the end of the week.
    """
    market, rows = load("001", "bars.json.gz"), rows_of(preset)[:count]
    hours, equity = EntryHours(rules.hours), 10_000.0
    state, trades = NodeState(), list[Trade]()
    orders, held = dict[str, Order](), list[Held]()
    for i, row in enumerate(rows):
        first = market["open"][i]

        def leave(trade: Held, price: int, reason: str, bar: int = i) -> None:
            nonlocal equity
            side = trade.intent.side
            held.remove(trade)
            equity += side * (price - trade.entry) * TICK * CONTRACT * trade.lots
            trades.append(Trade(side, trade.lots, trade.at, trade.entry, bar, price, reason))

        for trade in list(held):
            side, stop = trade.intent.side, trade.intent.stop
            worst, best = (row.low, row.high) if side > 0 else (row.high, row.low)
            if trade.leaves:
                leave(trade, first, trade.leaves)
            elif side * (worst - stop) <= 0:
                leave(trade, min(stop, first) if side > 0 else max(stop, first), "STOP")
            elif side * (best - trade.intent.tp2) >= 0:
                trade.leaves = "TP2"
        for key, order in list(orders.items()):
            side, limit, stop = order.intent.side, order.intent.entry, order.intent.stop
            worst = row.low if side > 0 else row.high
            if side * (worst - limit) > 0:
                continue
            del orders[key]
            state.nodes = [node for node in state.nodes if node.key != key]
            is_passed = order.sent == i - 1 and side * (first - limit) <= 0
            trade = Held(order.intent, order.lots, i, first if is_passed else limit)
            held.append(trade)
            if side * (trade.entry - stop) <= 0:
                trade.leaves = "STOP_REJECTED"
            elif side * (worst - stop) <= 0:
                leave(trade, stop, "STOP")
            elif side * (row.close - trade.intent.tp2) >= 0:
                trade.leaves = "TP2"
        state.take(row, rules)
        if hours.must_flatten(row.end):
            for trade in held:
                trade.leaves = trade.leaves or "SESSION_END"
        wanted: dict[str, Order] = {}
        for node in state.nodes:
            plan = plan_of(node, state.pivots, 0.0, TICK, rules)
            intent = None if plan is None else plan.intent(TICK, "x", rules.min_stop)
            if intent is None or node.side != row.trend or not hours.may_enter(row.end):
                continue
            if node.side * (row.close - intent.stop) <= 0:
                continue
            distance = abs(intent.entry - intent.stop) * TICK * CONTRACT
            lots = floor(equity * RISK / distance + 1e-9)
            if lots > 0:
                wanted[node.key] = orders.get(node.key, Order(intent, lots, i))
        orders = _first_reached(orders, wanted, held) if rules.one_trade_at_a_time else wanted
    return trades


def _first_reached(
    resting: dict[str, Order], wanted: dict[str, Order], held: list[Held]
) -> dict[str, Order]:
    """Return the one order that rests in the next bar."""
    if held or not wanted:
        return {}
    key = min(wanted, key=lambda key: -wanted[key].intent.side * wanted[key].intent.entry)
    return {key: wanted[key]} if not resting or key in resting else {}
