"""Orders, fills and positions of a run as tables, and the equity they make."""

from dataclasses import dataclass
from dataclasses import field
from decimal import Decimal
from typing import Any

import pandas as pd
from nautilus_trader.cache.cache import Cache
from nautilus_trader.model.enums import LiquiditySide
from nautilus_trader.model.enums import OrderSide
from nautilus_trader.model.events import OrderFilled
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.model.identifiers import StrategyId
from nautilus_trader.model.instruments import Instrument
from nautilus_trader.model.orders import Order


ROLES = ("ENTRY", "STOP", "TARGET", "EXIT")


@dataclass(slots=True)
class Trade:
    """
    Represents one position from the first fill until flat.

    Attributes
    ----------
    strategy_id : str
        The strategy.
    instrument_id : str
        The instrument.
    setup : str or None
        The setup that opened it.
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

    """

    strategy_id: str
    instrument_id: str
    setup: str | None
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
    stop: Decimal | None = None
    target: Decimal | None = None
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
        """Return the net result in units of the money at risk between entry and first stop."""
        if self.stop is None or self.stop == self.entry:
            return None
        return self.net / (abs(self.entry - self.stop) * self.quantity * self.multiplier)


def role_of(order: Order) -> str | None:
    """Return what an order is for, by its first tag."""
    tags = order.tags or []
    return tags[0] if tags and tags[0] in ROLES else None


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
            tags = order.tags or []
            trade = Trade(
                strategy_id=fill.strategy_id.value,
                instrument_id=fill.instrument_id.value,
                setup=tags[1] if len(tags) > 1 else None,
                is_long=buys,
                ts_open=fill.ts_event,
                multiplier=instruments[fill.instrument_id.value].multiplier.as_decimal(),
            )
            trade.stop, trade.target = _bracket(cache, order)
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


def _bracket(cache: Cache, entry: Order) -> tuple[Decimal | None, Decimal | None]:
    stop = target = None
    for child_id in entry.linked_order_ids or []:
        child = cache.order(child_id)
        if child is not None and role_of(child) == "STOP":
            stop = child.trigger_price.as_decimal()
        elif child is not None and role_of(child) == "TARGET":
            target = child.price.as_decimal()
    return stop, target


def order_rows(cache: Cache) -> pd.DataFrame:
    """Return one row for each order, by time of its making."""
    columns = ["client_order_id", "ts_init", "ts_last", "instrument_id", "side", "type"]
    columns += ["quantity", "filled_qty", "price", "trigger_price", "avg_px", "status"]
    columns += ["reduce_only", "role", "setup"]
    orders = sorted(cache.orders(), key=lambda o: (o.ts_init, o.client_order_id.value))
    rows = [
        (
            order.client_order_id.value,
            order.ts_init,
            order.ts_last,
            order.instrument_id.value,
            order.side_string(),
            order.type_string(),
            float(order.quantity),
            float(order.filled_qty),
            float(order.price) if order.has_price else None,
            float(order.trigger_price) if order.has_trigger_price else None,
            float(order.avg_px) if order.filled_qty else None,
            order.status_string(),
            order.is_reduce_only,
            role_of(order),
            (order.tags or [None, None])[-1],
        )
        for order in orders
    ]
    return _times(pd.DataFrame(rows, columns=columns), "ts_init", "ts_last")


def fill_rows(cache: Cache) -> pd.DataFrame:
    """Return one row for each fill, by time."""
    columns = ["ts", "client_order_id", "trade_id", "instrument_id", "side", "role", "quantity"]
    columns += ["price", "commission", "currency", "liquidity", "position_id"]
    rows = [
        (
            fill.ts_event,
            fill.client_order_id.value,
            fill.trade_id.value,
            fill.instrument_id.value,
            "BUY" if fill.order_side == OrderSide.BUY else "SELL",
            role_of(order),
            float(fill.last_qty),
            float(fill.last_px),
            float(fill.commission),
            fill.commission.currency.code,
            "MAKER" if fill.liquidity_side == LiquiditySide.MAKER else "TAKER",
            fill.position_id.value if fill.position_id else None,
        )
        for order, fill in fills_in_order(cache)
    ]
    return _times(pd.DataFrame(rows, columns=columns), "ts")


def position_rows(trades: list[Trade]) -> pd.DataFrame:
    """Return one row for each position, by time of opening."""
    columns = ["position_id", "strategy_id", "instrument_id", "side", "setup", "ts_open"]
    columns += ["ts_close", "quantity", "entry", "exit", "stop", "target", "gross_pnl", "fees"]
    columns += ["net_pnl", "exit_reason", "r_multiple"]
    rows = [
        (
            f"{trade.instrument_id}-{number}",
            trade.strategy_id,
            trade.instrument_id,
            "LONG" if trade.is_long else "SHORT",
            trade.setup,
            trade.ts_open,
            trade.ts_close,
            *map(
                _float,
                (trade.quantity, trade.entry, trade.exit, trade.stop, trade.target),
            ),
            *map(_float, (trade.gross, trade.fees, trade.net)),
            trade.exit_reason,
            _float(trade.r_multiple),
        )
        for number, trade in enumerate(trades, 1)
    ]
    return _times(pd.DataFrame(rows, columns=columns), "ts_open", "ts_close")


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _times(frame: pd.DataFrame, *names: str) -> pd.DataFrame:
    for name in names:
        frame[name] = pd.to_datetime(frame[name].astype("Int64"), unit="ns", utc=True)
    return frame


def open_rows(trades: list[Trade]) -> list[dict[str, Any]]:
    """Return the positions still open, for the summary."""
    return [
        {
            "instrument_id": trade.instrument_id,
            "side": "LONG" if trade.is_long else "SHORT",
            "quantity": float(trade.open_quantity),
            "entry": float(trade.entry),
        }
        for trade in trades
        if trade.open_quantity
    ]
