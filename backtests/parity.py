"""Compares what two runs saw and decided, minute by minute: backtests, nodes, or one of each."""

from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from actors.messages import ValueAreaMinute
from backtests.recording import Row
from backtests.recording import read_lines
from catalog.errors import AuctionError
from catalog.errors import UsageError
from strategies.common.divergence import ACTION
from strategies.common.divergence import DECISION
from strategies.common.divergence import SIZE
from strategies.common.divergence import first_difference


KEY = ("instrument_id", "ts_min")

type Rows = dict[tuple[str, ...], Row]


@dataclass(frozen=True, slots=True)
class Difference:
    """
    Represents what two runs have not in common in one respect.

    Attributes
    ----------
    what : str
        The respect: features, decisions, actions or sizes.
    minutes : int
        The minutes that both runs have.
    differing : int
        Those that differ.
    first : str or None
        The first of them, as one line.

    """

    what: str
    minutes: int
    differing: int
    first: str | None


def compare(run_a: Path, run_b: Path) -> list[Difference]:
    """
    Compare two runs over the minutes that both have.

    Features must be equal in every bit. Decisions are what the system wants: flags, reasons and
    intents. Actions are what the gate made of them, and sizes follow the money in the account: both
    depend on the fills before, which are the venue's.

    Parameters
    ----------
    run_a, run_b : Path
        The folders of the runs.

    Raises
    ------
    UsageError
        If a folder is no run.
    AuctionError
        If a file cannot be read, or the runs have no minute in common.

    """
    features = _read(run_a, "features", KEY), _read(run_b, "features", KEY)
    signals = (
        _read(run_a, "signals", (*KEY, "strategy_id")),
        _read(run_b, "signals", (*KEY, "strategy_id")),
    )
    found = [
        _difference("features", *features, ValueAreaMinute.COLUMNS),
        _difference("decisions", *signals, DECISION),
        _difference("actions", *signals, ACTION),
        _difference("sizes", *signals, SIZE),
    ]
    for difference in found:
        if not difference.minutes:
            raise AuctionError(
                f"{run_a} and {run_b} have no minute of {difference.what} in common: compare runs "
                "of one stretch"
            )
    return found


def print_parity(run_a: Path, run_b: Path, say: Callable[[str], None]) -> bool:
    """
    Print where two runs first differ; return True if they saw and decided the same.

    Parameters
    ----------
    run_a, run_b : Path
        The folders of the runs.
    say : Callable[[str], None]
        Shows a line.

    """
    found = compare(run_a, run_b)
    for difference in found:
        if difference.first is None:
            say(f"{difference.what}: equal in {difference.minutes:,} minutes")
        else:
            say(
                f"{difference.what}: {difference.differing:,} of {difference.minutes:,} minutes "
                f"differ, first {difference.first}"
            )
    return all(d.first is None for d in found if d.what in ("features", "decisions"))


def _difference(what: str, rows_a: Rows, rows_b: Rows, columns: Sequence[str]) -> Difference:
    common = sorted(rows_a.keys() & rows_b.keys(), key=lambda key: (int(key[1]), key))
    first, differing = None, 0
    for key in common:
        row_a, row_b = rows_a[key], rows_b[key]
        name = first_difference(row_a, row_b, columns)
        if name is None:
            continue
        differing += 1
        if first is None:
            at = pd.Timestamp(int(key[1]), tz="UTC")
            first = f"{at:%Y-%m-%d %H:%M} {name}: {row_a.get(name)!r} and {row_b.get(name)!r}"
    return Difference(what, len(common), differing, first)


def _read(run: Path, name: str, key: Sequence[str]) -> Rows:
    live, done = run / f"{name}.jsonl", run / f"{name}.parquet"
    if not live.is_file() and not done.is_file():
        raise UsageError(f"{run}: not the folder of a run: it holds no {name}")
    try:
        rows = read_lines(live) if live.is_file() else _table(done)
        return {tuple(str(row[column]) for column in key): row for row in rows}
    except (KeyError, TypeError, ValueError, pa.ArrowException) as error:
        path = live if live.is_file() else done
        raise AuctionError(f"{path}: not readable ({error})") from None


def _table(path: Path) -> list[Row]:
    table = pq.read_table(path)
    for index, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):
            whole = table.column(index).cast(pa.timestamp("ns", tz="UTC")).cast(pa.int64())
            table = table.set_column(index, field.name, whole)
    rows: list[Row] = table.to_pylist()
    return rows
