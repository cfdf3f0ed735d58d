"""Nautilus's Bybit execution client with fills from the venue's own list of executions."""

import asyncio
from collections.abc import Callable
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pandas as pd
from nautilus_trader.adapters.bybit.config import _resolve_environment
from nautilus_trader.adapters.bybit.execution import BybitExecutionClient
from nautilus_trader.core import nautilus_pyo3
from nautilus_trader.execution.messages import GenerateFillReports
from nautilus_trader.execution.reports import ExecutionMassStatus
from nautilus_trader.execution.reports import FillReport
from nautilus_trader.model.identifiers import ClientOrderId
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.model.identifiers import VenueOrderId
from nautilus_trader.model.instruments import Instrument

from adapters.bybit.execution_list import ExecutionList
from adapters.bybit.executions import VenueExecution
from adapters.bybit.executions import fill_of
from adapters.bybit.keys import keys_of
from adapters.bybit.questions import NoAnswer
from adapters.bybit.reports import fill_report
from adapters.bybit.reports import is_forced
from adapters.bybit.reports import order_report


type Rows = list[dict[str, Any]]

# A node asks for fills of at most so long ago while it runs; those of before its start are known.
HEARD_BEFORE = timedelta(hours=2)
DEFAULT_TRIES = 3
DEFAULT_PAUSE_MS = 200


class FillReportingBybitExecutionClient(BybitExecutionClient):  # type: ignore[misc]
    """
    Reports what changes the position as fills, and nothing else.

    - Rows that move money alone, like funding and settlements, are no fills. Nautilus's client
      makes a fill of every row of the list, and its engine another one to make up for it.
    - Orders with which the venue itself closes a position (liquidation, ADL, delivery) get client
      order ids that say so, like `ADL-1234`. The engine gets to know them and the orders of other
      clients before their fills, which it would drop otherwise.

    Parameters
    ----------
    arguments
        Those of `BybitExecutionClient`.

    """

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._api_key, self._api_secret = keys_of(self._config)
        self._executions: ExecutionList | None = None
        self._asking = asyncio.Lock()
        self._known_executions: set[str] = set()

    def execution_list(self) -> ExecutionList:
        """Return a new reader of the account's executions; it blocks."""
        config = self._config
        url = config.base_url_http or nautilus_pyo3.get_bybit_http_base_url(
            _resolve_environment(config.environment)
        )
        return ExecutionList(url, self._api_key, self._api_secret, config.proxy_url)

    async def generate_fill_reports(self, command: GenerateFillReports) -> list[FillReport]:
        """
        Return the fills, oldest first.

        Raises
        ------
        AuctionError
            If they are not known: an empty answer would be taken for an account without fills.

        """
        # A start whose other questions have failed is over before this answer is here.
        is_start = self.reconciliation_active
        now = self._clock.utc_now()
        earliest = now - HEARD_BEFORE
        start = command.start if command.start is None else min(pd.Timestamp(command.start), now)
        read_from = start
        if is_start and start is not None:
            read_from = min(start, earliest)
        fills = []
        for product in self._product_types:
            fills += await self._fills(product, read_from, command.end)
        if is_start:
            self._known_executions |= {fill.exec_id for fill in fills}
        for fill in fills:
            if fill.client_order_id is None:
                self._note_origin(fill)
        since_ns = 0 if start is None else start.value
        wanted = [
            (fill, instrument)
            for fill in fills
            if fill.ts_ns >= since_ns
            and command.venue_order_id in (None, VenueOrderId(fill.order_id))
            and (instrument := self._instrument(fill, command)) is not None
        ]
        if not is_start:
            self._introduce(wanted)
        return [self._report(fill, instrument) for fill, instrument in wanted]

    async def _fills(self, product: Any, start: Any, end: Any) -> list[VenueExecution]:
        start_ms = _ms(start if start is not None else self._clock.utc_now() - timedelta(days=7))
        end_ms = None if end is None else _ms(end)
        category = product.name.lower()

        rows = await self._ask(lambda source: list(source.between(category, start_ms, end_ms)))
        fills = [fill_of(row) for row in rows]
        # The venue has the newest first; within a millisecond that is all there is to go by.
        return sorted((fill for fill in reversed(fills) if fill), key=lambda fill: fill.ts_ns)

    async def _ask(self, read: Callable[[ExecutionList], Rows]) -> Rows:
        tries = max(1, int(self._config.max_retries or DEFAULT_TRIES))
        pause_s = int(self._config.retry_delay_initial_ms or DEFAULT_PAUSE_MS) / 1000
        for attempt in range(tries):
            try:
                async with self._asking:
                    if self._executions is None:
                        self._executions = self.execution_list()
                    return await asyncio.to_thread(read, self._executions)
            except NoAnswer as error:
                if attempt + 1 == tries:
                    raise
                self._log.warning(f"{error}: asked again")
            await asyncio.sleep(pause_s * 2**attempt)
        raise AssertionError("unreachable: the last try has raised")

    def _instrument(
        self, fill: VenueExecution, command: GenerateFillReports | None = None
    ) -> Instrument | None:
        for product in self._product_types:
            instrument_id = InstrumentId.from_str(
                f"{fill.symbol}-{product.name.upper()}.{self.venue}"
            )
            if command is not None and command.instrument_id not in (None, instrument_id):
                continue
            instrument: Instrument | None = self._instrument_provider.find(instrument_id)
            if instrument is not None:
                return instrument
        return None

    def _report(self, fill: VenueExecution, instrument: Instrument) -> FillReport:
        return fill_report(fill, instrument, self.account_id, self._clock.timestamp_ns())

    async def generate_mass_status(
        self, lookback_mins: int | None = None
    ) -> ExecutionMassStatus | None:
        """Return what the venue has, with an order for each fill."""
        try:
            status: ExecutionMassStatus | None = await super().generate_mass_status(lookback_mins)
        finally:
            self.reconciliation_active = False
        if status is None:
            return None
        # The venue's list of orders lacks some of its own, and does not say what they were.
        made = []
        for venue_order_id, fills in status.fill_reports.items():
            if venue_order_id not in status.order_reports or is_forced(fills[0].client_order_id):
                instrument = self._instrument_provider.find(fills[0].instrument_id)
                made.append(order_report(fills, instrument, has_fills=True))
        status.add_order_reports(made)
        return status

    def _introduce(self, fills: Iterable[tuple[VenueExecution, Instrument]]) -> None:
        """Let the engine know the orders of fills that it could not place otherwise."""
        by_order: dict[str, list[tuple[VenueExecution, Instrument]]] = {}
        for fill, instrument in fills:
            if fill.is_position_stop:
                continue
            if fill.exec_id not in self._known_executions and not self._is_known(fill):
                by_order.setdefault(fill.order_id, []).append((fill, instrument))
        for found in by_order.values():
            reports = [self._report(fill, instrument) for fill, instrument in found]
            size = max(fill.order_quantity for fill, _ in found)
            self._send_order_status_report(
                order_report(reports, found[0][1], size, has_fills=False)
            )

    def _is_known(self, fill: VenueExecution) -> bool:
        if self._cache.client_order_id(VenueOrderId(fill.order_id)) is not None:
            return True
        name = fill.client_order_id
        return name is not None and self._cache.order(ClientOrderId(name)) is not None

    def _note_origin(self, fill: VenueExecution) -> None:
        """Take note of what has made the order of a fill that has no client order id."""

    def tell_fill(self, report: FillReport) -> None:
        """Tell the engine a fill, unless it has it."""
        order_id = report.client_order_id or self._cache.client_order_id(report.venue_order_id)
        order = None if order_id is None else self._cache.order(order_id)
        if order is None or report.trade_id.value in self._known_executions:
            return
        if report.trade_id not in order.trade_ids:
            self._send_fill_report(report)
        if report.trade_id in order.trade_ids:
            self._known_executions.add(report.trade_id.value)

    async def _disconnect(self) -> None:
        await super()._disconnect()
        if self._executions is not None:
            self._executions.close()
            self._executions = None


def _ms(time: Any) -> int:
    return int(pd.Timestamp(time).value // 1_000_000)
