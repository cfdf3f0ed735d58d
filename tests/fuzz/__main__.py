"""
Fuzzes the readers of outside data: `python -m tests.fuzz csv --count 20000`.

The cases run in a child process, so that an abort of native code ends one case and not the run.
"""

import argparse
import json
import selectors
import subprocess
import sys
from collections import Counter

from tests.fuzz.worker import CASES
from tests.fuzz.worker import run_range


COUNTS = {"csv": 20_000, "dbn": 5_000, "config": 10_000}
# Without a line for so long a child hangs, on a machine that has other work as well (s).
SILENCE_S = 180.0
SHOWN = 20
CHILD = [sys.executable, "-m", "tests.fuzz"]


def main() -> int:
    """Run the cases, print figures and failures, and return 1 if there were any."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("kind", choices=[*CASES])
    parser.add_argument("--count", type=int, help="how many cases")
    parser.add_argument("--first", type=int, default=0, help="index of the first one (0)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the cases (1)")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    last = chosen.first + (chosen.count or COUNTS[chosen.kind])
    if chosen.child:
        run_range(chosen.kind, chosen.seed, chosen.first, last)
        return 0
    outcomes: Counter[str] = Counter()
    failures: list[dict[str, object]] = []
    slowest = 0.0
    first = chosen.first
    while first < last:
        for found in _child(chosen.kind, chosen.seed, first, last):
            index = found["index"]
            assert isinstance(index, int)
            first = index + 1
            slowest = max(slowest, float(str(found.get("cpu_s", 0.0))))
            outcomes[str(found.get("outcome", "FAILED"))] += 1
            if "failure" in found:
                failures.append(found)
                if len(failures) <= SHOWN:
                    print(f"case {index}: {found['failure']}", flush=True)
    shares = ", ".join(f"{name} {count:,}" for name, count in outcomes.most_common())
    print(
        f"{chosen.kind}: {outcomes.total():,} cases of seed {chosen.seed}: {shares}; the slowest "
        f"took {slowest:.2f} s of processor time"
    )
    if failures:
        print(f"failed: {', '.join(str(found['index']) for found in failures)}")
    return 1 if failures else 0


def _child(kind: str, seed: int, first: int, last: int) -> list[dict[str, object]]:
    command = [*CHILD, kind, "--child", "--seed", str(seed)]
    command += ["--first", str(first), "--count", str(last - first)]
    done: list[dict[str, object]] = []
    begun = first
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        errors = bytearray()
        with selectors.DefaultSelector() as selector:
            selector.register(child.stdout, selectors.EVENT_READ)
            selector.register(child.stderr, selectors.EVENT_READ)
            rest = b""
            reason = ""
            while selector.get_map():
                ready = selector.select(SILENCE_S)
                if not ready:
                    reason = f"no end after {SILENCE_S:g} s"
                    child.kill()
                for key, _ in ready:
                    content = key.fileobj.read1(1 << 16)  # type: ignore[union-attr]
                    if not content:
                        selector.unregister(key.fileobj)
                    elif key.fileobj is child.stderr:
                        errors[:] = (errors + content)[-2_000:]
                    else:
                        *lines, rest = (rest + content).split(b"\n")
                        for line in lines:
                            found = json.loads(line)
                            begun = found.get("begin", begun)
                            if "begin" not in found:
                                done.append(found)
        if child.wait() != 0:
            reason = reason or f"exit code {child.returncode}"
            text = errors.decode(errors="replace")
            done.append({"index": begun, "failure": f"the process ended: {reason}\n{text}"})
    return done


if __name__ == "__main__":
    sys.exit(main())
