"""Submits a Nautilus order by REST."""

from typing import Any

from nautilus_trader.core import nautilus_pyo3
from nautilus_trader.model.functions import order_side_to_pyo3
from nautilus_trader.model.functions import order_type_to_pyo3
from nautilus_trader.model.functions import time_in_force_to_pyo3
from nautilus_trader.model.orders import Order


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
