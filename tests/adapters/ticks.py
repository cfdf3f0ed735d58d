"""Reads back what an import wrote."""

from dataclasses import fields
from pathlib import Path

import numpy as np
from nautilus_trader.persistence.catalog import ParquetDataCatalog

from catalog.reader import MergedTicks
from catalog.reader import read_ticks


BTC = "BTCUSDT-LINEAR.BYBIT"


def all_ticks(catalog_path: Path, instrument_id: str = BTC) -> MergedTicks:
    """Return all trades and quotes of an instrument in their common order."""
    parts = list(read_ticks(catalog_path, instrument_id))
    return MergedTicks(
        *(
            np.concatenate([getattr(part, field.name) for part in parts])
            for field in fields(MergedTicks)
        ),
    )


def trade_ids(catalog_path: Path, instrument_id: str = BTC) -> list[str]:
    """Return the ids of all trades as Nautilus reads them."""
    ticks = ParquetDataCatalog(catalog_path).trade_ticks(instrument_ids=[instrument_id])
    return [tick.trade_id.value for tick in ticks]


def is_empty(catalog_path: Path) -> bool:
    """Return whether a catalog holds no file at all."""
    return not any(path.is_file() for path in catalog_path.rglob("*"))
