"""The certificate of a node run: what its replays saw, decided and earned, and why runs differ."""

import hmac
import json
from bisect import bisect_right
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
VERSION = 2
GAP, LATE, START, RESTART = "gap", "late ticks", "start", "restart"
OPERATOR, VENUE_FILL, ALTERED_DATA = "operator", "venue fill", "altered data"
# Bars of one run that the other has not, and what follows from them; and what nothing explains.
OTHER_TICKS, UNEXPLAINED = "other ticks", "unexplained"
CERTIFIED, FAILED = "CERTIFIED", "FAILED"


@dataclass(frozen=True, slots=True)
class Cause:
    """
    Represents a reason for differences within a time.

    Attributes
    ----------
    kind : str
        `GAP`, `LATE`, `START`, `RESTART`, `OPERATOR`, `VENUE_FILL` or `ALTERED_DATA`.
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


def explained(
    found: Iterable[Difference], causes: Sequence[Cause], lookback_ns: int = 0
) -> list[CheckResult]:
    """
    Return the checks of two runs, each differing row with its first cause.

    Parameters
    ----------
    found : Iterable[Difference]
        The checks.
    causes : Sequence[Cause]
        The known causes. A bar without one is of other ticks: one of the two had ticks that the
        other lacks, or had late. The rest without one is unexplained.
    lookback_ns : int, default 0
        How long the features need to be equal again, for what follows from such a bar.

    """
    differences = list(found)
    ticks = sorted(
        ts
        for difference in differences
        if _is_of_bars(difference)
        for ts in difference.times
        if _cause(ts, causes, of_fills=False) is None
    )
    results = []
    for difference in differences:
        check, counts = difference.check, Counter[str]()
        for ts in difference.times:
            cause = _cause(ts, causes, of_fills=check.of_fills)
            if cause is None:
                after = ticks[bisect_right(ticks, ts) - 1] if ticks and ticks[0] <= ts else None
                is_after = after is not None and ts <= after + lookback_ns
                cause = OTHER_TICKS if is_after else UNEXPLAINED
            counts[cause] += 1
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


def _is_of_bars(difference: Difference) -> bool:
    table = difference.check.cls.TABLE
    return table is not None and bool(table.bars) and not difference.check.of_fills


def _cause(ts: int, causes: Sequence[Cause], *, of_fills: bool) -> str | None:
    for cause in causes:
        if cause.start_ns <= ts <= cause.end_ns and (of_fills or not cause.of_fills_alone):
            return cause.kind
    return None


def certificate(
    identity: Mapping[str, Any],
    replay: Sequence[CheckResult],
    run: Sequence[CheckResult],
    causes: Sequence[Cause],
    hashes: Mapping[str, Any],
    alterations: Sequence[str],
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
    alterations : Sequence[str]
        What was changed after it was written: none may.
    key : str
        The key of the signature (HMAC-SHA256), empty for none.

    """
    reasons = list(alterations)
    reasons += [f"replay: {c.check}: {c.differing:,} rows" for c in replay if c.differing]
    reasons += [
        f"run: {c.check}: {c.causes[kind]:,} rows {text}"
        for kind, text in ((OTHER_TICKS, "of other ticks"), (UNEXPLAINED, "without a cause"))
        for c in run
        if c.causes.get(kind)
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
