"""How long a thread has waited for a processor."""

from pathlib import Path


PROC = Path("/proc")


def waited_ns(pid: int, proc: Path = PROC) -> int:
    """
    Return the time (ns) that the main thread of a process was ready to run and did not.

    Linux counts it since the start of the thread.

    Parameters
    ----------
    pid : int
        The process.
    proc : Path, optional
        Where the kernel shows it.

    Raises
    ------
    RuntimeError
        If the kernel does not count it.

    """
    path = proc / str(pid) / "task" / str(pid) / "schedstat"
    try:
        return int(path.read_text().split()[1])
    except FileNotFoundError:
        raise RuntimeError(f"{path}: not there: run on a Linux with CONFIG_SCHED_INFO") from None
