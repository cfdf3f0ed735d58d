"""A Bybit execution client that attaches stops to entries and keeps them with the position."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from functools import partial
from typing import Any

from nautilus_trader.adapters.bybit.config import _resolve_environment
from nautilus_trader.core import nautilus_pyo3
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.messages import GenerateFillReports
from nautilus_trader.execution.messages import GenerateOrderStatusReports
from nautilus_trader.execution.messages import SubmitOrder
from nautilus_trader.execution.reports import ExecutionMassStatus
from nautilus_trader.execution.reports import FillReport
from nautilus_trader.execution.reports import OrderStatusReport
from nautilus_trader.model.enums import OrderSide
from nautilus_trader.model.enums import OrderStatus
from nautilus_trader.model.enums import OrderType
from nautilus_trader.model.enums import TimeInForce
from nautilus_trader.model.enums import TriggerType
from nautilus_trader.model.identifiers import ClientOrderId
from nautilus_trader.model.objects import Price
from nautilus_trader.model.objects import Quantity

from adapters.bybit.confirming_execution import ConfirmingBybitExecutionClient
from adapters.bybit.executions import VenueExecution
from adapters.bybit.position_stops import PositionStops
from adapters.bybit.stop_mover import AGAIN_S
from adapters.bybit.stop_mover import ATTEMPTS
from adapters.bybit.stop_mover import StopMover
from adapters.bybit.stop_mover import contract_of
from errors import AuctionError


# Order parameter: the fills of the order give the position a stop at that price.
ATTACHED_STOP = "attached_stop"
# Strategies recognize these orders by the prefix, which is like that of their own.
ATTACHED_ID = "O-ATTACHED-{}-S"
MS_PER_DAY = 86_400_000
NS_PER_MS = 1_000_000


class StopAttachingBybitExecutionClient(ConfirmingBybitExecutionClient):
    """
    Attaches a stop loss to positions at the venue, which stays when this process dies.

    - An order with `attached_stop` in its parameters carries a stop for the whole position
      (`stopLoss`, by the last price, at market): its fills are never without one.
    - The endpoint `{venue}.attached_stop` takes a `WantedStop` for an open position
      (`adapters.bybit.stop_mover`).
    - The venue's order for the stop has no client order id. It is not reported while it rests: it
      belongs to the position. Its fills are reported as those of a reduce-only stop order with an
      identifier of its own (`ATTACHED_ID`), which Nautilus's engine assigns to the strategy that
      has claimed the instrument. The origin of each such order is queried once.

    Parameters
    ----------
    arguments
        Those of `BybitExecutionClient`.

    """

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._stops: PositionStops | None = None
        self._is_stop: dict[str, bool] = {}
        self._resting_stops: dict[str, tuple[Quantity, Price | None]] = {}
        self._reported_fills: set[str] = set()
        self._unlinked = asyncio.Lock()
        self._stop_mover = StopMover(lambda: self._rest, self.create_task, self._log)
        self._msgbus.register(
            endpoint=f"{self.venue}.{ATTACHED_STOP}", handler=self._stop_mover.take
        )

    async def _disconnect(self) -> None:
        await super()._disconnect()
        if self._stops is not None:
            self._stops.close()
            self._stops = None

    @property
    def _rest(self) -> PositionStops:
        if self._stops is None:
            config = self._config
            url = config.base_url_http or nautilus_pyo3.get_bybit_http_base_url(
                _resolve_environment(config.environment)
            )
            self._stops = PositionStops(url, self._api_key, self._api_secret, config.proxy_url)
        return self._stops

    async def _submit_order(self, command: SubmitOrder) -> None:
        price = (command.params or {}).get(ATTACHED_STOP)
        if price is not None:
            command = SubmitOrder(
                trader_id=command.trader_id,
                strategy_id=command.strategy_id,
                order=command.order,
                command_id=command.id,
                ts_init=command.ts_init,
                position_id=command.position_id,
                client_id=command.client_id,
                params={
                    "stop_loss": str(price),
                    "sl_trigger_by": "LastPrice",
                    "sl_order_type": "Market",
                    "tpsl_mode": "Full",
                },
            )
        await super()._submit_order(command)

    async def generate_mass_status(
        self, lookback_mins: int | None = None
    ) -> ExecutionMassStatus | None:
        """Return the mass status, and record its fills as reported."""
        status: ExecutionMassStatus | None = await super().generate_mass_status(lookback_mins)
        if status is not None:
            for reports in status.fill_reports.values():
                self._reported_fills.update(report.trade_id.value for report in reports)
        return status

    async def generate_order_status_reports(
        self, command: GenerateOrderStatusReports
    ) -> list[OrderStatusReport]:
        """Return the orders, oldest first; those of position stops only if they have fills."""
        reports: list[OrderStatusReport] = await super().generate_order_status_reports(command)
        await self._query_origins([report for report in reports if report.client_order_id is None])
        kept = []
        for report in reports:
            if report.client_order_id is None:
                is_stop = self._is_stop.get(report.venue_order_id.value)
                # Without a fill, a closed order and a stop of the position need no report.
                if report.filled_qty == 0 and (is_stop or not report.is_open):
                    continue
                if is_stop:
                    report.client_order_id = attached_id(report)
            kept.append(report)
        # The engine applies them in order, and a stop cannot close what is not open yet. The venue
        # lists the newest first, which alone orders rows of the same millisecond.
        kept.reverse()
        kept.sort(key=lambda report: report.ts_accepted)
        return kept

    async def generate_fill_reports(self, command: GenerateFillReports) -> list[FillReport]:
        """Return the fills; those of position stops with their identifier."""
        reports: list[FillReport] = await super().generate_fill_reports(command)
        for report in reports:
            is_stop = self._is_stop.get(report.venue_order_id.value)
            if report.client_order_id is None and is_stop:
                report.client_order_id = attached_id(report)
        return reports

    async def _query_origins(self, reports: list[Any]) -> None:
        """Query the origin of the orders of reports where it is not known."""
        new = [r for r in reports if r.venue_order_id.value not in self._is_stop]
        for instrument_id in {report.instrument_id for report in new}:
            now_ms = self._clock.timestamp_ns() // NS_PER_MS
            oldest = min(_age(r) for r in new if r.instrument_id == instrument_id) // NS_PER_MS
            since_ms = max(oldest - 1, now_ms - 7 * MS_PER_DAY)
            self._is_stop.update(
                await asyncio.to_thread(
                    self._rest.known_stops, *contract_of(instrument_id), since_ms
                )
            )

    async def catch_up(self) -> None:
        """
        Request open and abandoned orders, and all fills of the last hour.

        Raises
        ------
        Exception
            If the venue does not answer, or reports an order before its fills.

        """
        try:
            await super().catch_up()
        finally:
            for report in await self._late_fills():
                is_stop = self._is_stop.get(report.venue_order_id.value)
                if is_stop and report.trade_id.value not in self._reported_fills:
                    async with self._unlinked:
                        await self._report_stop_fill(report)

    def _handle_order_status_report_pyo3(self, pyo3_report: Any) -> None:
        if pyo3_report.client_order_id is not None:
            super()._handle_order_status_report_pyo3(pyo3_report)
            return
        foreign = partial(super()._handle_order_status_report_pyo3, pyo3_report)
        report = OrderStatusReport.from_pyo3(pyo3_report)
        self.create_task(self._take_unlinked(report, self._take_stop_report, foreign))

    def _handle_fill_report_pyo3(self, pyo3_report: Any) -> None:
        report = FillReport.from_pyo3(pyo3_report)
        if report.client_order_id is None and self._is_stop.get(report.venue_order_id.value):
            self.create_task(self._take_stop_fill(report))
        else:
            # The venue's row of the execution states the origin of its order.
            super()._handle_fill_report_pyo3(pyo3_report)

    def _record_origin(self, fill: VenueExecution) -> None:
        self._is_stop[fill.order_id] = fill.is_position_stop

    async def _take_stop_fill(self, report: FillReport) -> None:
        # One after the other, in the order of arrival.
        async with self._unlinked:
            await self._report_stop_fill(report)

    async def _take_unlinked(self, report: Any, take: Any, foreign: Callable[[], None]) -> None:
        # One after the other, in the order of arrival.
        async with self._unlinked:
            if await self._is_of_position_stop(report):
                await take(report)
            else:
                foreign()

    async def _is_of_position_stop(self, report: Any) -> bool:
        order_id = report.venue_order_id.value
        if order_id not in self._is_stop:
            query = partial(self._rest.is_stop, *contract_of(report.instrument_id), order_id)
            for attempt in range(ATTEMPTS):
                with suppress(AuctionError):
                    found = await asyncio.to_thread(query)
                    if found is not None:
                        self._is_stop[order_id] = found
                        break
                await asyncio.sleep(AGAIN_S if attempt else 0)
            else:
                self._log.error(f"{order_id}: the venue does not report the origin of this order")
                return False
        return self._is_stop[order_id]

    async def _take_stop_report(self, report: OrderStatusReport) -> None:
        self._resting_stops[report.venue_order_id.value] = report.quantity, report.trigger_price
        order = self._cache.order(attached_id(report))
        if order is None or order.is_closed or report.is_open:
            return
        # The fills come with the executions; the rest of the order is closed.
        if order.filled_qty >= report.filled_qty:
            self.generate_order_canceled(
                strategy_id=order.strategy_id,
                instrument_id=order.instrument_id,
                client_order_id=order.client_order_id,
                venue_order_id=order.venue_order_id,
                ts_event=report.ts_last,
            )

    async def _report_stop_fill(self, report: FillReport) -> None:
        client_order_id = attached_id(report)
        order = self._cache.order(client_order_id)
        is_known = order is not None and report.trade_id in order.trade_ids
        if is_known or report.trade_id.value in self._reported_fills:
            return
        # A position that is not known here was filled while a stream was down.
        if self._held(report) < report.last_qty.as_decimal():
            try:
                await super().catch_up()
            # The fill is reported even if catching up fails.
            except Exception as error:
                self._log.warning(f"Not caught up before the fill of a stop: {error}")
        self._reported_fills.add(report.trade_id.value)
        if order is None:
            self._send_order_status_report(self._resting(report))
        report.client_order_id = client_order_id
        self._send_fill_report(report)

    def _held(self, fill: FillReport) -> Decimal:
        """Return the known size of the position that a fill could reduce."""
        held = Decimal(0)
        for position in self._cache.positions_open(instrument_id=fill.instrument_id):
            held += position.signed_decimal_qty()
        return held if fill.order_side == OrderSide.SELL else -held

    def _resting(self, fill: FillReport) -> OrderStatusReport:
        """Return the report of the order of a fill as it was before the fill."""
        size, price = self._resting_stops.get(
            fill.venue_order_id.value, (fill.last_qty, fill.last_px)
        )
        return OrderStatusReport(
            account_id=self.account_id,
            instrument_id=fill.instrument_id,
            venue_order_id=fill.venue_order_id,
            client_order_id=attached_id(fill),
            order_side=fill.order_side,
            order_type=OrderType.STOP_MARKET,
            time_in_force=TimeInForce.GTC,
            order_status=OrderStatus.ACCEPTED,
            quantity=max(size, fill.last_qty),
            filled_qty=Quantity.zero(size.precision),
            trigger_price=price,
            trigger_type=TriggerType.LAST_PRICE,
            reduce_only=True,
            report_id=UUID4(),
            ts_accepted=fill.ts_event,
            ts_last=fill.ts_event,
            ts_init=self._clock.timestamp_ns(),
        )


def attached_id(report: OrderStatusReport | FillReport) -> ClientOrderId:
    """Return the client order id of the venue's order for a position's stop."""
    return ClientOrderId(ATTACHED_ID.format(report.venue_order_id.value))


def _age(report: OrderStatusReport | FillReport) -> int:
    is_fill = isinstance(report, FillReport)
    return int(report.ts_event if is_fill else report.ts_last)
