"""The type stubs of the extensions match the modules at run time."""

import ast
import importlib
import inspect
import re
from pathlib import Path

import pytest

import indicators
from indicators.core.ema_trend import EmaTrend
from indicators.core.gaps import GapFinder
from indicators.core.market_context import utc_day
from tests.checks import some


ROOT = Path(indicators.__file__).parent
SOURCES = sorted(ROOT.rglob("*.pyx"))
SAMPLES = {
    "tick_size": "0.1",
    "lot_size": "0.001",
    "minutes": 5,
    "interval_ns": 1_000_000_000,
    "gap_after_s": 60.0,
    "finder": GapFinder(60.0),
    "core": EmaTrend("0.01"),
    "source": utc_day,
}


def module_of(source):
    return importlib.import_module(
        ".".join(["indicators", *source.relative_to(ROOT).with_suffix("").parts]),
    )


def stub_of(source):
    return ast.parse(source.with_suffix(".pyi").read_text())


def names_of(body):
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.AnnAssign):
            yield node.target.id


def signature_of(node):
    def parameter(argument, kind, default=None):
        value = inspect.Parameter.empty if default is None else ast.literal_eval(default)
        return inspect.Parameter(argument.arg, kind, default=value)

    arguments = node.args
    padded = [None] * (len(arguments.args) - len(arguments.defaults)) + arguments.defaults
    either, only = inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY
    result = [parameter(a, either, d) for a, d in zip(arguments.args, padded, strict=True)]
    result += [
        parameter(a, only, d)
        for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    ]
    if arguments.kwarg:
        result.append(parameter(arguments.kwarg, inspect.Parameter.VAR_KEYWORD))
    return inspect.Signature(result)


def plain(signature):
    return signature.replace(
        parameters=[
            parameter.replace(annotation=inspect.Parameter.empty)
            for parameter in signature.parameters.values()
        ],
        return_annotation=inspect.Signature.empty,
    )


def is_property(node):
    return any("property" in ast.dump(decorator) for decorator in node.decorator_list)


def is_setter(node):
    return any("setter" in ast.dump(decorator) for decorator in node.decorator_list)


def declared_parameters(source, name):
    # The run time knows no signature of a constructor, so it is read in the source.
    pattern = rf"cdef class {name}\b.*?def __c?init__\(\s*self,?(.*?)\):"
    text = re.search(pattern, source.read_text(), re.DOTALL).group(1)
    for part in filter(None, map(str.strip, text.split(","))):
        left, _, default = part.partition("=")
        yield left.split()[-1], ast.literal_eval(default) if default else None


def stub_parameters(node):
    arguments = node.args
    defaults = [None] * (len(arguments.args) - len(arguments.defaults)) + arguments.defaults
    rows = list(zip(arguments.args, defaults, strict=True))[1:]
    only = list(zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True))
    for argument, default in rows:
        yield argument.arg, ast.literal_eval(default) if default else None
    if only:
        yield "*", None
    for argument, default in only:
        yield argument.arg, ast.literal_eval(default) if default else None
    if arguments.kwarg:
        yield f"**{arguments.kwarg.arg}", None


def check_constructor(kind, node, source):
    assert list(stub_parameters(node)) == list(declared_parameters(source, kind.__name__))
    named = list(signature_of(node).parameters.values())[1:]
    named = [p for p in named if p.kind is not inspect.Parameter.VAR_KEYWORD]
    required = {p.name: SAMPLES[p.name] for p in named if p.default is inspect.Parameter.empty}
    given = {p.name: required.get(p.name, p.default) for p in named}
    kind(**required)
    kind(**given)
    kind(*[given[p.name] for p in named if p.kind is not inspect.Parameter.KEYWORD_ONLY])
    for name in required:
        with pytest.raises(TypeError):
            kind(**{other: value for other, value in required.items() if other != name})
    if named:
        with pytest.raises(TypeError, match="unknown_parameter"):
            kind(**given, unknown_parameter=1)


def check_class(kind, node, source):
    public = {name for name in vars(kind) if not name.startswith("_")}
    if issubclass(kind, tuple):
        public |= set(kind._fields)
    named = {name for name in names_of(node.body) if not name.startswith("_")}
    assert public - named == set(), node.name
    assert named - set(dir(kind)) == set(), node.name
    for part in node.body:
        if isinstance(part, ast.AnnAssign) or (
            isinstance(part, ast.FunctionDef) and is_property(part) and not is_setter(part)
        ):
            name = part.target.id if isinstance(part, ast.AnnAssign) else part.name
            assert not callable(getattr(kind, name)), name
        elif isinstance(part, ast.FunctionDef) and part.name == "__init__":
            check_constructor(kind, part, source)
        elif isinstance(part, ast.FunctionDef) and not is_setter(part):
            actual = plain(inspect.signature(getattr(kind, part.name)))
            assert actual == signature_of(part), f"{node.name}.{part.name}"


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_every_extension_has_a_stub_that_agrees_with_it(source):
    module, stub = module_of(source), stub_of(source)
    named = set(names_of(stub.body))
    imported = {
        alias.asname or alias.name
        for node in stub.body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    for name, value in some(vars(module).items()):
        own = getattr(value, "__module__", module.__name__) == module.__name__
        if not name.startswith("_") and own and not inspect.ismodule(value):
            assert name in named | imported, f"{name} is missing in the stub"
    for node in stub.body:
        if isinstance(node, ast.ClassDef):
            check_class(getattr(module, node.name), node, source)
        elif isinstance(node, ast.FunctionDef):
            actual = plain(inspect.signature(getattr(module, node.name)))
            assert actual == signature_of(node), node.name
        elif isinstance(node, ast.AnnAssign):
            assert hasattr(module, node.target.id)


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_every_public_name_is_described(source):
    for node in some(ast.walk(stub_of(source))):
        if isinstance(node, ast.FunctionDef) and (node.name == "__init__" or is_setter(node)):
            continue
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            assert ast.get_docstring(node), node.name
