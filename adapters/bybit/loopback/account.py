"""Position and wallet of the loopback account, in decimals without rounding errors."""

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN
from decimal import Decimal

from adapters.bybit.loopback.contract import LinearContract
from adapters.bybit.loopback.orders import ZERO
from adapters.bybit.loopback.orders import Side


CENT = Decimal("0.00000001")
MAINTENANCE_RATE = Decimal("0.005")


def to_coin(value: Decimal) -> Decimal:
    """Round to the eight decimals of the settlement coin, half to even."""
    return value.quantize(CENT, rounding=ROUND_HALF_EVEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """
    Represents a snapshot of the position.

    Attributes
    ----------
    size : Decimal
        Positive if long, negative if short.
    average : Decimal
        The average entry price, 0 when flat.
    realised : Decimal
        The sum of closed profits, less fees and funding.
    stop_loss : Decimal or None
        The trigger price of its stop.

    """

    size: Decimal
    average: Decimal
    leverage: Decimal
    mark: Decimal
    unrealised: Decimal
    margin: Decimal
    maintenance: Decimal
    realised: Decimal
    created_ns: int
    updated_ns: int
    stop_loss: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wallet:
    """Represents a snapshot of the account, in the settlement coin."""

    balance: Decimal
    unrealised: Decimal
    position_margin: Decimal
    order_margin: Decimal
    maintenance: Decimal
    realised: Decimal

    @property
    def equity(self) -> Decimal:
        """Return balance plus open profit."""
        return self.balance + self.unrealised

    @property
    def available(self) -> Decimal:
        """Return the margin available for new orders."""
        return max(ZERO, self.equity - self.position_margin - self.order_margin)


@dataclass(frozen=True, slots=True)
class Booking:
    """Represents the effect of a fill on the account: `closed` and `opened` are sizes."""

    fee: Decimal
    realised: Decimal
    closed: Decimal
    opened: Decimal


class Account:
    """
    Books fills and funding of one contract in one-way mode.

    The entry value of a closed part is rounded to the coin's eight decimals, and the remainder
    keeps the rest: at flat, the sum of all profits is the sum of all cash flows, to the last digit.

    Parameters
    ----------
    contract : LinearContract
        The contract.
    balance : Decimal
        The starting balance.
    leverage : Decimal
        The leverage.

    Attributes
    ----------
    stop_loss : Decimal or None
        The stop of the position; removed when the position is closed.

    """

    def __init__(self, contract: LinearContract, balance: Decimal, leverage: Decimal) -> None:
        self.contract = contract
        self.balance = balance
        self.leverage = leverage
        self.size = ZERO
        self.entry_value = ZERO
        self.realised = ZERO
        self.fees = ZERO
        self.funding = ZERO
        self.stop_loss: Decimal | None = None
        self.created_ns = 0
        self.updated_ns = 0

    def fill(self, side: Side, size: Decimal, price: Decimal, rate: Decimal, ts: int) -> Booking:
        """Book a fill; a fill beyond the position closes it and opens the other side."""
        fee = to_coin(size * price * rate)
        closed = min(size, self.reducible(side))
        realised = ZERO
        if closed:
            part = self._entry_part(closed)
            realised = (part - closed * price) * side.sign
            self.entry_value -= part
            self.size += closed * side.sign
            if not self.size:
                self.stop_loss = None
        opened = size - closed
        if opened:
            if not self.size:
                self.created_ns = ts
            self.entry_value += opened * price
            self.size += opened * side.sign
        self.realised += realised
        self.fees += fee
        self.balance += realised - fee
        self.updated_ns = ts
        return Booking(fee, realised, closed, opened)

    def pay_funding(self, rate: Decimal, mark: Decimal, ts: int) -> Decimal:
        """Book and return a funding payment: a long pays a positive rate, a short receives it."""
        paid = to_coin(self.size * mark * rate)
        self.funding += paid
        self.balance -= paid
        self.updated_ns = ts
        return paid

    def replace_position(self, size: Decimal, price: Decimal, ts: int) -> None:
        """Set another position without a booking, as if another client had traded."""
        if self.size * size <= 0:
            self.stop_loss = None
        self.size = size
        self.entry_value = abs(size) * price
        self.created_ns = self.updated_ns = ts

    def reducible(self, side: Side) -> Decimal:
        """Return the size of the position that an order of a side can close."""
        return max(ZERO, -self.size * side.sign)

    def position(self, mark: Decimal) -> Position:
        """Return the position at a mark price."""
        average = self.entry_value / abs(self.size) if self.size else ZERO
        return Position(
            size=self.size,
            average=average,
            leverage=self.leverage,
            mark=mark,
            unrealised=self._unrealised(mark),
            margin=to_coin(self.entry_value / self.leverage),
            maintenance=to_coin(self.entry_value * MAINTENANCE_RATE),
            realised=self.realised - self.fees - self.funding,
            created_ns=self.created_ns,
            updated_ns=self.updated_ns,
            stop_loss=self.stop_loss,
        )

    def wallet(self, mark: Decimal, order_value: Decimal) -> Wallet:
        """Return the account at a mark price; `order_value` is that of orders that may open."""
        return Wallet(
            balance=self.balance,
            unrealised=self._unrealised(mark),
            position_margin=to_coin(self.entry_value / self.leverage),
            order_margin=to_coin(order_value / self.leverage),
            maintenance=to_coin(self.entry_value * MAINTENANCE_RATE),
            realised=self.realised - self.fees - self.funding,
        )

    def _unrealised(self, mark: Decimal) -> Decimal:
        if not self.size:
            return ZERO
        return to_coin(self.size * mark - self.entry_value * (1 if self.size > 0 else -1))

    def _entry_part(self, closed: Decimal) -> Decimal:
        if closed == abs(self.size):
            return self.entry_value
        return to_coin(self.entry_value * closed / abs(self.size))
