"""A Bybit execution client with fill reports from the venue's list of executions."""

import asyncio
from collections.abc import Callable
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pandas as pd
from nautilus_trader.adapters.bybit.config import BybitExecClientConfig
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

from adapters.bybit.conversion import fill_report
from adapters.bybit.conversion import is_forced
from adapters.bybit.conversion import order_report
from adapters.bybit.execution_list import ExecutionList
from adapters.bybit.executions import VenueExecution
from adapters.bybit.executions import fill_of
from adapters.bybit.keys import resolve_keys
from adapters.bybit.queries import NoAnswer


type Rows = list[dict[str, Any]]

# A running node requests fills at most this old; at a start they are marked as known.
FILL_LOOKBACK = timedelta(hours=2)
DEFAULT_TRIES = 3
DEFAULT_PAUSE_MS = 200


def account_keys(config: BybitExecClientConfig) -> tuple[str, str]:
    """
    Return key and secret of the account that a client trades.

    Raises
    ------
    UsageError
        If one of them is neither in the configuration nor in the environment.

    """
    environment = str(_resolve_environment(config.environment))
    return resolve_keys(environment, config.api_key, config.api_secret)


class FillReportingBybitExecutionClient(BybitExecutionClient):  # type: ignore[misc]
    """
    Reports what changes the position as fills, and nothing else.

    - Rows that move only cash, like funding and settlements, are not fills. Nautilus's client
      makes a fill of every row of the list, and its engine another one to offset it.
    - Orders with which the venue itself closes a position (liquidation, ADL, delivery) get client
      order ids with that reason, like `ADL-1234`. They and the orders of other clients are reported
      to the engine before their fills, which it would drop otherwise.

    Parameters
    ----------
    arguments
        Those of `BybitExecutionClient`.

    """

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._api_key, self._api_secret = account_keys(self._config)
        self._executions: ExecutionList | None = None
        self._query_lock = asyncio.Lock()
        self._known_executions: set[str] = set()

    def execution_list(self) -> ExecutionList:
        """Return a new blocking reader of the account's executions."""
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
            If the query fails: an empty list would be taken for an account without fills.

        """
        # A start whose other queries failed is over before this answer arrives.
        is_start = self.reconciliation_active
        now = self._clock.utc_now()
        earliest = now - FILL_LOOKBACK
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
                self._record_origin(fill)
        since_ns = 0 if start is None else start.value
        wanted = [
            (fill, instrument)
            for fill in fills
            if fill.ts_ns >= since_ns
            and command.venue_order_id in (None, VenueOrderId(fill.order_id))
            and (instrument := self._instrument(fill, command)) is not None
        ]
        if not is_start:
            self._report_unknown_orders(wanted)
        return [self._report(fill, instrument) for fill, instrument in wanted]

    async def _fills(self, product: Any, start: Any, end: Any) -> list[VenueExecution]:
        start_ms = _ms(start if start is not None else self._clock.utc_now() - timedelta(days=7))
        end_ms = None if end is None else _ms(end)
        category = product.name.lower()

        rows = await self._query_executions(
            lambda source: list(source.between(category, start_ms, end_ms))
        )
        fills = [fill_of(row) for row in rows]
        # The venue lists the newest first, which alone orders rows of the same millisecond.
        return sorted((fill for fill in reversed(fills) if fill), key=lambda fill: fill.ts_ns)

    async def _query_executions(self, read: Callable[[ExecutionList], Rows]) -> Rows:
        tries = max(1, int(self._config.max_retries or DEFAULT_TRIES))
        pause_s = int(self._config.retry_delay_initial_ms or DEFAULT_PAUSE_MS) / 1000
        for attempt in range(tries):
            try:
                async with self._query_lock:
                    if self._executions is None:
                        self._executions = self.execution_list()
                    return await asyncio.to_thread(read, self._executions)
            except NoAnswer as error:
                if attempt + 1 == tries:
                    raise
                self._log.warning(f"{error}: retrying")
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
        """Return the mass status, with an order report for each fill."""
        try:
            status: ExecutionMassStatus | None = await super().generate_mass_status(lookback_mins)
        finally:
            self.reconciliation_active = False
        if status is None:
            return None
        # The venue's list of orders lacks some of its own orders, and their reason.
        made = []
        for venue_order_id, fills in status.fill_reports.items():
            if venue_order_id not in status.order_reports or is_forced(fills[0].client_order_id):
                instrument = self._instrument_provider.find(fills[0].instrument_id)
                made.append(order_report(fills, instrument, has_fills=True))
        status.add_order_reports(made)
        return status

    def _report_unknown_orders(self, fills: Iterable[tuple[VenueExecution, Instrument]]) -> None:
        """Report to the engine the orders of fills that it would drop otherwise."""
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

    def _record_origin(self, fill: VenueExecution) -> None:
        """Record the origin of the order of a fill without a client order id."""

    def report_fill(self, report: FillReport) -> None:
        """Report a fill to the engine unless it has it."""
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
