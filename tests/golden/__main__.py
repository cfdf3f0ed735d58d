"""
Records the results of whole runs, or compares them: `python -m tests.golden compare`.

`record` writes `results.json`; a change of it stands in a commit that says why results moved.
`compare` prints one line for each table, column and figure that differs, and returns 1 if any does.
Without AUCTION_REAL_DATA the runs on real data are left out.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.engines import REPOSITORY
from tests.golden.cases import MARKETS
from tests.golden.cases import Case
from tests.golden.cases import cases
from tests.golden.digests import differences
from tests.golden.digests import digests


RESULTS = Path(__file__).with_name("results.json")
TIMEOUT_S = 600.0


def main() -> int:
    """Run all cases, and record or compare what they give."""
    parser = argparse.ArgumentParser(prog="python -m tests.golden", description=__doc__)
    parser.add_argument("action", choices=["record", "compare"])
    parser.add_argument("--only", default="", help="the cases whose name has this text")
    chosen = parser.parse_args()
    data = os.environ.get("AUCTION_REAL_DATA")
    with TemporaryDirectory() as folder:
        found = _results(Path(folder), None if data is None else Path(data), chosen.only)
    known: dict[str, Any] = json.loads(RESULTS.read_text()) if RESULTS.is_file() else {}
    expected = {name: known.get(name) for name in found}
    lines = list(differences(expected, found))
    if chosen.action == "record":
        RESULTS.write_text(json.dumps({**known, **found}, indent=1, sort_keys=True) + "\n")
    for line in lines:
        print(line)
    print(f"{len(found)} runs, {len(lines)} differences")
    return 1 if lines and chosen.action == "compare" else 0


def _results(folder: Path, data: Path | None, only: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    runs: dict[str, Path] = {}
    chosen = cases(folder, has_real_data=data is not None)
    wanted = {case.name for case in chosen if only in case.name}
    wanted |= {case.parity_with for case in chosen if case.name in wanted}
    for case in chosen:
        if case.name not in wanted:
            continue
        catalog = folder / case.market
        if not catalog.is_dir():
            MARKETS[case.market](catalog, data or Path())
        runs[case.name] = run = _run(case, catalog, folder / "runs")
        if case.parity_with:
            # Writes the tables of a node's run.
            _auction("report", str(run))
        found[case.name] = digests(run)
        if case.parity_with:
            found[case.name]["parity"] = _parity(run, runs[case.parity_with])
        print(f"{case.name}: {sum(_rows(found[case.name])):,} rows", flush=True)
    return found


def _run(case: Case, catalog: Path, runs: Path) -> Path:
    before = set(runs.iterdir()) if runs.is_dir() else set()
    done = _auction(*case.arguments, "--catalog", str(catalog), "--runs", str(runs))
    if done.returncode:
        raise RuntimeError(f"{case.name}: {done.stderr or done.stdout}")
    (run,) = set(runs.iterdir()) - before
    return run


def _parity(run: Path, other: Path) -> dict[str, Any]:
    done = _auction("parity", str(run), str(other))
    return {"code": done.returncode, "lines": done.stdout.splitlines()}


def _auction(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "cli", *arguments]
    return subprocess.run(
        command, cwd=REPOSITORY, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )


def _rows(result: dict[str, Any]) -> list[int]:
    return [columns[""] for columns in result["tables"].values()]


if __name__ == "__main__":
    sys.exit(main())
