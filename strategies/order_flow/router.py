"""The router: which pattern of a bar is traded in the regime of the market."""

from collections.abc import Sequence

from msgspec import Struct

from actors.footprint.patterns import Direction
from actors.footprint.patterns import Pattern
from actors.regime.classification import Regime
from strategies.order_flow.params import RouterParams
from strategies.order_flow.reasons import Route


SINGLE = frozenset({Pattern.BUY_IMBALANCE, Pattern.SELL_IMBALANCE})
STACKED = frozenset({Pattern.STACKED_BUY_IMBALANCE, Pattern.STACKED_SELL_IMBALANCE})
EXHAUSTIONS = frozenset({Pattern.BUYING_EXHAUSTION, Pattern.SELLING_EXHAUSTION})
ABSORPTIONS = frozenset({Pattern.BUYING_ABSORPTION, Pattern.SELLING_ABSORPTION})
UNFINISHED = frozenset({Pattern.UNFINISHED_HIGH, Pattern.UNFINISHED_LOW})
NOTHING: frozenset[Pattern] = frozenset()


class RegimeRules(Struct, frozen=True, kw_only=True):
    """
    Represents how patterns are traded in one regime.

    Parameters
    ----------
    enabled, disabled : frozenset[Pattern]
        Those that are traded, and those that are ruled out by name.
    bias : Direction or None, default None
        The only direction that is traded; None for both.
    multiplier : float
        The share of the largest size, where no capital tiers decide it.

    """

    enabled: frozenset[Pattern]
    disabled: frozenset[Pattern]
    bias: Direction | None = None
    multiplier: float


RULES = {
    Regime.TRENDING_UP: RegimeRules(
        enabled=frozenset(
            {
                Pattern.BUYING_ABSORPTION,
                Pattern.SELLING_EXHAUSTION,
                Pattern.BULLISH_DELTA_DIVERGENCE,
            }
        ),
        disabled=SINGLE | STACKED | {Pattern.BEARISH_DELTA_DIVERGENCE},
        bias=Direction.LONG,
        multiplier=1.0,
    ),
    Regime.TRENDING_DOWN: RegimeRules(
        enabled=frozenset(
            {
                Pattern.SELLING_ABSORPTION,
                Pattern.BUYING_EXHAUSTION,
                Pattern.BEARISH_DELTA_DIVERGENCE,
            }
        ),
        disabled=SINGLE | STACKED | {Pattern.BULLISH_DELTA_DIVERGENCE},
        bias=Direction.SHORT,
        multiplier=1.0,
    ),
    Regime.RANGING: RegimeRules(
        enabled=EXHAUSTIONS | ABSORPTIONS | UNFINISHED, disabled=STACKED, multiplier=0.75
    ),
    Regime.VOLATILE: RegimeRules(enabled=STACKED, disabled=SINGLE | EXHAUSTIONS, multiplier=0.5),
    Regime.NO_TRADE: RegimeRules(enabled=NOTHING, disabled=NOTHING, multiplier=0.0),
}


class Signal(Struct, frozen=True, kw_only=True):
    """
    Represents a pattern of a bar.

    Parameters
    ----------
    pattern : Pattern
        What was found.
    direction : Direction
        The side on which it would trade.
    strength : float
        Between 0 and 1.
    price : int
        Its price (ticks).

    """

    pattern: Pattern
    direction: Direction
    strength: float
    price: int


class Routed(Struct, frozen=True, kw_only=True):
    """
    Represents the decision about all patterns of one bar.

    Parameters
    ----------
    routes : tuple[Route, ...]
        What becomes of each, in their order.
    chosen : Signal or None, default None
        The one that is traded; None for none.
    stack : int, default 0
        The distinct patterns of the bar in its direction, itself included.

    """

    routes: tuple[Route, ...]
    chosen: Signal | None = None
    stack: int = 0


def route(
    signal: Signal, regime: Regime, confidence: float, params: RouterParams, *, cooling: bool
) -> Route:
    """
    Return what becomes of one pattern; what equals a minimum passes.

    Parameters
    ----------
    signal : Signal
        The pattern.
    regime : Regime
        The regime in force.
    confidence : float
        How sure it is.
    params : RouterParams
        The rules.
    cooling : bool
        If the last entry is too recent.

    """
    rules, pattern = RULES[regime], signal.pattern
    chosen = params.patterns
    for applies, found in (
        (regime is Regime.NO_TRADE, Route.NO_TRADE),
        (pattern in rules.disabled, Route.DISABLED),
        (pattern not in rules.enabled, Route.NOT_ENABLED),
        (chosen is not None and pattern not in chosen, Route.NOT_ENABLED),
        (rules.bias is not None and signal.direction is not rules.bias, Route.BIAS),
        (signal.strength < params.min_strength, Route.STRENGTH),
        (confidence < params.min_confidence, Route.CONFIDENCE),
        (cooling, Route.COOLDOWN),
    ):
        if applies:
            return found
    return Route.APPROVED


def route_bar(
    signals: Sequence[Signal],
    regime: Regime,
    confidence: float,
    params: RouterParams,
    *,
    cooling: bool = False,
) -> Routed:
    """
    Decide once about all patterns of a bar.

    The strongest pattern that passes is traded; of equally strong ones of one direction the first.
    Where the strongest of both directions are equal, the direction with more distinct patterns in
    the bar is traded, and with as many neither (CONFLICT).

    Parameters
    ----------
    signals : Sequence[Signal]
        All patterns of the bar, in the order of their publication.
    regime : Regime
        The regime in force.
    confidence : float
        How sure it is.
    params : RouterParams
        The rules.
    cooling : bool, default False
        If the last entry is too recent.

    """
    routes = [route(signal, regime, confidence, params, cooling=cooling) for signal in signals]
    best: dict[Direction, tuple[float, int]] = {}
    for at, (signal, found) in enumerate(zip(signals, routes, strict=True)):
        first = best.get(signal.direction)
        if found is Route.APPROVED and (first is None or signal.strength > first[0]):
            best[signal.direction] = signal.strength, at
    if not best:
        return Routed(routes=tuple(routes))
    stacks = {
        direction: len({s.pattern for s in signals if s.direction is direction})
        for direction in best
    }
    ranks = {direction: (best[direction][0], stacks[direction]) for direction in best}
    highest = max(ranks.values())
    winners = [direction for direction, rank in ranks.items() if rank == highest]
    if len(winners) > 1:
        equal = {best[direction][1] for direction in winners}
        routes = [Route.CONFLICT if at in equal else found for at, found in enumerate(routes)]
        return Routed(routes=tuple(routes))
    winner = winners[0]
    return Routed(routes=tuple(routes), chosen=signals[best[winner][1]], stack=stacks[winner])
