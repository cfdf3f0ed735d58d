"""Converts Bybit's executions into Nautilus reports, and Nautilus orders into Bybit requests."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from nautilus_trader.core import nautilus_pyo3
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.reports import FillReport
from nautilus_trader.execution.reports import OrderStatusReport
from nautilus_trader.model.enums import LiquiditySide
from nautilus_trader.model.enums import OrderSide
from nautilus_trader.model.enums import OrderStatus
from nautilus_trader.model.enums import OrderType
from nautilus_trader.model.enums import TimeInForce
from nautilus_trader.model.functions import order_side_to_pyo3
from nautilus_trader.model.functions import order_type_to_pyo3
from nautilus_trader.model.functions import time_in_force_to_pyo3
from nautilus_trader.model.identifiers import AccountId
from nautilus_trader.model.identifiers import ClientOrderId
from nautilus_trader.model.identifiers import TradeId
from nautilus_trader.model.identifiers import VenueOrderId
from nautilus_trader.model.instruments import Instrument
from nautilus_trader.model.objects import Money
from nautilus_trader.model.orders import Order

from adapters.bybit.executions import ForcedClose
from adapters.bybit.executions import VenueExecution


def fill_report(
    execution: VenueExecution, instrument: Instrument, account_id: AccountId, ts_init: int
) -> FillReport:
    """
    Return the report of one fill.

    Parameters
    ----------
    execution : VenueExecution
        The venue's row.
    instrument : Instrument
        Its instrument.
    account_id : AccountId
        The account.
    ts_init : int
        The present time (ns UTC).

    """
    currency = execution.fee_currency or instrument.get_settlement_currency().code
    name = execution.client_order_id
    return FillReport(
        account_id=account_id,
        instrument_id=instrument.id,
        venue_order_id=VenueOrderId(execution.order_id),
        trade_id=TradeId(execution.exec_id),
        order_side=OrderSide.BUY if execution.is_buy else OrderSide.SELL,
        last_qty=instrument.make_qty(execution.quantity),
        last_px=instrument.make_price(execution.price),
        commission=Money.from_str(f"{execution.fee:f} {currency}"),
        liquidity_side=LiquiditySide.MAKER if execution.is_maker else LiquiditySide.TAKER,
        report_id=UUID4(),
        ts_event=execution.ts_ns,
        ts_init=ts_init,
        client_order_id=None if name is None else ClientOrderId(name),
        venue_position_id=None,
    )


def is_forced(name: ClientOrderId | None) -> bool:
    """Return True for the client order id of a forced close by the venue."""
    return name is not None and name.value.partition("-")[0] in ForcedClose


def order_report(
    fills: Sequence[FillReport],
    instrument: Instrument,
    quantity: Decimal = Decimal(0),
    *,
    has_fills: bool,
) -> OrderStatusReport:
    """
    Return the report of an order that this node has not sent, built from its fills.

    Parameters
    ----------
    fills : Sequence[FillReport]
        All of its fills so far, at least one.
    instrument : Instrument
        Its instrument.
    quantity : Decimal, default 0
        The size of the order; that of its fills where it is not known.
    has_fills : bool
        If the report includes the fills. An order that is reported before its fills has none: the
        engine would infer missing fills, and the real ones would count twice.

    """
    first = fills[0]
    filled = sum((fill.last_qty.as_decimal() for fill in fills), Decimal(0))
    value = sum(
        (fill.last_qty.as_decimal() * fill.last_px.as_decimal() for fill in fills), Decimal(0)
    )
    quantity = max(quantity, filled)
    status = OrderStatus.ACCEPTED
    if has_fills:
        status = OrderStatus.FILLED if filled == quantity else OrderStatus.PARTIALLY_FILLED
    name = first.client_order_id
    return OrderStatusReport(
        account_id=first.account_id,
        instrument_id=first.instrument_id,
        venue_order_id=first.venue_order_id,
        order_side=first.order_side,
        order_type=OrderType.MARKET,
        time_in_force=TimeInForce.IOC,
        order_status=status,
        quantity=instrument.make_qty(quantity),
        filled_qty=instrument.make_qty(filled if has_fills else Decimal(0)),
        avg_px=value / filled if has_fills else None,
        report_id=UUID4(),
        ts_accepted=first.ts_event,
        ts_last=max(fill.ts_event for fill in fills),
        ts_init=first.ts_init,
        client_order_id=name,
        # At a start the engine applies orders in any sequence: one that reduces nothing is dropped.
        reduce_only=is_forced(name) and not has_fills,
    )


async def submit_by_rest(
    client: Any, account_id: nautilus_pyo3.AccountId, order: Order, position_idx: Any
) -> None:
    """
    Submit an order with its client order id.

    Parameters
    ----------
    client : nautilus_pyo3.BybitHttpClient or DemoOrders
        Nautilus's HTTP client.
    account_id : nautilus_pyo3.AccountId
        The account.
    order : Order
        The order.
    position_idx : nautilus_pyo3.BybitPositionIdx or None
        The side of the position in hedge mode.

    Raises
    ------
    Exception
        If it is rejected, or the answer is inconclusive (`adapters.bybit.order_answers`).

    """
    has_trigger = order.has_trigger_price
    await client.submit_order(
        account_id=account_id,
        product_type=nautilus_pyo3.bybit_product_type_from_symbol(order.instrument_id.symbol.value),
        instrument_id=nautilus_pyo3.InstrumentId.from_str(order.instrument_id.value),
        client_order_id=nautilus_pyo3.ClientOrderId(order.client_order_id.value),
        order_side=order_side_to_pyo3(order.side),
        order_type=order_type_to_pyo3(order.order_type),
        quantity=nautilus_pyo3.Quantity.from_str(str(order.quantity)),
        time_in_force=time_in_force_to_pyo3(order.time_in_force),
        price=nautilus_pyo3.Price.from_str(str(order.price)) if order.has_price else None,
        trigger_price=nautilus_pyo3.Price.from_str(str(order.trigger_price))
        if has_trigger
        else None,
        post_only=order.is_post_only,
        reduce_only=order.is_reduce_only,
        is_quote_quantity=False,
        is_leverage=False,
        position_idx=position_idx,
    )
