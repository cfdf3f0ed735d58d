"""The tables of a run but its features: their schemas, and their rows from what the run left."""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa

from actors.messages import DataGap
from actors.order_marks import tagged_trade
from actors.order_records import Fill
from actors.order_records import OrderRecord
from actors.order_records import as_double
from backtests.results.gaps import is_across
from backtests.results.tags import Plan
from backtests.results.tags import reason_of
from backtests.results.tags import role_of
from backtests.results.tags import setup_of
from backtests.results.trade import Trade
from backtests.results.trades import fills_in_order


_KINDS = {
    "time": pa.timestamp("ns", tz="UTC"),
    "text": pa.string(),
    "number": pa.float64(),
    "count": pa.int64(),
    "flag": pa.bool_(),
}


def _schema(*columns: tuple[str, str]) -> pa.Schema:
    return pa.schema([(name, _KINDS[kind]) for kind, names in columns for name in names.split()])


ORDERS = _schema(
    ("text", "client_order_id"),
    ("time", "ts_init ts_last"),
    ("text", "strategy_id instrument_id side type"),
    ("number", "quantity filled_qty price trigger_price avg_px"),
    ("text", "status"),
    ("flag", "reduce_only"),
    ("text", "role setup reason position_id"),
)
FILLS = _schema(
    ("time", "ts"),
    ("text", "client_order_id trade_id strategy_id instrument_id side role setup reason"),
    ("number", "quantity price commission"),
    ("text", "currency liquidity position_id"),
)
POSITIONS = _schema(
    ("text", "position_id strategy_id instrument_id side setup entry_kind"),
    ("time", "ts_open ts_close"),
    ("number", "quantity entry exit stop tp1 tp2"),
    ("count", "exits"),
    ("text", "exit_reason"),
    ("number", "gross_pnl fees funding net_pnl r_price r_costs r_net entry_cost"),
    ("number", "mae mfe mae_money mfe_money mae_r mfe_r"),
    ("flag", "across_gap"),
)
EQUITY = _schema(("time", "ts"), ("number", "balance equity drawdown drawdown_pct"))
# Of a run whose strategies may hold several trades at once, the last column of orders, fills and
# positions: the id that trade events, the journal and operators know a trade by.
STRATEGY_TRADE_ID = pa.field("strategy_trade_id", pa.int64())
DAYS = _schema(
    ("time", "day"),
    ("number", "equity_open equity_close drawdown drawdown_pct"),
    ("count", "trades"),
    ("number", "net_pnl"),
)


def make_table(schema: pa.Schema, rows: Iterable[Sequence[Any]]) -> pa.Table:
    """
    Return rows as a table; its schema is the same for any number of rows.

    Parameters
    ----------
    schema : pa.Schema
        The columns.
    rows : Iterable[Sequence[Any]]
        The values in the order of the columns: times as ns UTC, None where there is none.

    """
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    arrays = [pa.array(column, kind) for column, kind in zip(columns, schema.types, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


def order_table(
    orders: Iterable[OrderRecord], trades: Iterable[Trade], *, names_trades: bool = False
) -> pa.Table:
    """Return one row for each order, by time of its making."""
    orders = sorted(orders, key=lambda o: (o.ts_init, o.client_order_id))
    filled: dict[str, list[Trade]] = {}
    for trade in trades:
        for fill in trade.fills:
            filled.setdefault(fill.client_order_id, []).append(trade)
    rows = [
        (
            order.client_order_id,
            order.ts_init,
            order.ts_last,
            order.strategy_id,
            order.instrument_id,
            order.side,
            order.type,
            as_double(order.quantity),
            as_double(order.filled),
            None if order.price is None else as_double(order.price),
            None if order.trigger_price is None else as_double(order.trigger_price),
            order.average,
            order.status,
            order.is_reduce_only,
            role_of(order),
            setup_of(order),
            reason_of(order),
            _position_of(order, filled.get(order.client_order_id, ())),
        )
        for order in orders
    ]
    table = make_table(ORDERS, rows)
    ids = (tagged_trade(order.tags) for order in orders)
    return with_trade_ids(table, ids) if names_trades else table


def _position_of(order: OrderRecord, trades: Sequence[Trade]) -> str | None:
    # Its own trade, where it has closed a part of others as well.
    trade_id = tagged_trade(order.tags)
    own = [trade.position_id for trade in trades if trade.trade_id == trade_id]
    return next(iter(own), trades[0].position_id if trades else None)


def fill_table(
    orders: Iterable[OrderRecord], trades: Iterable[Trade], *, names_trades: bool = False
) -> pa.Table:
    """Return one row for each fill, by time; one for each position that shares a fill."""
    parts: dict[str, list[tuple[Fill, Trade]]] = {}
    for trade in trades:
        for part in trade.fills:
            parts.setdefault(part.id, []).append((part, trade))
    found = [
        (order, fill, trade)
        for order, whole in fills_in_order(orders)
        for fill, trade in parts[whole.id]
    ]
    rows = [
        (
            fill.ts_event,
            fill.client_order_id,
            fill.trade_id,
            fill.strategy_id,
            fill.instrument_id,
            "BUY" if fill.is_buy else "SELL",
            role_of(order),
            setup_of(order),
            reason_of(order),
            as_double(fill.quantity),
            as_double(fill.price),
            as_double(fill.fee),
            fill.currency,
            "MAKER" if fill.is_maker else "TAKER",
            trade.position_id,
        )
        for order, fill, trade in found
    ]
    table = make_table(FILLS, rows)
    ids = (trade.trade_id for *_, trade in found)
    return with_trade_ids(table, ids) if names_trades else table


def position_table(
    trades: Sequence[Trade], gaps: Sequence[DataGap] = (), *, names_trades: bool = False
) -> pa.Table:
    """Return one row for each position, by time of opening."""
    rows = [(*_position(trade), is_across(trade, gaps)) for trade in trades]
    table = make_table(POSITIONS, rows)
    ids = (trade.trade_id for trade in trades)
    return with_trade_ids(table, ids) if names_trades else table


def with_trade_ids(table: pa.Table, ids: Iterable[int | None]) -> pa.Table:
    """Return a table with the id of the trade of each row."""
    return table.append_column(STRATEGY_TRADE_ID, pa.array(ids, STRATEGY_TRADE_ID.type))


def _position(trade: Trade) -> tuple[Any, ...]:
    plan = trade.plan or Plan()
    return (
        trade.position_id,
        trade.strategy_id,
        trade.instrument_id,
        "LONG" if trade.is_long else "SHORT",
        trade.setup,
        trade.entry_kind,
        trade.ts_open,
        trade.ts_close,
        float(trade.quantity),
        float(trade.entry),
        number(trade.exit),
        number(plan.stop),
        number(plan.tp1),
        number(plan.tp2),
        trade.exits,
        trade.exit_reason,
        float(trade.gross),
        float(trade.fees),
        float(trade.funding),
        float(trade.net),
        number(trade.r_price),
        number(trade.r_costs),
        number(trade.r_net),
        number(trade.entry_cost),
        *_excursions(trade, Decimal(1)),
        *_excursions(trade, trade.multiplier),
        *_excursions(trade, 1 / plan.risk if plan.risk else None),
    )


def _excursions(trade: Trade, unit: Decimal | None) -> tuple[float | None, float | None]:
    if unit is None or trade.adverse is None or trade.favourable is None:
        return None, None
    return float(trade.adverse * unit), float(trade.favourable * unit)


def equity_table(columns: Mapping[str, Any]) -> pa.Table:
    """Return the columns of the equity, times as ns UTC."""
    arrays = [pa.array(columns[field.name], field.type) for field in EQUITY]
    return pa.Table.from_arrays(arrays, schema=EQUITY)


def number(value: Decimal | None) -> float | None:
    """Return an exact figure as a float, None for None."""
    return None if value is None else float(value)
