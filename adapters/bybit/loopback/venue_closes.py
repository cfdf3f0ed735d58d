"""Actions of the venue on a position: funding, settlement, liquidation, ADL, delivery."""

from dataclasses import dataclass
from dataclasses import replace
from decimal import ROUND_FLOOR
from decimal import Decimal
from enum import Enum

from adapters.bybit.loopback.checks import INVALID
from adapters.bybit.loopback.order_book import OrderBook
from adapters.bybit.loopback.orders import ACTIVE
from adapters.bybit.loopback.orders import ZERO
from adapters.bybit.loopback.orders import Execution
from adapters.bybit.loopback.orders import NewOrder
from adapters.bybit.loopback.orders import Order
from adapters.bybit.loopback.orders import OrderType
from adapters.bybit.loopback.orders import Side
from adapters.bybit.loopback.orders import Status
from adapters.bybit.loopback.orders import TimeInForce
from adapters.bybit.loopback.orders import VenueError


@dataclass(frozen=True, slots=True)
class Manner:
    """
    Represents the properties of a close by the venue.

    Parameters
    ----------
    kind, create_type : str
        The `execType` of the row, and the `createType` of row and order.
    cancel_type : str
        The reason with which open orders are cancelled before it.
    is_free : bool
        If it costs no fee.
    spares_stops : bool
        If conditional orders stay.
    is_order : bool
        If it has an order, and not only a row.

    """

    kind: str
    create_type: str
    cancel_type: str
    is_free: bool = False
    spares_stops: bool = False
    is_order: bool = True


class VenueClose(Enum):
    """Represents the kind of a close by the venue."""

    LIQUIDATION = Manner("BustTrade", "CreateByTakeOver_PassThrough", "CancelAllBeforeLiq")
    # Step by step, to lower the required margin.
    REDUCTION = Manner("Trade", "CreateByLiq", "CancelByPrepareLiq", spares_stops=True)
    ADL = Manner(
        "AdlTrade",
        "CreateByAdl_PassThrough",
        "CancelByPrepareAdl",
        is_free=True,
        spares_stops=True,
    )
    DELIVERY = Manner("Delivery", "CreateBySettle", "CancelBySettle", is_free=True, is_order=False)


class VenueCloses(OrderBook):
    """
    Applies actions of the venue to an account.

    Parameters
    ----------
    contract : LinearContract
        The contract.
    balance, leverage : Decimal
        The starting balance and the leverage.
    seed : int
        For the ids of orders and executions.

    """

    def settle_funding(self, ts_ns: int, rate: Decimal) -> Decimal:
        """
        Settle a funding rate on the value of the position at the mark price.

        Returns
        -------
        Decimal
            The amount paid, negative if received.

        """
        self.now_ns = ts_ns
        size = self.account.size
        if not size:
            return ZERO
        paid = self.account.pay_funding(rate, self.mark, ts_ns)
        self._add_cash_row("Funding", paid, rate if size > 0 else -rate)
        return paid

    def settle_session(self, ts_ns: int) -> None:
        """Add a settlement row that changes neither position nor wallet."""
        self.now_ns = ts_ns
        if self.account.size:
            self._add_cash_row("Settle", ZERO, ZERO)

    def close_position(
        self,
        manner: VenueClose,
        ts_ns: int,
        share: Decimal = Decimal(1),
        price: Decimal | None = None,
    ) -> Execution:
        """
        Close a share of the position, after cancelling open orders.

        Parameters
        ----------
        manner : VenueClose
            The kind of close.
        ts_ns : int
            The time (ns UTC).
        share : Decimal
            The share, rounded down to whole lots, at least one.
        price : Decimal, optional
            The price; without one the tick at or below the mark price.

        Returns
        -------
        Execution
            The row.

        Raises
        ------
        VenueError
            If there is no position.

        """
        self.now_ns = max(ts_ns, self.now_ns)
        size = abs(self.account.size)
        if not size:
            raise VenueError(INVALID, "there is no position to close")
        how = manner.value
        for order in self.open_orders:
            # The stop is not an order of the client: it ends with the position.
            if order.is_position_stop:
                continue
            if order.status in ACTIVE or not how.spares_stops:
                self._cancel(order, how.cancel_type)
        lot = self.contract.lot
        lots = max(Decimal(1), (size * share / lot).to_integral_value(ROUND_FLOOR))
        side = Side.SELL if self.account.size > 0 else Side.BUY
        # The mark price may lie between two ticks, an execution price may not.
        tick = self.contract.tick
        at_mark = (self.mark / tick).to_integral_value(ROUND_FLOOR) * tick
        return self._close(how, side, lots * lot, price or at_mark)

    def move_position(self, side: Side, size: Decimal, price: Decimal, ts_ns: int) -> Execution:
        """Move a position from another account into this one, or out of it."""
        self.now_ns = max(ts_ns, self.now_ns)
        how = Manner("MovePosition", "CreateByBlockTradeMovePosition_PassThrough", "", is_free=True)
        return self._close(how, side, size, price)

    def _close(self, how: Manner, side: Side, size: Decimal, price: Decimal) -> Execution:
        rate = ZERO if how.is_free else self.contract.taker_rate
        booking = self.account.fill(side, size, price, rate, self.now_ns)
        order = Order(
            order_id=self._new_id(),
            request=NewOrder(
                side=side,
                type=OrderType.MARKET,
                size=size,
                time_in_force=TimeInForce.IOC,
                reduce_only=bool(how.cancel_type),
            ),
            size=size,
            price=None,
            trigger_price=None,
            status=Status.FILLED,
            created_ns=self.now_ns,
            updated_ns=self.now_ns,
            last_price=self.touch.last,
            filled=size,
            filled_value=size * price,
            fee=booking.fee,
            create_type=how.create_type,
        )
        execution = Execution(
            exec_id=self._new_id(),
            order_id=order.order_id,
            link_id="",
            side=side,
            order_type=OrderType.MARKET,
            order_price=None,
            order_size=size,
            leaves=ZERO,
            price=price,
            size=size,
            fee=booking.fee,
            fee_rate=rate,
            is_maker=False,
            closed=booking.closed,
            mark=self.mark,
            ts_ns=self.now_ns,
            sequence=len(self.executions) + 1,
            kind=how.kind,
            create_type=how.create_type,
        )
        self.executions.append(execution)
        self._changes.append(execution)
        if how.is_order:
            self.orders[order.order_id] = order
            self._changes.append(replace(order))
        self._changes += [self.position(), self.wallet()]
        self._follow_position()
        self._cancel_spent()
        return execution

    def _add_cash_row(self, kind: str, paid: Decimal, rate: Decimal) -> None:
        size = self.account.size
        execution = Execution(
            exec_id=self._new_id(),
            order_id=self._new_id(),
            link_id="",
            side=Side.BUY if size > 0 else Side.SELL,
            order_type=OrderType.MARKET,
            order_price=None,
            order_size=ZERO,
            leaves=ZERO,
            price=self.mark,
            size=abs(size),
            fee=paid,
            fee_rate=rate,
            is_maker=False,
            closed=ZERO,
            mark=self.mark,
            ts_ns=self.now_ns,
            sequence=len(self.executions) + 1,
            kind=kind,
            create_type="",
        )
        self.executions.append(execution)
        self._changes += [execution, self.position(), self.wallet()]
