"""Short ways to write orders and events for the loopback venue's tests."""

from decimal import Decimal

from adapters.bybit.loopback.contract import BTCUSDT
from adapters.bybit.loopback.matching import MatchingEngine
from adapters.bybit.loopback.orders import Execution
from adapters.bybit.loopback.orders import NewOrder
from adapters.bybit.loopback.orders import Order
from adapters.bybit.loopback.orders import OrderType
from adapters.bybit.loopback.orders import Side
from adapters.bybit.loopback.orders import TimeInForce
from adapters.bybit.loopback.payloads import number


D = Decimal
T0 = 1_767_600_000_000_000_000


def engine(balance: str = "10000", leverage: str = "10") -> MatchingEngine:
    return MatchingEngine(BTCUSDT, D(balance), D(leverage))


def quote(
    venue: MatchingEngine,
    bid: str,
    ask: str,
    bid_size: str = "1",
    ask_size: str = "1",
) -> None:
    venue.on_quote(venue.now_ns + 1, D(bid), D(bid_size), D(ask), D(ask_size))


def trade(venue: MatchingEngine, price: str, size: str, aggressor: Side | None) -> None:
    venue.on_trade(venue.now_ns + 1, D(price), D(size), aggressor)


def limit(
    venue: MatchingEngine,
    side: Side,
    size: str,
    price: str,
    tif: TimeInForce = TimeInForce.GTC,
    **flags: bool,
) -> Order:
    request = NewOrder(
        side=side,
        type=OrderType.LIMIT,
        size=D(size),
        price=D(price),
        time_in_force=tif,
        **flags,  # type: ignore[arg-type]
    )
    return venue.submit(request, venue.now_ns)


def market(venue: MatchingEngine, side: Side, size: str, **flags: bool) -> Order:
    request = NewOrder(side=side, type=OrderType.MARKET, size=D(size), **flags)  # type: ignore[arg-type]
    return venue.submit(request, venue.now_ns)


def stop(
    venue: MatchingEngine,
    side: Side,
    size: str,
    trigger: str,
    price: str | None = None,
    reduce_only: bool = True,
) -> Order:
    request = NewOrder(
        side=side,
        type=OrderType.MARKET if price is None else OrderType.LIMIT,
        size=D(size),
        price=None if price is None else D(price),
        reduce_only=reduce_only,
        trigger_price=D(trigger),
        trigger_direction=1 if side is Side.BUY else 2,
    )
    return venue.submit(request, venue.now_ns)


def fills(venue: MatchingEngine) -> list[tuple[str, str, bool]]:
    """Return size, price and whether maker of each fill."""
    return [(number(e.size), number(e.price), e.is_maker) for e in venue.executions]


def executed(venue: MatchingEngine) -> list[Execution]:
    return [execution for execution in venue.executions if execution.kind == "Trade"]
