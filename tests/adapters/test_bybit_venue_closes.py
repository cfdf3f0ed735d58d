"""What the loopback venue does to an account by itself, and what it sends of it."""

from decimal import Decimal
from typing import Any

import pytest

from adapters.bybit.loopback.orders import Execution
from adapters.bybit.loopback.orders import NewOrder
from adapters.bybit.loopback.orders import Order
from adapters.bybit.loopback.orders import OrderType
from adapters.bybit.loopback.orders import Side
from adapters.bybit.loopback.orders import Status
from adapters.bybit.loopback.orders import VenueError
from adapters.bybit.loopback.server import BybitLoopback
from adapters.bybit.loopback.venue_closes import VenueClose
from tests.adapters.bybit_server import T0
from tests.adapters.bybit_server import D
from tests.adapters.bybit_server import quote
from tests.adapters.bybit_server import trade


SIDES = pytest.mark.parametrize("side", Side)
MANNERS = pytest.mark.parametrize("manner", VenueClose)


def venue_with(side: Side, size: str = "0.022") -> BybitLoopback:
    """Return a venue whose account holds a position, a resting entry and a stop."""
    server = BybitLoopback()
    server.feed(quote(T0, "60000", "60000.5", "9", "9"))
    server.feed(trade(T0, "60000", "0.1", Side.SELL))
    engine = server.venue.engine
    other = Side.SELL if side is Side.BUY else Side.BUY
    engine.submit(NewOrder(side=side, type=OrderType.MARKET, size=D(size)), T0)
    price = D("59000") if side is Side.BUY else D("61000")
    engine.submit(
        NewOrder(side=side, type=OrderType.LIMIT, size=D("0.010"), price=price, link_id="E"), T0
    )
    engine.submit(
        NewOrder(
            side=other,
            type=OrderType.MARKET,
            size=D(size),
            reduce_only=True,
            trigger_price=price,
            trigger_direction=2 if side is Side.BUY else 1,
            link_id="S",
        ),
        T0,
    )
    engine.changes()
    return server


def sent(server: BybitLoopback, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Return what the private topics get from now on."""
    changes: list[Any] = []
    monkeypatch.setattr(server._private, "publish", changes.extend)
    return changes


@SIDES
@MANNERS
@pytest.mark.parametrize(("share", "left"), [("1", "0"), ("0.4", "0.014"), ("0.001", "0.021")])
def test_a_close_books_its_fill_and_is_sent_to_every_topic(
    side: Side, manner: VenueClose, share: str, left: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = venue_with(side)
    account = server.venue.engine.account
    balance = account.balance
    changes = sent(server, monkeypatch)
    row = server.close_position(manner, D(share), D("59500"))

    assert account.size == side.sign * D(left)
    entry = D("60000.5") if side is Side.BUY else D("60000")
    profit = side.sign * (D("59500") - entry) * row.size
    rate = Decimal(0) if manner.value.is_free else server.venue.contract.taker_rate
    assert row.fee == row.size * D("59500") * rate
    assert account.balance == balance + profit - row.fee
    assert (row.kind, row.create_type) == (manner.value.kind, manner.value.create_type)
    assert (row.link_id, row.closed, row.side) == ("", row.size, other_than(side))
    order = (
        next(x for x in changes if isinstance(x, Order) and not x.request.link_id)
        if (manner.value.is_order)
        else None
    )
    assert (order is not None) is manner.value.is_order
    if order is not None:
        assert (order.status, order.order_id, order.filled) == (
            Status.FILLED,
            row.order_id,
            row.size,
        )
    assert [type(x).__name__ for x in changes[-2:]] == ["Position", "Wallet"]


@SIDES
@MANNERS
def test_open_orders_are_cancelled_first_and_conditional_ones_where_all_are(
    side: Side, manner: VenueClose, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = venue_with(side)
    changes = sent(server, monkeypatch)
    server.close_position(manner, D("0.4"))
    links = [order.request.link_id for order in server.venue.engine.open_orders]
    assert links == (["S"] if manner.value.spares_stops else [])
    kinds = [x.cancel_type for x in changes if isinstance(x, Order) and x.request.link_id]
    assert kinds == [manner.value.cancel_type] * (1 if manner.value.spares_stops else 2)
    first = next(number for number, x in enumerate(changes) if isinstance(x, Execution))
    assert all(isinstance(x, Order) for x in changes[:first])


@MANNERS
def test_an_account_without_a_position_has_nothing_to_close(manner: VenueClose) -> None:
    with pytest.raises(VenueError, match="no position"):
        BybitLoopback().close_position(manner)


@SIDES
def test_a_settlement_row_leaves_position_and_money_as_they_are(side: Side) -> None:
    server = venue_with(side)
    account = server.venue.engine.account
    before = account.size, account.balance, account.funding
    server.settle_session()
    assert (account.size, account.balance, account.funding) == before
    row = server.venue.engine.executions[-1]
    assert (row.kind, row.size, row.create_type) == ("Settle", D("0.022"), "")


def test_an_account_without_a_position_gets_no_row_of_a_settlement() -> None:
    server = BybitLoopback()
    server.settle_session()
    assert server.venue.engine.executions == []


@SIDES
def test_a_moved_position_is_opened_without_a_fee(side: Side) -> None:
    server = BybitLoopback()
    row = server.move_position(side, D("0.022"), D("60000"))
    account = server.venue.engine.account
    assert (account.size, account.fees) == (side.sign * D("0.022"), 0)
    assert (row.kind, row.closed) == ("MovePosition", 0)


def other_than(side: Side) -> Side:
    return Side.SELL if side is Side.BUY else Side.BUY
