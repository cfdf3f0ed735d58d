"""Looks after a running node: stale data, gaps, and positions that nobody owns."""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from nautilus_trader.adapters.sandbox.execution import SandboxExecutionClient
from nautilus_trader.common.enums import LogLevel
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.messages import GeneratePositionStatusReports
from nautilus_trader.model.data import QuoteTick
from nautilus_trader.model.identifiers import InstrumentId

from actors.base import BarActor
from actors.messages import Alert
from actors.messages import DataGap
from catalog.market_hours import closed_ns
from catalog.market_hours import closed_time
from configs.documents import one_line
from configs.node_settings import NodeSettings
from errors import AuctionError
from indicators.core.gaps import GapFinder
from live.client_protocols import CatchesUp
from live.clock_watch import ClockWatch
from live.node_protocols import Node
from live.readiness import Readiness
from strategies.common.alert_throttle import AlertThrottle
from strategies.common.nautilus.strategy import TradingStrategy
from strategies.common.reasons import DropReason


NS_PER_S = 1_000_000_000
# Events that are found reach the strategies within it.
HEARD_S = 0.05
# Of an instrument without an actor that has a limit of its own.
GAP_AFTER_S = 60.0
FLAT: tuple[Decimal, Decimal | None] = (Decimal(0), None)


@dataclass(frozen=True, slots=True)
class Comparison:
    """
    Represents what strategies own of an instrument, and what the account holds (both signed).

    Parameters
    ----------
    mine, held : Decimal
        The sizes.
    price : Decimal or None
        The average price of what is held.
    is_doubtful : bool
        If they differ by more than fills on their way.

    """

    mine: Decimal
    held: Decimal
    price: Decimal | None
    is_doubtful: bool


class Watchdog:
    """
    Blocks entries while data are stale, and halts on a position that is not the strategy's.

    Parameters
    ----------
    node : Node
        The node, built.
    strategies : Iterable[TradingStrategy]
        Its strategies.
    readiness : Readiness
        Knows the age of quotes.
    settings : NodeSettings
        The limits.

    Attributes
    ----------
    is_cut_off : bool
        If a connection is down, which `ConnectionWatch` finds out.
    compared : dict[InstrumentId, Comparison]
        What the last look at the positions has found.
    is_caught_up : bool
        If all fills were known to it: none were missing, or the venue has told them.
    is_account_unknown : bool
        If `AccountWatch` has yet to find out whether the account fits.

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
        self.is_cut_off = False
        self.is_account_unknown = False
        self._was_unsafe = {strategy.id: False for strategy in self._strategies}
        self._stale = {strategy.id: AlertThrottle() for strategy in self._strategies}
        self._blind = {strategy.id: AlertThrottle() for strategy in self._strategies}
        self._unanswered = 0
        self._is_unjournaled = False
        self._clock = ClockWatch()
        self._wrong_clock = AlertThrottle()
        node.kernel.msgbus.subscribe(topic=Alert.topic(), handler=self._on_alert)
        self._finders: dict[InstrumentId, GapFinder] = {}
        self._gap_ends: dict[InstrumentId, int] = {}
        self._refilled_at: dict[InstrumentId, float] = {}
        self._window_s: dict[InstrumentId, float] = {}
        self._doubts: dict[InstrumentId, int] = {}
        self._looking = asyncio.Lock()
        self.compared: dict[InstrumentId, Comparison] = {}
        self.is_caught_up = True

    def set_window(self, instrument_id: InstrumentId, minutes: int) -> None:
        """Set how long (minutes) the features of an instrument look back: a gap counts as long."""
        window_s = max(self._window_s.get(instrument_id, 0.0), minutes * 60.0)
        self._window_s[instrument_id] = window_s

    def check_feed(self) -> None:
        """Compare the age of the last quotes with the limit."""
        now = time.time()
        quotes = {
            instrument_id: self._node.cache.quote_tick(instrument_id)
            for instrument_id in dict.fromkeys(s.config.instrument_id for s in self._strategies)
        }
        # The newest one: quotes of several instruments at a time are one look at the clock.
        heard = [quote for quote in quotes.values() if quote is not None]
        self._look_at_clock(max(heard, key=lambda quote: quote.ts_event, default=None))
        for instrument_id, quote in quotes.items():
            if quote is not None:
                self._look_for_gap(instrument_id, quote.ts_event)
        for strategy in self._strategies:
            instrument_id = strategy.config.instrument_id
            age_s = self._readiness.quote_age_s(instrument_id)
            is_silent = age_s is None or age_s > self._settings.stale_after_s
            is_unheard = self._is_blind or self._is_unjournaled
            is_unsafe = is_silent or is_unheard or bool(self._clock.error_s)
            # By an edge of its own: a short cut-off makes stale and leaves working entries alone.
            if is_unsafe and not self._was_unsafe[strategy.id]:
                strategy.stop_entries(DropReason.STALE)
            self._was_unsafe[strategy.id] = is_unsafe
            strategy.stale = is_unsafe or self.is_cut_off or self.is_account_unknown
            now_ns = int(now * NS_PER_S)
            # Before the first quote nothing has been lost, and a market that is shut is silent.
            is_told = (
                is_silent
                and age_s is not None
                and (
                    age_s - self._closed_s(instrument_id, now - age_s, now)
                    > self._settings.stale_after_s
                )
            )
            if self._stale[strategy.id].is_due(now_ns, is_told):
                text = f"no quote of {instrument_id} for {age_s:.0f} s: nothing is entered"
                strategy.alert(now_ns, "DATA_STALE", text, age_s)
            if self._blind[strategy.id].is_due(now_ns, self._is_blind):
                text = "the venue tells no positions: nothing is entered"
                strategy.alert(now_ns, "VENUE_SILENT", text)

    async def look_at_positions(self, *, is_periodic: bool = True) -> bool:
        """
        Compare the positions of the account with those of the strategies.

        A real venue is asked itself: what Nautilus's engine cannot explain by fills it leaves out
        of its cache. An account that cannot be seen twice in a row counts as stale.

        Parameters
        ----------
        is_periodic : bool, default True
            If a difference, or a missing answer, counts: looks in a row are to lie apart in time.

        Returns
        -------
        bool
            If the venue has answered.

        """
        async with self._looking:
            try:
                told = await self._differences()
            # Whatever keeps the venue from answering, the answer is missing.
            except Exception as error:
                self._unanswered += is_periodic
                text = f"The venue tells no positions: {one_line(error)}"
                self._node.kernel.logger.warning(text)
                return False
            self._unanswered = 0
            self.compared = told
            for instrument_id, found in told.items():
                if not found.is_doubtful:
                    self._doubts[instrument_id] = 0
                elif is_periodic:
                    doubts = self._doubts.get(instrument_id, 0) + 1
                    self._doubts[instrument_id] = doubts
                    if doubts == self._settings.position_looks:
                        self._halt(instrument_id, found)
            return True

    async def _differences(self) -> dict[InstrumentId, Comparison]:
        told = await self._compared()
        self.is_caught_up = True
        if any(found.is_doubtful for found in told.values()):
            self.is_caught_up = await self._catch_up()
            # What was held before that is not held any more.
            told = await self._compared()
        return told

    async def _compared(self) -> dict[InstrumentId, Comparison]:
        before = self._owned()
        held_at_venue = await self._positions_at_venue()
        told = {}
        for instrument_id, mine in self._owned().items():
            held, price = held_at_venue.get(instrument_id, FLAT)
            # Fills on their way are known to one of the two alone.
            least, most = sorted((mine, before[instrument_id]))
            told[instrument_id] = Comparison(mine, held, price, not least <= held <= most)
        return told

    def _on_alert(self, alert: Alert) -> None:
        # What is entered and not journaled is unknown after a crash.
        if alert.kind == "JOURNAL_STUCK":
            self._is_unjournaled = True
        elif alert.kind == "JOURNAL_RESTORED":
            self._is_unjournaled = False

    async def _catch_up(self) -> bool:
        # A fill that no socket has told: its position wants a stop before anybody wants a halt.
        is_complete = True
        for client in [
            c for c in self._node.kernel.exec_engine._clients.values() if isinstance(c, CatchesUp)
        ]:
            try:
                await client.catch_up()
            # Whatever keeps the venue from answering, the next look asks again.
            except Exception as error:
                is_complete = False
                self._node.kernel.logger.warning(f"Not caught up: {one_line(error)}")
        await asyncio.sleep(HEARD_S)
        return is_complete

    def _owned(self) -> dict[InstrumentId, Decimal]:
        owned: dict[InstrumentId, Decimal] = {}
        for strategy in self._strategies:
            instrument_id = strategy.config.instrument_id
            owned[instrument_id] = owned.get(instrument_id, Decimal(0)) + strategy.position
        return owned

    async def _positions_at_venue(self) -> dict[InstrumentId, tuple[Decimal, Decimal | None]]:
        held: dict[InstrumentId, tuple[Decimal, Decimal | None]] = {}
        for client in self._node.kernel.exec_engine._clients.values():
            # A simulated venue reports nothing; its positions are those of the cache.
            if isinstance(client, SandboxExecutionClient):
                for position in self._node.cache.positions_open(venue=client.venue):
                    name, size = position.instrument_id, position.signed_decimal_qty()
                    held[name] = (held.get(name, FLAT)[0] + size, _price(position.avg_px_open))
                continue
            question = GeneratePositionStatusReports(
                instrument_id=None,
                start=None,
                end=None,
                command_id=UUID4(),
                ts_init=time.time_ns(),
                log_receipt_level=LogLevel.DEBUG,
            )
            for report in await client.generate_position_status_reports(question):
                name, size = report.instrument_id, report.signed_decimal_qty
                held[name] = (held.get(name, FLAT)[0] + size, _price(report.avg_px_open))
        return held

    @property
    def _is_blind(self) -> bool:
        return self._unanswered >= int(self._settings.position_looks)

    def missing(self) -> list[str]:
        """Return what the venue has not told, and the instruments whose window has a gap."""
        now = time.time()
        unknown = ["the venue tells no positions"] if self._is_blind else []
        if self._is_unjournaled:
            unknown.append("the journal takes no rows: look at disk and database")
        if self._clock.error_s:
            unknown.append(f"the clock is {self._clock.error_s:+.0f} s off the venue's: set it")
        return unknown + [
            f"{instrument_id}: a gap in the data: the window is refilled in "
            f"{(until - now) / 60:.0f} min"
            for instrument_id, until in self._refilled_at.items()
            if until > now
        ]

    @staticmethod
    def _closed_s(instrument_id: InstrumentId, since: float, until: float) -> float:
        venue = instrument_id.venue.value
        return closed_ns(venue, int(since * NS_PER_S), int(until * NS_PER_S)) / NS_PER_S

    def _look_at_clock(self, quote: QuoteTick | None) -> None:
        try:
            self._clock.look(quote, self._node.kernel.clock.timestamp_ns())
        except AuctionError as error:
            self._alert_all("CLOCK_STOPPED", str(error))
            raise
        error_s = self._clock.error_s
        # The wall clock is in doubt: the venue's tells when it is time to say so again.
        if quote is not None and self._wrong_clock.is_due(quote.ts_event, bool(error_s)):
            side = "ahead of" if error_s > 0 else "behind"
            text = f"the clock is {abs(error_s):.0f} s {side} the venue's: nothing is entered"
            self._alert_all("CLOCK_WRONG", text)

    def _alert_all(self, kind: str, text: str) -> None:
        for strategy in self._strategies:
            strategy.alert(time.time_ns(), kind, text)

    def _look_for_gap(self, instrument_id: InstrumentId, ts_event: int) -> None:
        # Quotes that come all at once after a silence are no gap to an actor, which goes by their
        # own time. But minutes have closed without them: a node has missed what it heard too late.
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
            # The actor has found it.
            return
        hearing = [actor for actor in sources if not actor.is_collecting]
        for actor in hearing:
            actor.on_data_gap(start, end, open_ns)
        if not hearing:
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

    def _halt(self, instrument_id: InstrumentId, found: Comparison) -> None:
        message = f"{instrument_id}: the account holds {found.held}, strategies own {found.mine}"
        owners = [s for s in self._strategies if s.config.instrument_id == instrument_id]
        if len(owners) == 1 and found.held and found.price is not None:
            # What is there wants a stop first; what it is, the operator finds out. Where there is
            # nothing any more, our stop stays: it can open nothing, and the venue may be wrong.
            owners[0].hold(found.held, found.price, message)
            return
        for strategy in owners:
            if not strategy.manager.halted:
                strategy.halt(message)


def _price(average: Any) -> Decimal | None:
    return None if average is None else Decimal(str(average))
