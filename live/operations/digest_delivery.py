"""Deliver a digest once a date, whichever process does it."""

import os
import time
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

from actors.alerts.delivery import Delivery
from actors.alerts.targets import Notice
from actors.alerts.targets import notice_of
from actors.alerts.targets import targets_of
from actors.private_files import make_private_folder
from actors.private_files import open_private
from errors import AuctionError
from live.operations.digest import Digest
from live.operations.digest_source import DigestSource
from live.operations.digest_text import digest_document
from live.operations.digest_text import digest_lines
from live.operations.state_files import read_json
from live.operations.state_files import write_json


KIND = "DIGEST"
FAILED = "DIGEST_FAILED"
DELIVERY_S = 30.0
TRIES = 3
TRY_PAUSE_S = 1.0
SENDING, SENT = "sending", "sent"


def send_digest(source: DigestSource, digest: Digest, *, again: bool = False) -> str:
    """
    Deliver a digest to the receivers of alerts, once a date; return what was done.

    The file of the digest marks the date before anything is sent, so that node, timer and operator
    never send it twice. If no receiver takes it, the mark is removed: the next call tries again.

    Parameters
    ----------
    source : DigestSource
        The node.
    digest : Digest
        Its digest.
    again : bool, default False
        Send it whatever the mark says.

    Raises
    ------
    AuctionError
        If no receiver takes it, or a process died while it sent it.
    OSError
        If the mark cannot be written.

    """
    path = source.files.digest(digest.day)
    lines = digest_lines(digest, source.days)
    document = {**digest_document(digest), "lines": lines}
    if not again and not _claimed(path):
        return _refusal(path, digest.day)
    title = f"{digest.day} {source.system}"
    text = "\n".join(lines)
    notice = notice_of(KIND, source.mode, title, text, digest_document(digest), time.time_ns())
    delivered, failures = _deliver(notice)
    if failures and not delivered:
        path.unlink(missing_ok=True)
        raise AuctionError(f"the digest of {digest.day} was not delivered: {'; '.join(failures)}")
    write_json(path, {"state": SENT, "at": time.time_ns(), **document})
    if not delivered:
        return f"no receiver is configured (ALERT_URLS, ALERT_WEBHOOK_URL): written to {path}"
    missed = f"; not to {'; '.join(failures)}" if failures else ""
    return f"sent to {', '.join(delivered)}{missed}"


def send_failure(source: DigestSource, day: date, reason: str) -> None:
    """Notify the receivers that the digest of a date cannot be made."""
    text = f"the digest of {day} cannot be made: {reason}"
    notice = notice_of(FAILED, source.mode, source.system, text, {}, time.time_ns())
    _deliver(notice)


def _claimed(path: Path) -> bool:
    make_private_folder(path.parent)
    try:
        with open_private(path, "xb") as file:
            file.write(f'{{"state": "{SENDING}", "pid": {os.getpid()}}}\n'.encode())
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        return False
    return True


def _refusal(path: Path, day: date) -> str:
    content: dict[str, Any] = {}
    with suppress(ValueError):
        content = read_json(path) or {}
    if content.get("state") == SENT:
        return f"the digest of {day} was sent before: {path}"
    if content.get("pid") == os.getpid() or Path(f"/proc/{content.get('pid')}").exists():
        return f"the digest of {day} is being sent by process {content.get('pid')}"
    raise AuctionError(
        f"the digest of {day} may have been sent: a process died while it sent it; `--again` sends "
        f"it once more ({path})"
    )


def _deliver(notice: Notice) -> tuple[list[str], list[str]]:
    deliveries = [
        Delivery(target, TRIES, TRY_PAUSE_S, 1) for target in targets_of(os.environ, DELIVERY_S / 6)
    ]
    for delivery in deliveries:
        delivery.start()
        delivery.put(notice)
    end = time.monotonic() + DELIVERY_S
    for delivery in deliveries:
        delivery.stop(end)
    done = [d.target.name for d in deliveries if d.delivered]
    failed = [f"{d.target.name} {d.failure or 'timed out'}" for d in deliveries if not d.delivered]
    return done, failed
