"""The trade of a signal, before its entry price is known."""

from msgspec import Struct

from actors.impulse.bars import NANOS_PER_SECOND
from strategies.common.intents import Intent
from strategies.common.trail import BarTrail
from strategies.common.trail import Trail
from strategies.common.trail import TrailBasis
from strategies.impulse_lvn.params import TradeRules
from strategies.impulse_lvn.tracking import RetestSignal


class TradePlan(Struct, frozen=True, kw_only=True):
    """
    Represents a trade proposed by a signal.

    The stop hangs on the node, the target on the entry.

    Parameters
    ----------
    signal : RetestSignal
        The signal.
    stop : int
        The protective stop in ticks.
    target_distance : int or None
        The distance of the target from the entry in ticks; None for none.
    trail_distance : int
        How far in ticks the stop follows the best price, from that profit on.

    """

    signal: RetestSignal
    stop: int
    target_distance: int | None
    trail_distance: int

    @property
    def is_long(self) -> bool:
        return self.signal.is_long

    @property
    def tag(self) -> str:
        """Return the name of the setup with its side."""
        return "retest_long" if self.is_long else "retest_short"

    @property
    def trail(self) -> Trail:
        """Return the rule of its trailing stop."""
        distance = self.trail_distance
        return Trail(distance=distance, activation=distance, basis=TrailBasis.BAR)

    def bar_trail(self, entered_at: int, best: int | None = None) -> BarTrail:
        """Return its trailing stop from the first fill (ns UTC) on; `best` is that of a restart."""
        return BarTrail(
            self.trail,
            is_long=self.is_long,
            entered_at=entered_at,
            interval_ns=NANOS_PER_SECOND,
            best=best,
        )

    def intent(self, entry: int) -> Intent | None:
        """
        Return the intent for an entry at a price.

        Parameters
        ----------
        entry : int
            The price in ticks that the entry would get.

        Returns
        -------
        Intent or None
            None where the price has reached the stop: the trade is to be skipped.

        """
        sign = 1 if self.is_long else -1
        if sign * (entry - self.stop) <= 0:
            return None
        target = self.target_distance
        return Intent(
            is_long=self.is_long,
            entry=entry,
            stop=self.stop,
            tag=self.tag,
            tp2=None if target is None else entry + sign * target,
            target_distance=target,
            trail_distance=self.trail.distance,
            trail_activation=self.trail.activation,
            trail_basis=self.trail.basis,
        )


def plan_of(signal: RetestSignal, rules: TradeRules) -> TradePlan:
    """Return the trade of a signal: its stop lies behind the node."""
    sign = 1 if signal.is_long else -1
    return TradePlan(
        signal=signal,
        stop=signal.node.price - sign * rules.stop_buffer,
        target_distance=rules.take_profit,
        trail_distance=rules.trailing_stop,
    )
