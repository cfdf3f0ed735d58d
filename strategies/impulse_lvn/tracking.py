"""Track the visits of the price to nodes, and detect the one that is a signal."""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from msgspec import Struct

from actors.impulse.bars import Second
from actors.impulse.leg import LowVolumeNode
from actors.impulse.levels import Direction
from strategies.impulse_lvn.params import SignalParams


NANOS_PER_DAY = 24 * 60 * 60 * 1_000_000_000


class Visit(StrEnum):
    """Represents the progress of the visits to a node."""

    UNTOUCHED = "UNTOUCHED"
    TOUCHED = "TOUCHED"
    ARMED = "ARMED"
    RETESTING = "RETESTING"


class TrackedLevel:
    """
    Represents one node that is tracked.

    Parameters
    ----------
    node : LowVolumeNode
        The node.

    Attributes
    ----------
    visit : Visit
        How far the visits have come.
    touched_at, armed_at : int or None
        The numbers of the bars that touched it first and armed it last.

    """

    __slots__ = ("armed_at", "node", "touched_at", "visit")

    def __init__(self, node: LowVolumeNode) -> None:
        self.node = node
        self.visit = Visit.UNTOUCHED
        self.touched_at: int | None = None
        self.armed_at: int | None = None


class LevelVisit(NamedTuple):
    """A node, and the progress of the visits to it after one bar."""

    node: LowVolumeNode
    visit: Visit


class RetestSignal(Struct, frozen=True, kw_only=True):
    """
    Represents a bar that trades a node.

    Parameters
    ----------
    ts : int
        The start of the second (UNIX nanoseconds).
    node : LowVolumeNode
        The node.
    close : int
        The close of the bar in ticks.
    delta : int
        Its buy minus sell volume in lots.

    """

    ts: int
    node: LowVolumeNode
    close: int
    delta: int

    @property
    def is_long(self) -> bool:
        return self.node.direction is Direction.UP


class LevelTracker:
    """
    Tracks the nodes of the impulses from bar to bar.

    A close within the tolerance touches a node, one beyond the retest distance on either side arms
    it, the next within the tolerance tests it again; a test is left beyond twice the tolerance.
    The first pullback thus only touches. Each bar moves a node by one step, the first bar none.

    A signal needs a node under test, an imbalanced market, a small bar and enough delta in the
    direction of the impulse. Of several nodes the nearest to the close is taken, of equal ones the
    lower for a long trade and the higher for a short one; nodes that cool down are passed over.

    Every bar is to be fed, also while a trade is open.

    Parameters
    ----------
    params : SignalParams
        The rules.

    Attributes
    ----------
    levels : dict[int, TrackedLevel]
        The nodes by their price in ticks.

    """

    def __init__(self, params: SignalParams) -> None:
        self.params = params
        self.levels: dict[int, TrackedLevel] = {}
        self.bar_count = 0
        self._last_signal: int | None = None
        self._last_traded: dict[int, int] = {}

    def add(self, nodes: Sequence[LowVolumeNode]) -> list[LowVolumeNode]:
        """
        Track the nodes of an impulse, before the bar that completed it.

        A node at the price of another replaces it and starts afresh; the price goes on cooling.

        Returns
        -------
        list[LowVolumeNode]
            Those that are thin enough.

        """
        added = [node for node in nodes if node.ratio <= self.params.max_lvn_ratio]
        for node in added:
            self.levels[node.price] = TrackedLevel(node)
        return added

    def drop(self, impulse_id: int) -> list[LowVolumeNode]:
        """Track the nodes of an impulse no longer, and return them by rising price."""
        nodes = [level.node for _, level in sorted(self.levels.items())]
        dropped = [node for node in nodes if node.impulse_id == impulse_id]
        for node in dropped:
            del self.levels[node.price]
        return dropped

    def new_day(self) -> None:
        """Clear nodes, cooldowns and counts."""
        self.levels.clear()
        self.bar_count = 0
        self._last_signal = None
        self._last_traded.clear()

    def count_bar(self) -> None:
        """Handle a bar while there are no nodes."""
        self.bar_count += 1

    def on_bar(
        self,
        bar: Second,
        *,
        imbalanced: bool,
        may_signal: bool = True,
    ) -> tuple[list[LevelVisit], RetestSignal | None]:
        """
        Handle the next bar.

        Parameters
        ----------
        bar : Second
            The bar.
        imbalanced : bool
            If the market is imbalanced at its close.
        may_signal : bool, default True
            If a signal may be given: within the trading hours, and without a trade.

        Returns
        -------
        tuple[list[LevelVisit], RetestSignal or None]
            The nodes whose visits have moved on, by rising price, and the signal, which takes its
            node back to TOUCHED.

        """
        self.bar_count += 1
        if self.bar_count < 2:
            return [], None
        moved = [
            LevelVisit(level.node, level.visit)
            for _, level in sorted(self.levels.items())
            if self._move(level, abs(bar.close - level.node.price))
        ]
        if not (may_signal and imbalanced) or self._is_cooling():
            return moved, None
        level = self._choose(bar)
        if level is None:
            return moved, None
        self._last_signal = self._last_traded[level.node.price] = self.bar_count
        level.visit = Visit.TOUCHED
        signal = RetestSignal(ts=bar.ts, node=level.node, close=bar.close, delta=bar.delta)
        return moved, signal

    def _move(self, level: TrackedLevel, distance: int) -> bool:
        params, before = self.params, level.visit
        if before is Visit.UNTOUCHED:
            if distance <= params.level_tolerance:
                level.visit = Visit.TOUCHED
                level.touched_at = self.bar_count
        elif before is Visit.TOUCHED:
            if distance > params.retest_distance:
                self._arm(level)
        elif before is Visit.ARMED:
            if distance <= params.level_tolerance:
                level.visit = Visit.RETESTING
        elif distance > 2 * params.level_tolerance:
            if distance > params.retest_distance:
                self._arm(level)
            else:
                level.visit = Visit.TOUCHED
        return level.visit is not before

    def _arm(self, level: TrackedLevel) -> None:
        level.visit = Visit.ARMED
        level.armed_at = self.bar_count

    def _is_cooling(self) -> bool:
        last = self._last_signal
        return last is not None and self.bar_count < last + self.params.cooldown_bars

    def _choose(self, bar: Second) -> TrackedLevel | None:
        if abs(bar.delta) < self.params.min_delta or bar.range > self.params.max_range:
            return None
        sign = 1 if bar.delta > 0 else -1
        eligible = [level for level in self.levels.values() if self._is_eligible(level, bar, sign)]
        if not eligible:
            return None
        return min(
            eligible,
            key=lambda level: (abs(bar.close - level.node.price), sign * level.node.price),
        )

    def _is_eligible(self, level: TrackedLevel, bar: Second, sign: int) -> bool:
        params, node = self.params, level.node
        traded = self._last_traded.get(node.price)
        same_day = node.start // NANOS_PER_DAY == bar.ts // NANOS_PER_DAY
        return (
            level.visit is Visit.RETESTING
            and node.direction.sign == sign
            and abs(bar.close - node.price) <= params.level_tolerance
            and (same_day or not params.same_day_only)
            and (traded is None or self.bar_count >= traded + params.level_cooldown_bars)
        )
