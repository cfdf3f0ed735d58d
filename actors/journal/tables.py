"""The tables of the journal."""

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import Boolean
from sqlalchemy import Column
from sqlalchemy import Double
from sqlalchemy import Index
from sqlalchemy import Integer
from sqlalchemy import MetaData
from sqlalchemy import String
from sqlalchemy import Table
from sqlalchemy import Text
from sqlalchemy import UniqueConstraint
from sqlalchemy.schema import SchemaItem

from actors.messages import Message
from actors.messages import message_classes


SCHEMA_VERSION = 2
METADATA = MetaData()
META = Table(
    "meta",
    METADATA,
    Column("key", String(40), primary_key=True),
    Column("value", Text, nullable=False),
)
MESSAGES: dict[type[Message], str] = {cls: cls.JOURNAL for cls in message_classes() if cls.JOURNAL}

_TYPES: dict[Any, Any] = {
    int: BigInteger,
    float: Double,
    str: Text,
    bool: Boolean,
    # As JSON.
    list[int]: Text,
    list[float]: Text,
    list[str]: Text,
}


def _table(name: str, *columns: SchemaItem) -> Table:
    return Table(
        name,
        METADATA,
        Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
        Column("session", String(80), nullable=False),
        Column("seq", BigInteger, nullable=False),
        Column("trader_id", Text, nullable=False),
        Column("mode", Text, nullable=False),
        Column("strategy_id", Text),
        Column("instrument_id", Text),
        Column("ts_event", BigInteger, nullable=False),
        Column("ts_init", BigInteger, nullable=False),
        *columns,
        UniqueConstraint("session", "seq", name=f"{name}_once"),
        Index(f"{name}_time", "strategy_id", "ts_init"),
    )


def _message_columns(cls: type[Message]) -> list[Column[Any]]:
    return [
        Column(name, _TYPES[kind.python], nullable=kind.nullable)
        for name, kind in cls.TYPES.items()
        if name != "strategy_id"
    ]


for _cls, _name in MESSAGES.items():
    _table(_name, *_message_columns(_cls))

# Every event of an order; prices and sizes as exact decimals, `data` the whole event as JSON.
_table(
    "order_events",
    Column("client_order_id", Text, nullable=False),
    Column("venue_order_id", Text),
    Column("event", Text, nullable=False),
    Column("side", Text),
    Column("type", Text),
    Column("quantity", Text),
    Column("price", Text),
    Column("trigger_price", Text),
    Column("reduce_only", Boolean),
    Column("tags", Text),
    Column("reason", Text),
    Column("reconciled", Boolean),
    # The trade of the strategy, as `trade_id` of trade_events, where it may hold several.
    Column("strategy_trade_id", BigInteger),
    Column("data", Text, nullable=False),
)
_table(
    "fills",
    Column("client_order_id", Text, nullable=False),
    Column("venue_order_id", Text),
    Column("trade_id", Text, nullable=False),
    Column("position_id", Text),
    Column("side", Text, nullable=False),
    Column("role", Text),
    Column("quantity", Text, nullable=False),
    Column("price", Text, nullable=False),
    Column("fee", Text),
    Column("currency", Text),
    Column("liquidity", Text),
    Column("reference", Double),
    Column("slippage", Double),
    Column("reconciled", Boolean),
    # `trade_id` is the venue's name of the fill.
    Column("strategy_trade_id", BigInteger),
    # A fill that a restart finds again at the venue is there once.
    Column("scope", String(80), nullable=False),
    UniqueConstraint("trader_id", "mode", "scope", "client_order_id", "trade_id", name="fill_once"),
)
_table(
    "positions",
    Column("position_id", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("side", Text, nullable=False),
    Column("quantity", Text, nullable=False),
    Column("average_open", Double),
    Column("average_close", Double),
    Column("realised", Text),
)
