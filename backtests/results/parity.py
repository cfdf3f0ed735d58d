"""Compares what two runs saw, decided and earned: backtests, nodes, or one of each."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from actors.messages import DataGap
from actors.messages import Message
from actors.messages.schema import Parity
from backtests.results.declared import known_classes
from backtests.results.declared import table_path
from backtests.results.parity_rows import Rows
from backtests.results.parity_rows import align_totals
from backtests.results.parity_rows import has_rows
from backtests.results.parity_rows import read_rows
from backtests.results.recording import Row
from errors import AuctionError
from errors import UsageError
from strategies.common.divergence import first_difference


@dataclass(frozen=True, slots=True)
class ParityCheck:
    """
    Represents one comparison of the bars of two runs, as declared by a message class.

    Attributes
    ----------
    what : str
        Its name.
    unit : str
        The unit of its rows.
    cls : type[Message]
        The class of the rows.
    key : tuple[str, ...]
        The columns that name a row; the second is its time. Rows of one name keep their order.
    columns : tuple[str, ...]
        Those that must be equal.
    is_complete : bool
        If a row of one run alone, within the time that both have, is a difference.
    of_fills : bool
        If they depend on fills: only where both runs have those of a simulated venue, by the time
        of the data, does a difference count.
    totals : tuple[str, ...]
        Those that count from the first tick that a run knows.

    """

    what: str
    unit: str
    cls: type[Message]
    key: tuple[str, ...]
    columns: tuple[str, ...]
    is_complete: bool
    of_fills: bool
    totals: tuple[str, ...] = ()

    @classmethod
    def of(cls, kind: type[Message], declared: Parity, bars: type[Message]) -> "ParityCheck":
        """Return the check that a class declares, in runs of some bars."""
        assert bars.TABLE is not None
        is_each = bars.TABLE.decided
        complete = declared.is_complete
        return cls(
            declared.what,
            declared.unit or (bars.TABLE.bars if is_each else "decisions"),
            kind,
            ("instrument_id", *declared.key),
            declared.columns or kind.COLUMNS,
            not is_each if complete is None else complete,
            declared.of_fills,
            declared.totals,
        )


@dataclass(frozen=True, slots=True)
class Difference:
    """
    Represents the differences of two runs in one check.

    Attributes
    ----------
    check : ParityCheck
        The check.
    count : int
        The rows compared.
    differing : int
        Those that differ.
    first : str or None
        The first of them, as one line.
    times : tuple[int, ...]
        The times of all of them (ns UTC).

    """

    check: ParityCheck
    count: int
    differing: int
    first: str | None
    times: tuple[int, ...] = ()


def compare(run_a: Path, run_b: Path, *, began_apart: bool = False) -> dict[str, Difference]:
    """
    Compare two runs over the time that both have.

    What actors publish must be equal in every bit. Decisions are what the system wants: flags,
    reasons and intents. Actions are what the gate made of them, sizes follow the money in the
    account, and money is each step of a trade with its fill, fees and funding: all three depend on
    fills. A backtest and a paper replay have the same.

    Parameters
    ----------
    run_a, run_b : Path
        The folders of the runs.
    began_apart : bool, default False
        If they know the market from different times on: totals are compared by their changes since
        the first row that both have.

    Returns
    -------
    dict[str, Difference]
        The checks by name.

    Raises
    ------
    UsageError
        If a folder is no run, or they are runs of different systems.
    AuctionError
        If a file cannot be read, or the runs have no time in common.

    """
    bars, classes = _classes(run_a, run_b)
    checks = [ParityCheck.of(cls, parity, bars) for cls in classes for parity in cls.PARITY]
    rows = {check: (_read(run_a, check), _read(run_b, check)) for check in checks}
    if began_apart:
        for check, pair in rows.items():
            align_totals(*pair, check.totals)
    clock = rows[checks[0]]
    span = _common_span(*clock)
    if span is None:
        raise AuctionError(
            f"{run_a} and {run_b} have no {checks[0].unit} of {checks[0].what} in common: "
            "compare runs of one stretch"
        )
    return {check.what: _difference(check, *rows[check], span) for check in checks}


def _classes(run_a: Path, run_b: Path) -> tuple[type[Message], list[type[Message]]]:
    # Bars first: their time is that of the runs.
    known = {cls: None for run in (run_a, run_b) for cls in known_classes(run) if cls.PARITY}
    own = [
        {cls for cls in known if (path := table_path(run, cls)) and has_rows(path, cls)}
        for run in (run_a, run_b)
    ]
    bars = [cls for cls in known if cls.TABLE is not None and cls.TABLE.bars]
    common = [cls for cls in bars if cls in own[0] and cls in own[1]]
    for run, tables in zip((run_a, run_b), own, strict=True):
        if not any(cls in tables for cls in bars):
            raise UsageError(f"{run}: not the folder of a run: it holds no closed bars")
    if not common:
        units = [
            next(cls.TABLE.bars for cls in bars if cls in tables and cls.TABLE) for tables in own
        ]
        raise UsageError(
            f"{run_a} and {run_b} are runs of different systems: one closes {units[0]}, one "
            f"{units[1]}"
        )
    others = [
        cls
        for cls in known
        if cls not in bars and (table_path(run_a, cls) or table_path(run_b, cls))
    ]
    others.sort(key=lambda cls: (any(p.of_fills for p in cls.PARITY), cls is DataGap))
    return common[0], [*common, *others]


def print_parity(run_a: Path, run_b: Path, say: Callable[[str], None]) -> bool:
    """
    Print where two runs first differ; return True if they are equal in all that counts.

    Actions, sizes and money count unless a run has its fills from elsewhere than a simulated venue
    in the time of the data.

    Parameters
    ----------
    run_a, run_b : Path
        The folders of the runs.
    say : Callable[[str], None]
        Shows a line.

    """
    found = compare(run_a, run_b).values()
    for difference in found:
        what, unit = difference.check.what, difference.check.unit
        if difference.first is None:
            say(f"{what}: equal in {difference.count:,} {unit}")
        else:
            say(
                f"{what}: {difference.differing:,} of {difference.count:,} {unit} "
                f"differ, first {difference.first}"
            )
    counts = _has_simulated_fills(run_a) and _has_simulated_fills(run_b)
    if not counts:
        say("actions, sizes and money do not count: the fills are not those of one simulated venue")
    return all(d.first is None for d in found if counts or not d.check.of_fills)


def _has_simulated_fills(run: Path) -> bool:
    # A node leaves this file, a backtest does not. What runs against a market has its own moments.
    end = run / "end.json"
    if not end.is_file():
        return (run / "summary.json").is_file()
    try:
        document = json.loads(end.read_text())
        return bool(document.get("replay") and document.get("mode") != "live")
    except (AttributeError, ValueError) as error:
        raise AuctionError(f"{end}: not readable ({error})") from None


def _common_span(rows_a: Rows, rows_b: Rows) -> tuple[int, int] | None:
    common = [int(key[1]) for key in rows_a.keys() & rows_b.keys()]
    return (min(common), max(common)) if common else None


def _difference(
    check: ParityCheck, rows_a: Rows, rows_b: Rows, span: tuple[int, int]
) -> Difference:
    keys = rows_a.keys() & rows_b.keys()
    if check.is_complete:
        single = rows_a.keys() ^ rows_b.keys()
        keys |= {key for key in single if span[0] <= int(key[1]) <= span[1]}
    first, count, times = None, 0, list[int]()
    for key in sorted(keys, key=lambda key: (int(key[1]), key)):
        count += 1
        text = _unlike(check, rows_a.get(key), rows_b.get(key))
        if text is None:
            continue
        times.append(int(key[1]))
        if first is None:
            at = pd.Timestamp(int(key[1]), tz="UTC")
            exactly = "%H:%M" if check.unit == "minutes" else "%H:%M:%S"
            first = f"{at:%Y-%m-%d {exactly}} {text}"
    return Difference(check, count, len(times), first, tuple(times))


def _unlike(check: ParityCheck, row_a: Row | None, row_b: Row | None) -> str | None:
    for row, run in ((row_a, "second"), (row_b, "first")):
        if row is None:
            known = row_a or row_b or {}
            what = " ".join(str(known[name]) for name in check.key[2:])
            return f"{what} in the {run} run alone".strip()
    if row_a is None or row_b is None:
        return None
    name = first_difference(row_a, row_b, check.columns)
    return None if name is None else f"{name}: {row_a.get(name)!r} and {row_b.get(name)!r}"


def _read(run: Path, check: ParityCheck) -> Rows:
    return read_rows(run, check.cls, check.key)
