"""From breakout to hunted nodes: the state machine of the impulse."""

from collections import deque
from fractions import Fraction

from actors.impulse.bars import NANOS_PER_SECOND
from actors.impulse.bars import Second
from actors.impulse.leg import ImpulseLeg
from actors.impulse.leg import LowVolumeNode
from actors.impulse.levels import Breakout
from actors.impulse.levels import BreakoutLevels
from actors.impulse.levels import find_breakout
from actors.impulse.params import ImpulseParams
from actors.impulse.transition import Event
from actors.impulse.transition import State
from actors.impulse.transition import Transition


class ImpulseMachine:
    """
    Finds impulses that start with the break of a daily level.

    One call a bar. While profiling, the time-out comes first, then the least size, the score and
    last the retrace. The bar that resets is not tested for a breakout. The base of the volume is
    fixed at the breakout from the bars before it, and every trade of every bar of the impulse is
    profiled. Bars are counted, not seconds: a second without trades has none.

    Parameters
    ----------
    params : ImpulseParams
        The rules.

    Attributes
    ----------
    levels : BreakoutLevels or None
        The levels in force, set by the caller; without them nothing breaks.
    state : State
        The state.
    leg : ImpulseLeg or None
        The impulse that is profiled or hunted.

    """

    def __init__(self, params: ImpulseParams) -> None:
        self.params = params
        self.levels: BreakoutLevels | None = None
        self.state = State.WAITING
        self.leg: ImpulseLeg | None = None
        self.bar_count = 0
        self._hunting_since = 0
        self._bounded: BreakoutLevels | None = None
        self._low = self._high = 0
        self._volumes: deque[int] = deque(maxlen=params.volume_lookback)

    def on_bar(self, bar: Second, *, stands_still: bool = False) -> list[Transition]:
        """
        Handle the next bar.

        Parameters
        ----------
        bar : Second
            The bar.
        stands_still : bool, default False
            If the bar is counted alone, as while a trade is open.

        Returns
        -------
        list[Transition]
            What changed, in its order.

        """
        self.bar_count += 1
        transitions: list[Transition] = []
        if not stands_still:
            if self.state is State.WAITING:
                transitions = self._wait(bar)
            elif self.state is State.PROFILING:
                transitions = self._profile(bar)
            elif self.state is State.HUNTING:
                transitions = self._hunt(bar)
            else:
                transitions = self._to(State.WAITING, Event.RESET, bar)
                self.leg = None
        self._volumes.append(bar.volume)
        return transitions

    def reset(self) -> None:
        """Go back to waiting at once, as after a trade; counts go on."""
        self.state = State.WAITING
        self.leg = None

    def new_day(self) -> None:
        """Clear impulse, counts and volumes: the next session starts."""
        self.reset()
        self.bar_count = 0
        self._volumes.clear()

    def _wait(self, bar: Second) -> list[Transition]:
        found = self._breakout(bar)
        return [] if found is None else self._start(bar, found)

    def _profile(self, bar: Second) -> list[Transition]:
        leg, params = self._require_leg(), self.params
        leg.add(bar)
        elapsed = self.bar_count - leg.start_index
        if elapsed > params.max_impulse_bars:
            return self._to(State.RESET, Event.INVALID_TIMEOUT, bar)
        if not leg.is_large:
            if params.switching and elapsed >= params.min_bars_before_switch:
                found = self._breakout(bar)
                if found is not None and found != (leg.level, leg.direction):
                    return self._replace(bar, found)
            return []
        if leg.marks().score >= params.min_impulse_score:
            self._hunting_since = self.bar_count
            return self._to(State.HUNTING, Event.COMPLETE, bar, leg.low_volume_nodes())
        if leg.is_retraced:
            return self._to(State.RESET, Event.INVALID_RETRACE, bar)
        return []

    def _hunt(self, bar: Second) -> list[Transition]:
        elapsed = self.bar_count - self._hunting_since
        if elapsed > self.params.max_hunting_bars:
            return self._to(State.RESET, Event.HUNT_TIMEOUT, bar)
        if self.params.switching and elapsed >= self.params.min_bars_before_switch:
            found = self._breakout(bar)
            if found is not None:
                return self._replace(bar, found)
        return []

    def _breakout(self, bar: Second) -> Breakout | None:
        levels = self.levels
        if levels is None:
            return None
        if levels is not self._bounded:
            self._bounded = levels
            self._low, self._high = levels.bounds(self.params.breakout_threshold)
        # Most bars lie between all levels.
        if self._low <= bar.close <= self._high:
            return None
        return find_breakout(bar.close, levels, self.params.breakout_threshold)

    def _replace(self, bar: Second, found: Breakout) -> list[Transition]:
        return [*self._to(State.WAITING, Event.SWITCHED, bar), *self._start(bar, found)]

    def _start(self, bar: Second, found: Breakout) -> list[Transition]:
        base = Fraction(sum(self._volumes), len(self._volumes)) if self._volumes else None
        self.leg = ImpulseLeg(
            bar.ts // NANOS_PER_SECOND,
            found.direction,
            self.params,
            base,
            level=found.level,
            start_index=self.bar_count,
        )
        self.leg.add(bar)
        return self._to(State.PROFILING, Event.BREAKOUT, bar)

    def _to(
        self,
        state: State,
        event: Event,
        bar: Second,
        nodes: list[LowVolumeNode] | None = None,
    ) -> list[Transition]:
        leg = self._require_leg()
        self.state = state
        return [
            Transition(
                event=event,
                state=state,
                ts=bar.ts,
                price=bar.close,
                impulse_id=leg.impulse_id,
                direction=leg.direction,
                level=leg.level,
                bars=leg.bars,
                volume=leg.volume,
                start=leg.start,
                start_price=leg.start_price,
                extreme=leg.extreme,
                marks=leg.marks(),
                nodes=tuple(nodes or ()),
            )
        ]

    def _require_leg(self) -> ImpulseLeg:
        if self.leg is None:
            raise RuntimeError(f"no impulse in state {self.state}")
        return self.leg
