"""Results in R: price and costs apart, and stops beside what a round trip costs."""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from nautilus_trader.trading.strategy import Strategy

from actors.messages import Decision
from backtests.metrics import divide
from backtests.metrics import mean
from backtests.metrics import spread
from backtests.trade import Trade
from strategies.common.costs import BASIS_POINTS
from strategies.common.costs import PARTS


# From this share of stops on a summary warns: that many trades could only lose to fees.
TOLD_SHARE = 0.25


def mean_r(trades: Iterable[Trade]) -> dict[str, Decimal | None]:
    """
    Return the mean R of closed trades that had a planned stop.

    Of price alone and of costs alone in units of the planned distance to the stop, and of the net
    result in units of what the stop was planned to lose with costs. A stop that goes as planned is
    -1 in the first and in the last.
    """
    closed = [trade for trade in trades if trade.ts_close is not None]
    return {
        f"mean_{name}": mean([r for t in closed if (r := getattr(t, name)) is not None])
        for name in ("r_price", "r_costs", "r_net")
    }


def stop_costs(
    decisions: Iterable[Decision],
    strategies: Sequence[Strategy],
) -> dict[str, Any]:
    """
    Return how far the stops of a run's candidates lie, beside the fees of a round trip.

    Parameters
    ----------
    decisions : Iterable[Decision]
        The decisions; those with an entry and a stop are candidates, taken or refused.
    strategies : Sequence[Strategy]
        The strategies that have made them. One that reckons no costs is left out.

    """
    known = {s.id.value: s for s in strategies if hasattr(s, "account")}
    stops: list[float] = []
    fees: list[float] = []
    for decision in decisions:
        strategy = known.get(decision.strategy_id)
        if strategy is None or not decision.entry or decision.stop is None:
            continue
        tick = float(strategy.units.tick)
        entry, stop = (round(price / tick) for price in (decision.entry, decision.stop))
        stops.append(abs(entry - stop) / abs(entry) * BASIS_POINTS)
        fees.append(strategy.account.costs.fees(entry, stop) / PARTS / abs(entry) * BASIS_POINTS)
    within = sum(stop < fee for stop, fee in zip(stops, fees, strict=True))
    share = divide(Decimal(within), Decimal(len(stops)))
    return {
        "candidates": len(stops),
        "stop_bps": spread(stops).p50,
        "fees_bps": spread(fees).p50,
        "share_within_fees": None if share is None else float(share),
    }


def cost_warnings(costs: Mapping[str, Any], figures: Mapping[str, Any]) -> list[str]:
    """Return a warning where many stops are nearer than the fees of a round trip."""
    share = costs["share_within_fees"]
    if share is None or share < TOLD_SHARE:
        return []
    text = (
        f"Costs: {share:.0%} of the stops of {costs['candidates']} candidates are nearer than the "
        f"fees of a round trip (in the median {costs['stop_bps']:.1f} and {costs['fees_bps']:.1f} "
        "bp): such trades cannot pay their costs"
    )
    price, paid = figures["mean_r_price"], figures["mean_r_costs"]
    if price is not None:
        text += f"; in the mean trade price made {price:+.2f} R, costs took {paid:.2f} R"
    return [f"{text}."]
