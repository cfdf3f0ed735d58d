"""`auction certify`: replay the recorded data of a run, compare it, and write a certificate."""

import json
import platform
from collections.abc import Callable
from collections.abc import Iterable
from datetime import UTC
from datetime import datetime
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml

from actors.messages import DataGap
from actors.messages import TradingStatus
from actors.private_files import write_private
from backtests.results.certificate import GAP
from backtests.results.certificate import NAME
from backtests.results.certificate import OPERATOR
from backtests.results.certificate import START
from backtests.results.certificate import VENUE_FILL
from backtests.results.certificate import Cause
from backtests.results.certificate import certificate
from backtests.results.certificate import explained
from backtests.results.certificate import file_hashes
from backtests.results.certificate import verdict
from backtests.results.node_runs import is_node_run
from backtests.results.parity import compare
from backtests.results.recording import read_lines
from backtests.runner import run_backtest
from catalog.credentials import credential
from catalog.layout import utc_text
from catalog.reader import read_ticks
from catalog.recording.gaps import read_gaps
from catalog.recording.locks import FILES
from catalog.recording.locks import reading
from configs.loader import load_backtest
from configs.plain_yaml import parse_yaml
from configs.times import instant_text
from errors import AuctionError
from errors import UsageError
from live.replay import run_replay


KEY = "AUCTION_CERTIFICATE_KEY"
NS_PER_MINUTE = 60_000_000_000
SYSTEM_KEYS = ("system", "instrument_id", "actors", "strategies")
# Actors of an environment: no part of the system.
ENVIRONMENT_ACTORS = ("actors.journal", "actors.alerts")


def run_certify(
    run: Path, catalog: Path | None, lookback_minutes: int, say: Callable[[str], None]
) -> bool:
    """
    Certify the run of a node, and return True if nothing differs without a cause.

    The data that the run has seen are read from the recording, and played through the backtest
    and, by the wire protocol of the venue, through the live node. These two must be equal in all.
    The run itself must be equal to the backtest in what it saw and wanted, except where data were
    missing or it had just started; what depends on fills differs with the venue's.

    Parameters
    ----------
    run : Path
        The folder of the run.
    catalog : Path, optional
        The recording; by default that of the run's configuration.
    lookback_minutes : int
        How long the features need after a start or a gap to be equal again.
    say : Callable[[str], None]
        Shows a line.

    Raises
    ------
    UsageError
        If the folder is no run of a node, or no recording is known.
    AuctionError
        If the recording has no data of its time.

    """
    if not is_node_run(run):
        raise UsageError(f"{run}: not the run of a node: name a folder that `auction live` wrote")
    document = parse_yaml((run / "config.yaml").read_text())
    named = catalog or document.get("settings", {}).get("recorded")
    if named is None or not Path(named).is_dir():
        raise UsageError(f"{run}: no recording at {named}: name one with --catalog")
    catalog = Path(named)
    rows = read_lines(run / "signals.jsonl")
    if not rows:
        raise AuctionError(f"{run}: it has decided nothing: there is nothing to certify")
    start_ns = min(row["ts_min"] for row in rows)
    end_ns = max(row["ts_event"] for row in rows) + 1
    folder = run / "certificate"
    folder.mkdir(exist_ok=True)
    system = _system(document, folder, run)
    window = {"start": instant_text(start_ns), "end": instant_text(end_ns)}
    with reading(catalog, FILES):
        overrides = [f"catalog={json.dumps(str(catalog))}"]
        bounds = [f"{name}={json.dumps(text)}" for name, text in window.items()]
        config = load_backtest(system, overrides=[*overrides, *bounds])
        backtest = run_backtest(config, folder, report=False)[1]
        replayed = run_replay(system, "paper", overrides, folder, say, speed=None, **window)
        data = data_hash(catalog, config.instrument_ids, start_ns, end_ns)
    lookback_ns = lookback_minutes * NS_PER_MINUTE
    causes = [
        *_gaps(run, catalog, config.instrument_ids, (start_ns, end_ns), lookback_ns),
        Cause(START, start_ns, start_ns + lookback_ns, "the run began without a history"),
        *_inactive(run),
        Cause(VENUE_FILL, start_ns, end_ns, "fills by the clock or of the venue", True),
    ]
    found = certificate(
        {
            "run": run.name,
            "system": document["system"],
            "mode": document["environment"],
            **window,
            "written": datetime.now(UTC).isoformat(timespec="seconds"),
            "versions": {
                "auction-trader": version("auction-trader"),
                "nautilus_trader": version("nautilus_trader"),
                "python": platform.python_version(),
            },
        },
        explained(compare(backtest, replayed).values(), ()),
        explained(compare(backtest, run).values(), causes),
        causes,
        {
            "data": data,
            "configuration": sha256((run / "config.yaml").read_bytes()).hexdigest(),
            "results": {
                "run": file_hashes(run),
                "backtest": file_hashes(backtest),
                "replay": file_hashes(replayed),
            },
        },
        credential(KEY),
    )
    write_private(run / NAME, json.dumps(found, indent=2) + "\n")
    for part in ("replay_beside_backtest", "run_beside_backtest"):
        for result in found[part]:
            causes_text = ", ".join(f"{n:,} by {kind}" for kind, n in result["causes"].items())
            say(
                f"{part.replace('_', ' ')}: {result['check']}: {result['differing']:,} of "
                f"{result['rows']:,} differ" + (f": {causes_text}" if causes_text else "")
            )
    say(verdict(run))
    if found["signature"] is None:
        say(f"unsigned: set {KEY} or {KEY}_FILE to sign certificates")
    return not found["reasons"]


def data_hash(
    catalog: Path, instrument_ids: Iterable[str], start_ns: int, end_ns: int
) -> dict[str, str]:
    """Return the SHA-256 of the ticks of each instrument in a window, however they are stored."""
    found = {}
    for name in instrument_ids:
        digests = {column: sha256() for column in ("kind", "ts_event", "a", "b", "a_size", "side")}
        for part in read_ticks(catalog, name, start_ns, end_ns - 1):
            for column, digest in digests.items():
                digest.update(getattr(part, column).tobytes())
        whole = "".join(digest.hexdigest() for digest in digests.values())
        found[name] = sha256(whole.encode()).hexdigest()
    return found


def _system(document: dict[str, Any], folder: Path, run: Path) -> str:
    # A name of its own, from which the replays take theirs.
    path = folder / f"{run.name.partition('-')[2].rpartition('-')[0] or 'system'}.yaml"
    parts = {key: document[key] for key in SYSTEM_KEYS}
    parts["actors"] = [
        actor for actor in parts["actors"] if not actor["actor_path"].startswith(ENVIRONMENT_ACTORS)
    ]
    path.write_text(yaml.safe_dump(parts, sort_keys=False))
    return str(path)


def _gaps(
    run: Path,
    catalog: Path,
    instrument_ids: Iterable[str],
    span: tuple[int, int],
    lookback_ns: int,
) -> list[Cause]:
    found = [
        Cause(GAP, gap.start_ns, gap.end_ns + lookback_ns, f"recording of {name}: {gap.cause}")
        for name in instrument_ids
        for gap in read_gaps(catalog, name, *span)
    ]
    assert DataGap.TABLE is not None
    path = run / f"{DataGap.TABLE.name}.jsonl"
    found += [
        Cause(GAP, row["start"], row["end"] + lookback_ns, "the run had no data")
        for row in (read_lines(path) if path.is_file() else ())
    ]
    return found


def _inactive(run: Path) -> list[Cause]:
    assert TradingStatus.TABLE is not None
    path = run / f"{TradingStatus.TABLE.name}.jsonl"
    rows = read_lines(path) if path.is_file() else []
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
