"""Nautilus's Databento client with corrected subscriptions, symbols and failures."""

from collections.abc import Callable
from datetime import UTC
from datetime import datetime
from typing import Any

from nautilus_trader.adapters.databento.constants import DATABENTO
from nautilus_trader.adapters.databento.data import DatabentoDataClient
from nautilus_trader.adapters.databento.types import DatabentoStatistics
from nautilus_trader.core.data import Data
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.data.messages import SubscribeBars
from nautilus_trader.data.messages import SubscribeData
from nautilus_trader.data.messages import SubscribeQuoteTicks
from nautilus_trader.data.messages import SubscribeTradeTicks
from nautilus_trader.model.data import DataType
from nautilus_trader.model.data import capsule_to_data
from nautilus_trader.model.identifiers import InstrumentId

from adapters.databento.continuous import other_front_month
from adapters.databento.continuous import require_contract
from adapters.databento.login import check_login
from adapters.databento.sessions import SessionState
from adapters.databento.statistic import DatabentoStatistic
from adapters.databento.statistic import statistic_data
from adapters.sane_ticks import SaneTicks
from errors import AuctionError
from errors import UsageError


BOOK = "mbp-1"
# Quotes of these schemas come with every trade.
_WITH_TRADES = (BOOK, "tbbo")


class CheckedDatabentoDataClient(DatabentoDataClient):  # type: ignore[misc]
    """
    Receives live data from Databento; shuts the node down if it cannot.

    It differs from Nautilus's client in seven points:

    - One `mbp-1` subscription of an instrument gives its trades and quotes, whichever is requested
      first. Nautilus's adds it to a `trades` subscription, and every trade comes twice. For trades
      without the volume of quotes, subscribe with `params={"schema": "trades"}`; quotes of that
      instrument are refused from then on.
    - Statistics are delivered, as `DatabentoStatistic`. Nautilus's client drops them.
    - Parent and continuous symbols are refused with the name of their contract. Nautilus's client
      subscribes and delivers under the contract, so the subscriber waits in vain.
    - A rejected key, or an instrument without a definition, shuts the node down before strategies
      start. Nautilus's client starts them without data. A feed that cannot reconnect within
      `reconnect_timeout_mins` shuts it down as well: protective stops rest at the venue.
    - Trades without a price and quotes without a size are refused and counted. Nautilus's client
      turns a missing price into 17,014,118,346,046,923,173,168.
    - `connections` reports whether the sessions are up. Nautilus's client reports a session as
      running while it is down and reconnecting.

    Attributes
    ----------
    refused : SaneTicks
        The filter, with the counts of refused ticks.
    sink : Callable[[Data], None] or None
        Takes the ticks instead of the data engine: a replay passes them on one by one.

    """

    def __init__(self, *, login_timeout_s: float, **options: Any) -> None:
        super().__init__(**options)
        self.refused = SaneTicks(below_zero=True, without_side=True)
        self.sink: Callable[[Data], None] | None = None
        self._login_timeout_s = login_timeout_s
        self._book_subscriptions: set[InstrumentId] = set()
        self._bare_trades: set[InstrumentId] = set()
        self._sampled_quotes: set[InstrumentId] = set()
        self._sessions = SessionState()
        if not self._instrument_ids:
            raise UsageError("instrument_ids: none given: without definitions there is no data")
        for instrument_ids in self._instrument_ids.values():
            _require_contracts(instrument_ids)

    # -- A rejected key must not start strategies ------------------------------------------------

    async def _connect(self) -> None:
        wanted = {dataset: set(found) for dataset, found in self._instrument_ids.items()}
        try:
            for dataset in wanted:
                await check_login(dataset, self._live_api_key, self._login_timeout_s)
            await super()._connect()
            instrument_ids = set().union(*wanted.values())
            self._require_definitions(instrument_ids)
            self._warn_of_rolls(instrument_ids)
        except Exception as error:
            # A client that does not connect leaves a node idle, whatever the cause.
            self.shutdown_system(str(error))
            raise

    def _require_definitions(self, instrument_ids: set[InstrumentId]) -> None:
        missing = sorted(
            str(found) for found in instrument_ids if self._instrument_provider.find(found) is None
        )
        if missing:
            raise AuctionError(
                f"Databento: no definition of {', '.join(missing)} arrived within "
                f"{self._timeout_initial_load:g} s: check contract and venue (ESZ6.XCME)",
            )

    def _log_future_exception_callback(self, future: Any) -> None:
        super()._log_future_exception_callback(future)
        if not future.cancelled() and (error := future.exception()) is not None:
            self.shutdown_system(f"Databento: the live feed has ended for good ({error})")

    def _warn_of_rolls(self, instrument_ids: set[InstrumentId]) -> None:
        today = datetime.now(UTC).date()
        for instrument_id in sorted(instrument_ids):
            front = other_front_month(instrument_id.symbol.value, today)
            if front is not None:
                self._log.warning(f"{instrument_id} is not the front month, {front} is: roll it")

    # -- A lost session must be reported ---------------------------------------------------------

    def connections(self) -> dict[str, bool]:
        """Return whether each session, by dataset, is up with its subscriptions."""
        clients = {**self._live_clients_mbo, **self._live_clients}
        is_ready = self._sessions.are_ready(len(self._live_clients) + len(self._live_clients_mbo))
        return {f"session of {dataset}": is_ready for dataset in clients}

    def _handle_subscription_ack(self, ack: object) -> None:
        self._sessions.acknowledge()

    # -- Trades must arrive once -----------------------------------------------------------------

    async def _subscribe_trade_ticks(self, command: SubscribeTradeTicks) -> None:
        requested = _instrument_ids_of(command)
        self._require_contracts(requested)
        if command.params.get("schema") not in (None, BOOK):
            self._bare_trades.update(set(requested) - self._trade_tick_subscriptions)
            await super()._subscribe_trade_ticks(command)
            self._trade_tick_subscriptions.update(requested)
            return
        sampled = [found for found in requested if found in self._sampled_quotes]
        if sampled:
            await super()._subscribe_trade_ticks(_for(command, sampled))
            self._trade_tick_subscriptions.update(sampled)
        await self._subscribe_book(
            SubscribeQuoteTicks(
                instrument_id=requested[0],
                client_id=command.client_id,
                venue=command.venue,
                command_id=UUID4(),
                ts_init=command.ts_init,
                params=command.params,
            ),
            [found for found in requested if found not in self._trade_tick_subscriptions],
        )

    async def _subscribe_quote_ticks(self, command: SubscribeQuoteTicks) -> None:
        requested = _instrument_ids_of(command)
        self._require_contracts(requested)
        bare = sorted(str(found) for found in requested if found in self._bare_trades)
        if bare:
            self._end(
                f"quotes of {', '.join(bare)} would double its trades, which were subscribed to "
                "by a schema of their own: subscribe to trades without `schema`",
            )
        schema = command.params.get("schema") or BOOK
        if schema == BOOK:
            await self._subscribe_book(command, requested)
            return
        before = set(self._trade_tick_subscriptions)
        await super()._subscribe_quote_ticks(command)
        if schema not in _WITH_TRADES:
            self._sampled_quotes.update(requested)
            self._trade_tick_subscriptions.difference_update(set(requested) - before)

    async def _subscribe_book(
        self,
        command: SubscribeQuoteTicks,
        instrument_ids: list[InstrumentId],
    ) -> None:
        new = [found for found in instrument_ids if found not in self._book_subscriptions]
        if not new:
            return
        self._book_subscriptions.update(new)
        self._trade_tick_subscriptions.update(new)
        await super()._subscribe_quote_ticks(_for(command, new))

    # -- Ticks must be sane, and a replay takes them itself --------------------------------------

    def _handle_msg(self, pycapsule: object) -> None:
        data = capsule_to_data(pycapsule)
        if self.refused.refuse(data):
            return
        if self.sink is None:
            self._handle_data(data)
        else:
            # The thread of the client may call this.
            self._loop.call_soon_threadsafe(self.sink, data)

    # -- Statistics must arrive ------------------------------------------------------------------

    async def _subscribe(self, command: SubscribeData) -> None:
        if command.data_type.type is not DatabentoStatistic:
            await super()._subscribe(command)
            return
        text = command.data_type.metadata["instrument_id"]
        instrument_id = InstrumentId.from_str(str(text))
        self._require_contracts([instrument_id])
        metadata = {"instrument_id": instrument_id}
        await self._subscribe_statistics(DataType(DatabentoStatistics, metadata=metadata))

    def _handle_msg_pyo3(self, record: object) -> None:
        if isinstance(record, DatabentoStatistics):
            self._handle_data(statistic_data(record))
        else:
            super()._handle_msg_pyo3(record)

    # -- A symbol must be that of a contract -----------------------------------------------------

    async def _subscribe_bars(self, command: SubscribeBars) -> None:
        bar_types = command.params.get("bar_types") or [command.bar_type]
        self._require_contracts([bar_type.instrument_id for bar_type in bar_types])
        await super()._subscribe_bars(command)

    def _require_contracts(self, instrument_ids: list[InstrumentId]) -> None:
        try:
            _require_contracts(instrument_ids)
        except UsageError as error:
            self._end(str(error))

    def _end(self, reason: str) -> None:
        self.shutdown_system(f"{DATABENTO}: {reason}")
        raise UsageError(reason)


def _instrument_ids_of(command: SubscribeQuoteTicks | SubscribeTradeTicks) -> list[InstrumentId]:
    return list(command.params.get("instrument_ids") or [command.instrument_id])


def _for(command: Any, instrument_ids: list[InstrumentId]) -> Any:
    command.params["instrument_ids"] = instrument_ids
    return command


def _require_contracts(instrument_ids: Any) -> None:
    today = datetime.now(UTC).date()
    for instrument_id in sorted(str(found) for found in instrument_ids):
        require_contract(instrument_id, today)
