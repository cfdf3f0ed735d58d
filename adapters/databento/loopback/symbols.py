"""The contracts of a gateway, and the resolution of symbols of each kind."""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from datetime import UTC
from datetime import date
from datetime import datetime

from adapters.databento.continuous import contract_on
from adapters.databento.continuous import next_roll
from adapters.databento.continuous import parse_rolling
from adapters.databento.dbn import DbnFile
from adapters.databento.symbols import is_outright
from adapters.instruments import day_of
from catalog.layout import END_OF_TIME
from catalog.layout import NS_PER_SECOND
from errors import UsageError


ALL_SYMBOLS = "ALL_SYMBOLS"

_ROLLS_AHEAD = 12


@dataclass(frozen=True, slots=True)
class Span:
    """
    Represents the use of an instrument id for a contract.

    Attributes
    ----------
    instrument_id : int
        The id in the records.
    raw_symbol : str
        The contract.
    start_ns, end_ns : int
        The start of the use and its end, which is excluded (ns UTC).

    """

    instrument_id: int
    raw_symbol: str
    start_ns: int = 0
    end_ns: int = END_OF_TIME

    def within(self, start_ns: int, end_ns: int) -> "Span | None":
        """Return the part of the span in an interval, None if there is none."""
        start, end = max(self.start_ns, start_ns), min(self.end_ns, end_ns)
        return replace(self, start_ns=start, end_ns=end) if start < end else None


class SymbolTable:
    """
    Resolves symbols to the contracts of a gateway.

    Continuous symbols change their contract at midnight UTC, as at Databento.

    Parameters
    ----------
    contracts : Iterable[Span]
        The contracts.
    continuous : Mapping[str, Sequence[tuple[date, str]]], optional
        The contract of a continuous symbol (`ES.c.0`) from each of the given days on. A symbol
        that is not given follows `adapters.databento.continuous.contract_on`.

    Raises
    ------
    UsageError
        If there is no contract, or a continuous symbol names a contract that is not served.

    """

    def __init__(
        self,
        contracts: Iterable[Span],
        continuous: Mapping[str, Sequence[tuple[date, str]]] | None = None,
    ) -> None:
        self._contracts = list(contracts)
        self._continuous = {name: sorted(rolls) for name, rolls in (continuous or {}).items()}
        if not self._contracts:
            raise UsageError("symbol table: no contracts")
        known = {span.raw_symbol for span in self._contracts}
        for name, rolls in self._continuous.items():
            unknown = {symbol for _, symbol in rolls} - known
            if unknown:
                raise UsageError(f"continuous symbol {name}: no contract {sorted(unknown)[0]!r}")

    @classmethod
    def of(cls, **numbers: int) -> "SymbolTable":
        """Return a table of contracts by their numbers (`ESU4=118`), valid at all times."""
        return cls(Span(number, symbol) for symbol, number in numbers.items())

    @classmethod
    def from_files(cls, files: Iterable[DbnFile]) -> "SymbolTable":
        """
        Return a table of the contracts in the symbology of DBN files, on the days listed there.

        Contracts also count as listed before and after these days where no other one uses their id:
        a definition of the morning is listed for one day, trades of the evening for the next.
        """
        uses: dict[int, dict[str, tuple[int, int]]] = {}
        for file in files:
            for span in file.symbology.spans:
                named = uses.setdefault(span.number, {})
                first, last = named.get(span.symbol, (span.begin, span.end))
                named[span.symbol] = (min(first, span.begin), max(last, span.end))
        return cls(
            Span(number, symbol) if len(named) == 1 else Span(number, symbol, *interval)
            for number, named in uses.items()
            for symbol, interval in named.items()
        )

    def resolve(self, stype_in: str, symbol: str, from_ns: int) -> list[Span]:
        """
        Return the contracts of a symbol from a time on.

        Parameters
        ----------
        stype_in : str
            `raw_symbol`, `parent`, `continuous` or `instrument_id`.
        symbol : str
            The symbol. `ALL_SYMBOLS` resolves to every contract.
        from_ns : int
            The time (ns UTC); earlier spans are left out.

        Returns
        -------
        list[Span]
            Empty if the symbol is unknown.

        """
        if symbol == ALL_SYMBOLS:
            found = self._contracts
        elif stype_in == "raw_symbol":
            found = self._named(symbol)
        elif stype_in == "instrument_id":
            found = [span for span in self._contracts if str(span.instrument_id) == symbol]
        elif stype_in == "parent":
            found = self._children(symbol)
        elif stype_in == "continuous":
            found = self._rolled(symbol, from_ns)
        else:
            found = []
        parts = (span.within(from_ns, END_OF_TIME) for span in found)
        return [part for part in parts if part is not None]

    def _named(self, symbol: str) -> list[Span]:
        return [span for span in self._contracts if span.raw_symbol == symbol]

    def _children(self, symbol: str) -> list[Span]:
        root, _, kind = symbol.partition(".")
        if kind != "FUT":
            return []
        return [
            span
            for span in self._contracts
            if is_outright(span.raw_symbol) and _root(span.raw_symbol) == root
        ]

    def _rolled(self, symbol: str, from_ns: int) -> list[Span]:
        rolls = self._continuous.get(symbol) or _rolls(symbol, day_of(from_ns))
        ends = [*(_midnight(day) for day, _ in rolls[1:]), END_OF_TIME]
        return [
            part
            for (day, contract), end in zip(rolls, ends, strict=True)
            for span in self._named(contract)
            if (part := span.within(_midnight(day), end)) is not None
        ]


def _rolls(symbol: str, on: date) -> list[tuple[date, str]]:
    rolling = parse_rolling(symbol)
    if rolling is None or rolling.rule == "parent":
        return []
    try:
        rolls = [(on, contract_on(symbol, on))]
        for _ in range(_ROLLS_AHEAD):
            day = next_roll(symbol, rolls[-1][0])
            rolls.append((day, contract_on(symbol, day)))
    except UsageError:
        return []
    return rolls


def _root(raw_symbol: str) -> str:
    return raw_symbol.rstrip("0123456789")[:-1]


def _midnight(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * NS_PER_SECOND
