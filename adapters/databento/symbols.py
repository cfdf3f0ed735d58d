"""Selection of the contracts to import from Databento files, without spreads."""

import re
from collections import Counter
from collections.abc import Sequence

from adapters.databento.records import NO_SYMBOL
from adapters.databento.records import RecordFile
from errors import UsageError


def is_outright(symbol: str) -> bool:
    """
    Return True if a symbol is that of a single contract.

    Calendar spreads (`NQZ5-NQH6`), user-defined spreads (`UD:1V: 12`, `CL:BF F5-G5-H5`) and
    options (`ESZ5 C6500`) contain a hyphen, colon or space.
    """
    return re.search(r"[-: ()]", symbol) is None


def choose_symbols(files: Sequence[RecordFile], symbols: Sequence[str]) -> list[str]:
    """
    Return the contracts to import.

    Parameters
    ----------
    files : Sequence[RecordFile]
        The files.
    symbols : Sequence[str]
        The requested contracts; empty for the only one in the files.

    Returns
    -------
    list[str]

    Raises
    ------
    UsageError
        If a spread or option is requested, or no contract is requested and the files hold several
        instruments; the message lists them.

    """
    for symbol in symbols:
        if not is_outright(symbol):
            raise UsageError(f"--symbol {symbol}: only single contracts, no spreads and options")
    if symbols:
        return list(dict.fromkeys(symbols))
    counts: Counter[str] = Counter()
    for file in files:
        counts.update(file.count_symbols())
    if len(counts) == 1 and is_outright(next(iter(counts))):
        return list(counts)
    paths = ", ".join(str(file.path) for file in files)
    if NO_SYMBOL in counts:
        raise UsageError(
            f"{paths}: requested by continuous symbols or ids, the records of no contract are "
            "named: pass the definition file with --definition",
        )
    raise UsageError(f"{paths}: {_listing(counts)}: name the contracts to import with --symbol")


def _listing(counts: Counter[str]) -> str:
    outright = [entry for entry in counts.most_common() if is_outright(entry[0])]
    others = [entry for entry in counts.most_common() if not is_outright(entry[0])]
    parts = ["contracts " + ", ".join(f"{symbol} ({count:,} rows)" for symbol, count in outright)]
    if others:
        names = ", ".join(f"{symbol} ({count:,})" for symbol, count in others[:5])
        more = f" and {len(others) - 5} more" if len(others) > 5 else ""
        parts.append(f"spreads and options, not imported: {names}{more}")
    return "; ".join(parts) if outright else parts[-1] if others else "no rows"
