"""The positions that the fills of a run make."""

from dataclasses import dataclass
from dataclasses import field
from decimal import Decimal

from nautilus_trader.cache.cache import Cache
from nautilus_trader.model.enums import OrderSide
from nautilus_trader.model.events import OrderFilled
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.model.identifiers import StrategyId
from nautilus_trader.model.instruments import Instrument
from nautilus_trader.model.orders import Order


ROLES = ("ENTRY", "STOP", "EXIT")
PLAN = "plan="


@dataclass(frozen=True, slots=True)
class Plan:
    """
    Represents the prices that an entry was decided on.

    Attributes
    ----------
    entry, stop, target : Decimal
        Prices in instrument units.

    """

    entry: Decimal
    stop: Decimal
    target: Decimal


@dataclass(slots=True)
class Trade:
    """
    Represents one position from the first fill until flat.

    Attributes
    ----------
    position_id : str
        The instrument and the number of the position in the run.
    strategy_id : str
        The strategy.
    instrument_id : str
        The instrument.
    setup : str or None
        The setup that opened it.
    plan : Plan or None
        The prices that its entry was decided on.
    is_long : bool
        The side.
    ts_open, ts_close : int, int or None
        The first and the last fill (ns UTC).
    quantity, open_quantity : Decimal
        What was opened in all, and what is still open.
    entry, exit : Decimal, Decimal or None
        Average fill prices.
    gross, fees : Decimal
        Profit and loss before fees, and the fees, in the settlement currency.
    exit_reason : str or None
        The role of the order that made it flat.
    fills : list[OrderFilled]
        Its fills, by time.

    """

    position_id: str
    strategy_id: str
    instrument_id: str
    setup: str | None
    plan: Plan | None
    is_long: bool
    ts_open: int
    quantity: Decimal = Decimal(0)
    open_quantity: Decimal = Decimal(0)
    entry_value: Decimal = Decimal(0)
    exit_value: Decimal = Decimal(0)
    fees: Decimal = Decimal(0)
    multiplier: Decimal = Decimal(1)
    ts_close: int | None = None
    exit_reason: str | None = None
    fills: list[OrderFilled] = field(default_factory=list)

    @property
    def entry(self) -> Decimal:
        return self.entry_value / self.quantity

    @property
    def exit(self) -> Decimal | None:
        closed = self.quantity - self.open_quantity
        return self.exit_value / closed if closed else None

    @property
    def gross(self) -> Decimal:
        closed = self.quantity - self.open_quantity
        if not closed:
            return Decimal(0)
        sign = 1 if self.is_long else -1
        return sign * (self.exit_value - self.entry * closed) * self.multiplier

    @property
    def net(self) -> Decimal:
        return self.gross - self.fees

    @property
    def r_multiple(self) -> Decimal | None:
        """Return the net result in units of the money that the plan put at risk."""
        if self.ts_close is None or self.plan is None or self.plan.entry == self.plan.stop:
            return None
        distance = abs(self.plan.entry - self.plan.stop)
        return self.net / (distance * self.quantity * self.multiplier)


def role_of(order: Order) -> str | None:
    """Return what an order is for, by its first tag."""
    tags = order.tags or []
    return tags[0] if tags and tags[0] in ROLES else None


def setup_of(order: Order) -> str | None:
    """Return the setup that an order belongs to, by its second tag."""
    tags = order.tags or []
    return tags[1] if len(tags) > 1 else None


def plan_of(order: Order) -> Plan | None:
    """Return the prices that an entry was decided on, by its tag `plan=ENTRY/STOP/TP1/TP2`."""
    for tag in order.tags or []:
        if tag.startswith(PLAN):
            entry, stop, _, target = tag.removeprefix(PLAN).split("/")
            return Plan(Decimal(entry), Decimal(stop), Decimal(target))
    return None


def fills_in_order(cache: Cache) -> list[tuple[Order, OrderFilled]]:
    """Return all fills with their orders, by time and then by trade id."""
    fills = [
        (order, event)
        for order in cache.orders()
        for event in order.events
        if isinstance(event, OrderFilled)
    ]
    return sorted(fills, key=lambda pair: (pair[1].ts_event, _number(pair[1].trade_id.value)))


def _number(trade_id: str) -> tuple[int, str]:
    # The simulated venue numbers its fills; a text order would put 10 before 9.
    digits = trade_id.rsplit("-", 1)[-1]
    return (int(digits) if digits.isdigit() else 0, trade_id)


def trades_of(cache: Cache, instruments: dict[str, Instrument]) -> list[Trade]:
    """
    Return the positions that the fills make, per strategy and instrument, from flat to flat.

    They are counted from the fills alone, so that they check Nautilus's own books.
    """
    running: dict[tuple[StrategyId, InstrumentId], Trade] = {}
    trades: list[Trade] = []
    for order, fill in fills_in_order(cache):
        key = (fill.strategy_id, fill.instrument_id)
        buys = fill.order_side == OrderSide.BUY
        quantity, price = fill.last_qty.as_decimal(), fill.last_px.as_decimal()
        trade = running.get(key)
        if trade is None:
            trade = Trade(
                position_id=f"{fill.instrument_id}-{len(trades) + 1}",
                strategy_id=fill.strategy_id.value,
                instrument_id=fill.instrument_id.value,
                setup=setup_of(order),
                plan=plan_of(order),
                is_long=buys,
                ts_open=fill.ts_event,
                multiplier=instruments[fill.instrument_id.value].multiplier.as_decimal(),
            )
            running[key] = trade
            trades.append(trade)
        trade.fills.append(fill)
        trade.fees += fill.commission.as_decimal()
        if buys == trade.is_long:
            trade.quantity += quantity
            trade.open_quantity += quantity
            trade.entry_value += quantity * price
            continue
        if quantity > trade.open_quantity:
            raise RuntimeError(
                f"fill {fill.trade_id}: {quantity} closes more than the open {trade.open_quantity}"
            )
        trade.open_quantity -= quantity
        trade.exit_value += quantity * price
        if not trade.open_quantity:
            trade.ts_close = fill.ts_event
            trade.exit_reason = role_of(order)
            del running[key]
    return trades
