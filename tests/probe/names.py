"""The names of NautilusTrader that our code uses, and the tests that need none of it."""

import ast
import re
from functools import cache
from pathlib import Path


NAUTILUS = "nautilus_trader"
FOLDERS = ("indicators", "catalog", "adapters", "actors", "strategies", "configs", "backtests")
FOLDERS += ("live", "cli")
# What our extension needs is declared in a file of the package, and not there at run time.
CIMPORT = "cimport "
# They fail at their import where the installed version is another one.
BUILT_FOR_ONE = {"indicators.nautilus", "indicators.built_for"}
_CIMPORT = re.compile(rf"^from ({NAUTILUS}[\w.]*) cimport (\w+)", re.MULTILINE)
_PATH = re.compile(rf"\b({NAUTILUS}(?:\.\w+)+):(\w+)")

Name = tuple[str, str]


@cache
def imported(path: Path) -> frozenset[Name]:
    """Return module and name of each import in a Python file; the name is empty for a module."""
    found: set[Name] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {(alias.name, "") for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {(node.module, alias.name) for alias in node.names}
    return frozenset(found)


def used_names(root: Path) -> dict[Name, list[str]]:
    """
    Return the names of NautilusTrader that the product uses, with the files that use them.

    Python imports, paths of classes in Python and YAML, and `cimport` of the extensions.
    """
    found: dict[Name, set[str]] = {}
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix not in (".py", ".yaml", ".pyx", ".pxd"):
                continue
            text = path.read_text()
            if NAUTILUS not in text:
                continue
            names: set[Name] = set(_PATH.findall(text))
            names |= {(CIMPORT + module, name) for module, name in _CIMPORT.findall(text)}
            if path.suffix == ".py":
                names |= {name for name in imported(path) if name[0].split(".")[0] == NAUTILUS}
            for name in names:
                found.setdefault(name, set()).add(path.relative_to(root).as_posix())
    return {name: sorted(files) for name, files in sorted(found.items())}


def pure_tests(root: Path) -> list[Path]:
    """
    Return the test files that import NautilusTrader neither themselves nor through others.

    One that imports by text or starts a process may need anything, and is left out.
    """
    tests = sorted((root / "tests").rglob("test_*.py"))
    return [path for path in tests if _is_pure(root, path)]


def _is_pure(root: Path, test: Path) -> bool:
    text = test.read_text()
    if "import_module" in text or "subprocess" in text:
        return False
    parts = test.relative_to(root).with_suffix("").parts
    pending = [".".join(parts)]
    pending += [".".join((*parts[:count], "conftest")) for count in range(1, len(parts))]
    seen: set[str] = set()
    while pending:
        name = pending.pop()
        if name in seen:
            continue
        seen.add(name)
        if name.split(".")[0] == NAUTILUS or name in BUILT_FOR_ONE:
            return False
        path = _file(root, name)
        if path is None:
            continue
        # The packages above a module are imported with it.
        above = name.split(".")
        pending += [".".join(above[:count]) for count in range(1, len(above))]
        for module, attribute in imported(path):
            pending += [module, f"{module}.{attribute}"] if attribute else [module]
    return True


def _file(root: Path, name: str) -> Path | None:
    base = root.joinpath(*name.split("."))
    for path in (base.with_suffix(".py"), base / "__init__.py"):
        if path.is_file():
            return path
    return None
