"""
Looks names up in the NautilusTrader that is installed beside: `python lookup.py < names.json`.

It runs in the environment of the other version, and needs nothing of ours. The answer gives each
name that is not where it was, with the modules that have it now; there are none where it is gone.
"""

import importlib
import json
import pkgutil
import re
import sys
import warnings
from pathlib import Path


CIMPORT = "cimport "


def load(module: str) -> object | None:
    """Return a module, None where it cannot be imported."""
    try:
        return importlib.import_module(module)
    # Whatever a foreign module raises, it cannot be used.
    except Exception:
        return None


def is_declared(package: Path, module: str, name: str) -> bool:
    """Return whether a module declares a name for other extensions."""
    base = package.joinpath(*module.split(".")[1:])
    for path in (base.with_suffix(".pxd"), base / "__init__.pxd"):
        if path.is_file() and re.search(rf"\b{name}\b", path.read_text()):
            return True
    return False


def is_there(package: Path, module: str, name: str) -> bool:
    """Return whether a name is where our code takes it from."""
    if module.startswith(CIMPORT):
        return is_declared(package, module.removeprefix(CIMPORT), name)
    loaded = load(module)
    if loaded is None:
        return False
    # A name may be a module of its own.
    return not name or hasattr(loaded, name) or load(f"{module}.{name}") is not None


def everything() -> dict[str, object]:
    """Return all modules of the package that can be imported."""
    package = importlib.import_module("nautilus_trader")
    found = {"nautilus_trader": package}
    walked = pkgutil.walk_packages(package.__path__, "nautilus_trader.", onerror=lambda _: None)
    for info in walked:
        module = load(info.name)
        if module is not None:
            found[info.name] = module
    return found


def main() -> None:
    """Answer on standard output."""
    warnings.simplefilter("ignore")
    wanted = [tuple(pair) for pair in json.load(sys.stdin)]
    package = Path(importlib.import_module("nautilus_trader").__path__[0])
    missing = [pair for pair in wanted if not is_there(package, *pair)]
    modules = everything() if missing else {}
    answer = []
    for module, name in missing:
        homes = [key for key, found in modules.items() if name and hasattr(found, name)]
        answer.append({"module": module, "name": name, "now": sorted(homes, key=len)[:3]})
    sys.stdout.write(json.dumps({"missing": answer}) + "\n")


if __name__ == "__main__":
    main()
