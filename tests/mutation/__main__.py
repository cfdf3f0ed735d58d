"""Copies the repository and studies the copy: `python -m tests.mutation MODULE`."""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.mutation.study import study


REPOSITORY = Path(__file__).parents[2]
COPIED_TO = "MUTATION_COPY"


def main() -> int:
    """
    Run a study, and return its exit code.

    The working tree stays as it is: the study runs itself again in a copy.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("modules", nargs="+", metavar="MODULE", help="file, file:line or folder")
    parser.add_argument("--tests", nargs="+", default=["tests"], help="files and folders of tests")
    parser.add_argument("--mutants", type=int, default=60, help="how many changes (60)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the draw (1)")
    parser.add_argument("--least", type=float, default=85.0, help="score that is enough (85 %%)")
    chosen = parser.parse_args()
    if COPIED_TO in os.environ:
        kept = Path(os.environ[COPIED_TO]) / ".mutation" / "lines.json"
        return study(chosen.modules, chosen.tests, chosen.mutants, chosen.seed, chosen.least, kept)
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        copy = Path(folder)
        _copy(copy)
        environment = os.environ | {
            COPIED_TO: str(REPOSITORY),
            "PYTHONPATH": str(copy),
            "OPENBLAS_NUM_THREADS": "1",
            # Bytecode is what makes the second change faster than the first.
            "PYTHONDONTWRITEBYTECODE": "",
        }
        command = [sys.executable, "-m", "tests.mutation", *sys.argv[1:]]
        return subprocess.run(command, cwd=copy, env=environment, check=False).returncode


def _copy(folder: Path) -> None:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True, text=True)
    built = [str(path.relative_to(REPOSITORY)) for path in REPOSITORY.glob("indicators/**/*.so")]
    for name in [*filter(None, listed.stdout.split("\0")), *built]:
        source, target = REPOSITORY / name, folder / name
        # A file that is deleted, but not committed so.
        if source.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)


if __name__ == "__main__":
    sys.exit(main())
