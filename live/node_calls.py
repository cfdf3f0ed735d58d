"""Requests to clients, engines and cache of a node that take Nautilus's own classes."""

import time
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from nautilus_trader.adapters.sandbox.execution import SandboxExecutionClient
from nautilus_trader.cache.cache import Cache
from nautilus_trader.common.enums import LogLevel
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.messages import GeneratePositionStatusReports
from nautilus_trader.execution.reports import PositionStatusReport
from nautilus_trader.model.data import Bar
from nautilus_trader.model.data import BarType
from nautilus_trader.model.data import QuoteTick
from nautilus_trader.model.data import TradeTick
from nautilus_trader.model.enums import OrderSide
from nautilus_trader.model.enums import TradingState
from nautilus_trader.model.identifiers import InstrumentId as NautilusInstrumentId

from live.node_protocols import InstrumentId
from live.node_protocols import Node


# Signed size and average price.
FLAT: tuple[Decimal, Decimal | None] = (Decimal(0), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingOrder:
    """
    Represents an order that works at a venue, as the venue reports it.

    Attributes
    ----------
    client_order_id : ClientOrderId or None
        Its client order id, None for an order without one.
    is_buy, is_reduce_only, is_stop : bool
        Its side, if it is reduce-only, and if it waits for a trigger.
    leaves : Decimal
        The unfilled size.

    """

    client_order_id: Any
    is_buy: bool
    is_reduce_only: bool
    is_stop: bool
    leaves: Decimal


async def query_positions(node: Node) -> dict[InstrumentId, tuple[Decimal, Decimal | None]]:
    """
    Return signed size and average price of each position that an account of a node holds.

    A real venue is queried directly: Nautilus's engine leaves positions that its fills do not
    explain out of its cache. A simulated venue reports none; its positions come from the cache.

    Parameters
    ----------
    node : Node
        The node, running. Exceptions of its clients are propagated.

    """
    held: dict[InstrumentId, tuple[Decimal, Decimal | None]] = {}
    for client in node.kernel.exec_engine._clients.values():
        if isinstance(client, SandboxExecutionClient):
            for position in node.cache.positions_open(venue=client.venue):
                name, size = position.instrument_id, position.signed_decimal_qty()
                held[name] = (held.get(name, FLAT)[0] + size, _price(position.avg_px_open))
            continue
        for report in await _reports(client, None):
            name, size = report.instrument_id, report.signed_decimal_qty
            held[name] = (held.get(name, FLAT)[0] + size, _price(report.avg_px_open))
    return held


async def query_position(client: Any, instrument_id: InstrumentId) -> Decimal:
    """Return the signed position of an instrument at a venue, 0 for none."""
    reports = await _reports(client, instrument_id)
    return sum((report.signed_decimal_qty for report in reports), Decimal(0))


async def query_orders(client: Any, instrument_id: InstrumentId) -> list[WorkingOrder]:
    """Return the working orders of an instrument at a venue."""
    return [
        WorkingOrder(
            client_order_id=report.client_order_id,
            is_buy=report.order_side == OrderSide.BUY,
            is_reduce_only=report.reduce_only,
            is_stop=report.trigger_price is not None,
            leaves=report.leaves_qty.as_decimal(),
        )
        for report in await client.open_orders(instrument_id)
    ]


def set_halted(node: Node, *, halted: bool) -> None:
    """Set or clear the halt of the risk engine, which denies every order, exits included."""
    state = TradingState.HALTED if halted else TradingState.ACTIVE
    node.kernel.risk_engine.set_trading_state(state)


class CachedTicks:
    """
    The last quotes, trades and bars in a cache.

    Parameters
    ----------
    cache : Cache
        The cache of a node.

    """

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    def quote(self, instrument_id: str) -> QuoteTick | None:
        """Return the quote in force of an instrument, None before the first."""
        return self._cache.quote_tick(NautilusInstrumentId.from_str(instrument_id))

    def trade(self, instrument_id: str) -> TradeTick | None:
        """Return the last trade of an instrument, None before the first."""
        return self._cache.trade_tick(NautilusInstrumentId.from_str(instrument_id))

    def bar(self, bar_type: str) -> Bar | None:
        """Return the last bar of a type, None before the first."""
        return self._cache.bar(BarType.from_str(bar_type))


def is_tick_or_bar(data: object) -> bool:
    """Return True for a quote, a trade or a bar."""
    return isinstance(data, QuoteTick | TradeTick | Bar)


def instrument_of_data(data: QuoteTick | TradeTick | Bar) -> NautilusInstrumentId:
    """Return the instrument of a quote, a trade or a bar."""
    return data.bar_type.instrument_id if isinstance(data, Bar) else data.instrument_id


def is_quote(data: object) -> bool:
    """Return True for a quote."""
    return isinstance(data, QuoteTick)


async def _reports(client: Any, instrument_id: InstrumentId | None) -> list[PositionStatusReport]:
    question = GeneratePositionStatusReports(
        instrument_id=instrument_id,
        start=None,
        end=None,
        command_id=UUID4(),
        ts_init=time.time_ns(),
        log_receipt_level=LogLevel.DEBUG,
    )
    reports: list[PositionStatusReport] = await client.generate_position_status_reports(question)
    return reports


def _price(average: Any) -> Decimal | None:
    return None if average is None else Decimal(str(average))
