"""A live strategy on a venue that moves only when a test moves it, and its restarts."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from nautilus_trader.common.component import TestClock
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.model.enums import OmsType
from nautilus_trader.model.enums import OrderSide
from nautilus_trader.model.enums import OrderStatus
from nautilus_trader.model.enums import OrderType
from nautilus_trader.model.enums import TimeInForce
from nautilus_trader.model.enums import TriggerType
from nautilus_trader.model.events import OrderEvent
from nautilus_trader.model.events import OrderFilled
from nautilus_trader.model.events import OrderInitialized
from nautilus_trader.model.identifiers import ClientOrderId
from nautilus_trader.model.identifiers import StrategyId
from nautilus_trader.model.orders import LimitOrder
from nautilus_trader.model.orders import MarketOrder
from nautilus_trader.model.orders import Order
from nautilus_trader.model.orders import StopMarketOrder
from nautilus_trader.model.position import Position

from actors.messages import Alert
from actors.messages import StateSnapshot
from actors.requests import LAST_SNAPSHOT
from actors.requests import VENUE_ACCOUNT
from actors.requests import AccountRequest
from actors.requests import SnapshotRequest
from tests.strategies.silent_venue import SilentVenue


@pytest.fixture
def live_clock() -> Iterator[None]:
    """Let strategies take the clock of a test for that of a live node."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("strategies.common.nautilus.controls.LiveClock", TestClock)
        yield


@dataclass
class Account:
    """What a venue says that it has: signed size, average price, open orders."""

    position: Decimal
    average: Decimal | None
    orders: list[dict[str, Any]]


class LiveVenue(SilentVenue):
    """
    Holds a live strategy with a journal; `live_clock` must be in use.

    Parameters
    ----------
    journal : list[str]
        The states that the journal has, oldest first; later ones are appended.
    now : int, optional
        The present time (ns UTC).
    orders : list[Order]
        What the node has found at the venue by the time the strategy starts.
    failure : str, optional
        Why the journal cannot be read.
    loaded : bytes, optional
        A state that Nautilus itself has kept.
    is_journaled : bool, default True
        If there is a journal.
    account : Account or str or None
        What the venue itself says, or why it says nothing; None for one that cannot be asked.
    **config
        Settings of the strategy.

    """

    def __init__(
        self,
        journal: list[str] | None = None,
        now: int | None = None,
        orders: list[Order] | None = None,
        failure: str | None = None,
        account: "Account | str | None" = None,
        *,
        loaded: bytes | None = None,
        is_journaled: bool = True,
        **config: Any,
    ) -> None:
        self.journal = [] if journal is None else journal
        self.alerts: list[Alert] = []
        self._found = [] if orders is None else orders
        self._failure = failure
        self._account = account
        self._loaded = loaded
        self._is_journaled = is_journaled
        self.questions = 0
        self._starts_at = now
        super().__init__(**config)

    def before_start(self) -> None:
        if self._starts_at is not None:
            self.clock.set_time(self._starts_at)
        self.msgbus.subscribe(StateSnapshot.topic(), lambda x: self.journal.append(x.state))
        self.msgbus.subscribe(Alert.topic(), self.alerts.append)
        if self._is_journaled:
            self.msgbus.register(LAST_SNAPSHOT, self._answer)
        if self._loaded is not None:
            self.strategy.on_load({"trading": self._loaded})
        if self._account is not None:
            self.msgbus.register(VENUE_ACCOUNT.format("BYBIT"), self._tell_account)
        position: Position | None = None
        for order in self._found:
            self.cache.add_order(order, None)
            self.cache.update_order(order)
            if not order.is_closed:
                self.sent.append(order)
            for event in order.events:
                if not isinstance(event, OrderFilled):
                    continue
                if position is None:
                    position = Position(self.instrument, event)
                    self.cache.add_position(position, OmsType.NETTING)
                else:
                    position.apply(event)
                    self.cache.update_position(position)

    def kinds(self) -> list[str]:
        return [alert.kind for alert in self.alerts]

    def restart(
        self,
        journal: list[str] | None = None,
        orders: list[Order] | None = None,
        account: "Account | str | None" = None,
        after_ns: int = 1_000_000_000,
        **fields: Any,
    ) -> "LiveVenue":
        """Return a new node on what this one has left at the venue and in the journal."""
        return LiveVenue(
            list(self.journal) if journal is None else journal,
            self.now + after_ns,
            self.left() if orders is None else orders,
            account=self.account() if account is None else account,
            **fields,
        )

    def account(self) -> "Account":
        """Return what the venue itself has."""
        fills = [
            event
            for order in self.left()
            for event in order.events
            if isinstance(event, OrderFilled)
        ]
        size = sum(
            (
                event.last_qty.as_decimal() * (1 if event.order_side == OrderSide.BUY else -1)
                for event in fills
            ),
            Decimal(0),
        )
        average = fills[0].last_px.as_decimal() if size else None
        return Account(size, average, [row_of(o) for o in self.left() if not o.is_closed])

    def left(self) -> list[Order]:
        """Return the orders that have reached the venue, as reconciliation finds them."""
        found = [order for order in self.cache.orders() if order.status != OrderStatus.SUBMITTED]
        return [as_found(order) for order in sorted(found, key=lambda order: order.ts_init)]

    def _tell_account(self, question: AccountRequest) -> None:
        self.questions += 1
        if isinstance(self._account, Account):
            account = self._account
            question.answer(account.position, account.average, account.orders)
        else:
            question.failure = str(self._account)

    def _answer(self, request: SnapshotRequest) -> None:
        request.failure = self._failure
        request.state = self.journal[-1] if self.journal else None


def row_of(order: Order) -> dict[str, Any]:
    """Return an open order as the venue tells it."""
    return {
        "client_order_id": order.client_order_id.value,
        "is_buy": order.side == OrderSide.BUY,
        "reduce_only": order.is_reduce_only,
        "quantity": order.quantity.as_decimal(),
        "filled": order.filled_qty.as_decimal(),
        "price": order.price.as_decimal() if order.has_price else None,
        "trigger": order.trigger_price.as_decimal() if order.has_trigger_price else None,
    }


def as_found(order: Order, owner: str | None = None, name: str | None = None) -> Order:
    """Return an order as reconciliation makes it of the venue's reports: without tags."""
    terms = {
        "trader_id": order.trader_id,
        "strategy_id": order.strategy_id if owner is None else StrategyId(owner),
        "instrument_id": order.instrument_id,
        "client_order_id": order.client_order_id if name is None else ClientOrderId(name),
        "order_side": order.side,
        "quantity": order.quantity,
        "init_id": UUID4(),
        "ts_init": order.ts_init,
        "time_in_force": TimeInForce.GTC,
        "reduce_only": order.is_reduce_only,
    }
    found: Order
    match order.order_type:
        case OrderType.LIMIT:
            found = LimitOrder(price=order.price, **terms)
        case OrderType.STOP_MARKET:
            found = StopMarketOrder(
                trigger_price=order.trigger_price,
                trigger_type=TriggerType.LAST_PRICE,
                **terms,
            )
        case _:
            found = MarketOrder(**terms)
    for event in order.events:
        if not isinstance(event, OrderInitialized):
            found.apply(
                reconciled(
                    event,
                    strategy_id=found.strategy_id.value,
                    client_order_id=found.client_order_id.value,
                )
            )
    return found


def reconciled(event: OrderEvent, **changes: str) -> OrderEvent:
    fields = type(event).to_dict(event) | changes
    if "reconciliation" in fields:
        fields["reconciliation"] = True
    return type(event).from_dict(fields)
