"""Entries with stop and target at their distances from the fill."""

from decimal import Decimal

from msgspec import Struct

from actors.footprint.patterns import Direction
from actors.footprint.patterns import Pattern
from actors.regime.classification import Regime
from strategies.common.capital_tiers import setup_bonus
from strategies.common.intents import Intent
from strategies.common.intents import SizeHints
from strategies.common.step import Context
from strategies.common.step import Entry
from strategies.order_flow.reasons import Skip
from strategies.order_flow.router import RULES
from strategies.order_flow.router import Signal
from strategies.order_flow.rows import OrderFlowRow


# The side is part of the tag: that of a pattern is no part of the name of its setup.
SETUPS = {
    Pattern.BUY_IMBALANCE: "imbalance",
    Pattern.SELL_IMBALANCE: "imbalance",
    Pattern.STACKED_BUY_IMBALANCE: "stacked_imbalance",
    Pattern.STACKED_SELL_IMBALANCE: "stacked_imbalance",
    Pattern.BUYING_EXHAUSTION: "exhaustion",
    Pattern.SELLING_EXHAUSTION: "exhaustion",
    Pattern.BUYING_ABSORPTION: "absorption",
    Pattern.SELLING_ABSORPTION: "absorption",
    Pattern.BULLISH_DELTA_DIVERGENCE: "divergence",
    Pattern.BEARISH_DELTA_DIVERGENCE: "divergence",
    Pattern.UNFINISHED_HIGH: "unfinished",
    Pattern.UNFINISHED_LOW: "unfinished",
    Pattern.UNFINISHED_REVISITED: "revisited",
}
TRENDING = frozenset({Regime.TRENDING_UP, Regime.TRENDING_DOWN})


class Bracket(Struct, frozen=True, kw_only=True):
    """
    Makes entries with their stop and target.

    Parameters
    ----------
    stop_ticks, target_ticks : int
        The distances of stop and target from the average fill.
    is_limit : bool, default False
        If an entry is a limit order at the price of the pattern, else a market order.

    """

    stop_ticks: int
    target_ticks: int
    is_limit: bool = False

    def entry(
        self, row: OrderFlowRow, signal: Signal, stack: int, price: int, skip: Skip | None
    ) -> Entry:
        """
        Return the entry of a signal.

        Parameters
        ----------
        row : OrderFlowRow
            The bar.
        signal : Signal
            Its pattern.
        stack : int
            The distinct patterns of the bar in its direction.
        price : int
            The price that a market order would get now (ticks).
        skip : Skip or None
            Why it is not traded.

        """
        is_long = signal.direction is Direction.LONG
        side = 1 if is_long else -1
        entry = signal.price if self.is_limit else price
        stop, target = entry - side * self.stop_ticks, entry + side * self.target_ticks
        if skip is None and min(stop, entry, target) <= 0:
            skip = Skip.BAD_BRACKET
        rules = RULES[row.regime]
        tag = f"{SETUPS[signal.pattern]}_{'long' if is_long else 'short'}"
        intent = Intent(
            is_long=is_long,
            entry=entry,
            stop=stop,
            tag=tag,
            tp2=target,
            stop_distance=self.stop_ticks,
            target_distance=self.target_ticks,
            size_hints=SizeHints(
                bonus=setup_bonus(stack, is_trending=row.regime in TRENDING),
                multiplier=Decimal(str(rules.multiplier)),
            ),
        )
        return Entry(
            tag=tag,
            is_long=is_long,
            stop=stop,
            intent=intent,
            refusal=skip,
            context=Context(
                regime=row.regime,
                pattern=signal.pattern,
                score=signal.strength,
                confidence=row.confidence,
            ),
        )
