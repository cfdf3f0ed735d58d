"""Compares what two runs saw, decided and earned: backtests, nodes, or one of each."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from actors.messages import DailyLevelsUpdate
from actors.messages import DataGap
from actors.messages import ImpulseTransition
from actors.messages import LvnVisit
from actors.messages import MarketStateUpdate
from actors.messages import SecondBar
from actors.messages import ValueAreaMinute
from backtests.results.recording import Row
from backtests.results.recording import read_lines
from errors import AuctionError
from errors import UsageError
from strategies.common.divergence import ACTION
from strategies.common.divergence import DECISION
from strategies.common.divergence import SIZE
from strategies.common.divergence import first_difference


KEY = ("instrument_id", "ts_min")
SECOND = ("instrument_id", "ts_second")
EVENT = ("instrument_id", "ts_second", "source", "event", "impulse_id")

type Rows = dict[tuple[str, ...], Row]


@dataclass(frozen=True, slots=True)
class ParityCheck:
    """
    Represents what is compared, and how.

    Attributes
    ----------
    what : str
        Its name.
    unit : str
        What its rows stand for.
    file : str
        The file of the run that holds them.
    key : tuple[str, ...]
        The columns that name a row; the second is its time. Rows of one name keep their order.
    columns : tuple[str, ...]
        Those that must be equal.
    is_complete : bool
        If a row of one run alone, within the time that both have, is a difference.
    of_fills : bool
        If they depend on fills: only where both runs have those of a simulated venue, by the time
        of the data, does a difference count.

    """

    what: str
    unit: str
    file: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    is_complete: bool = False
    of_fills: bool = False


MINUTES = (ParityCheck("features", "minutes", "features", KEY, ValueAreaMinute.COLUMNS),)
SECONDS = (
    ParityCheck("seconds", "seconds", "second_bars", SECOND, SecondBar.COLUMNS, is_complete=True),
    ParityCheck(
        "levels",
        "changes",
        "daily_levels",
        ("instrument_id", "ts", "day"),
        DailyLevelsUpdate.COLUMNS,
        is_complete=True,
    ),
    ParityCheck(
        "states", "changes", "market_states", SECOND, MarketStateUpdate.COLUMNS, is_complete=True
    ),
    ParityCheck(
        "impulses", "steps", "impulses", EVENT, ImpulseTransition.COLUMNS, is_complete=True
    ),
    ParityCheck(
        "visits", "steps", "lvn_visits", (*EVENT, "price"), LvnVisit.COLUMNS, is_complete=True
    ),
)

GAPS = ParityCheck(
    "gaps", "gaps", "gaps", ("instrument_id", "ts"), DataGap.COLUMNS, is_complete=True
)


# The steps of the trades: fills and their money, to the nanosecond.
MONEY = ParityCheck(
    "money",
    "trade events",
    "trade_events",
    ("instrument_id", "ts", "strategy_id", "kind"),
    ("setup", "side", "reason", "quantity", "price", "gross", "fees", "funding", "net"),
    is_complete=True,
    of_fills=True,
)


def _decided(unit: str, *, is_complete: bool) -> tuple[ParityCheck, ...]:
    key = (*KEY, "strategy_id")
    return (
        ParityCheck("decisions", unit, "signals", key, DECISION, is_complete=is_complete),
        ParityCheck("actions", unit, "signals", key, ACTION, of_fills=True),
        ParityCheck("sizes", unit, "signals", key, SIZE, of_fills=True),
    )


@dataclass(frozen=True, slots=True)
class Difference:
    """
    Represents what two runs have not in common in one respect.

    Attributes
    ----------
    respect : ParityCheck
        The respect.
    count : int
        The rows compared.
    differing : int
        Those that differ.
    first : str or None
        The first of them, as one line.

    """

    respect: ParityCheck
    count: int
    differing: int
    first: str | None


def compare(run_a: Path, run_b: Path) -> dict[str, Difference]:
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

    Returns
    -------
    dict[str, Difference]
        The respects by name.

    Raises
    ------
    UsageError
        If a folder is no run, or they are runs of different systems.
    AuctionError
        If a file cannot be read, or the runs have no time in common.

    """
    has_seconds = [_path(run, "second_bars") is not None for run in (run_a, run_b)]
    if has_seconds[0] != has_seconds[1]:
        raise UsageError(f"{run_a} and {run_b} are runs of different systems: one closes seconds")
    if has_seconds[0]:
        respects = (*SECONDS, GAPS, *_decided("decisions", is_complete=True), MONEY)
    else:
        respects = (*MINUTES, GAPS, *_decided("minutes", is_complete=False), MONEY)
    rows = {respect: (_read(run_a, respect), _read(run_b, respect)) for respect in respects}
    clock = rows[respects[0]]
    span = _common_span(*clock)
    if span is None:
        raise AuctionError(
            f"{run_a} and {run_b} have no {respects[0].unit} of {respects[0].what} in common: "
            "compare runs of one stretch"
        )
    return {respect.what: _difference(respect, *rows[respect], span) for respect in respects}


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
        what, unit = difference.respect.what, difference.respect.unit
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
    return all(d.first is None for d in found if counts or not d.respect.of_fills)


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
    respect: ParityCheck, rows_a: Rows, rows_b: Rows, span: tuple[int, int]
) -> Difference:
    keys = rows_a.keys() & rows_b.keys()
    if respect.is_complete:
        single = rows_a.keys() ^ rows_b.keys()
        keys |= {key for key in single if span[0] <= int(key[1]) <= span[1]}
    first, count, differing = None, 0, 0
    for key in sorted(keys, key=lambda key: (int(key[1]), key)):
        count += 1
        text = _unlike(respect, rows_a.get(key), rows_b.get(key))
        if text is None:
            continue
        differing += 1
        if first is None:
            at = pd.Timestamp(int(key[1]), tz="UTC")
            exactly = "%H:%M" if respect.unit == "minutes" else "%H:%M:%S"
            first = f"{at:%Y-%m-%d {exactly}} {text}"
    return Difference(respect, count, differing, first)


def _unlike(respect: ParityCheck, row_a: Row | None, row_b: Row | None) -> str | None:
    for row, run in ((row_a, "second"), (row_b, "first")):
        if row is None:
            known = row_a or row_b or {}
            what = " ".join(str(known[name]) for name in respect.key[2:])
            return f"{what} in the {run} run alone".strip()
    if row_a is None or row_b is None:
        return None
    name = first_difference(row_a, row_b, respect.columns)
    return None if name is None else f"{name}: {row_a.get(name)!r} and {row_b.get(name)!r}"


def _path(run: Path, name: str) -> Path | None:
    files = (run / f"{name}.jsonl", run / f"{name}.parquet")
    return next((path for path in files if path.is_file()), None)


def _read(run: Path, respect: ParityCheck) -> Rows:
    path = _path(run, respect.file)
    if path is None and respect is GAPS:
        # A run of an actor, or of a version, that finds none.
        return {}
    if path is None:
        raise UsageError(f"{run}: not the folder of a run: it holds no {respect.file}")
    try:
        rows = _lines(path) if path.suffix == ".jsonl" else _table(path)
        return _named(rows, respect.key)
    except (KeyError, TypeError, ValueError, pa.ArrowException) as error:
        raise AuctionError(f"{path}: not readable ({error})") from None


def _named(rows: list[Row], columns: tuple[str, ...]) -> Rows:
    found: Rows = {}
    numbers: Counter[tuple[str, ...]] = Counter()
    for row in rows:
        key = tuple(str(row[column]) for column in columns)
        # An order that takes two prices fills twice at one time.
        found[*key, str(numbers[key])] = row
        numbers[key] += 1
    return found


def _lines(path: Path) -> list[Row]:
    # Tables call the time of an event `ts`.
    return [{**row, "ts": row["ts_event"]} for row in read_lines(path)]


def _table(path: Path) -> list[Row]:
    table = pq.read_table(path)
    for index, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):
            whole = table.column(index).cast(pa.timestamp("ns", tz="UTC")).cast(pa.int64())
            table = table.set_column(index, field.name, whole)
    rows: list[Row] = table.to_pylist()
    return rows
