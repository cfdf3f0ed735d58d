"""
Locks that one process of this machine holds for as long as it lives.

A lock is a file in `~/.local/state/auction-trader/locks` of the user, by the user database and not
by HOME; if that home is not writable, in `/tmp/auction-trader-UID/locks`. The kernel's lock on it
(flock) ends with the process, however it ends, so the lock of a killed process is taken over at
once. The file also names its owner by process id and start time, so that neither a file system
without such locks nor a reused process id leads to two owners or to none.
"""

import fcntl
import json
import os
import pwd
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from actors.private_files import FILE_MODE
from actors.private_files import make_private_folder
from errors import UsageError


BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
# Fields of /proc/PID/stat behind the name: the state, and the start in ticks since the boot.
STATE, START = 0, 19
DEAD = "ZXx"


@dataclass(frozen=True, slots=True)
class Owner:
    """
    Represents the process that holds a lock.

    Attributes
    ----------
    pid : int
        Its process id.
    start : str
        Boot and start of the process, which no later process with its id has.
    since : str
        When it took the lock (ISO 8601, UTC).

    """

    pid: int
    start: str
    since: str

    @property
    def is_alive(self) -> bool:
        """Return True if the process runs; a zombie does not."""
        return bool(self.start) and process_start(self.pid) == self.start


def process_start(pid: int) -> str | None:
    """Return boot id and start time of a process, None if no process has the id."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
        boot = BOOT_ID.read_text().strip()
    except (OSError, ValueError):
        return None
    # The program name may contain spaces and brackets.
    fields = text.rpartition(")")[2].split()
    return None if fields[STATE] in DEAD else f"{boot}:{fields[START]}"


def lock_folder() -> Path:
    """
    Return the folder of this user's locks, which exists.

    Raises
    ------
    UsageError
        If no folder is writable.

    """
    user = os.geteuid()
    places = [Path("/tmp", f"auction-trader-{user}", "locks")]
    with suppress(KeyError):
        home = Path(pwd.getpwuid(user).pw_dir)
        places.insert(0, home / ".local" / "state" / "auction-trader" / "locks")
    for place in places:
        with suppress(OSError):
            make_private_folder(place)
            # Other users may create folders in /tmp as well.
            if place.stat().st_uid == user and os.access(place, os.W_OK):
                return place
    raise UsageError(f"no lock can be kept in {' or '.join(map(str, places))}: make one writable")


class ProcessLock:
    """
    Prevent other processes from running the same thing.

    Parameters
    ----------
    folder : Path
        The folder of the locks.
    identity : str
        What is locked; its hash is the name of the file.
    what : str
        A description for the message of a refusal.

    """

    def __init__(self, folder: Path, identity: str, what: str) -> None:
        self.path = folder / f"{sha256(identity.encode()).hexdigest()[:24]}.lock"
        self.what = what
        self._descriptor: int | None = None

    def acquire(self) -> Owner | None:
        """
        Take the lock; return its owner if another live process holds it.

        Raises
        ------
        OSError
            If the file cannot be written.

        """
        while True:
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
            try:
                is_locked = _flocked(descriptor)
                owner = _read(descriptor)
                if is_locked and not _is_at(self.path, descriptor):
                    # Its owner has ended regularly meanwhile.
                    continue
                if is_locked and (owner is None or not owner.is_alive or owner.pid == os.getpid()):
                    _write(descriptor, self.what)
                    self._descriptor, descriptor = descriptor, -1
                    return None
                return owner or Owner(0, "", "a moment ago")
            finally:
                if descriptor >= 0:
                    os.close(descriptor)

    def release(self) -> None:
        """Release the lock."""
        if self._descriptor is None:
            return
        # Before the lock ends: afterwards the file belongs to its next owner.
        self.path.unlink(missing_ok=True)
        os.close(self._descriptor)
        self._descriptor = None


def _flocked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_at(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _read(descriptor: int) -> Owner | None:
    try:
        found: Any = json.loads(os.pread(descriptor, 4_096, 0))
        return Owner(int(found["pid"]), str(found["start"]), str(found["since"]))
    # A process that was killed while writing it is dead.
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _write(descriptor: int, what: str) -> None:
    pid = os.getpid()
    content = {
        "pid": pid,
        "start": process_start(pid) or "",
        "since": datetime.now(UTC).isoformat(timespec="seconds"),
        "what": what,
    }
    # A full disk must not keep a node from its position: the kernel's lock is what counts.
    with suppress(OSError):
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(content).encode() + b"\n", 0)
