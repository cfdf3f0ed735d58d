"""
Conversion between NautilusTrader's classes and the files of its catalog.

Besides `catalog.instruments`, which builds instruments, this is the only module of the package that
needs NautilusTrader: ticks and bars are read and written as columns.
"""

from collections.abc import Iterable
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any
from typing import NamedTuple

import pyarrow as pa
from nautilus_trader.model.data import BarType
from nautilus_trader.model.data import FundingRateUpdate
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.persistence.catalog import ParquetDataCatalog
from nautilus_trader.persistence.funcs import class_to_filename
from nautilus_trader.serialization.arrow.serializer import ArrowSerializer

from catalog.protocols import Instrument


FUNDING = str(class_to_filename(FundingRateUpdate))


class StoredRate(NamedTuple):
    """
    Represents an announcement of a funding rate.

    Attributes
    ----------
    ts_init : int
        The time of the announcement (ns UTC).
    next_funding_ns : int or None
        The time of the settlement (ns UTC).
    rate : Decimal
        The rate as a fraction of the notional value; positive when longs pay.
    interval_minutes : int or None
        The time between two settlements.

    """

    ts_init: int
    next_funding_ns: int | None
    rate: Decimal
    interval_minutes: int | None


def definition_table(instrument: Instrument) -> tuple[str, pa.Table]:
    """Return the folder of an instrument's type in a catalog, and its definition as a table."""
    batch = ArrowSerializer.serialize_batch([instrument], type(instrument))
    return str(class_to_filename(type(instrument))), batch


def definition_values(instrument: Instrument) -> dict[str, Any]:
    """Return the fields of a definition by name, as texts and numbers."""
    kind: Any = type(instrument)
    values: dict[str, Any] = kind.to_dict(instrument)
    return values


def changed_definition(instrument: Instrument, values: Mapping[str, Any]) -> Instrument:
    """Return a copy of a definition with other values."""
    kind: Any = type(instrument)
    changed: Instrument = kind.from_dict(dict(values))
    return changed


def stored_definition(catalog_path: Path, instrument_id: str) -> Instrument:
    """Return the latest definition of an instrument in a catalog that has one."""
    catalog = ParquetDataCatalog(Path(catalog_path).resolve())
    found: Instrument = catalog.instruments(instrument_ids=[instrument_id])[-1]
    return found


def funding_table(instrument_id: str, updates: Iterable[StoredRate]) -> pa.Table:
    """Return funding rates as a table, stamped with the times of their announcements."""
    identifier = InstrumentId.from_str(instrument_id)
    rows = [
        FundingRateUpdate(
            instrument_id=identifier,
            rate=update.rate,
            ts_event=update.ts_init,
            ts_init=update.ts_init,
            interval=update.interval_minutes,
            next_funding_ns=update.next_funding_ns,
        )
        for update in updates
    ]
    return pa.table(ArrowSerializer.serialize_batch(rows, FundingRateUpdate))


def stored_funding(catalog_path: Path, instrument_id: str) -> list[StoredRate]:
    """Return the funding rates of an instrument in a catalog."""
    catalog = ParquetDataCatalog(Path(catalog_path).resolve())
    return [
        # The catalog returns the rate as text.
        StoredRate(u.ts_init, u.next_funding_ns, Decimal(str(u.rate)), u.interval)
        for u in catalog.query(FundingRateUpdate, identifiers=[instrument_id])
    ]


def instrument_of_bars(bar_type: str) -> str:
    """
    Return the instrument id of a bar type.

    Raises
    ------
    ValueError
        If the text is not a bar type.

    """
    return str(BarType.from_str(bar_type).instrument_id)
