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
from adapters.bybit.loopback.server import BybitLoopback
from adapters.bybit.loopback.tape import Quote
from adapters.bybit.loopback.tape import Trade
from adapters.bybit.loopback.tape import timed_events
from adapters.bybit.loopback.thread import ServerThread
from adapters.bybit.loopback.thread import running_in_thread
from adapters.instruments import find_instrument
from live.last_ticks import LastTicks


KEYS = {"BYBIT_API_KEY": "loopback-key", "BYBIT_API_SECRET": "loopback-secret"}
VENUE = "BYBIT"
# Largest prices and sizes of the contract: a tape obeys its own.
LARGEST_PRICE = Decimal(10_000_000)
LARGEST_SIZE = Decimal(1_000_000)
LEVERAGE = Decimal(25)
MANY = 1_000_000


@dataclass(frozen=True, slots=True)
class Played:
    """
    Represents an event of the tape.

    Attributes
    ----------
    ts_ns : int
        Its time in the catalog (`ts_init`, ns UTC), which no other event of the instrument has.
    event : Quote or Trade
        The event, with the venue's time.

    """

    ts_ns: int
    event: Quote | Trade

    @property
    def kind(self) -> type[Quote | Trade]:
        """Return what it is."""
        return type(self.event)


def read_events(
    catalog: Path,
    instrument_id: str,
    start_ns: int,
    end_ns: int,
) -> Iterator[Played]:
    """
    Read what is played.

    Parameters
    ----------
    catalog : Path
        The catalog.
    instrument_id : str
        The instrument.
    start_ns, end_ns : int
        The interval of `ts_init` (ns UTC), both ends included.

    """
    for ts_init, event in timed_events(catalog, instrument_id, start_ns, end_ns):
        yield Played(ts_init, event)


class BybitStage:
    """
    Shows a node the events of a tape by Bybit's protocol.

    Parameters
    ----------
    server : ServerThread
        The server, running.
    instrument_id : str
        The instrument.
    mode : str
        `paper`, or `live`: orders then go to the server as well.

    Attributes
    ----------
    settings : list[str]
        `dotted.key=value` settings that send the node there.

    """

    def __init__(self, server: ServerThread, instrument_id: str, mode: str) -> None:
        self._server = server
        self._instrument_id = instrument_id
        self.settings = _addresses(server, mode)
        self._fed: dict[type[Quote | Trade], deque[Played]] = {Quote: deque(), Trade: deque()}

    def is_subscribed(self) -> bool:
        return self._server.call(_is_subscribed)

    def feed(self, batch: Sequence[Played]) -> None:
        for played in batch:
            self._fed[played.kind].append(played)

        def feed(server: BybitLoopback) -> None:
            for played in batch:
                server.feed(played.event)

        self._server.call(feed)

    def times(self, tick: Any, *, is_quote: bool) -> tuple[int, int] | None:
        # Messages have milliseconds alone, but each event of a kind has one, in the tape's order.
        fed = self._fed[Quote if is_quote else Trade]
        if not fed or not _is_told_by(fed[0].event, tick):
            return None
        played = fed.popleft()
        return played.event.ts_ns, played.ts_ns

    def has_seen(self, last: LastTicks, event: Played) -> bool:
        if isinstance(event.event, Trade):
            trade = last.trade(self._instrument_id)
            return trade is not None and trade.trade_id.value == event.event.trade_id
        quote = last.quote(self._instrument_id)
        return quote is not None and quote.ts_init >= event.ts_ns


def _is_told_by(event: Quote | Trade, tick: Any) -> bool:
    if event.ts_ns // NS_PER_MS != tick.ts_event // NS_PER_MS:
        return False
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
    instrument_id: str,
    first_ns: int,
    mode: str,
) -> Iterator[BybitStage]:
    """
    Run a loopback server for the time of the context.

    Parameters
    ----------
    catalog : Path
        The catalog that is played.
    instrument_id : str
        The instrument.
    first_ns : int
        The time of the first event (ns UTC).
    mode : str
        `paper` or `live`.

    """
    # The node must not find the keys of a real account, nor could it use these for one.
    os.environ.update(KEYS)
    server = BybitLoopback(
        _contract(catalog, instrument_id, first_ns),
        leverage=LEVERAGE,
        orders_per_second=MANY,
        as_recorded=True,
    )
    with running_in_thread(server) as thread:
        yield BybitStage(thread, instrument_id, mode)


def _is_subscribed(server: BybitLoopback) -> bool:
    symbol = server.venue.contract.symbol
    return all(
        server.connections.subscribers("public", topic)
        for topic in (f"publicTrade.{symbol}", f"orderbook.1.{symbol}")
    )


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
