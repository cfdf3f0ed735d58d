"""Bybit's side of a replay: a loopback server in a thread, orders included."""

import os
from collections import deque
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from adapters.bybit.loopback.contract import LinearContract
from adapters.bybit.loopback.market import NS_PER_MS
from adapters.bybit.loopback.public_endpoints import INTERVALS
from adapters.bybit.loopback.server import BybitLoopback
from adapters.bybit.loopback.tape import Kline
from adapters.bybit.loopback.tape import Quote
from adapters.bybit.loopback.tape import Trade
from adapters.bybit.loopback.tape import timed_events
from adapters.bybit.loopback.tape import timed_klines
from adapters.bybit.loopback.thread import ServerThread
from adapters.bybit.loopback.thread import running_in_thread
from adapters.instruments import find_instrument
from catalog.credentials import drop_credential
from catalog.layout import bar_step_ns
from configs.data_types import BAR
from configs.data_types import bar_step
from configs.data_types import identifier_of
from configs.data_types import kind_of
from live.last_ticks import LastTicks


KEYS = {"BYBIT_API_KEY": "loopback-key", "BYBIT_API_SECRET": "loopback-secret"}
VENUE = "BYBIT"
NO_SUCH_BARS = "Bybit has no candles of that length"
# Upper bounds of the contract's prices and sizes: recorded ones are within its own.
LARGEST_PRICE = Decimal(10_000_000)
LARGEST_SIZE = Decimal(1_000_000)
LEVERAGE = Decimal(25)
MANY = 1_000_000
MINUTE_NS = 60_000_000_000
TICK_TOPICS = ("publicTrade", "orderbook.1")


type Kind = type[Quote | Trade] | int


@dataclass(frozen=True, slots=True)
class Played:
    """
    Represents a replayed event.

    Attributes
    ----------
    ts_ns : int
        Its time in the catalog (`ts_init`, ns UTC), unique among the events of the instrument.
    event : Quote, Trade or Kline
        The event, with the venue's timestamp.

    """

    ts_ns: int
    event: Quote | Trade | Kline

    @property
    def kind(self) -> Kind:
        """Return the kind of event; candles of each length (minutes) are a kind."""
        return self.event.minutes if isinstance(self.event, Kline) else type(self.event)


def has_bars(step_ns: int) -> bool:
    """Return True if Bybit has candles of a length (ns)."""
    minutes, rest = divmod(step_ns, MINUTE_NS)
    return not rest and str(minutes) in INTERVALS


def played_ticks(catalog: Path, instrument_id: str, start_ns: int, end_ns: int) -> Iterator[Played]:
    """Read quotes and trades (`ts_init` in ns UTC, both ends included)."""
    for ts_init, event in timed_events(catalog, instrument_id, start_ns, end_ns):
        yield Played(ts_init, event)


def played_bars(catalog: Path, bar_type: str, start_ns: int, end_ns: int) -> Iterator[Played]:
    """Read candles (`ts_init` in ns UTC, both ends included)."""
    for ts_init, event in timed_klines(catalog, bar_type, start_ns, end_ns):
        yield Played(ts_init, event)


class BybitStage:
    """
    Publish the events of a replay to a node over Bybit's protocol.

    Parameters
    ----------
    server : ServerThread
        The server, running.
    instrument_id : str
        The instrument.
    mode : str
        `paper`, or `live`: orders then go to the server as well.
    data : Sequence[str]
        The types of data that the node reads.

    Attributes
    ----------
    settings : list[str]
        `dotted.key=value` settings that connect the node to the server.

    """

    def __init__(
        self, server: ServerThread, instrument_id: str, mode: str, data: Sequence[str]
    ) -> None:
        self._server = server
        self._instrument_id = instrument_id
        self.settings = _addresses(server, mode)
        self._fed: dict[Kind, deque[Played]] = {Quote: deque(), Trade: deque()}
        self._bar_types: dict[Kind, str] = {}
        self._topics = [] if all(kind_of(name) == BAR for name in data) else list(TICK_TOPICS)
        for name in data:
            if kind_of(name) == BAR:
                minutes = bar_step(name) // MINUTE_NS
                self._fed[minutes] = deque()
                self._bar_types[minutes] = identifier_of(name, instrument_id)
                self._topics.append(f"kline.{minutes}")

    def is_subscribed(self) -> bool:
        topics = self._topics

        def is_listening(server: BybitLoopback) -> bool:
            symbol, found = server.venue.contract.symbol, server.connections
            return all(found.subscribers("public", f"{topic}.{symbol}") for topic in topics)

        return self._server.call(is_listening)

    def feed(self, batch: Sequence[Played]) -> None:
        for played in batch:
            self._fed[played.kind].append(played)

        def feed(server: BybitLoopback) -> None:
            for played in batch:
                server.feed(played.event)

        self._server.call(feed)

    def times(self, tick: Any, *, is_quote: bool) -> tuple[int, int] | None:
        # Messages have millisecond timestamps, so match the events of a kind in their order.
        bar_type = getattr(tick, "bar_type", None)
        kind: Kind = Quote if is_quote else Trade
        fed = self._fed[kind if bar_type is None else bar_step_ns(str(bar_type)) // MINUTE_NS]
        if not fed or not _matches(fed[0].event, tick):
            return None
        played = fed.popleft()
        return played.event.ts_ns, played.ts_ns

    def has_seen(self, last: LastTicks, event: Played) -> bool:
        if isinstance(event.event, Kline):
            bar = last.bar(self._bar_types[event.kind])
            return bar is not None and bar.ts_init >= event.ts_ns
        if isinstance(event.event, Trade):
            trade = last.trade(self._instrument_id)
            return trade is not None and trade.trade_id.value == event.event.trade_id
        quote = last.quote(self._instrument_id)
        return quote is not None and quote.ts_init >= event.ts_ns


def _matches(event: Quote | Trade | Kline, tick: Any) -> bool:
    if event.ts_ns // NS_PER_MS != tick.ts_event // NS_PER_MS:
        return False
    if isinstance(event, Kline):
        values = (tick.open, tick.high, tick.low, tick.close, tick.volume)
        own = (event.open, event.high, event.low, event.close, event.volume)
        return all(a.as_decimal() == b for a, b in zip(values, own, strict=True))
    if isinstance(event, Trade):
        return bool(tick.trade_id.value == event.trade_id)
    return bool(
        tick.bid_price.as_decimal() == event.bid
        and tick.ask_price.as_decimal() == event.ask
        and tick.bid_size.as_decimal() == event.bid_size
        and tick.ask_size.as_decimal() == event.ask_size
    )


@contextmanager
def stage(
    catalog: Path,
    instrument_ids: Sequence[str],
    first_ns: int,
    mode: str,
    data: Sequence[str],
) -> Iterator[BybitStage]:
    """
    Run a loopback server while the context is open.

    Parameters
    ----------
    catalog : Path
        The catalog that is replayed.
    instrument_ids : Sequence[str]
        The one instrument that is replayed.
    first_ns : int
        The time of the first event (ns UTC).
    mode : str
        `paper` or `live`.
    data : Sequence[str]
        The types of data that the node reads.

    """
    (instrument_id,) = instrument_ids
    # The node must not find the keys of a real account, and these are not valid for one.
    for name in KEYS:
        drop_credential(name)
    os.environ.update(KEYS)
    server = BybitLoopback(
        _contract(catalog, instrument_id, first_ns),
        leverage=LEVERAGE,
        orders_per_second=MANY,
        as_recorded=True,
    )
    with running_in_thread(server) as thread:
        yield BybitStage(thread, instrument_id, mode, data)


def _addresses(server: ServerThread, mode: str) -> list[str]:
    data = f"venues.{VENUE}.data.config"
    settings = [
        f"{data}.base_url_http={server.url}",
        f"{data}.base_url_ws_public={server.socket_url('public').replace('linear', '{product}')}",
        f"{data}.instrument_status_poll_secs=null",
    ]
    if mode == "live":
        execution = f"venues.{VENUE}.execution.config"
        settings += [
            f"{execution}.base_url_http={server.url}",
            f"{execution}.base_url_ws_private={server.socket_url('private')}",
            f"{execution}.base_url_ws_trade={server.socket_url('trade')}",
        ]
    return settings


def _contract(catalog: Path, instrument_id: str, on_ns: int) -> LinearContract:
    instrument = find_instrument(catalog, instrument_id, on_ns)
    tick, lot = instrument.price_increment.as_decimal(), instrument.size_increment.as_decimal()
    return LinearContract(
        symbol=instrument.raw_symbol.value,
        base=instrument.get_base_currency().code,
        quote=instrument.quote_currency.code,
        tick=tick,
        lot=lot,
        min_size=lot,
        max_size=LARGEST_SIZE,
        min_price=tick,
        max_price=LARGEST_PRICE,
    )
