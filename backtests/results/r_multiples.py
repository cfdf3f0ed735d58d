"""Results in R: price and costs apart, and stops beside what a round trip costs."""

from collections.abc import Iterable
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from actors.messages import Decision
from backtests.results.metrics import divide
from backtests.results.metrics import mean
from backtests.results.metrics import spread
from backtests.results.outcome import StrategyOutcome
from backtests.results.trade import Trade
from strategies.common.costs import BASIS_POINTS
from strategies.common.costs import PARTS
from strategies.common.gate import Refusal


# From this share of stops on a summary warns: the design is near to what costs alone decide.
TOLD_SHARE = 0.25
COST_RULES = {str(r) for r in (Refusal.STOP_IN_SPREAD, Refusal.STOP_IN_FEES, Refusal.LOW_REWARD)}


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
    strategies: Iterable[StrategyOutcome],
) -> dict[str, Any]:
    """
    Return how far the stops of a run's candidates lie, beside the fees of a round trip.

    Parameters
    ----------
    decisions : Iterable[Decision]
        The decisions; those with an entry and a stop are candidates, taken or refused.
    strategies : Iterable[StrategyOutcome]
        The strategies that have made them. One that reckons no costs is left out.

    """
    known = {strategy.id: strategy.costs for strategy in strategies}
    stops: list[float] = []
    fees: list[float] = []
    within = {"refused": 0, "taken": 0, "others": 0}
    taken = 0
    for decision in decisions:
        costs = known.get(decision.strategy_id)
        if costs is None or not decision.entry or decision.stop is None:
            continue
        entry, stop = (round(price / costs.tick) for price in (decision.entry, decision.stop))
        stops.append(abs(entry - stop) / abs(entry) * BASIS_POINTS)
        fees.append(costs.round_trip.fees(entry, stop) / PARTS / abs(entry) * BASIS_POINTS)
        is_taken = decision.action in ("ENTER", "FLIP")
        taken += is_taken
        if stops[-1] < fees[-1]:
            is_refused = decision.action == "REFUSE" and decision.why in COST_RULES
            within["taken" if is_taken else "refused" if is_refused else "others"] += 1
    share = divide(Decimal(sum(within.values())), Decimal(len(stops)))
    return {
        "candidates": len(stops),
        "stop_bps": spread(stops).p50,
        "fees_bps": spread(fees).p50,
        "share_within_fees": None if share is None else float(share),
        "within_fees": sum(within.values()),
        "within_fees_refused": within["refused"],
        "taken": taken,
        "taken_within_fees": within["taken"],
    }


def cost_warnings(costs: Mapping[str, Any], figures: Mapping[str, Any]) -> list[str]:
    """
    Return a warning where many stops are nearer than the fees of a round trip.

    Many are a quarter of all candidates, or of those taken. Candidates that were refused cost
    nothing: losses are spoken of only where some were taken and trades closed.

    Parameters
    ----------
    costs : Mapping[str, Any]
        What `stop_costs` has returned.
    figures : Mapping[str, Any]
        The figures of the run.

    """
    share, taken = costs["share_within_fees"], costs["taken_within_fees"]
    if share is None or (share < TOLD_SHARE and taken < TOLD_SHARE * max(costs["taken"], 1)):
        return []
    text = (
        f"Costs: the stops of {costs['within_fees']:,} of {costs['candidates']:,} candidates are "
        "nearer than the fees of a round trip (medians of all candidates: stop "
        f"{costs['stop_bps']:.1f} bp, fees {costs['fees_bps']:.1f} bp); "
        f"{costs['within_fees_refused']:,} of them were refused for their costs, {taken:,} taken"
    )
    price, paid = figures["mean_r_price"], figures["mean_r_costs"]
    if taken and price is not None:
        text += (
            ": stopped, these lose more by fees than by price. In the mean of all "
            f"{figures['trades']:,} trades price made {price:+.2f} R, costs took {paid:.2f} R"
        )
    return [f"{text}."]
