"""The causes of differences between a node's run and the replays of its recorded data."""

from collections.abc import Iterable
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from actors.messages import DataGap
from actors.messages import Message
from actors.messages import TradeEvent
from actors.messages import TradingStatus
from backtests.results.certificate import ALTERED_DATA
from backtests.results.certificate import GAP
from backtests.results.certificate import LATE
from backtests.results.certificate import OPERATOR
from backtests.results.certificate import RESTART
from backtests.results.certificate import START
from backtests.results.certificate import VENUE_FILL
from backtests.results.certificate import Cause
from backtests.results.declared import known_classes
from backtests.results.declared import table_path
from backtests.results.parity import Difference
from backtests.results.parity_rows import Rows
from backtests.results.parity_rows import read_rows
from backtests.results.recording import Row
from backtests.results.recording import read_lines
from backtests.results.run_hashes import changed_files
from catalog.layout import utc_text
from catalog.recording.digests import altered_intervals
from catalog.recording.gaps import read_gaps


NS_PER_MINUTE = 60_000_000_000
# A decision is dated by the start of its bar, its fill by the time of the venue.
DECIDED_NS = 10 * NS_PER_MINUTE


def data_causes(
    catalog: Path, instrument_ids: Iterable[str], span: tuple[int, int], lookback_ns: int
) -> Iterator[Cause]:
    """
    Yield the gaps of a recording, and its times that were altered since.

    Parameters
    ----------
    catalog : Path
        The recording.
    instrument_ids : Iterable[str]
        Its instruments.
    span : tuple[int, int]
        The first and the last time (ns UTC).
    lookback_ns : int
        How long the features need to be equal again.

    """
    for name in instrument_ids:
        for gap in read_gaps(catalog, name, *span):
            text = f"recording of {name}: {gap.cause}"
            yield Cause(GAP, gap.start_ns, gap.end_ns + lookback_ns, text)
        for first_ns, last_ns in altered_intervals(catalog, name, *span):
            text = f"recording of {name}: not what the recorder wrote"
            # Bars are dated by their start.
            yield Cause(ALTERED_DATA, first_ns - NS_PER_MINUTE, last_ns + lookback_ns, text)


def gaps_of_the_run(run: Path, lookback_ns: int) -> Iterator[Cause]:
    """Yield the gaps that a run itself has found in its data."""
    for row in _lines(run, DataGap):
        yield Cause(GAP, row["start"], row["end"] + lookback_ns, "the run had no data")


def late_ticks(run: Path, beside: Path, lookback_ns: int) -> Iterator[Cause]:
    """Yield the bars with late trades where a node and a backtest had closed the bar before."""
    for cls in known_classes(run):
        if not (cls.LATE and table_path(run, cls) and table_path(beside, cls)):
            continue
        key = ("instrument_id", cls.PARITY[0].key[0])
        here, there = read_rows(run, cls, key), read_rows(beside, cls, key)
        for (other_name, before), (name, ts) in pairwise(_times(here)):
            if name != other_name:
                continue
            late = here[name, str(ts), "0"][cls.LATE]
            other = there.get((name, str(ts), "0"), {}).get(cls.LATE, late)
            if late != other:
                text = f"{name}: {late} trades came after their bar had closed, {other} in a replay"
                yield Cause(LATE, before, ts + lookback_ns, text)


def inactive(run: Path) -> list[Cause]:
    """Return the times in which a run was inactive or halted."""
    rows = _lines(run, TradingStatus)
    found: list[Cause] = []
    since: int | None = None
    for row in rows:
        is_off = not row["active"] or row["halted"]
        if is_off and since is None:
            since = row["ts_event"] - NS_PER_MINUTE
        elif not is_off and since is not None:
            text = f"inactive until {utc_text(row['ts_event'])}"
            found.append(Cause(OPERATOR, since, row["ts_event"], text, True))
            since = None
    if since is not None:
        found.append(Cause(OPERATOR, since, rows[-1]["ts_event"], "inactive to the end", True))
    return found


def start(run: Path, span: tuple[int, int], lookback_ns: int, *, has_history: bool) -> list[Cause]:
    """
    Return the look-back after the start of a run that began without a history.

    Parameters
    ----------
    run : Path
        The run.
    span : tuple[int, int]
        Its first and its last time (ns UTC).
    lookback_ns : int
        How long the features need to be equal.
    has_history : bool
        If the recording reaches as far back as its actors need.

    """
    if has_history and _was_warm(run, span[0]):
        return []
    what = "the run" if has_history else "the recording"
    return [Cause(START, span[0], span[0] + lookback_ns, f"{what} began without a history")]


def restart(run: Path, span: tuple[int, int]) -> list[Cause]:
    """Return the cause of other money if a run continues an earlier one of its system and mode."""
    _, _, name = run.name.partition("-")
    earlier = [path.name for path in run.parent.glob(f"*-{name}") if path.name < run.name]
    if not earlier:
        return []
    text = f"it continues the account and the trades of {max(earlier)}"
    return [Cause(RESTART, *span, text, True)]


def venue_fills(found: Iterable[Difference], end_ns: int) -> list[Cause]:
    """Return the time since the first step of a trade that differs: what follows depends on it."""
    money = [d for d in found if d.check.cls is TradeEvent and d.check.of_fills and d.times]
    if not money:
        return []
    first = min(money, key=lambda difference: difference.times[0])
    text = f"a step of a trade of the run's own: {first.first}"
    return [Cause(VENUE_FILL, first.times[0] - DECIDED_NS, end_ns, text, True)]


def alterations(run: Path, causes: Iterable[Cause]) -> list[str]:
    """Return what was changed after a node or a recorder wrote it, one line each."""
    found = [f"{name} of the run is not what the node wrote" for name in changed_files(run) or ()]
    altered = [cause for cause in causes if cause.kind == ALTERED_DATA]
    if altered:
        found.append(
            f"{len(altered):,} intervals of the recording are not what the recorder wrote, the "
            f"first from {utc_text(altered[0].start_ns + NS_PER_MINUTE)}"
        )
    return found


def _was_warm(run: Path, first_ns: int) -> bool:
    for cls in known_classes(run):
        # Before that are the rows of its history.
        rows = [row for row in _lines(run, cls) if row["ts_event"] > first_ns] if cls.WARM else []
        if rows and not rows[0][cls.WARM]:
            return False
    return True


def _times(rows: Rows) -> list[tuple[str, int]]:
    return sorted((key[0], int(key[1])) for key in rows)


def _lines(run: Path, cls: type[Message]) -> list[Row]:
    assert cls.TABLE is not None
    path = run / f"{cls.TABLE.name}.jsonl"
    return read_lines(path) if path.is_file() else []
