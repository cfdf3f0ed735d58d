"""All stress tests of one list of trades."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from msgspec import Struct

from research.stress.costs_and_clock import by_hour
from research.stress.costs_and_clock import by_weekday
from research.stress.costs_and_clock import extremes
from research.stress.costs_and_clock import profit_factor
from research.stress.costs_and_clock import share
from research.stress.costs_and_clock import slippage
from research.stress.monte_carlo import monte_carlo
from research.stress.streaks import drawdowns
from research.stress.streaks import losing_streaks
from research.stress.tiers import tier_transitions
from research.stress.trade import StressTrade
from strategies.common.tier_params import TierParams


SCHEMA = 1


class StressParams(Struct, frozen=True, kw_only=True):
    """
    Represents the choices of the tests.

    Parameters
    ----------
    ticks : tuple[float, ...], default (1, 1.5, 2)
        The further slippage of each fill (ticks).
    iterations, seed : int, default 1,000 and 7
        The paths of chance, and the seed.
    ruin : float, default 5,000
        The loss that ruins a path.
    tiers : TierParams, optional
        The capital tiers; those of the order-flow system by default.
    start : Decimal or None, default None
        The balance at the start of the tiers; None takes theirs.

    """

    ticks: tuple[float, ...] = (1.0, 1.5, 2.0)
    iterations: int = 1_000
    seed: int = 7
    ruin: float = 5_000.0
    tiers: TierParams = TierParams()
    start: Decimal | None = None


def stress(trades: Sequence[StressTrade], params: StressParams) -> dict[str, Any]:
    """
    Return the results of all tests, fit for JSON.

    Parameters
    ----------
    trades : Sequence[StressTrade]
        The trades, oldest first.
    params : StressParams
        The choices.

    """
    nets = [trade.net for trade in trades]
    hours, weekdays = by_hour(trades), by_weekday(trades)
    return {
        "schema": SCHEMA,
        "trades": len(trades),
        "days": len({trade.day for trade in trades}),
        "net": sum(nets),
        "win_rate": share(nets),
        "profit_factor": profit_factor(nets),
        "slippage": [slippage(trades, ticks) for ticks in params.ticks],
        "hours": {"groups": hours, **extremes(hours, "hour")},
        "weekdays": {"groups": weekdays, **extremes(weekdays, "weekday")},
        "losing_streaks": losing_streaks(nets),
        "drawdowns": drawdowns(nets),
        "monte_carlo": monte_carlo(nets, params.iterations, params.seed, params.ruin),
        "tiers": tier_transitions(trades, params.tiers, params.start),
    }
