"""Orders, executions and rejections of the matching engine."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


ZERO = Decimal(0)


class Side(StrEnum):
    """Represents the side of an order or the aggressor of a trade."""

    BUY = "Buy"
    SELL = "Sell"

    @property
    def sign(self) -> int:
        """Return 1 for a buy, -1 for a sell."""
        return 1 if self is Side.BUY else -1


class OrderType(StrEnum):
    """Represents the type of an order once it is active."""

    LIMIT = "Limit"
    MARKET = "Market"


class TimeInForce(StrEnum):
    """Represents the time in force of an order."""

    GTC = "GTC"
    IOC = "IOC"
    FOK = "FOK"
    POST_ONLY = "PostOnly"


class Status(StrEnum):
    """Represents the state of an order."""

    UNTRIGGERED = "Untriggered"
    TRIGGERED = "Triggered"
    NEW = "New"
    PARTIALLY_FILLED = "PartiallyFilled"
    FILLED = "Filled"
    CANCELLED = "Cancelled"
    DEACTIVATED = "Deactivated"


OPEN = frozenset({Status.UNTRIGGERED, Status.TRIGGERED, Status.NEW, Status.PARTIALLY_FILLED})
ACTIVE = frozenset({Status.NEW, Status.PARTIALLY_FILLED})


class VenueError(Exception):
    """
    Represents a rejected request.

    Parameters
    ----------
    code : int
        The venue's `retCode`.
    message : str
        The venue's `retMsg`.

    """

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{message} (code {code})")
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """
    Represents a request for a new order.

    Parameters
    ----------
    side : Side
        The side.
    type : OrderType
        The type; with a trigger price, the one after the trigger.
    size : Decimal
        The size.
    price : Decimal or None
        The limit; None for a market order.
    time_in_force : TimeInForce
        The time in force.
    link_id : str
        The client's order id, may be empty.
    reduce_only, close_on_trigger : bool
        If the order may only reduce the position.
    trigger_price : Decimal or None
        The last price that makes a conditional order active.
    trigger_direction : int
        1 if the last price has to rise to it, 2 if it has to fall; 0 without a trigger.
    stop_loss : Decimal or None
        The stop of the position, set by the fills of the order.

    """

    side: Side
    type: OrderType
    size: Decimal
    price: Decimal | None = None
    time_in_force: TimeInForce = TimeInForce.GTC
    link_id: str = ""
    reduce_only: bool = False
    close_on_trigger: bool = False
    trigger_price: Decimal | None = None
    trigger_direction: int = 0
    stop_loss: Decimal | None = None


@dataclass(slots=True, kw_only=True)
class Order:
    """
    Represents an order at the venue.

    Attributes
    ----------
    size, price, trigger_price : Decimal
        As requested, or as amended.
    filled, filled_value, fee : Decimal
        The sums over its executions.
    queue : Decimal or None
        The size queued before it at its price; None while its price is behind the best one.
    is_position_stop : bool
        If the venue created it as the stop of the position.
    create_type : str
        The creator: the client or the venue.

    """

    order_id: str
    request: NewOrder
    size: Decimal
    price: Decimal | None
    trigger_price: Decimal | None
    status: Status
    created_ns: int
    updated_ns: int
    last_price: Decimal | None
    filled: Decimal = ZERO
    filled_value: Decimal = ZERO
    fee: Decimal = ZERO
    cancel_type: str = "UNKNOWN"
    reject_reason: str = "EC_NoError"
    queue: Decimal | None = None
    is_position_stop: bool = False
    create_type: str = "CreateByUser"

    @property
    def side(self) -> Side:
        """Return the side."""
        return self.request.side

    @property
    def reduce_only(self) -> bool:
        """Return True if the order may only reduce the position."""
        return self.request.reduce_only or self.request.close_on_trigger

    @property
    def leaves(self) -> Decimal:
        """Return the size that can still be filled."""
        return self.size - self.filled if self.status in OPEN else ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """
    Represents one row of the list of executions: a fill, or a payment.

    For a funding payment, `kind` is `Funding`, the side that of the position, the fee the amount
    paid, and the rate what that side pays. A row without an order has an empty `create_type`.

    Attributes
    ----------
    closed : Decimal
        The closed size of the position.
    leaves : Decimal
        The remaining size of the order after it.

    """

    exec_id: str
    order_id: str
    link_id: str
    side: Side
    order_type: OrderType
    order_price: Decimal | None
    order_size: Decimal
    leaves: Decimal
    price: Decimal
    size: Decimal
    fee: Decimal
    fee_rate: Decimal
    is_maker: bool
    closed: Decimal
    mark: Decimal
    ts_ns: int
    sequence: int
    kind: str = "Trade"
    create_type: str = "CreateByUser"
    is_conditional: bool = False
    is_position_stop: bool = False
