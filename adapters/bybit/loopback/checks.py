"""Checks of orders as at the venue, with its error codes."""

from decimal import Decimal

from adapters.bybit.loopback.contract import LinearContract
from adapters.bybit.loopback.orders import NewOrder
from adapters.bybit.loopback.orders import OrderType
from adapters.bybit.loopback.orders import Side
from adapters.bybit.loopback.orders import VenueError


INVALID = 10001
NO_PERMISSION = 10005
NOT_FOUND = 110001
NO_BALANCE = 110007
NOTHING_TO_REDUCE = 110017
LEVERAGE_UNCHANGED = 110043
MODE_UNCHANGED = 110025
MODE_IN_USE = 110024
DUPLICATE_LINK = 110072
TRIGGER_NOT_ABOVE = 110092
TRIGGER_NOT_BELOW = 110093
TOO_SMALL = 110094
NOT_MODIFIED = 34040
# Error texts of the venue hold prices in ten-thousandths.
PRICE_SCALE = 10_000


def check_price(contract: LinearContract, price: Decimal, name: str = "price") -> None:
    """Reject a price off the tick or out of bounds."""
    if not contract.min_price <= price <= contract.max_price or price % contract.tick:
        raise VenueError(INVALID, f"params error: {name} {price} invalid")


def check_size(contract: LinearContract, size: Decimal) -> None:
    """Reject a size off the lot or out of bounds."""
    if not contract.min_size <= size <= contract.max_size or size % contract.lot:
        raise VenueError(INVALID, "Qty invalid")


def check_order(contract: LinearContract, request: NewOrder, last: Decimal | None) -> None:
    """Reject an order with invalid fields."""
    check_size(contract, request.size)
    if request.type is OrderType.LIMIT:
        if request.price is None:
            raise VenueError(INVALID, "params error: price is missing")
        check_price(contract, request.price)
        value = request.price * request.size
        if value < contract.min_notional and not request.reduce_only:
            raise VenueError(
                TOO_SMALL,
                f"Order does not meet minimum order value {contract.min_notional}USDT",
            )
    if request.trigger_price is not None:
        check_price(contract, request.trigger_price, "triggerPrice")
        check_trigger(request.trigger_price, request.trigger_direction, last)
    if request.stop_loss is not None:
        if request.reduce_only or request.close_on_trigger:
            raise VenueError(INVALID, "params error: stopLoss of a reduce-only order")
        for base in (request.price, last):
            check_stop_loss(contract, request.stop_loss, request.side, base)


def check_stop_loss(
    contract: LinearContract, stop_loss: Decimal, side: Side, base: Decimal | None
) -> None:
    """Reject a stop that a price has already reached for a position of a side."""
    check_price(contract, stop_loss, "stopLoss")
    if base is None or side.sign * (base - stop_loss) > 0:
        return
    should = "lower than" if side is Side.BUY else "greater"
    raise VenueError(
        INVALID,
        f"StopLoss:{int(stop_loss * PRICE_SCALE)} set for {side.value} position should {should} "
        f"base_price:{int(base * PRICE_SCALE)}??LastPrice",
    )


def check_trigger(trigger: Decimal, direction: int, last: Decimal | None) -> None:
    """Reject a trigger that the last price has already reached."""
    if direction not in (1, 2):
        raise VenueError(INVALID, "params error: triggerDirection invalid")
    if last is None:
        return
    if direction == 1 and trigger <= last:
        raise VenueError(
            TRIGGER_NOT_ABOVE,
            f"expect Rising, but trigger_price[{trigger}] <= current[{last}]",
        )
    if direction == 2 and trigger >= last:
        raise VenueError(
            TRIGGER_NOT_BELOW,
            f"expect Falling, but trigger_price[{trigger}] >= current[{last}]",
        )
