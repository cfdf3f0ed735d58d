"""Nautilus's Bybit data client with corrected handling of quotes, books and fees."""

import asyncio
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from nautilus_trader.adapters.bybit.config import _resolve_environment
from nautilus_trader.adapters.bybit.data import BybitDataClient
from nautilus_trader.core import nautilus_pyo3
from nautilus_trader.data.messages import SubscribeOrderBook
from nautilus_trader.data.messages import SubscribeQuoteTicks
from nautilus_trader.data.messages import UnsubscribeOrderBook
from nautilus_trader.data.messages import UnsubscribeQuoteTicks
from nautilus_trader.model.data import OrderBookDeltas
from nautilus_trader.model.data import QuoteTick
from nautilus_trader.model.data import capsule_to_data
from nautilus_trader.model.enums import BookType
from nautilus_trader.model.instruments import CryptoPerpetual

from adapters.bybit.sockets import SocketState
from adapters.sane_ticks import SaneTicks
from catalog.instruments import MAKER_FEE
from catalog.instruments import TAKER_FEE


# The fees that the adapter assumes where those of the account are unknown.
UNKNOWN_FEE = Decimal("0.001")
DEFAULT_DEPTH = 50


class LiveBybitDataClient(BybitDataClient):  # type: ignore[misc]
    """
    Receives market data of Bybit.

    It differs from Nautilus's client in six things:

    - The address of the public socket can be configured.
    - Quotes of perpetuals come from level 1 of the book.
    - The adapter makes a quote and book changes of every book message. Quotes of deeper levels are
      not the best bid and offer, and a book of level 1 would reset a deeper one: book changes come
      over a separate socket, and each socket delivers one of the two.
    - Impossible trades and quotes (a price of 0, a time of 1970) are refused and counted.
    - Unknown fees are those of the base tier.
    - If it cannot connect, the node shuts down. With Nautilus's client it goes on without data.

    Parameters
    ----------
    arguments
        Those of `BybitDataClient`, with a `LiveBybitDataClientConfig`.

    Attributes
    ----------
    refused : SaneTicks
        The filter, with the counts of refused ticks.
    sink : Callable[[Any], None] or None
        Takes the ticks instead of the data engine: a replay passes them on one by one.

    """

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.refused = SaneTicks()
        self.sink: Callable[[Any], None] | None = None
        self._quotes_from_book: bool = self._config.quotes_from_book
        self._ws_clients = {product: self._new_socket(product) for product in self._product_types}
        self._book_sockets: dict[Any, Any] = {}
        self._book_lock = asyncio.Lock()
        self._states: dict[str, SocketState] = {}

    def _new_socket(self, product_type: Any) -> Any:
        url = self._config.base_url_ws_public
        socket = nautilus_pyo3.BybitWebSocketClient.new_public(
            product_type=product_type,
            environment=_resolve_environment(self._config.environment),
            url=None if url is None else url.format(product=product_type.name.lower()),
            proxy_url=self._config.proxy_url,
        )
        socket.set_bars_timestamp_on_close(self._bars_timestamp_on_close)
        return socket

    async def _connect(self) -> None:
        try:
            await super()._connect()
        except Exception as error:
            self.shutdown_system(f"Bybit: no market data: {' '.join(str(error).split())}")
            raise

    def connections(self) -> dict[str, bool]:
        """Return whether each socket, by name, is connected with its subscriptions."""
        sockets = {
            **{f"public socket ({key.name})": found for key, found in self._ws_clients.items()},
            **{f"book socket ({key.name})": found for key, found in self._book_sockets.items()},
        }
        return {
            name: self._states.setdefault(name, SocketState()).is_ready(socket)
            for name, socket in sockets.items()
        }

    async def _disconnect(self) -> None:
        for socket in self._book_sockets.values():
            await socket.close()
        self._book_sockets.clear()
        await super()._disconnect()

    async def _subscribe_quote_ticks(self, command: SubscribeQuoteTicks) -> None:
        if not self._is_from_book(command.instrument_id):
            await super()._subscribe_quote_ticks(command)
            return
        instrument_id = nautilus_pyo3.InstrumentId.from_str(command.instrument_id.value)
        socket = self._get_ws_client_for_instrument(instrument_id)
        self._quote_depths[instrument_id] = 1
        await socket.subscribe_orderbook(instrument_id, 1)

    async def _unsubscribe_quote_ticks(self, command: UnsubscribeQuoteTicks) -> None:
        if not self._is_from_book(command.instrument_id):
            await super()._unsubscribe_quote_ticks(command)
            return
        instrument_id = nautilus_pyo3.InstrumentId.from_str(command.instrument_id.value)
        socket = self._get_ws_client_for_instrument(instrument_id)
        self._quote_depths.pop(instrument_id, None)
        await socket.unsubscribe_orderbook(instrument_id, 1)

    async def _subscribe_order_book_deltas(self, command: SubscribeOrderBook) -> None:
        if command.book_type != BookType.L2_MBP:
            await super()._subscribe_order_book_deltas(command)
            return
        instrument_id = nautilus_pyo3.InstrumentId.from_str(command.instrument_id.value)
        depth = command.depth or DEFAULT_DEPTH
        self._depths[instrument_id] = depth
        socket = await self._book_socket(instrument_id)
        await socket.subscribe_orderbook(instrument_id, depth)

    async def _unsubscribe_order_book_deltas(self, command: UnsubscribeOrderBook) -> None:
        instrument_id = nautilus_pyo3.InstrumentId.from_str(command.instrument_id.value)
        depth = self._depths.pop(instrument_id, None)
        if depth is not None:
            socket = await self._book_socket(instrument_id)
            await socket.unsubscribe_orderbook(instrument_id, depth)

    def _is_from_book(self, instrument_id: Any) -> bool:
        product = nautilus_pyo3.bybit_product_type_from_symbol(instrument_id.symbol.value)
        perpetuals = (
            nautilus_pyo3.BybitProductType.LINEAR,
            nautilus_pyo3.BybitProductType.INVERSE,
        )
        return self._quotes_from_book and product in perpetuals

    async def _book_socket(self, instrument_id: Any) -> Any:
        product = nautilus_pyo3.bybit_product_type_from_symbol(instrument_id.symbol.value)
        # Concurrent subscriptions must not open two sockets, nor use one that is not open yet.
        async with self._book_lock:
            if product not in self._book_sockets:
                socket = self._new_socket(product)
                for instrument in self._instrument_provider.instruments_pyo3():
                    socket.cache_instrument(instrument)
                await socket.connect(loop_=self._loop, callback=self._handle_book_msg)
                await socket.wait_until_active(timeout_secs=10.0)
                self._book_sockets[product] = socket
            return self._book_sockets[product]

    def _handle_msg(self, msg: Any) -> None:
        self._handle_without(OrderBookDeltas, msg)

    def _handle_book_msg(self, msg: Any) -> None:
        self._handle_without(QuoteTick, msg)

    def _handle_without(self, unwanted: type, msg: Any) -> None:
        if not nautilus_pyo3.is_pycapsule(msg):
            super()._handle_msg(msg)
            return
        data = capsule_to_data(msg)
        if isinstance(data, unwanted) or self.refused.refuse(data):
            return
        if self.sink is None:
            self._handle_data(data)
        else:
            self.sink(data)

    def _send_all_instruments_to_data_engine(self) -> None:
        for instrument in list(self._instrument_provider.get_all().values()):
            if has_unknown_fees(instrument):
                self._log.warning(f"Fees of {instrument.id} are not known: base tier assumed")
                self._instrument_provider.add(with_base_tier_fees(instrument))
        super()._send_all_instruments_to_data_engine()


def has_unknown_fees(instrument: Any) -> bool:
    """Return True for a perpetual with the fees that the adapter assumes."""
    is_perpetual = isinstance(instrument, CryptoPerpetual)
    return is_perpetual and instrument.maker_fee == instrument.taker_fee == UNKNOWN_FEE


def with_base_tier_fees(instrument: CryptoPerpetual) -> CryptoPerpetual:
    """Return the instrument with the fees of Bybit's base tier."""
    fees = {"maker_fee": str(MAKER_FEE), "taker_fee": str(TAKER_FEE)}
    return CryptoPerpetual.from_dict({**CryptoPerpetual.to_dict(instrument), **fees})
