"""Queries of the journal's database: the last snapshot of a strategy, the recorded fills."""

from collections import defaultdict
from decimal import Decimal
from decimal import InvalidOperation

from sqlalchemy import Connection
from sqlalchemy import select

from actors.journal.tables import METADATA


type Snapshot = tuple[int, str]


class UnreadableRowError(ValueError):
    """Represents a row of the database that holds something else than was written."""


def last_snapshot(
    connection: Connection, trader_id: str, mode: str, strategy_id: str
) -> Snapshot | None:
    """
    Return time (ns UTC) and state of the latest snapshot of a strategy in one mode.

    The latest is the one written last: a clock that was set back makes it an earlier time.

    Raises
    ------
    UnreadableRowError
        If it holds no text.

    """
    table = METADATA.tables["snapshots"]
    latest = (
        select(table.c.ts_init, table.c.state)
        .where(
            table.c.trader_id == trader_id,
            table.c.mode == mode,
            table.c.strategy_id == strategy_id,
        )
        .order_by(table.c.id.desc())
        .limit(1)
    )
    row = connection.execute(latest).one_or_none()
    if row is None:
        return None
    if not (isinstance(row.ts_init, int) and isinstance(row.state, str)):
        raise UnreadableRowError("the last snapshot holds no text")
    return row.ts_init, row.state


def filled_sizes(
    connection: Connection, trader_id: str, mode: str
) -> dict[str, dict[str, Decimal]]:
    """
    Return the sizes of all fills in one mode, by client order id and identifier.

    Raises
    ------
    UnreadableRowError
        If a size is no number.

    """
    table = METADATA.tables["fills"]
    own = select(table.c.client_order_id, table.c.trade_id, table.c.quantity).where(
        table.c.trader_id == trader_id,
        table.c.mode == mode,
    )
    found: defaultdict[str, dict[str, Decimal]] = defaultdict(dict)
    for row in connection.execute(own):
        try:
            size = Decimal(row.quantity)
        except (InvalidOperation, TypeError, ValueError):
            raise UnreadableRowError(f"{str(row.quantity)[:20]!r} is no size") from None
        found[row.client_order_id][row.trade_id] = size
    return found
