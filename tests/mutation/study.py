"""Draws changes, picks the tests that run their lines, and reports what no test has seen."""

import ast
import difflib
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.mutation.changes import Change
from tests.mutation.changes import changes_of
from tests.mutation.lines import Lines
from tests.mutation.lines import lines_of
from tests.mutation.trial import Verdict
from tests.mutation.trial import try_change


TEST_BUDGET_S = 60.0
START_S = 60.0
SLACK = 3.0


@dataclass(frozen=True, slots=True)
class Mutant:
    """A change of a source file (its path relative to the repository)."""

    path: str
    change: Change

    def diff(self, source: bytes) -> str:
        """Return the change as a unified diff without context."""
        before = source.decode().splitlines()
        after = self.change.apply(source).decode().splitlines()
        rows = list(difflib.unified_diff(before, after, n=0, lineterm=""))[3:]
        return "\n".join(f"    {row}" for row in rows)


def sources_of(module: str) -> tuple[list[str], int | None]:
    """
    Return the source files that are meant, and the line if one alone is.

    Parameters
    ----------
    module : str
        A file, a file and a line (`live/operator_commands.py:87`), or a folder. Of a folder its own
        files alone.

    Raises
    ------
    SystemExit
        If there is none.

    """
    name, _, line = module.partition(":")
    path = Path(name)
    if path.is_absolute() or ".." in path.parts:
        raise SystemExit(f"{name}: not a path within the repository")
    found = sorted(path.glob("*.py")) if path.is_dir() else [path]
    found = [file for file in found if file.is_file() and file.suffix == ".py"]
    if not found or (line and not line.isdigit()):
        raise SystemExit(f"{module}: no Python file, file:line or folder of the repository")
    return [file.as_posix() for file in found], int(line) if line else None


def drawn(sources: Sequence[str], line: int | None, count: int, seed: int) -> list[Mutant]:
    """
    Draw lines of source files, and one change of each.

    Parameters
    ----------
    sources : Sequence[str]
        The files.
    line : int, optional
        The line whose changes are all wanted.
    count : int
        How many lines to draw.
    seed : int
        Seed of the draw.

    Returns
    -------
    list[Mutant]
        In the order of files and lines.

    """
    by_line: dict[tuple[str, int], list[Change]] = {}
    for path in sources:
        for change in changes_of(Path(path).read_bytes()):
            by_line.setdefault((path, change.line), []).append(change)
    if line is not None:
        return [Mutant(path, c) for (path, at), all_ in by_line.items() if at == line for c in all_]
    draw = random.Random(seed)
    places = sorted(by_line)
    chosen = sorted(draw.sample(places, min(count, len(places))))
    return [Mutant(place[0], draw.choice(by_line[place])) for place in chosen]


def tests_for(mutant: Mutant, lines: Lines) -> tuple[list[str], bool]:
    """
    Return the tests for a change, the most focused ones first, and if they run its line for sure.

    What runs at import alone, such as a constant, is seen by the tests that run anything of its
    file. What a test lets other processes do is not measured: for a line that nobody runs, the
    tests count whose files import its module. What does not fit in a minute is left out.
    """
    of_file = lines.tests[mutant.path]
    change = mutant.change
    tests = of_file.get(change.line) or of_file.get(change.statement_line)
    if not tests and _is_run_at_import(mutant):
        tests = set().union(*of_file.values())
    is_run = bool(tests)
    tests = tests or _importing(mutant.path, lines)
    reach = dict.fromkeys(tests, 0)
    for by_line in lines.tests.values():
        for names in by_line.values():
            for test in names & tests:
                reach[test] += 1
    chosen, left_s = [], TEST_BUDGET_S
    ordered = sorted(tests, key=lambda test: (reach[test], lines.durations_s[test], test))
    for test in ordered:
        if lines.durations_s[test] <= left_s:
            left_s -= lines.durations_s[test]
            chosen.append(test)
    return chosen or ordered[:1], is_run


def _importing(path: str, lines: Lines) -> set[str]:
    module = re.compile(rf"\b{re.escape(path.removesuffix('.py').replace('/', '.'))}\b")
    files = {test.partition("::")[0] for test in lines.durations_s}
    found = {name for name in files if module.search(Path(name).read_text())}
    return {test for test in lines.durations_s if test.partition("::")[0] in found}


def _is_run_at_import(mutant: Mutant) -> bool:
    tree = ast.parse(Path(mutant.path).read_bytes())
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            assert node.end_lineno is not None
            if node.body[0].lineno <= mutant.change.line <= node.end_lineno:
                return False
    return True


def study(
    modules: Sequence[str],
    test_paths: Sequence[str],
    count: int,
    seed: int,
    least: float,
    kept: Path,
) -> int:
    """
    Try changes, and print those that no test sees and the score.

    Parameters
    ----------
    modules : Sequence[str]
        Files, folders, or one file and line.
    test_paths : Sequence[str]
        Where tests are picked from.
    count : int
        How many changes.
    seed : int
        Seed of the draw.
    least : float
        The score (%) that is enough.
    kept : Path
        Where the lines of tests are kept.

    Returns
    -------
    int
        The exit code: 1 if the score is lower.

    """
    asked = [sources_of(module) for module in modules]
    sources = sorted({source for found, _ in asked for source in found})
    line = asked[0][1] if len(asked) == 1 else None
    mutants = drawn(sources, line, count, seed)
    if not mutants:
        raise SystemExit(f"{' '.join(modules)}: nothing that could be changed")
    lines = lines_of(sources, test_paths, kept)
    verdicts: list[Verdict] = []
    for mutant in mutants:
        tests, is_run = tests_for(mutant, lines)
        verdict = Verdict.UNSEEN
        if tests:
            limit_s = START_S + SLACK * sum(lines.durations_s[test] for test in tests)
            verdict = try_change(Path(mutant.path), mutant.change, tests, limit_s)
        if verdict is Verdict.UNSEEN and not is_run:
            verdict = Verdict.UNCOVERED
        verdicts.append(verdict)
        print(f"{mutant.path}:{mutant.change.line}: {verdict} ({len(tests)} tests)", flush=True)
        if verdict is not Verdict.SEEN:
            print(mutant.diff(Path(mutant.path).read_bytes()), flush=True)
    counts = {verdict: verdicts.count(verdict) for verdict in Verdict}
    seen = counts[Verdict.SEEN] + counts[Verdict.TIMEOUT]
    score = 100.0 * seen / len(mutants)
    print(
        f"{' '.join(modules)}: {seen} of {len(mutants)} changes seen ({score:.0f} %), "
        f"{counts[Verdict.TIMEOUT]} of them by a timeout; {counts[Verdict.UNSEEN]} unseen, "
        f"{counts[Verdict.UNCOVERED]} on lines no test runs; seed {seed}"
    )
    return int(score < least)
