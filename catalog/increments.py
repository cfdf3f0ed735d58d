"""The tick and lot of an instrument as fixed-point integers, read without NautilusTrader."""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from catalog.layout import END_OF_TIME
from catalog.layout import NS_PER_DAY
from catalog.layout import data_folder
from catalog.protocols import Instrument
from errors import AuctionError


FIXED_PRECISION = 16

# Nautilus has no size increment of a stock: sizes are whole shares.
EQUITY = "equity"
WHOLE_SHARES = {"size_precision": 0, "size_increment": "1"}

# The folders of Nautilus's instrument classes.
INSTRUMENT_TYPES = (
    "betting_instrument",
    "binary_option",
    "cfd",
    "commodity",
    "crypto_future",
    "crypto_futures_spread",
    "crypto_option",
    "crypto_option_spread",
    "crypto_perpetual",
    "currency_pair",
    EQUITY,
    "futures_contract",
    "futures_spread",
    "index_instrument",
    "option_contract",
    "option_spread",
    "perpetual_contract",
    "synthetic_instrument",
    "tokenized_asset",
)


@dataclass(frozen=True, slots=True)
class Increments:
    """
    Represents the units of an instrument's prices and sizes.

    Attributes
    ----------
    instrument_id : str
        The instrument id.
    price_precision, size_precision : int
        The decimals of prices and sizes.
    tick_raw, lot_raw : int
        The fixed-point value (16 decimals) of one tick and of one lot.

    """

    instrument_id: str
    price_precision: int
    size_precision: int
    tick_raw: int
    lot_raw: int

    @property
    def tick_size(self) -> Decimal:
        """Return the price increment."""
        return (
            Decimal(self.tick_raw)
            .scaleb(-FIXED_PRECISION)
            .quantize(
                Decimal(1).scaleb(-self.price_precision),
            )
        )

    @property
    def lot_size(self) -> Decimal:
        """Return the size increment."""
        return (
            Decimal(self.lot_raw)
            .scaleb(-FIXED_PRECISION)
            .quantize(
                Decimal(1).scaleb(-self.size_precision),
            )
        )


def instrument_increments(instrument: Instrument) -> Increments:
    """Return the increments of a Nautilus instrument."""
    return Increments(
        instrument_id=str(instrument.id),
        price_precision=instrument.price_precision,
        size_precision=instrument.size_precision,
        tick_raw=instrument.price_increment.raw,
        lot_raw=instrument.size_increment.raw,
    )


def instrument_files(catalog_path: Path, instrument_id: str) -> list[Path]:
    """Return the files that define an instrument in a catalog, the latest definition last."""
    return sorted(
        path
        for folder in INSTRUMENT_TYPES
        for path in data_folder(catalog_path, folder, instrument_id).glob("*.parquet")
    )


def find_increments(catalog_path: Path, instrument_id: str) -> Increments | None:
    """
    Return the increments of an instrument of a catalog, None if it has no definition.

    Raises
    ------
    AuctionError
        If the definition cannot be read.

    """
    files = instrument_files(catalog_path, instrument_id)
    if not files:
        return None
    names = ["price_precision", "size_precision", "price_increment", "size_increment"]
    try:
        if files[-1].parent.parent.name == EQUITY:
            row = pq.read_table(files[-1], columns=names[::2]).to_pylist()[-1] | WHOLE_SHARES
        else:
            row = pq.read_table(files[-1], columns=names).to_pylist()[-1]
    except (pa.ArrowInvalid, OSError, IndexError) as e:
        raise AuctionError(
            f"{files[-1]}: the instrument cannot be read ({e}): delete it and ingest again",
        ) from e
    return Increments(
        instrument_id=instrument_id,
        price_precision=row["price_precision"],
        size_precision=row["size_precision"],
        tick_raw=_raw(row["price_increment"]),
        lot_raw=_raw(row["size_increment"]),
    )


def contract_life(catalog_path: Path, instrument_id: str) -> tuple[int, int] | None:
    """
    Return the start and the end of a contract's listing (ns UTC), by its definition in a catalog.

    The day of expiry is included. None for an instrument without an expiry.
    """
    files = instrument_files(catalog_path, instrument_id)
    if not files:
        return None
    try:
        row = pq.read_table(files[-1]).to_pylist()[-1]
    except (pa.ArrowException, OSError, IndexError):
        # Reading the increments of the same file reports the damage.
        return None
    first, last = row.get("activation_ns"), row.get("expiration_ns")
    if not isinstance(first, int) or not isinstance(last, int):
        return None
    return contract_days(first, last)


def contract_days(activation_ns: int, expiration_ns: int) -> tuple[int, int] | None:
    """Return the start and the end of a contract's listing (ns UTC), None without an expiry."""
    if not 0 < expiration_ns < END_OF_TIME - NS_PER_DAY:
        return None
    # A definition may omit the activation: it is then the largest number.
    first = activation_ns if activation_ns < expiration_ns else 0
    return first, (expiration_ns // NS_PER_DAY + 1) * NS_PER_DAY


def read_increments(catalog_path: Path, instrument_id: str) -> Increments:
    """
    Read the increments of an instrument from a catalog.

    Raises
    ------
    AuctionError
        If the catalog has no such instrument or its definition cannot be read.

    """
    increments = find_increments(catalog_path, instrument_id)
    if increments is None:
        raise AuctionError(
            f"catalog {catalog_path} has no instrument {instrument_id}: "
            "ingest its data first, or name one that `auction catalog list` shows",
        )
    return increments


def _raw(increment: str) -> int:
    return int(Decimal(increment).scaleb(FIXED_PRECISION))
