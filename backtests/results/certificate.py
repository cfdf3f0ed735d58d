"""The certificate of a node run: what its replays saw, decided and earned, and why runs differ."""

import hmac
import json
from collections import Counter
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import asdict
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from backtests.results.parity import Difference


NAME = "certificate.json"
VERSION = 1
GAP, START, OPERATOR, VENUE_FILL = "gap", "start", "operator", "venue fill"
UNEXPLAINED = "unexplained"
CERTIFIED, FAILED = "CERTIFIED", "FAILED"


@dataclass(frozen=True, slots=True)
class Cause:
    """
    Represents a reason for differences within a time.

    Attributes
    ----------
    kind : str
        `GAP`, `START`, `OPERATOR` or `VENUE_FILL`.
    start_ns, end_ns : int
        The time in which rows may differ because of it (ns UTC), both ends included.
    text : str
        What happened.
    of_fills_alone : bool
        If it explains only what depends on fills: actions, sizes, money.

    """

    kind: str
    start_ns: int
    end_ns: int
    text: str
    of_fills_alone: bool = False


@dataclass(frozen=True, slots=True)
class CheckResult:
    """
    Represents one check of two runs.

    Attributes
    ----------
    check : str
        Its name.
    rows, differing : int
        The rows compared, and those that differ.
    first : str or None
        The first difference.
    causes : dict[str, int]
        The differing rows by cause.

    """

    check: str
    rows: int
    differing: int
    first: str | None
    causes: dict[str, int]


def explained(found: Iterable[Difference], causes: Sequence[Cause]) -> list[CheckResult]:
    """Return the checks of two runs, each differing row with its first cause."""
    results = []
    for difference in found:
        check = difference.check
        counts = Counter(_cause(ts, causes, of_fills=check.of_fills) for ts in difference.times)
        results.append(
            CheckResult(
                check.what,
                difference.count,
                difference.differing,
                difference.first,
                dict(sorted(counts.items())),
            )
        )
    return results


def _cause(ts: int, causes: Sequence[Cause], *, of_fills: bool) -> str:
    for cause in causes:
        if cause.start_ns <= ts <= cause.end_ns and (of_fills or not cause.of_fills_alone):
            return cause.kind
    return UNEXPLAINED


def certificate(
    identity: Mapping[str, Any],
    replay: Sequence[CheckResult],
    run: Sequence[CheckResult],
    causes: Sequence[Cause],
    hashes: Mapping[str, Any],
    key: str,
) -> dict[str, Any]:
    """
    Return a certificate.

    Parameters
    ----------
    identity : Mapping[str, Any]
        What is certified: run, system, window, versions.
    replay : Sequence[CheckResult]
        The live node over the wire protocol beside the backtest: nothing may differ.
    run : Sequence[CheckResult]
        The run beside the backtest: each difference needs a cause.
    causes : Sequence[Cause]
        The known causes.
    hashes : Mapping[str, Any]
        The hashes of data, configuration and results.
    key : str
        The key of the signature (HMAC-SHA256), empty for none.

    """
    reasons = [f"replay: {c.check}: {c.differing:,} rows" for c in replay if c.differing]
    reasons += [
        f"run: {c.check}: {c.causes[UNEXPLAINED]:,} rows without a cause"
        for c in run
        if c.causes.get(UNEXPLAINED)
    ]
    content = {
        "version": VERSION,
        **identity,
        "verdict": FAILED if reasons else CERTIFIED,
        "reasons": reasons,
        "replay_beside_backtest": [asdict(result) for result in replay],
        "run_beside_backtest": [asdict(result) for result in run],
        "causes": [asdict(cause) for cause in causes],
        "hashes": dict(hashes),
    }
    return {**content, "signature": signature(content, key) if key else None}


def signature(content: Mapping[str, Any], key: str) -> str:
    """Return the HMAC-SHA256 of a certificate without its signature, in hex digits."""
    unsigned = {name: value for name, value in content.items() if name != "signature"}
    text = json.dumps(unsigned, sort_keys=True, separators=(",", ":"))
    return hmac.new(key.encode(), text.encode(), sha256).hexdigest()


def is_authentic(document: Mapping[str, Any], key: str) -> bool:
    """Return True if a certificate has the signature of a key."""
    found = document.get("signature")
    return isinstance(found, str) and hmac.compare_digest(found, signature(document, key))


def verdict(run: Path) -> str:
    """
    Return the verdict on a run as one line, for a digest.

    Parameters
    ----------
    run : Path
        The folder of the run.

    """
    try:
        document = json.loads((run / NAME).read_bytes())
        signed = "signed" if document["signature"] else "unsigned"
        window = f"{document['start']} to {document['end']}"
        reasons = document["reasons"]
        differing = Counter[str]()
        for result in document["run_beside_backtest"]:
            differing.update(result["causes"])
        if reasons:
            return f"{FAILED} ({signed}), {window}: {'; '.join(reasons[:2])}"
        causes = ", ".join(f"{count:,} by {kind}" for kind, count in sorted(differing.items()))
        rest = f"differences: {causes}" if causes else "no difference"
        return f"{CERTIFIED} ({signed}), {window}: {rest}"
    except FileNotFoundError:
        return "not certified: `auction certify` has not been run"
    except (OSError, KeyError, TypeError, ValueError) as error:
        return f"not certified: the certificate is not readable ({type(error).__name__})"


def file_hashes(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each table and file of lines in a run's folder."""
    return {
        path.name: sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.iterdir())
        if path.suffix in (".parquet", ".jsonl", ".yaml") and path.is_file()
    }
