"""Block the entries of a running node while its view of market or account is incomplete."""

import time
from collections.abc import Iterable

from actors.messages import Alert
from catalog.market_hours import closed_ns
from configs.node_settings import NodeSettings
from errors import AuctionError
from live.clock_watch import ClockWatch
from live.clock_watch import Stamped
from live.gap_watch import GapWatch
from live.node_protocols import Node
from live.position_watch import PositionWatch
from live.readiness import Readiness
from strategies.common.alert_throttle import AlertThrottle
from strategies.common.nautilus.strategy import TradingStrategy
from strategies.common.reasons import DropReason


NS_PER_S = 1_000_000_000


class Watchdog:
    """
    Block entries while data are stale, positions or journal unknown, or the clock is wrong.

    Parameters
    ----------
    node : Node
        The node, built.
    strategies : Iterable[TradingStrategy]
        Its strategies.
    readiness : Readiness
        Provides the age of quotes.
    settings : NodeSettings
        The limits.

    Attributes
    ----------
    positions : PositionWatch
        Compares positions with those of the account.
    gaps : GapWatch
        Finds gaps in the quotes.
    is_cut_off : bool
        If a connection is down; set by `ConnectionWatch`.
    is_account_unknown : bool
        If the account has yet to be checked by `AccountWatch`.

    """

    def __init__(
        self,
        node: Node,
        strategies: Iterable[TradingStrategy],
        readiness: Readiness,
        settings: NodeSettings,
    ) -> None:
        self._node = node
        self._strategies = tuple(strategies)
        self._readiness = readiness
        self._settings = settings
        self.positions = PositionWatch(node, self._strategies, settings.position_looks)
        self.gaps = GapWatch(node, self._strategies)
        self.is_cut_off = False
        self.is_account_unknown = False
        self._was_unsafe = {strategy.id: False for strategy in self._strategies}
        self._stale = {strategy.id: AlertThrottle() for strategy in self._strategies}
        self._blind = {strategy.id: AlertThrottle() for strategy in self._strategies}
        self._is_unjournaled = False
        self._clock = ClockWatch()
        self._wrong_clock = AlertThrottle()
        node.kernel.msgbus.subscribe(topic=Alert.topic(), handler=self._on_alert)

    def check_feed(self) -> None:
        """Compare the age of the last quotes with the limit, and block entries above it."""
        now = time.time()
        quotes = {
            instrument_id: self._node.cache.quote_tick(instrument_id)
            for instrument_id in dict.fromkeys(s.config.instrument_id for s in self._strategies)
        }
        # Only the newest: quotes of several instruments at one time are a single clock measurement.
        last_quotes = [quote for quote in quotes.values() if quote is not None]
        self._check_clock(max(last_quotes, key=lambda quote: quote.ts_event, default=None))
        for instrument_id, quote in quotes.items():
            if quote is not None:
                self.gaps.on_quote(instrument_id, quote.ts_event)
        for strategy in self._strategies:
            instrument_id = strategy.config.instrument_id
            age_s = self._readiness.quote_age_s(instrument_id)
            is_silent = age_s is None or age_s > self._settings.stale_after_s
            is_unknown = self.positions.is_blind or self._is_unjournaled
            is_unsafe = is_silent or is_unknown or bool(self._clock.error_s)
            # On its own edge: a short disconnection sets stale but leaves working entries alone.
            if is_unsafe and not self._was_unsafe[strategy.id]:
                strategy.stop_entries(DropReason.STALE)
            self._was_unsafe[strategy.id] = is_unsafe
            strategy.stale = is_unsafe or self.is_cut_off or self.is_account_unknown
            now_ns = int(now * NS_PER_S)
            # Silence counts only after the first quote and while the market is open.
            is_lost = (
                is_silent
                and age_s is not None
                and (
                    age_s - _closed_s(instrument_id.venue.value, now - age_s, now)
                    > self._settings.stale_after_s
                )
            )
            if self._stale[strategy.id].is_due(now_ns, is_lost):
                text = f"no quote of {instrument_id} for {age_s:.0f} s: nothing is entered"
                strategy.alert(now_ns, "DATA_STALE", text, age_s)
            if self._blind[strategy.id].is_due(now_ns, self.positions.is_blind):
                text = "the positions at the venue are not known: nothing is entered"
                strategy.alert(now_ns, "VENUE_SILENT", text)

    def _on_alert(self, alert: Alert) -> None:
        # Orders that are not journaled are unknown after a crash.
        if alert.kind == "JOURNAL_STUCK":
            self._is_unjournaled = True
        elif alert.kind == "JOURNAL_RESTORED":
            self._is_unjournaled = False

    def missing(self) -> list[str]:
        """Return what is unknown of venue, journal and clock, and the windows that have a gap."""
        unknown = ["the positions at the venue are not known"] if self.positions.is_blind else []
        if self._is_unjournaled:
            unknown.append("the journal takes no rows: check disk and database")
        if self._clock.error_s:
            unknown.append(f"the clock is {self._clock.error_s:+.0f} s off the venue's: set it")
        return unknown + self.gaps.missing()

    def _check_clock(self, quote: Stamped | None) -> None:
        try:
            self._clock.check(quote, self._node.kernel.clock.timestamp_ns())
        except AuctionError as error:
            self._alert_all("CLOCK_STOPPED", str(error))
            raise
        error_s = self._clock.error_s
        # The wall clock is in doubt, so the venue's time drives the throttle.
        if quote is not None and self._wrong_clock.is_due(quote.ts_event, bool(error_s)):
            side = "ahead of" if error_s > 0 else "behind"
            text = f"the clock is {abs(error_s):.0f} s {side} the venue's: nothing is entered"
            self._alert_all("CLOCK_WRONG", text)

    def _alert_all(self, kind: str, text: str) -> None:
        for strategy in self._strategies:
            strategy.alert(time.time_ns(), kind, text)


def _closed_s(venue: str, since: float, until: float) -> float:
    return closed_ns(venue, int(since * NS_PER_S), int(until * NS_PER_S)) / NS_PER_S
