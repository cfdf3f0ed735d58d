"""Which fast tests run which lines: measured once for a test file and a source file."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path
from typing import Any

import coverage


@dataclass(slots=True)
class Lines:
    """
    The lines that tests run.

    Attributes
    ----------
    durations_s : dict[str, float]
        The time (s) of every test that passes, by its id.
    tests : dict[str, dict[int, set[str]]]
        The tests that run a line, by source file and line.

    """

    durations_s: dict[str, float] = field(default_factory=dict)
    tests: dict[str, dict[int, set[str]]] = field(default_factory=dict)


def lines_of(sources: Sequence[str], test_paths: Sequence[str], kept: Path) -> Lines:
    """
    Measure what the tests run of some source files.

    Parameters
    ----------
    sources : Sequence[str]
        The source files, relative to the working directory.
    test_paths : Sequence[str]
        Test files and folders.
    kept : Path
        The JSON file with what has been measured before: a test file is run again if it, or a
        source file, has changed.

    Returns
    -------
    Lines

    """
    known: dict[str, Any] = json.loads(kept.read_text()) if kept.exists() else {}
    files = sorted({name for path in test_paths for name in _test_files(Path(path))})
    marks = {name: _mark(name) for name in (*files, *sources)}
    stale = [
        name
        for name in files
        if known.get(name, {}).get("mark") != marks[name]
        or any(known[name]["sources"].get(s, {}).get("mark") != marks[s] for s in sources)
    ]
    if stale:
        print(f"measuring which lines {len(stale)} test files run", flush=True)
        for name, rows in _measured(stale, sources, marks).items():
            before = known.get(name, {})
            if before.get("mark") == marks[name]:
                rows["sources"] = before["sources"] | rows["sources"]
            known[name] = rows
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(known))
    return _collected(known, files, sources)


def _test_files(path: Path) -> list[str]:
    found = sorted(path.rglob("test_*.py")) if path.is_dir() else [path]
    return [file.as_posix() for file in found]


def _mark(name: str) -> str:
    return hashlib.sha256(Path(name).read_bytes()).hexdigest()


def _measured(
    files: Sequence[str],
    sources: Sequence[str],
    marks: dict[str, str],
) -> dict[str, dict[str, Any]]:
    data_file, durations_file = Path(".mutation.coverage"), Path(".mutation.json")
    data_file.unlink(missing_ok=True)
    durations_file.unlink(missing_ok=True)
    command = [sys.executable, "-m", "coverage", "run", "--rcfile=/dev/null"]
    command += [f"--data-file={data_file}", f"--include={','.join(sources)}", "-m", "pytest"]
    command += ["-p", "tests.mutation.watch", "-p", "no:cacheprovider", *files]
    told = subprocess.run(
        command,
        env=os.environ | {"MUTATION_DURATIONS": str(durations_file)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if not durations_file.exists() or not data_file.exists():
        raise SystemExit(f"the tests could not be run:\n{told.stdout[-4000:]}")
    rows = json.loads(durations_file.read_text())
    for name in rows["failed"]:
        print(f"left out, as it fails or is skipped without any change: {name}")
    data = coverage.CoverageData(str(data_file))
    data.read()
    by_file: dict[str, dict[str, Any]] = {
        name: {
            "mark": marks[name],
            "durations_s": {},
            "sources": {source: {"mark": marks[source], "lines": {}} for source in sources},
        }
        for name in files
    }
    for test, duration_s in rows["durations_s"].items():
        if test not in rows["failed"]:
            by_file[test.split("::")[0]]["durations_s"][test] = duration_s
    for source in sources:
        for line, contexts in data.contexts_by_lineno(str(Path(source).resolve())).items():
            for context in contexts:
                if context:
                    rows_of = by_file[context.split("::")[0]]["sources"][source]["lines"]
                    rows_of.setdefault(str(line), []).append(context)
    return by_file


def _collected(known: dict[str, Any], files: Sequence[str], sources: Sequence[str]) -> Lines:
    lines = Lines(tests={source: {} for source in sources})
    for name in files:
        durations_s = known[name]["durations_s"]
        lines.durations_s |= durations_s
        for source in sources:
            for line, contexts in known[name]["sources"][source]["lines"].items():
                tests = lines.tests[source].setdefault(int(line), set())
                # The name of a file alone: a fixture that all its tests share.
                tests |= set(durations_s) if name in contexts else set(contexts) & set(durations_s)
    return lines
