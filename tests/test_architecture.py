"""Who may import whom; the errors a user can cause belong to all."""

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from tests.checks import some


REPOSITORY = Path(__file__).parents[1]
# From the bottom to the top: a package imports those before it. Adapters and actors stand side by
# side; both use the message classes, which are declarations.
LAYERS = (
    ("errors",),
    ("indicators",),
    ("catalog",),
    ("actors", "adapters"),
    ("strategies",),
    ("configs",),
    ("backtests",),
    ("live", "research"),
    ("cli",),
)
LAYER = {package: height for height, layer in enumerate(LAYERS) for package in layer}
DECLARATIONS = "actors.messages"
# Only shells import Nautilus.
LARGEST_NAUTILUS_COUNT = 45
# What a pure module of the standard library alone must not import either.
FILES = {"io", "os", "pathlib"}
# A module has one subject: about 200 lines, at most 300. These are still to be split, and may not
# grow further.
LARGEST_MODULE = 300
LARGER_MODULES = {
    "adapters/bybit/attached_stops.py": 310,
    "adapters/bybit/live_execution.py": 310,
    "adapters/simulated/nautilus/fills.py": 310,
    "adapters/simulated/nautilus/paper.py": 350,
    "configs/checks.py": 340,
    "strategies/playbook/machine.py": 340,
}
YAML_PATH = re.compile(r"\b((?:" + "|".join(LAYER) + r")(?:\.\w+)+):\w+")


@cache
def imports_of(path: Path) -> tuple[str, ...]:
    return tuple(_imported(path))


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def modules_of(package: str) -> list[Path]:
    single = REPOSITORY / f"{package}.py"
    return [single] if single.exists() else sorted(some((REPOSITORY / package).rglob("*.py")))


def test_messages_that_systems_share_know_no_system():
    for path in modules_of(DECLARATIONS.replace(".", "/")):
        for name in imports_of(path):
            assert not name.startswith("actors.") or name.startswith(DECLARATIONS), (
                f"{path}: {name}"
            )


@pytest.mark.parametrize("package", LAYER)
def test_a_package_imports_only_what_lies_below_it(package):
    for path in modules_of(package):
        for name in imports_of(path):
            other = name.split(".")[0]
            if other in LAYER and other != package and not name.startswith(DECLARATIONS):
                assert LAYER[other] < LAYER[package], f"{path}: {name}"


@pytest.mark.parametrize("folder", ["systems", "environments", "presets", "recorders"])
def test_a_configuration_names_only_modules_that_stand_below_it(folder):
    for path in some((REPOSITORY / "configs" / folder).glob("*.yaml")):
        for module in YAML_PATH.findall(path.read_text()):
            assert LAYER[module.split(".")[0]] < LAYER["configs"], f"{path}: {module}"


def test_no_modules_import_each_other_in_a_circle():
    # Also imports within functions, and of types alone.
    known = {
        ".".join(path.relative_to(REPOSITORY).with_suffix("").parts).removesuffix(".__init__")
        for package in LAYER
        for path in modules_of(package)
    }
    below: dict[str, set[str]] = {}
    for name in known:
        file = REPOSITORY.joinpath(*name.split("."))
        file = file / "__init__.py" if file.is_dir() else file.with_suffix(".py")
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                below.setdefault(name, set()).update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                whole = {f"{node.module}.{alias.name}" for alias in node.names} & known
                below.setdefault(name, set()).update(whole or {node.module})
    graph = {name: (below.get(name, set()) & known) - {name} for name in known}
    TopologicalSorter(graph).prepare()


def test_decision_machines_import_neither_nautilus_nor_files():
    for path in some((REPOSITORY / "strategies").rglob("*.py")):
        if (
            path.name in ("config.py", "reporting.py", "strategy.py")
            or path.parent.name == "nautilus"
        ):
            continue
        roots = {name.split(".")[0] for name in imports_of(path)}
        assert not roots & {"nautilus_trader", "pathlib", "os", "io", "pyarrow", "pandas"}, path


def test_rules_of_the_simulated_venue_import_neither_nautilus_nor_files():
    for path in some((REPOSITORY / "adapters" / "simulated" / "rules").glob("*.py")):
        for name in imports_of(path):
            own = name.startswith("adapters.simulated.rules")
            assert own or name.split(".")[0] in sys.stdlib_module_names - FILES, f"{path}: {name}"


def test_modules_are_small():
    sizes = {
        path.relative_to(REPOSITORY).as_posix(): len(path.read_text().splitlines())
        for package in LAYER
        for path in modules_of(package)
    }
    for name, lines in sizes.items():
        assert lines <= LARGER_MODULES.get(name, LARGEST_MODULE), f"{name}: {lines} lines"
    assert LARGER_MODULES.keys() <= sizes.keys()
    # A module that has been split is removed from the list.
    assert all(sizes[name] > LARGEST_MODULE for name in LARGER_MODULES)


def test_few_modules_import_nautilus():
    using = [
        path.relative_to(REPOSITORY).as_posix()
        for package in LAYER
        for path in modules_of(package)
        if any(name.split(".")[0] == "nautilus_trader" for name in imports_of(path))
    ]
    packages = Counter(path.partition("/")[0] for path in using)
    # The bound falls with each module that is freed of it, and is never raised without need.
    assert len(using) <= LARGEST_NAUTILUS_COUNT, f"{len(using)} modules: {dict(packages)}"


def test_the_catalog_meets_nautilus_in_two_modules_alone():
    using = {
        path.stem
        for path in modules_of("catalog")
        if any(name.split(".")[0] == "nautilus_trader" for name in imports_of(path))
    }
    assert using == {"codec", "instruments"}


def test_one_file_alone_cimports_nautilus():
    using = [
        path.relative_to(REPOSITORY).as_posix()
        for pattern in ("*.pyx", "*.pxd")
        for path in (REPOSITORY / "indicators").rglob(pattern)
        if "nautilus_trader" in path.read_text()
    ]
    assert using == ["indicators/nautilus.pyx"]
