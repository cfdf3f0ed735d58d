"""Instruments of Databento data, from a definition file or the built-in contracts."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa
from nautilus_trader.adapters.databento import DatabentoDataLoader
from numpy.typing import NDArray

from adapters.databento.dbn import DbnFile
from adapters.databento.dbn_stream import read_records
from adapters.databento.records import DEFINITION
from adapters.databento.symbology import IdSpan
from adapters.databento.symbology import defined_spans
from adapters.instruments import day_of
from adapters.instruments import find_instrument
from adapters.streams import open_stream
from catalog.contracts import FUTURES
from catalog.contracts import contract_spec
from catalog.margins import with_margins
from catalog.protocols import Instrument
from errors import AuctionError
from errors import UsageError


_COPY_BYTES = 1 << 20


class Definitions:
    """
    Provides the instruments of symbols.

    Parameters
    ----------
    path : Path, optional
        A DBN file of schema `definition`.

    Raises
    ------
    UsageError
        If the file does not exist or has another schema.
    AuctionError
        If the file cannot be read.

    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._instruments: list[Instrument] = []
        self.spans: Sequence[IdSpan] = ()
        if path is None:
            return
        file = DbnFile(path)
        if file.schema != DEFINITION:
            raise UsageError(f"--definition {path}: schema is {file.schema}, not {DEFINITION}")
        self.spans = defined_spans(_checked(path, records) for records in read_records(path, _pass))
        self._instruments = _decoded(path)

    @property
    def symbols(self) -> list[str]:
        """Return the defined contracts, including spreads and options."""
        return sorted({known.raw_symbol.value for known in self._instruments})

    def instrument(self, catalog_path: Path, symbol: str, on_ns: int) -> Instrument:
        """
        Return the instrument of a symbol.

        Parameters
        ----------
        catalog_path : Path
            A catalog that may hold the instrument already.
        symbol : str
            The symbol at the exchange (`NQZ5`).
        on_ns : int
            A time of the data (ns UTC).

        Returns
        -------
        Instrument
            From the definition file, the latest up to the time of the data, with the margins of
            the built-in contract, which Databento does not publish; without a file from the
            catalog, otherwise built in. The venue is the market identifier code of the exchange.

        Raises
        ------
        UsageError
            If the symbol is unknown.

        """
        spec = contract_spec(symbol)
        if self._path is None:
            if spec is None:
                raise UsageError(
                    f"symbol {symbol!r} is not a contract of {', '.join(FUTURES)}: "
                    "pass its definition file with --definition",
                )
            return find_instrument(catalog_path, f"{symbol}.{spec.venue}", on_ns)
        found = [known for known in self._instruments if known.raw_symbol.value == symbol]
        if not found:
            raise UsageError(
                f"--definition {self._path}: no {symbol!r}, it has {', '.join(self.symbols[:20])}"
            )
        found.sort(key=lambda known: int(known.ts_event))
        chosen = next((known for known in reversed(found) if known.ts_event <= on_ns), found[0])
        return with_margins(chosen, day_of(int(chosen.ts_event)))


def _pass(_: int) -> None:
    # A definition file is small: no progress to show.
    return


def _checked(path: Path, records: NDArray[Any]) -> NDArray[Any]:
    # Nautilus's decoder would abort the process on these.
    symbols = [symbol.partition(b"\0")[0].strip() for symbol in records["raw_symbol"].tolist()]
    for bad, what in (
        (np.array([not symbol for symbol in symbols]), "has no symbol"),
        (records["min_lot_size_round_lot"] < 0, "has a negative lot size"),
    ):
        if bad.any():
            number = int(records["instrument_id"][bad][0])
            raise AuctionError(
                f"{path}: the definition of id {number} {what}: the file is damaged, get it anew"
            )
    return records


def _decoded(path: Path) -> list[Instrument]:
    # Nautilus's decoder accepts only files compressed with zstandard.
    with TemporaryDirectory() as folder, open_stream(path) as (_, stream):
        copy = Path(folder) / f"{DEFINITION}.dbn.zst"
        try:
            with pa.CompressedOutputStream(str(copy), "zstd") as out:
                while content := stream.read(_COPY_BYTES):
                    out.write(content)
            found: list[Instrument] = DatabentoDataLoader().from_dbn_file(
                copy,
                use_exchange_as_venue=True,
                skip_on_error=True,
            )
        except (ValueError, RuntimeError, OSError) as error:
            reason = " ".join(str(error).split())
            raise AuctionError(f"{path}: not a readable definition file ({reason})") from None
    return found
