"""`auction digest`: the digest of a node from its journal, also of a node that is dead."""

import datetime as dt
import json
import time
from collections.abc import Callable
from collections.abc import Sequence
from pathlib import Path

from configs.live import load_live
from errors import AuctionError
from errors import UsageError
from live.operations.certificates import certificate_line
from live.operations.days import ONE_DAY
from live.operations.days import digest_window
from live.operations.days import last_digest_day
from live.operations.digest import TABLES
from live.operations.digest import Digest
from live.operations.digest import digest_of
from live.operations.digest_delivery import send_digest
from live.operations.digest_delivery import send_failure
from live.operations.digest_source import DigestSource
from live.operations.digest_source import source_of_config
from live.operations.digest_source import source_of_run
from live.operations.digest_text import digest_document
from live.operations.digest_text import digest_lines
from live.operations.node_health import health_lines


def print_digest(
    target: str,
    environment: str | None,
    overrides: Sequence[str],
    runs: Path,
    say: Callable[[str], None],
    *,
    date: str | None = None,
    sends: bool = False,
    again: bool = False,
    as_json: bool = False,
) -> None:
    """
    Print the digest of a date, and deliver it.

    Parameters
    ----------
    target : str
        A system if there is an environment, else the run folder of a node.
    environment : str or None
        The environment of the node.
    overrides : Sequence[str]
        As the node was started with.
    runs : Path
        The folder of its runs.
    say : Callable[[str], None]
        Shows a line.
    date : str, optional
        The date; None is the last one whose session is over.
    sends : bool, default False
        If it is delivered, once a date.
    again : bool, default False
        If it is delivered also after it was.
    as_json : bool, default False
        If it is shown as JSON.

    Raises
    ------
    UsageError
        If an argument is wrong, or the date has no session that is over.
    AuctionError
        If the journal cannot be read, or no receiver takes the digest. The receivers are notified
        of a journal that cannot be read.

    """
    if environment is None:
        source = source_of_run(Path(target))
    else:
        source = source_of_config(load_live(target, environment, overrides), runs)
    now = time.time_ns()
    day = last_digest_day(source.days, now) if date is None else _date(date)
    try:
        digest = build_digest(source, day, now)
    except UsageError:
        raise
    except AuctionError as error:
        if sends:
            send_failure(source, day, str(error))
        raise
    if as_json:
        say(json.dumps(digest_document(digest), indent=2))
    else:
        say(f"{source.system} {source.mode} {day}")
        for line in digest_lines(digest, source.days):
            say(line)
    if sends:
        say(send_digest(source, digest, again=again))


def _date(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--date {text}: write a date like 2025-11-28") from None


def build_digest(source: DigestSource, day: dt.date, now: int) -> Digest:
    """
    Return the digest of a date from the journal.

    Parameters
    ----------
    source : DigestSource
        The node.
    day : date
        The date.
    now : int
        The present time (ns UTC).

    Raises
    ------
    UsageError
        If the date has no session, or it is not over.
    AuctionError
        If the journal cannot be read.

    """
    try:
        start, end = digest_window(source.days, day)
    except ValueError as error:
        raise UsageError(f"--date: {error}: name a day of trading") from None
    if end > now:
        at = source.days.clock(end)
        raise UsageError(f"--date: the session of {day} ends at {at:%H:%M} {source.days.zone}")
    digest = digest_of(day, start, end, source.reader.rows(start, end, TABLES))
    if now - end < ONE_DAY.total_seconds() * 1_000_000_000:
        digest.notes.extend(health_lines(source.files.health, now))
    line = certificate_line(source.runs, source.system, source.mode)
    if line:
        digest.notes.append(line)
    return digest
