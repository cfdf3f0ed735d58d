"""`auction certify`: replay the recorded data of a run, compare it, and write a certificate."""

import json
import platform
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from functools import partial
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

from actors.private_files import write_private
from backtests.report.figures import quality_labels
from backtests.results.certificate import NAME
from backtests.results.certificate import certificate
from backtests.results.certificate import explained
from backtests.results.certificate import verdict
from backtests.results.parity import compare
from backtests.results.run_hashes import changed_files
from backtests.results.run_hashes import file_hashes
from backtests.runner import run_backtest
from catalog.contents import data_quality
from catalog.credentials import credential
from catalog.recording.snapshot import recorded_snapshot
from configs.times import instant_text
from live.certify_causes import alterations
from live.certify_causes import data_causes
from live.certify_causes import gaps_of_the_run
from live.certify_causes import inactive
from live.certify_causes import late_ticks
from live.certify_causes import restart
from live.certify_causes import start
from live.certify_causes import venue_fills
from live.certify_folder import certify_command
from live.certify_inputs import Subject
from live.certify_inputs import data_hash
from live.certify_inputs import first_time
from live.certify_inputs import load_window
from live.certify_inputs import read_subject
from live.redirect import redirected_address
from live.redirect import run_redirected
from live.replay import run_replay
from live.replay_databento import HOSTS
from live.replay_databento import VENUES


UNKNOWN = "not compared: it did not end by itself, and left no hashes"
KEY = "AUCTION_CERTIFICATE_KEY"
NS_PER_MINUTE = 60_000_000_000


def run_certify(
    run: Path, catalog: Path | None, lookback_minutes: int | None, say: Callable[[str], None]
) -> bool:
    """
    Certify the run of a node, and return True if nothing differs without a cause.

    The data that the run has seen are read from the recording, and played through the backtest
    and, by the wire protocol of the venue, through the live node. These two must be equal in all.
    The run itself must be equal to a backtest which begins where the history of its actors does;
    what differs must have a cause.

    Parameters
    ----------
    run : Path
        The folder of the run.
    catalog : Path, optional
        The recording; by default that of the run's configuration.
    lookback_minutes : int or None
        How long the features need after a start or a gap to be equal again; None is the history
        that its actors read.
    say : Callable[[str], None]
        Shows a line.

    Raises
    ------
    UsageError
        If the folder is no run of a node, or no recording is known.
    AuctionError
        If the recording has no data of its time.
    SystemExit
        For futures, with the exit code of the process in which it has run.

    """
    subject = read_subject(run, catalog, lookback_minutes)
    names = subject.config.instrument_ids
    if any(name.rpartition(".")[2] in VENUES for name in names) and not redirected_address(HOSTS):
        raise SystemExit(
            run_redirected(certify_command(run, subject.catalog, lookback_minutes), HOSTS)
        )
    with recorded_snapshot(subject.catalog, names):
        found = judge(subject, make_replays(subject, say))
    write_private(run / NAME, json.dumps(found, indent=2) + "\n")
    _show(found, say)
    say(verdict(run))
    if found["signature"] is None:
        say(f"unsigned: set {KEY} or {KEY}_FILE to sign certificates")
    return not found["reasons"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replays:
    """
    Represents the replays of the recorded data of a run.

    Attributes
    ----------
    backtest, node : Path
        The folders of the backtest over the time of the run, and of the live node.
    beside : Path
        That of the backtest which begins with the history of the run; `backtest` where the
        recording has none.
    has_history : bool
        If the recording reaches as far back as the actors need.

    """

    backtest: Path
    node: Path
    beside: Path
    has_history: bool


def make_replays(subject: Subject, say: Callable[[str], None]) -> Replays:
    """
    Play the recorded data of a run through the backtest and through the live node.

    Parameters
    ----------
    subject : Subject
        The run.
    say : Callable[[str], None]
        Shows a line.

    """
    folder, first_ns = subject.folder, subject.span[0]
    backtest = run_backtest(subject.config, folder, report=False)[1]
    overrides, window = subject.overrides, subject.window
    node = run_replay(subject.system, "paper", overrides, folder, say, speed=None, **window)
    known_ns = min(first_time(subject.catalog, name) for name in subject.config.instrument_ids)
    beside, has_history = backtest, False
    # A run without a history is one that begins with its first tick.
    if known_ns < first_ns and subject.is_warm:
        begin_ns = first_ns - subject.lookback_ns
        config = load_window(subject.system, overrides, {**window, "start": instant_text(begin_ns)})
        observe = partial(_observe, until_ns=subject.began_ns)
        beside = run_backtest(config, folder, report=False, prepare=observe)[1]
        has_history = known_ns <= begin_ns + NS_PER_MINUTE
    return Replays(backtest=backtest, node=node, beside=beside, has_history=has_history)


def judge(subject: Subject, replays: Replays) -> dict[str, Any]:
    """
    Compare a run with its replays, and return the certificate.

    Parameters
    ----------
    subject : Subject
        The run.
    replays : Replays
        The replays of its recorded data.

    """
    run, catalog = subject.run, subject.catalog
    span, lookback_ns = subject.span, subject.lookback_ns
    names = subject.config.instrument_ids
    differences = list(compare(replays.beside, run, began_apart=True).values())
    causes = [
        *data_causes(catalog, names, (span[0] - lookback_ns, span[1]), lookback_ns),
        *gaps_of_the_run(run, lookback_ns),
        *late_ticks(run, replays.beside, lookback_ns),
        *start(run, span, lookback_ns, has_history=replays.has_history),
        *inactive(run),
        *restart(run, span),
        *venue_fills(differences, span[1]),
    ]
    folders = {"run": run, "backtest": replays.backtest, "replay": replays.node}
    return certificate(
        {
            "run": run.name,
            "system": subject.document["system"],
            "mode": subject.document["environment"],
            **subject.window,
            "lookback_minutes": lookback_ns // NS_PER_MINUTE,
            "data_quality": sorted({label for n in names for label in data_quality(catalog, n)}),
            "files": UNKNOWN if changed_files(run) is None else "compared with those of its end",
            "written": datetime.now(UTC).isoformat(timespec="seconds"),
            "versions": {
                "auction-trader": version("auction-trader"),
                "nautilus_trader": version("nautilus_trader"),
                "python": platform.python_version(),
            },
        },
        explained(compare(replays.backtest, replays.node).values(), ()),
        explained(differences, causes, lookback_ns),
        causes,
        {
            "data": data_hash(catalog, names, *span),
            "configuration": sha256((run / "config.yaml").read_bytes()).hexdigest(),
            "results": {name: file_hashes(folder) for name, folder in folders.items()},
        },
        alterations(run, causes),
        credential(KEY),
    )


def _observe(engine: Any, until_ns: int) -> None:
    # The rule sees the history of the run, and acts from its start on.
    for strategy in engine.trader.strategies():
        strategy.observe_until = until_ns


def _show(found: Mapping[str, Any], say: Callable[[str], None]) -> None:
    say(f"data: {', '.join(quality_labels(found)) or 'not labelled'}")
    if found["files"] == UNKNOWN:
        say(f"files of the run: {UNKNOWN}")
    for part in ("replay_beside_backtest", "run_beside_backtest"):
        for result in found[part]:
            causes_text = ", ".join(f"{n:,} by {kind}" for kind, n in result["causes"].items())
            say(
                f"{part.replace('_', ' ')}: {result['check']}: {result['differing']:,} of "
                f"{result['rows']:,} differ" + (f": {causes_text}" if causes_text else "")
            )
    for reason in found["reasons"]:
        say(f"failed: {reason}")
