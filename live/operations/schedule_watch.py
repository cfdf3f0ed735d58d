"""Do what the schedule of a running node says, on its clock: alerts, and the digest."""

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

from configs.documents import one_line
from live.alerting import NodeAlerts
from live.operations.days import ONE_DAY
from live.operations.days import UtcDays
from live.operations.days import session_from
from live.operations.schedule import EventKind
from live.operations.schedule import Schedule
from live.operations.schedule import ScheduledEvent
from live.operations.state_files import DoneDates


CHECK_S = 1.0
# The rows of the last second may still wait for the disk.
DIGEST_DELAY_NS = 10_000_000_000
NS_PER_MINUTE = 60_000_000_000
DIGEST_TIMEOUT_S = 120.0
LONGEST_DELAY_S = 60


class ScheduleWatch:
    """
    Raise the alerts of a node's schedule once a date, and have the digest sent.

    The digest is made by a process of its own, so that a node that trades does not wait for it.

    Parameters
    ----------
    schedule : Schedule
        Decides what is due.
    done : DoneDates
        Keeps the dates over restarts.
    now : Callable[[], int]
        The node's clock (ns UTC).
    alerts : NodeAlerts
        Receives the alerts.
    describe : Callable[[], str]
        Returns the state of the strategies, for the start of a session.
    digest_command : tuple[str, ...]
        The command that sends the digest.

    """

    def __init__(
        self,
        schedule: Schedule,
        done: DoneDates,
        now: Callable[[], int],
        alerts: NodeAlerts,
        describe: Callable[[], str],
        digest_command: tuple[str, ...],
    ) -> None:
        self._schedule = schedule
        self._done = done
        schedule.done = done.dates
        self._now = now
        self._alerts = alerts
        self._describe = describe
        self._digest_command = digest_command
        self._sending: asyncio.Task[None] | None = None
        self._failure = ""

    async def run(self) -> None:
        """Check every second until the task is canceled."""
        try:
            self._announce_wait(self._now())
            while True:
                self.check()
                await asyncio.sleep(CHECK_S)
        finally:
            if self._sending is not None:
                self._sending.cancel()

    def check(self) -> None:
        """Do what is due."""
        now = self._now()
        for event in self._schedule.due(now):
            if event.kind is EventKind.DIGEST and now < event.at + DIGEST_DELAY_NS:
                continue
            # Marked first: an event that fails is not repeated every second.
            self._schedule.mark(event)
            self._done.save()
            self._do(event)
        if self._done.failure and self._done.failure != self._failure:
            text = f"{self._done.failure}: messages of the schedule may come again after a restart"
            self._alerts.raise_alert("OPERATIONS_FAILED", text)
        self._failure = self._done.failure

    def _announce_wait(self, now: int) -> None:
        days = self._schedule.days
        hours = days.hours(days.date_of(now))
        if isinstance(days, UtcDays) or hours is None or now >= hours[0]:
            return
        minutes = -(-(hours[0] - now) // NS_PER_MINUTE)
        text = f"the session starts at {days.clock(hours[0]):%H:%M} {days.zone}, in {minutes} min"
        self._alerts.raise_alert("WAITING_FOR_OPEN", text, float(minutes))

    def _do(self, event: ScheduledEvent) -> None:
        if event.kind is EventKind.DIGEST:
            if self._digest_command:
                self._sending = asyncio.ensure_future(self._send_digest(event))
            return
        if event.kind is EventKind.SESSION_STARTED and isinstance(self._schedule.days, UtcDays):
            return
        self._alerts.raise_alert(event.kind, self._text(event))

    def _text(self, event: ScheduledEvent) -> str:
        days = self._schedule.days
        if event.kind is EventKind.NO_TRADING_TODAY:
            following = session_from(days, days.date_of(self._now()) + ONE_DAY)
            hours = days.hours(following)
            assert hours is not None
            why = "weekend" if event.day.weekday() > 4 else "holiday"
            return f"{why}: the next session starts on {days.clock(hours[0]):%a %Y-%m-%d %H:%M}"
        if event.kind is EventKind.ROLL_DUE:
            return (
                f"{event.instrument_id} is the front month until {event.day - ONE_DAY}: flatten, "
                "shut down, and start with the next contract"
            )
        hours = days.hours(event.day)
        assert hours is not None
        start, end = (f"{days.clock(ts):%H:%M}" for ts in hours)
        return f"{event.day}, {start} to {end} {days.zone}; {self._describe()}"

    async def _send_digest(self, event: ScheduledEvent) -> None:
        try:
            process = await asyncio.create_subprocess_exec(
                *self._digest_command,
                "--date",
                event.day.isoformat(),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE,
            )
            try:
                _, err = await asyncio.wait_for(process.communicate(), DIGEST_TIMEOUT_S)
            except (TimeoutError, asyncio.CancelledError):
                process.kill()
                raise
            if process.returncode:
                lines = err.decode(errors="replace").strip().splitlines()
                self._failed(event, lines[-1] if lines else f"exit code {process.returncode}")
        except TimeoutError:
            self._failed(event, f"not sent within {DIGEST_TIMEOUT_S:g} s")
        except OSError as error:
            self._failed(event, one_line(error))

    def _failed(self, event: ScheduledEvent, reason: str) -> None:
        self._alerts.raise_alert("DIGEST_FAILED", f"the digest of {event.day}: {reason}")


def digest_command(folder: Path) -> tuple[str, ...]:
    """Return the command that sends the digest of the node of a run folder."""
    return sys.executable, "-m", "cli", "digest", str(folder), "--send"
