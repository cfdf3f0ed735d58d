"""Looks after a running node: stale data, gaps, and positions that nobody owns."""

import time
from collections.abc import Iterable
from decimal import Decimal

from nautilus_trader.live.node import TradingNode
from nautilus_trader.model.identifiers import InstrumentId

from adapters.node.readiness import Readiness
from configs.node_settings import NodeSettings
from strategies.common.lasting import LastingCondition
from strategies.common.nautilus.strategy import TradingStrategy
from strategies.common.reasons import DropReason


NS_PER_S = 1_000_000_000


class Watchdog:
    """
    Blocks entries while data are stale, and halts on a position that is not the strategy's.

    Parameters
    ----------
    node : TradingNode
        The node, built.
    strategies : Iterable[TradingStrategy]
        Its strategies.
    readiness : Readiness
        Knows the age of quotes.
    settings : NodeSettings
        The limits.

    """

    def __init__(
        self,
        node: TradingNode,
        strategies: Iterable[TradingStrategy],
        readiness: Readiness,
        settings: NodeSettings,
    ) -> None:
        self._node = node
        self._strategies = tuple(strategies)
        self._readiness = readiness
        self._settings = settings
        self._stale = {strategy.id: LastingCondition() for strategy in self._strategies}
        self._silent_since: dict[InstrumentId, float] = {}
        self._refilled_at: dict[InstrumentId, float] = {}
        self._window_s: dict[InstrumentId, float] = {}
        self._doubts: dict[InstrumentId, int] = {}

    def set_window(self, instrument_id: InstrumentId, minutes: int) -> None:
        """Tell how long (minutes) features look back: a gap counts as long."""
        window_s = max(self._window_s.get(instrument_id, 0.0), minutes * 60.0)
        self._window_s[instrument_id] = window_s

    def look_at_feed(self) -> None:
        """Compare the age of the last quotes with the limit."""
        now = time.time()
        ages: dict[InstrumentId, float | None] = {}
        for strategy in self._strategies:
            instrument_id = strategy.config.instrument_id
            if instrument_id not in ages:
                ages[instrument_id] = self._readiness.quote_age_s(instrument_id)
                self._look_for_gap(instrument_id, ages[instrument_id], now)
            age_s = ages[instrument_id]
            is_stale = age_s is None or age_s > self._settings.stale_after_s
            if is_stale and not strategy.stale:
                strategy.stop_entries(DropReason.STALE)
            strategy.stale = is_stale
            # Before the first quote nothing has been lost.
            if self._stale[strategy.id].is_due(int(now * NS_PER_S), is_stale and age_s is not None):
                text = f"no quote of {instrument_id} for {age_s:.0f} s: nothing is entered"
                strategy.alert(int(now * NS_PER_S), "DATA_STALE", text, age_s)

    def look_at_positions(self) -> None:
        """Compare the positions of the account with those of the strategies."""
        owned: dict[InstrumentId, Decimal] = {}
        for strategy in self._strategies:
            instrument_id = strategy.config.instrument_id
            owned[instrument_id] = owned.get(instrument_id, Decimal(0)) + strategy.position
        for instrument_id, mine in owned.items():
            held = sum(
                (
                    position.signed_decimal_qty()
                    for position in self._node.cache.positions_open(instrument_id=instrument_id)
                ),
                Decimal(0),
            )
            doubts = self._doubts.get(instrument_id, 0) + 1 if held != mine else 0
            self._doubts[instrument_id] = doubts
            if doubts == self._settings.position_looks:
                self._halt(instrument_id, mine, held)

    def missing(self) -> list[str]:
        """Return the instruments whose window has a gap."""
        now = time.time()
        return [
            f"{instrument_id}: a gap in the data: the window is refilled in "
            f"{(until - now) / 60:.0f} min"
            for instrument_id, until in self._refilled_at.items()
            if until > now
        ]

    def _look_for_gap(self, instrument_id: InstrumentId, age_s: float | None, now: float) -> None:
        if age_s is None:
            return
        since = now - age_s
        before = self._silent_since.get(instrument_id, since)
        self._silent_since[instrument_id] = since
        gap_s = since - before
        if gap_s <= self._settings.gap_after_s:
            return
        self._refilled_at[instrument_id] = now + self._window_s.get(instrument_id, 0.0)
        for strategy in self._strategies:
            if strategy.config.instrument_id == instrument_id:
                strategy.active = False
                strategy.stop_entries(DropReason.STALE)
                text = f"{gap_s:.0f} s without data of {instrument_id}: deactivated"
                strategy.alert(int(now * NS_PER_S), "DATA_GAP", text, gap_s)

    def _halt(self, instrument_id: InstrumentId, mine: Decimal, held: Decimal) -> None:
        for strategy in self._strategies:
            if strategy.config.instrument_id == instrument_id and not strategy.manager.halted:
                strategy.halt(f"{instrument_id}: the account holds {held}, strategies own {mine}")
