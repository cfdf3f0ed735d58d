"""
Tries another version of NautilusTrader beside: `make probe-nautilus VERSION=1.232.0`.

It is installed into an environment of its own in a temporary folder. The names that our code uses
and that are gone or have moved are listed, with the files that use them, and the tests that need no
NautilusTrader are run there. Returns 1 where a name is missing or a test fails.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.engines import REPOSITORY
from tests.probe.names import Name
from tests.probe.names import pure_tests
from tests.probe.names import used_names


LOOKUP = Path(__file__).with_name("lookup.py")
TIMEOUT_S = 1800.0
# What NautilusTrader requires is its own to choose.
FREE = {"nautilus-trader", "click", "fsspec", "msgspec", "numpy", "pandas", "portion", "pyarrow"}
FREE |= {"pytz", "tqdm", "uvloop", "plotly", "kaleido", "simplejson"}


def main() -> int:
    """Install a version, look our names up in it and run the pure tests."""
    parser = argparse.ArgumentParser(prog="python -m tests.probe", description=__doc__)
    parser.add_argument("version", help="the version of nautilus_trader, like 1.232.0")
    parser.add_argument("--uv", default="uv", help="the program that installs it")
    chosen = parser.parse_args()
    version, uv = chosen.version, chosen.uv
    if shutil.which(uv) is None:
        sys.stderr.write(f"{uv}: there is no such program: run `make probe-nautilus`\n")
        return 1
    with TemporaryDirectory() as folder:
        try:
            python = install(uv, version, Path(folder))
        except subprocess.CalledProcessError as error:
            reason = " ".join(str(error.stderr).split())[-300:]
            sys.stderr.write(f"nautilus_trader {version} cannot be installed: {reason}\n")
            return 1
        used = used_names(REPOSITORY)
        missing = look_up(python, list(used))
        sys.stdout.write(described(version, used, missing))
        failed = run_pure_tests(python)
    return int(bool(missing or failed))


def install(uv: str, version: str, folder: Path) -> Path:
    """Return the Python of a new environment with a version, and else what the lock file names."""
    lock = (REPOSITORY / "requirements.lock").read_text()
    others = folder / "others.txt"
    others.write_text("".join(others_in(lock)))
    environment = folder / "environment"
    python = environment / "bin" / "python"
    own = f"{sys.version_info.major}.{sys.version_info.minor}"
    target = ["--quiet", "--python", str(python), "--requirement", str(others)]
    for command in (
        [uv, "venv", "--quiet", "--python", own, str(environment)],
        [uv, "pip", "install", *target, f"nautilus_trader=={version}"],
    ):
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=TIMEOUT_S)
    return python


def others_in(lock: str) -> list[str]:
    """Return the pins of a lock file without those that NautilusTrader itself decides."""
    pins = [line.split(" \\")[0] + "\n" for line in lock.splitlines() if "==" in line[:80]]
    return [pin for pin in pins if pin[0].isalnum() and pin.partition("==")[0] not in FREE]


def look_up(python: Path, names: list[Name]) -> list[dict[str, Any]]:
    """Return the names that are not where they were."""
    done = subprocess.run(
        [str(python), str(LOOKUP)],
        check=True,
        capture_output=True,
        text=True,
        input=json.dumps(names),
        timeout=TIMEOUT_S,
    )
    # A module of the package may print as it is imported.
    answer = json.loads(done.stdout.strip().splitlines()[-1])
    found: list[dict[str, Any]] = answer["missing"]
    return found


def described(version: str, used: dict[Name, list[str]], missing: list[dict[str, Any]]) -> str:
    """Return a line for each name that is missing, and one with their number."""
    lines = []
    for entry in missing:
        name = (entry["module"], entry["name"])
        where = f"now in {', '.join(entry['now'])}" if entry["now"] else "gone"
        label = ".".join(filter(None, name))
        lines.append(f"{label}: {where}; used by {', '.join(used[name])}\n")
    moved = sum(bool(entry["now"]) for entry in missing)
    lines.append(
        f"nautilus_trader {version}: of {len(used)} names {len(missing) - moved} gone, "
        f"{moved} moved\n"
    )
    return "".join(lines)


def run_pure_tests(python: Path) -> bool:
    """Run the tests that need no NautilusTrader; return whether one failed."""
    tests = [str(path.relative_to(REPOSITORY)) for path in pure_tests(REPOSITORY)]
    done = subprocess.run(
        [str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        check=False,
        timeout=TIMEOUT_S,
    )
    return done.returncode != 0


if __name__ == "__main__":
    sys.exit(main())
