"""Who may import whom; the errors a user can cause belong to all."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.checks import some


REPOSITORY = Path(__file__).parents[1]
MAY_IMPORT = {
    "indicators": set(),
    "catalog": {"indicators"},
    "adapters": {"indicators", "catalog"},
    "actors": {"indicators"},
    "strategies": {"indicators", "actors"},
    "configs": {"indicators", "actors", "strategies", "catalog"},
    "backtests": {"indicators", "actors", "strategies", "configs", "catalog"},
    # What runs a node stands above all that it runs.
    "adapters/node": {"indicators", "actors", "strategies", "configs", "catalog", "adapters"},
}


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_a_package_imports_only_what_lies_below_it(package):
    allowed = MAY_IMPORT[package] | {package}
    for path in some((REPOSITORY / package).rglob("*.py")):
        if package == "adapters" and "node" in path.relative_to(REPOSITORY).parts:
            continue
        names = set(imports_of(path)) - {"catalog.errors"}
        own = {name.split(".")[0] for name in names} & set(MAY_IMPORT)
        assert own <= allowed, path


def test_only_the_command_line_imports_what_runs_a_node():
    for package in MAY_IMPORT:
        for path in some((REPOSITORY / package).rglob("*.py")):
            if "node" not in path.relative_to(REPOSITORY).parts:
                assert not any(name.startswith("adapters.node") for name in imports_of(path)), path


def test_decision_machines_import_neither_nautilus_nor_files():
    for path in some((REPOSITORY / "strategies").rglob("*.py")):
        if (
            path.name in ("config.py", "reporting.py", "strategy.py")
            or path.parent.name == "nautilus"
        ):
            continue
        roots = {name.split(".")[0] for name in imports_of(path)}
        assert not roots & {"nautilus_trader", "pathlib", "os", "io", "pyarrow", "pandas"}, path


def test_one_file_alone_cimports_nautilus():
    using = [
        path.relative_to(REPOSITORY).as_posix()
        for pattern in ("*.pyx", "*.pxd")
        for path in (REPOSITORY / "indicators").rglob(pattern)
        if "nautilus_trader" in path.read_text()
    ]
    assert using == ["indicators/nautilus.pyx"]
