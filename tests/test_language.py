"""Docstrings, comments, messages and names use the words of the field."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.checks import some


REPOSITORY = Path(__file__).parents[1]
# Packages or parts of them; every package belongs here once it is clean.
CLEAN = (
    "actors",
    "adapters",
    "backtests",
    "catalog",
    "cli",
    "configs",
    "indicators",
    "live",
    "research",
    "strategies",
    "errors.py",
)
# Keys of configurations and texts in recorded results, which stay as they are.
PUBLIC_NAMES = {"position_look_s", "position_looks", "funding_look_s"}
RECORDED = {("assumptions.py", "set off")}
# What to write instead is in brackets.
PHRASES = {
    "report, publish, notify": r"\b(tells?|telling|told)\b",
    "check, inspect": r"\blook(s|ed|ing)? (at|after|again)\b"
    r"|\b(a|each|first|last|next) look\b",
    "query, request": r"\b(is|are|be|been|was|were) asked\b|\basked (again|for)\b"
    r"|\basks? (for|it|the (venue|node|engine|strategy|cache)|whether|what|again)\b",
    "state, fills, events": r"\bnews of\b|\bwhat is there\b",
    "name the party": r"\b(whoever|nobody|somebody|anybody)\b",
    "report, log, state": r"\b(is|are|be) said\b|\bgoes? without saying\b|\bha(s|ve) heard\b",
    "abandon, stop": r"\b(gives?|given|giving|gave) up\b",
    "inconclusive": r"\bproves? nothing\b|\bvenue's word\b",
    "the venue's": r"\bof the venue's own\b",
    "correct": r"\bputs? right\b",
    "trigger": r"\bset(s|ting)? ((a|the) )?(it|one|none|stops?|orders?) off\b|\bset off\b",
    "failed query": r"\bwhatever keeps\b",
}
NAME = re.compile(r"(^|_)(tells?|told|looks?|looked|ask_for|heard|nobody|somebody|whoever)(_|$)")
PYX_TEXT = re.compile(r'"""(.*?)"""|#([^\n]*)', re.DOTALL)


def files_of(part: str) -> list[Path]:
    path = REPOSITORY / part
    if path.is_file():
        return [path]
    return sorted(some([*path.rglob("*.py"), *path.rglob("*.pyi"), *path.rglob("*.pyx")]))


def texts_of(path: Path) -> Iterator[tuple[int, str]]:
    """Yield line and text of the docstrings, comments and other texts of a module."""
    source = path.read_text()
    if path.suffix == ".pyx":
        for match in PYX_TEXT.finditer(source):
            yield source.count("\n", 0, match.start()) + 1, match[1] or match[2]
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def names_of(path: Path) -> Iterator[tuple[int, str]]:
    """Yield line and name of the functions, classes, parameters and variables of a module."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.lineno, node.name
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.attr


def findings(path: Path) -> Iterator[str]:
    for line, text in texts_of(path):
        plain = " ".join(text.split())
        for better, phrase in PHRASES.items():
            found = re.search(phrase, plain, re.IGNORECASE)
            if found is not None and (path.name, found[0].lower()) not in RECORDED:
                yield f"{path}:{line}: {found[0]!r}: write {better}"
    if path.suffix != ".pyx":
        for line, name in names_of(path):
            if NAME.search(name) and name not in PUBLIC_NAMES:
                yield f"{path}:{line}: name {name}: use the verb of the field"


@pytest.mark.parametrize("part", CLEAN)
def test_texts_and_names_use_the_words_of_the_field(part: str) -> None:
    found = [finding for path in files_of(part) for finding in findings(path)]
    assert not found, "\n".join(found)


def test_quaint_words_are_found_in_docstrings_comments_messages_and_names(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(
        '"""Tells the engine."""\n'
        "# The venue is asked again.\n"
        'MESSAGE = f"{1}: given up"\n'
        "def look_at_feed(told): ...\n"
        'BOOK = "the ask of a quote"\n'
    )
    lines = [finding.split(":")[1] for finding in findings(module)]
    assert lines == ["1", "3", "2", "4", "4"]
    pure = tmp_path / "module.pyx"
    pure.write_text('"""The ask."""\ncdef int x  # Nobody\n')
    assert [finding.split(":")[1] for finding in findings(pure)] == ["2"]
