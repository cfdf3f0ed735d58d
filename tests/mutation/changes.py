"""Small changes of Python source: a condition turned, a call left out, a number one off."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise


# Every operator has one stand-in: the one a test tells apart with most difficulty.
COMPARISONS: dict[type[ast.cmpop], tuple[str, str]] = {
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.Is: ("is", "is not"),
    ast.IsNot: (r"is\s+not", "is"),
    ast.In: ("in", "not in"),
    ast.NotIn: (r"not\s+in", "in"),
}
ARITHMETIC: dict[type[ast.operator], tuple[str, str]] = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "/"),
    ast.Div: ("/", "*"),
    ast.FloorDiv: ("//", "*"),
    ast.Mod: ("%", "*"),
    ast.BitAnd: ("&", "|"),
}
TWINS = {"max": "min", "min": "max", "any": "all", "all": "any"}
COUNTS = 100
# What is logged is for people; what acts on it would be an event or an alert.
LOGGING = {"debug", "info", "warning", "error", "exception"}


@dataclass(frozen=True, slots=True)
class Change:
    """
    One change of a source text.

    Attributes
    ----------
    line : int
        The line it is on.
    statement_line : int
        The first line of the statement it is part of.
    start : int
        The offset of its first byte.
    end : int
        The offset behind its last byte.
    text : str
        What stands there instead.

    """

    line: int
    statement_line: int
    start: int
    end: int
    text: str

    def apply(self, source: bytes) -> bytes:
        """Return the source with the change made."""
        return source[: self.start] + self.text.encode() + source[self.end :]


def changes_of(source: bytes) -> list[Change]:
    """Return all changes that can be made to a source text, in its order."""
    found = _Finder(source).all()
    return sorted(set(found), key=lambda change: (change.start, change.end, change.text))


class _Finder:
    def __init__(self, source: bytes) -> None:
        self._source = source
        self._line_starts = [0]
        for line in source.splitlines(keepends=True):
            self._line_starts.append(self._line_starts[-1] + len(line))
        self._statement_line = 1

    def all(self) -> Iterator[Change]:
        yield from self._visit(ast.parse(self._source))

    def _visit(self, node: ast.AST) -> Iterator[Change]:
        if _is_left_alone(node):
            return
        if isinstance(node, ast.stmt):
            self._statement_line = node.lineno
        yield from self._of(node)
        for name, value in ast.iter_fields(node):
            if name in ("annotation", "returns", "decorator_list", "type_params") or (
                isinstance(node, ast.ClassDef) and name in ("bases", "keywords")
            ):
                continue
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    yield from self._visit(child)

    def _of(self, node: ast.AST) -> Iterator[Change]:
        match node:
            case ast.Compare():
                operands = pairwise([node.left, *node.comparators])
                for (left, right), operator in zip(operands, node.ops, strict=True):
                    pattern, text = COMPARISONS[type(operator)]
                    yield self._between(left, right, rf"(?<![\w<>=!]){pattern}(?![\w<>=])", text)
            case ast.BoolOp():
                old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
                for left, right in pairwise(node.values):
                    yield self._between(left, right, rf"\b{old}\b", new)
            case ast.BinOp() if type(node.op) in ARITHMETIC and not _is_text(node):
                old, new = ARITHMETIC[type(node.op)]
                yield self._between(node.left, node.right, re.escape(old), new)
            case ast.UnaryOp(op=ast.Not() | ast.USub()):
                sign = re.compile(rb"not\s*|-").match(self._source, self._span(node)[0])
                assert sign is not None
                yield self._change(node, *sign.span(), "")
            case ast.Constant(value=bool()):
                yield self._instead(node, str(not node.value))
            case ast.Constant(value=int() | float()) if node.value or isinstance(node.value, int):
                # One more than a thousand, or than a tenth, is no other number.
                is_count = isinstance(node.value, int) and abs(node.value) < COUNTS
                yield self._instead(node, repr(node.value + 1 if is_count else 2 * node.value))
            case ast.Call():
                yield from self._of_call(node)
            case ast.If() | ast.While() | ast.IfExp():
                yield from self._of_condition(node.test)
            case ast.comprehension():
                for condition in node.ifs:
                    yield from self._of_condition(condition)
            case ast.stmt():
                yield from self._of_statement(node)

    def _of_call(self, node: ast.Call) -> Iterator[Change]:
        if isinstance(node.func, ast.Name) and node.func.id in TWINS:
            yield self._instead(node.func, TWINS[node.func.id])
        for keyword in node.keywords:
            if keyword.arg is not None:
                start, end = self._span(keyword)
                behind = re.match(rb"\s*,\s*", self._source[end:])
                before = re.search(rb",\s*$", self._source[:start])
                if behind:
                    end += behind.end()
                elif before:
                    start = before.start()
                yield self._change(keyword.value, start, end, "")

    def _of_condition(self, test: ast.expr) -> Iterator[Change]:
        # Elsewhere the operator itself is turned.
        if isinstance(test, ast.UnaryOp) or (
            isinstance(test, ast.Compare)
            and isinstance(test.ops[0], (ast.Eq, ast.NotEq, ast.Is, ast.IsNot, ast.In, ast.NotIn))
        ):
            return
        yield self._instead(test, f"not ({self._text(test)})")

    def _of_statement(self, node: ast.stmt) -> Iterator[Change]:
        match node:
            case ast.Expr(value=ast.Call() | ast.Await() | ast.Yield() | ast.YieldFrom()):
                yield self._instead(node, "pass")
            case ast.Assign() if all(
                isinstance(target, (ast.Attribute, ast.Subscript)) for target in node.targets
            ):
                yield self._instead(node, "pass")
            case ast.AugAssign():
                yield self._instead(node, "pass")
                if type(node.op) in ARITHMETIC:
                    old, new = ARITHMETIC[type(node.op)]
                    yield self._between(node.target, node.value, re.escape(old + "="), new + "=")
            case ast.Return(value=None) | ast.Raise() | ast.Continue() | ast.Break() | ast.Delete():
                yield self._instead(node, "pass")
            case ast.Return() if not (
                isinstance(node.value, ast.Constant) and node.value.value is None
            ):
                yield self._instead(node, "return None")

    def _between(self, left: ast.expr, right: ast.expr, pattern: str, text: str) -> Change:
        start, end = self._span(left)[1], self._span(right)[0]
        found = re.search(pattern.encode(), self._source[start:end])
        assert found is not None, self._source[start:end]
        return self._change(right, start + found.start(), start + found.end(), text)

    def _instead(self, node: ast.expr | ast.stmt, text: str) -> Change:
        return self._change(node, *self._span(node), text)

    def _change(self, node: ast.expr | ast.stmt, start: int, end: int, text: str) -> Change:
        return Change(node.lineno, self._statement_line, start, end, text)

    def _span(self, node: ast.expr | ast.stmt | ast.keyword) -> tuple[int, int]:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return (
            self._line_starts[node.lineno - 1] + node.col_offset,
            self._line_starts[node.end_lineno - 1] + node.end_col_offset,
        )

    def _text(self, node: ast.expr) -> str:
        start, end = self._span(node)
        return self._source[start:end].decode()


def _is_left_alone(node: ast.AST) -> bool:
    match node:
        case ast.JoinedStr() | ast.Import() | ast.ImportFrom() | ast.Assert():
            return True
        case ast.Expr(value=ast.Constant()):
            return True
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return True
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=logger, attr=name))):
            return name in LOGGING and "log" in ast.unparse(logger).lower()
    return False


def _is_text(node: ast.BinOp) -> bool:
    return any(
        isinstance(part, ast.JoinedStr)
        or (isinstance(part, ast.Constant) and isinstance(part.value, str))
        for part in (node.left, node.right)
    )
