"""How long the threads of processes have waited for a processor."""

import contextlib
from collections.abc import Iterable
from pathlib import Path


PROC = Path("/proc")


def waited_ns(pids: Iterable[int], proc: Path = PROC) -> int:
    """
    Return the time (ns) that all threads of some processes were ready to run and did not.

    Linux counts it for each thread since its start; a thread that has ended takes its count along.

    Parameters
    ----------
    pids : Iterable[int]
        The processes.
    proc : Path, optional
        Where the kernel shows them.

    Raises
    ------
    RuntimeError
        If the kernel does not count it.

    """
    total, threads = 0, 0
    for pid in pids:
        for path in (proc / str(pid) / "task").glob("*/schedstat"):
            # A thread may end between the listing and the reading.
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                total += int(path.read_text().split()[1])
                threads += 1
    if not threads:
        raise RuntimeError(f"{proc}: no schedstat: run on a Linux with CONFIG_SCHED_INFO")
    return total
