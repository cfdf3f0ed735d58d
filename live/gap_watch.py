"""Detect gaps in the quotes of a running node, and deactivate the affected strategies."""

import time
from collections.abc import Iterable

from actors.base import BarActor
from actors.messages import DataGap
from catalog.market_hours import closed_time
from indicators.core.gaps import GapFinder
from live.node_protocols import InstrumentId
from live.node_protocols import Node
from strategies.common.nautilus.strategy import TradingStrategy


NS_PER_S = 1_000_000_000
# For an instrument without an actor that sets its own limit.
GAP_AFTER_S = 60.0


class GapWatch:
    """
    Reset actors after a gap, and keep strategies inactive until their window is refilled.

    Parameters
    ----------
    node : Node
        The node, built.
    strategies : Iterable[TradingStrategy]
        Its strategies.

    """

    def __init__(self, node: Node, strategies: Iterable[TradingStrategy]) -> None:
        self._node = node
        self._strategies = tuple(strategies)
        self._finders: dict[InstrumentId, GapFinder] = {}
        self._gap_ends: dict[InstrumentId, int] = {}
        self._refilled_at: dict[InstrumentId, float] = {}
        self._window_s: dict[InstrumentId, float] = {}

    def set_window(self, instrument_id: InstrumentId, minutes: int) -> None:
        """Set the look-back (minutes) of an instrument's features: a gap blocks for as long."""
        window_s = max(self._window_s.get(instrument_id, 0.0), minutes * 60.0)
        self._window_s[instrument_id] = window_s

    def on_quote(self, instrument_id: InstrumentId, ts_event: int) -> None:
        """Handle the time (ns UTC) of the last quote of an instrument."""
        # Quotes that arrive in a burst after a silence are no gap to an actor, which uses their own
        # timestamps. But minutes have closed without them: the node has missed late data.
        sources = [
            actor
            for actor in self._node.trader.actors()
            if isinstance(actor, BarActor) and actor.config.instrument_id == instrument_id
        ]
        finder = self._finders.get(instrument_id)
        if finder is None:
            limit_s = min((actor.config.gap_after_s for actor in sources), default=GAP_AFTER_S)
            finder = GapFinder(limit_s, closed_time(instrument_id.venue.value))
            self._finders[instrument_id] = finder
        if not finder.on_quote(ts_event):
            return
        start, end, open_ns = finder.found.pop()
        if self._gap_ends.get(instrument_id, 0) > start:
            # The actor has already detected it.
            return
        listening = [actor for actor in sources if not actor.is_collecting]
        for actor in listening:
            actor.on_data_gap(start, end, open_ns)
        if not listening:
            silent_s = open_ns / NS_PER_S
            self.on_gap(DataGap(instrument_id, end, end, start=start, end=end, silent_s=silent_s))

    def on_gap(self, gap: DataGap) -> None:
        """Deactivate the strategies of an instrument whose data had a gap."""
        instrument_id, now = gap.instrument_id, time.time()
        self._gap_ends[instrument_id] = gap.end
        self._refilled_at[instrument_id] = now + self._window_s.get(instrument_id, 0.0)
        for strategy in self._strategies:
            if strategy.config.instrument_id == instrument_id:
                strategy.active = False
                text = f"{gap.silent_s:.0f} s without data of {instrument_id}: deactivated"
                strategy.alert(int(now * NS_PER_S), "DATA_GAP", text, gap.silent_s)

    def missing(self) -> list[str]:
        """Return the instruments whose window has a gap."""
        now = time.time()
        return [
            f"{instrument_id}: a gap in the data: the window is refilled in "
            f"{(until - now) / 60:.0f} min"
            for instrument_id, until in self._refilled_at.items()
            if until > now
        ]
