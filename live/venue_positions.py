"""Queries the venues of a node for the positions of its account."""

import time
from decimal import Decimal
from typing import Any

from nautilus_trader.adapters.sandbox.execution import SandboxExecutionClient
from nautilus_trader.common.enums import LogLevel
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.messages import GeneratePositionStatusReports
from nautilus_trader.model.identifiers import InstrumentId

from live.node_protocols import Node


# Signed size and average price.
FLAT: tuple[Decimal, Decimal | None] = (Decimal(0), None)


async def query_positions(node: Node) -> dict[InstrumentId, tuple[Decimal, Decimal | None]]:
    """
    Return signed size and average price of each position that an account of a node holds.

    A real venue is queried itself: what Nautilus's engine cannot explain by fills it leaves out of
    its cache. A simulated one reports nothing; its positions are those of the cache.

    Parameters
    ----------
    node : Node
        The node, running. What keeps a venue from answering is raised as its client raises it.

    """
    held: dict[InstrumentId, tuple[Decimal, Decimal | None]] = {}
    for client in node.kernel.exec_engine._clients.values():
        if isinstance(client, SandboxExecutionClient):
            for position in node.cache.positions_open(venue=client.venue):
                name, size = position.instrument_id, position.signed_decimal_qty()
                held[name] = (held.get(name, FLAT)[0] + size, _price(position.avg_px_open))
            continue
        question = GeneratePositionStatusReports(
            instrument_id=None,
            start=None,
            end=None,
            command_id=UUID4(),
            ts_init=time.time_ns(),
            log_receipt_level=LogLevel.DEBUG,
        )
        for report in await client.generate_position_status_reports(question):
            name, size = report.instrument_id, report.signed_decimal_qty
            held[name] = (held.get(name, FLAT)[0] + size, _price(report.avg_px_open))
    return held


def _price(average: Any) -> Decimal | None:
    return None if average is None else Decimal(str(average))
