"""Keeps the ticks of an instrument until a component knows what happened before them."""

from collections.abc import Iterator

from nautilus_trader.common.component import MessageBus
from nautilus_trader.model.data import QuoteTick
from nautilus_trader.model.data import TradeTick
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.model.instruments import Instrument

from actors.history import QUOTE
from actors.history import TRADE
from actors.history import Stored
from actors.history import Tick
from actors.history import join
from indicators.core.gaps import GapFinder


def tick_topics(instrument_id: InstrumentId) -> tuple[str, str]:
    """Return the topics of the quotes and the trades of an instrument."""
    place = f"{instrument_id.venue}.{instrument_id.symbol}"
    return f"data.quotes.{place}", f"data.trades.{place}"


class TickBuffer:
    """
    Listens to quotes and trades until it is closed.

    Parameters
    ----------
    msgbus : MessageBus
        The bus.
    instrument : Instrument
        The instrument.

    Attributes
    ----------
    heard : list[Tick]
        What has come, in its order.
    recent : list[Tick]
        Trades of the past that the venue has told, in the order of `add_recent`.
    instrument_id : InstrumentId
        The instrument.

    """

    def __init__(self, msgbus: MessageBus, instrument: Instrument) -> None:
        self.heard: list[Tick] = []
        self.recent: list[Tick] = []
        self._msgbus = msgbus
        self.instrument_id = instrument.id
        self._topics = tick_topics(instrument.id)
        self._tick_raw = instrument.price_increment.raw
        self._lot_raw = instrument.size_increment.raw
        for topic in self._topics:
            msgbus.subscribe(topic=topic, handler=self._hear)

    def add_recent(self, tick: TradeTick) -> None:
        """Add a trade of the past."""
        self.recent.append(self._trade(tick))

    @property
    def has_quotes(self) -> bool:
        """Return True if a quote has come."""
        return any(tick.kind == QUOTE for tick in self.heard)

    def after(self, stored: Stored | None, finder: GapFinder) -> Iterator[Tick]:
        """
        Yield what a catalog holds, the venue's trades, and what has come up to the last moment.

        Parameters
        ----------
        stored : Stored or None
            What a catalog holds.
        finder : GapFinder
            The rule for gaps, unused so far: what lies before the last one is left out.

        """
        count = len(self.heard)
        yield from join(stored, self.recent, self.heard[:count], finder)
        while count < len(self.heard):
            yield self.heard[count]
            count += 1

    def close(self) -> None:
        """Listen no longer."""
        for topic in self._topics:
            self._msgbus.unsubscribe(topic=topic, handler=self._hear)

    def _hear(self, tick: QuoteTick | TradeTick) -> None:
        is_trade = isinstance(tick, TradeTick)
        self.heard.append(self._trade(tick) if is_trade else self._quote(tick))

    def _quote(self, tick: QuoteTick) -> Tick:
        return Tick(
            QUOTE,
            tick.ts_event,
            tick.bid_price.raw // self._tick_raw,
            tick.ask_price.raw // self._tick_raw,
            tick.bid_size.raw // self._lot_raw,
            tick.ask_size.raw // self._lot_raw,
        )

    def _trade(self, tick: TradeTick) -> Tick:
        return Tick(
            TRADE,
            tick.ts_event,
            tick.price.raw // self._tick_raw,
            0,
            tick.size.raw // self._lot_raw,
            0,
            int(tick.aggressor_side),
            tick.trade_id.value,
        )
