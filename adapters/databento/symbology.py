"""The contracts of Databento's instrument ids by time."""

from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from databento_dbn import Metadata
from numpy.typing import NDArray

from adapters.databento.continuous import parse_rolling
from catalog.layout import END_OF_TIME
from catalog.layout import NS_PER_DAY
from catalog.layout import utc_text
from errors import AuctionError


_DELETED = b"D"


@dataclass(frozen=True, slots=True)
class IdSpan:
    """
    Represents the period in which an instrument id belongs to one contract.

    Attributes
    ----------
    number : int
        The instrument id.
    symbol : str
        The contract's symbol at the exchange (`NQZ5`).
    begin, end : int
        The time (ns UTC), the end excluded.

    """

    number: int
    symbol: str
    begin: int
    end: int


class Symbology:
    """
    Resolves the contracts of records by instrument id and time.

    An id is reused for another contract after the first has expired, so it is valid only in a
    period. Times are those of the index: of receipt where the schema has it, else of the event.

    Parameters
    ----------
    spans : Iterable[IdSpan]
        The contracts of the ids.

    """

    def __init__(self, spans: Iterable[IdSpan]) -> None:
        self.spans = sorted(set(spans), key=lambda s: (s.symbol, s.number, s.begin, s.end))

    @property
    def symbols(self) -> list[str]:
        """Return the contracts of the ids."""
        return list(dict.fromkeys(span.symbol for span in self.spans))

    def mask(
        self, ids: NDArray[Any], ts: NDArray[Any], symbol: str | None = None
    ) -> NDArray[np.bool_]:
        """
        Return a mask of the records of a contract.

        Parameters
        ----------
        ids : NDArray
            The instrument ids (shape `n`).
        ts : NDArray
            The times of the index (ns UTC, shape `n`).
        symbol : str, optional
            The contract; None for any known contract.

        Returns
        -------
        NDArray[np.bool_]
            Shape `n`.

        """
        found = np.zeros(len(ids), dtype=np.bool_)
        for span in self.spans:
            if symbol is None or span.symbol == symbol:
                found |= (ids == span.number) & (ts >= span.begin) & (ts < span.end)
        return found

    def check_named(self, path: object, ids: NDArray[Any], ts: NDArray[Any], symbol: str) -> None:
        """
        Refuse records that may be of a contract, at a time without a definition in force.

        Raises
        ------
        AuctionError
            If an id of the contract has no contract at the time of a record.

        """
        own = {span.number for span in self.spans if span.symbol == symbol}
        lost = np.isin(ids, sorted(own))
        for span in self.spans:
            if span.number in own:
                lost &= (ids != span.number) | (ts < span.begin) | (ts >= span.end)
        if lost.any():
            row = int(np.argmax(lost))
            raise AuctionError(
                f"{path}: {int(lost.sum()):,} records of instrument id {int(ids[row])}, the first "
                f"at {utc_text(int(ts[row]))}: no definition was in force then, so they cannot be "
                f"taken for {symbol}: pass the definition file of those days"
            )


def requested_spans(path: object, metadata: Metadata) -> list[IdSpan] | None:
    """
    Return the contracts of ids from the metadata of a DBN file.

    The direction of its mappings depends on the requested and the resolved kind of symbol: from
    symbols to ids, or from ids to symbols.

    Returns
    -------
    list[IdSpan] or None
        None if the request was by continuous symbols or otherwise has no contracts.

    Raises
    ------
    AuctionError
        If a mapping is damaged.

    """
    stypes = str(metadata.stype_in), str(metadata.stype_out)
    to_ids = stypes[0] in ("raw_symbol", "parent") and stypes[1] == "instrument_id"
    if not to_ids and stypes != ("instrument_id", "raw_symbol"):
        return None
    found = []
    for key, intervals in metadata.mappings.items():
        for interval in intervals:
            value = interval["symbol"]
            if not value:
                continue
            symbol, text = (key, value) if to_ids else (value, key)
            if parse_rolling(symbol) is not None:
                return None
            if not text.isascii() or not text.isdigit():
                raise AuctionError(
                    f"{path}: its metadata map {key!r} to {value!r}, which is no instrument id: "
                    "download it again"
                )
            begin, end = (_midnight(interval[name]) for name in ("start_date", "end_date"))
            found.append(IdSpan(int(text), symbol, begin, end))
    return found


def defined_spans(definitions: Iterable[NDArray[Any]]) -> list[IdSpan]:
    """
    Return the contracts of ids from definition records.

    A definition is in force from its receipt, the first one of an id on its UTC day from midnight,
    until another one, the deletion of the instrument, or the end of the day it expires on.
    """
    by_id: dict[int, list[tuple[int, str, int, bool]]] = {}
    for records in definitions:
        names = np.char.decode(records["raw_symbol"], "latin-1").tolist()
        actions = records["security_update_action"]
        for number, ts, name, expiration, action in zip(
            records["instrument_id"].tolist(),
            records["ts_recv"].tolist(),
            names,
            records["expiration"].tolist(),
            actions.tolist(),
            strict=True,
        ):
            by_id.setdefault(number, []).append((ts, name, expiration, action == _DELETED))
    spans = []
    for number, rows in by_id.items():
        rows.sort(key=lambda row: row[0])
        ends = [row[0] for row in rows[1:]] + [END_OF_TIME]
        for index, ((ts, name, expiration, is_deleted), end) in enumerate(
            zip(rows, ends, strict=True)
        ):
            if is_deleted:
                continue
            begin = ts if index else ts // NS_PER_DAY * NS_PER_DAY
            last = (expiration // NS_PER_DAY + 1) * NS_PER_DAY if expiration else END_OF_TIME
            spans.append(IdSpan(number, name, begin, min(end, last, END_OF_TIME)))
    return _joined(spans)


def _joined(spans: Sequence[IdSpan]) -> list[IdSpan]:
    found: list[IdSpan] = []
    for span in spans:
        last = found[-1] if found else None
        if last and (last.number, last.symbol, last.end) == (span.number, span.symbol, span.begin):
            found[-1] = IdSpan(span.number, span.symbol, last.begin, span.end)
        elif span.begin < span.end:
            found.append(span)
    return found


def _midnight(day: object) -> int:
    return int(np.datetime64(str(day), "ns").astype(np.int64))
