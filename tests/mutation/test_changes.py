"""Which changes are made of a source text, and what they leave alone."""

import ast

import pytest

from tests.mutation.changes import changes_of


def changed(source: str) -> list[str]:
    """Return the source with each change alone, in their order."""
    text = source.encode()
    return [change.apply(text).decode() for change in changes_of(text)]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a = b < c", ["a = b <= c"]),
        ("a = b is not c", ["a = b is c"]),
        ("a = b not in c", ["a = b in c"]),
        ("a = 'ä' == b <= c", ["a = 'ä' != b <= c", "a = 'ä' == b < c"]),
        ("a = (b) and c", ["a = (b) or c"]),
        ("a = not (\n    b\n)", ["a = (\n    b\n)"]),
        ("a = b + c // d", ["a = b - c // d", "a = b + c * d"]),
        ("a = -b", ["a = b"]),
        ("a = 3", ["a = 4"]),
        ("a = 100", ["a = 200"]),
        ("a = 0.1", ["a = 0.2"]),
        ("a = True", ["a = False"]),
        ("a = max(b)", ["a = min(b)"]),
        ("f(a, b=c)", ["pass", "f(a)"]),
        ("f(b=c, d=e)", ["pass", "f(d=e)", "f(b=c)"]),
        ("a.b = c", ["pass"]),
        ("a += b", ["pass", "a -= b"]),
        ("if a: b", ["if not (a): b"]),
        ("if a == b: c", ["if a != b: c"]),
        ("if a < b: c", ["if not (a < b): c", "if a <= b: c"]),
        ("if not a: b", ["if a: b"]),
        ("[a for a in b if a]", ["[a for a in b if not (a)]"]),
        ("while a:\n    break", ["while not (a):\n    break", "while a:\n    pass"]),
        ("def f():\n    return a", ["def f():\n    return None"]),
        ("def f():\n    raise a", ["def f():\n    pass"]),
    ],
)
def test_each_operator_has_one_stand_in(source, expected):
    assert changed(source) == expected


@pytest.mark.parametrize(
    "source",
    [
        '"""Text."""',
        "a: int | None",
        "def f(a: Literal[1] = b) -> Literal[2]: ...",
        "@decorated(frozen=True)\nclass A(B, frozen=True): ...",
        "import a",
        "self._log.warning(a)",
        "self.log.info(a)",
        "a = f'{b:3.1f}'",
        "assert a == 1",
        "if TYPE_CHECKING:\n    a = 1",
        "return_ = 'a' + b",
        "def f():\n    return None",
    ],
)
def test_annotations_texts_and_logs_are_left_alone(source):
    assert changed(source) == []


def test_a_change_within_a_statement_of_several_lines_knows_both_its_lines():
    found = changes_of(b"a = f(\n    b,\n    c + 1,\n)\n")
    assert {(change.line, change.statement_line) for change in found} == {(3, 1)}


def test_every_change_can_be_parsed():
    source = b"if not (\n    a\n    and b\n):\n    f(\n        c,\n        d=e,\n    )\n"
    found = changes_of(source)
    assert len(found) == 4
    for change in found:
        ast.parse(change.apply(source))
