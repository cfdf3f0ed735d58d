"""What run folders of both systems are built of."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field
from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from actors.messages import Decision
from backtests.results.message_tables import message_schema
from backtests.results.tables import EQUITY
from backtests.results.tables import FILLS
from backtests.results.tables import POSITIONS


Rows = list[dict[str, Any]]

BTC_VALUE_AREA = {"system": "strategies.value_area.system:SYSTEM"}
MINUTE_NS = 60_000_000_000
START = datetime(2025, 6, 2, tzinfo=UTC)
START_NS = int(START.timestamp()) * 1_000_000_000
SCHEMAS = {
    "signals": message_schema(Decision),
    "positions": POSITIONS,
    "fills": FILLS,
    "equity": EQUITY,
}


@dataclass(frozen=True)
class Market:
    """Represents the run that `build_run_folder` writes."""

    minutes: int = 600
    trades: int = 6
    instruments: tuple[str, ...] = ("BTCUSDT-LINEAR.BYBIT",)
    open_position: bool = False
    alerts: int = 0
    summary: dict[str, Any] = field(default_factory=dict)


def write_tables(folder: Path, tables: dict[str, tuple[pa.Schema, Rows]]) -> None:
    """Write tables of a run by name."""
    for name, (schema, rows) in tables.items():
        pq.write_table(pa.Table.from_pylist(rows, schema), folder / f"{name}.parquet")


def write_trading(folder: Path, **tables: Rows) -> None:
    """Write signals, positions, fills and equity of a run."""
    write_tables(folder, {name: (SCHEMAS[name], rows) for name, rows in tables.items()})


def counted(rows: Iterable[dict[str, Any]], name: str) -> dict[str, int]:
    """Return how often each value of a column occurs, where there is one."""
    return dict(Counter(row[name] for row in rows if row.get(name)))


def fill_row(
    position_id: str,
    instrument: str,
    *,
    ts: int,
    order: str,
    side: str,
    role: str,
    reason: str,
    quantity: float,
    price: float,
    commission: float,
    currency: str,
    **further: Any,
) -> dict[str, Any]:
    """Return the row of a fill as taker."""
    return {
        "ts": ts,
        "client_order_id": f"{position_id}-{order}",
        "trade_id": f"{position_id}-{order}",
        "instrument_id": instrument,
        "side": side,
        "role": role,
        "reason": reason,
        "quantity": quantity,
        "price": price,
        "commission": commission,
        "currency": currency,
        "liquidity": "TAKER",
        "position_id": position_id,
        **further,
    }
