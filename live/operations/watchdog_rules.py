"""What the watchdog process finds about a node and its machine, and when it is reported."""

from collections import deque
from dataclasses import dataclass
from datetime import date

from actors.alerts.templates import Severity
from live.operations.days import Days
from live.operations.node_health import STOPPED
from live.operations.node_health import Health


NS_PER_S = 1_000_000_000
MINUTE_NS = 60 * NS_PER_S
HOUR_NS = 60 * MINUTE_NS
COOLDOWN_NS = 15 * MINUTE_NS
# It watches from before the session to a while after it.
BEFORE_NS, AFTER_NS = 5 * MINUTE_NS, 15 * MINUTE_NS
CRITICAL_FROM = 3
MOST_RECONNECTS = 3
WARNING, CRITICAL = Severity.WARNING, Severity.FAILURE


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchdogLimits:
    """
    Represents the thresholds of the watchdog.

    Parameters
    ----------
    stale_minutes : float, default 5
        The age of the health file at which the node counts as hung (minutes).
    tick_age_s : float, default 60
        The age of the last quote in a session at which it counts as stale (s).
    memory_percent : float, default 85
        The share of the machine's memory in use (%).
    disk_mb : float, default 500
        The least free space on the disk of the journal (MB).

    """

    stale_minutes: float = 5.0
    tick_age_s: float = 60.0
    memory_percent: float = 85.0
    disk_mb: float = 500.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """
    Represents what one check has read.

    Attributes
    ----------
    now : int
        The time (ns UTC).
    health : Health or None
        The health of the node, None without one that can be read.
    problem : str
        Why there is none.
    is_alive : bool
        If the process of the node exists.
    memory_percent, disk_mb : float
        The memory in use (%) and the free disk (MB).

    """

    now: int
    health: Health | None
    problem: str
    is_alive: bool
    memory_percent: float
    disk_mb: float


@dataclass(frozen=True, slots=True)
class Finding:
    """
    Represents one thing that is wrong.

    Attributes
    ----------
    kind : str
        What it is, without any number: further ones of the kind wait for the cooldown.
    severity : Severity
        `warning` or `failure` (critical).
    text : str
        One line with the figures.

    """

    kind: str
    severity: Severity
    text: str


class WatchdogRules:
    """
    Judge observations of a node.

    Parameters
    ----------
    days : Days
        The dates and sessions.
    limits : WatchdogLimits
        The thresholds.

    """

    def __init__(self, days: Days, limits: WatchdogLimits) -> None:
        self._days = days
        self._limits = limits
        self._heartbeat_failures = 0
        self._reconnects: deque[tuple[int, int]] = deque()
        self._reported: dict[tuple[str, Severity], int] = {}
        self._open: set[str] = set()
        self._ended: dict[str, int] = {}

    def is_watching(self, now: int) -> bool:
        """Return True from five minutes before a session to fifteen after it."""
        days = self._days
        # The session of a UTC date before touches the midnight of the next one.
        hours = days.hours(days.date_of(now))
        return hours is not None and hours[0] - BEFORE_NS <= now <= hours[1] + AFTER_NS

    def findings(self, seen: Observation) -> list[Finding]:
        """Return what is wrong at an observation; nothing outside of the time that is watched."""
        if not self.is_watching(seen.now):
            self._heartbeat_failures = 0
            return []
        found = self._of_machine(seen)
        if seen.health is not None and self._is_of_today(seen) and is_excused(seen.health):
            self._heartbeat_failures = 0
            return found
        # The last state of the feed of a silent node is out of date.
        return [*(self._of_process(seen) or self._of_feed(seen)), *found]

    def _is_of_today(self, seen: Observation) -> bool:
        hours = self._days.hours(self._days.date_of(seen.now))
        return (
            hours is not None and seen.health is not None and seen.health.at >= hours[0] - BEFORE_NS
        )

    def due(self, now: int, findings: list[Finding]) -> tuple[list[Finding], list[str]]:
        """
        Return the findings to report now, and the kinds that are over.

        A finding is reported when it begins, when it becomes critical, and then every 15 minutes.
        """
        present = {finding.kind: finding for finding in findings}
        over = [kind for kind in self._open if kind not in present]
        for kind in over:
            self._open.remove(kind)
        # A kind that comes and goes is not reported each time, nor that it is over.
        ended = [kind for kind in over if not self._is_cooling(kind, now)]
        due = []
        for finding in findings:
            key = (finding.kind, finding.severity)
            last = self._reported.get(key)
            if last is None or not 0 <= now - last < COOLDOWN_NS:
                self._reported[key] = now
                self._open.add(finding.kind)
                due.append(finding)
        return due, ended

    def _is_cooling(self, kind: str, now: int) -> bool:
        ends = self._ended.get(kind)
        self._ended[kind] = now
        return ends is not None and 0 <= now - ends < COOLDOWN_NS

    def _of_process(self, seen: Observation) -> list[Finding]:
        health = seen.health
        if health is not None and not seen.is_alive:
            self._heartbeat_failures += 1
            return [Finding("PROCESS", CRITICAL, f"the node (process {health.pid}) is not running")]
        age_s = None if health is None else (seen.now - health.at) / NS_PER_S
        if age_s is not None and age_s <= 60 * self._limits.stale_minutes:
            self._heartbeat_failures = 0
            return []
        self._heartbeat_failures += 1
        severity = CRITICAL if self._heartbeat_failures >= CRITICAL_FROM else WARNING
        text = seen.problem if age_s is None else f"no sign of life for {age_s / 60:.0f} min"
        return [Finding("HEARTBEAT", severity, f"the node: {text}")]

    def _of_feed(self, seen: Observation) -> list[Finding]:
        health, now = seen.health, seen.now
        if health is None:
            return []
        found = []
        while self._reconnects and now - self._reconnects[0][0] > HOUR_NS:
            self._reconnects.popleft()
        # A node that was started again counts anew.
        if self._reconnects and self._reconnects[-1][1] > health.reconnects:
            self._reconnects.clear()
        self._reconnects.append((now, health.reconnects))
        recent = health.reconnects - self._reconnects[0][1]
        if recent > MOST_RECONNECTS:
            found.append(Finding("RECONNECTS", WARNING, f"{recent} reconnects within an hour"))
        if health.disconnected:
            return [*found, Finding("FEED", WARNING, f"down: {', '.join(health.disconnected)}")]
        hours = self._days.hours(self._days.date_of(now))
        if hours is not None and hours[0] <= now < hours[1]:
            since_s = (now - health.at) / NS_PER_S
            stale = [
                f"{name} {'no quote yet' if age is None else f'{age + since_s:.0f} s'}"
                for name, age in health.tick_ages_s.items()
                if age is None or age + since_s > self._limits.tick_age_s
            ]
            # A session that has just begun may have no quote yet.
            if stale and now - hours[0] > self._limits.tick_age_s * NS_PER_S:
                text = f"connected, but without quotes: {', '.join(stale)}"
                found.append(Finding("TICKS", WARNING, text))
        return found

    def _of_machine(self, seen: Observation) -> list[Finding]:
        limits, found = self._limits, []
        if seen.memory_percent > limits.memory_percent:
            text = f"memory in use {seen.memory_percent:.0f} %, limit {limits.memory_percent:g} %"
            found.append(Finding("MEMORY", WARNING, text))
        if seen.disk_mb < limits.disk_mb:
            text = f"free disk {seen.disk_mb:.0f} MB, limit {limits.disk_mb:g} MB"
            found.append(Finding("DISK", CRITICAL, text))
        return found


def is_excused(health: Health) -> bool:
    """
    Return True if silence of a node is expected: it is flat, and its session is over.

    It was shut down in order, its strategies are halted or have reached a limit of the day, or the
    margin of its contract is too high. A node with a position is never excused.
    """
    if not health.is_flat:
        return False
    return health.state == STOPPED or health.is_stopped_trading or bool(health.blocked)


def status_lines(health: Health | None, problem: str, day: date, now: int) -> list[str]:
    """Return the state of a node for the morning status and the summary of a date."""
    if health is None:
        return [f"{day}: {problem}"]
    age_s = (now - health.at) / NS_PER_S
    lines = [f"{day}: {health.state.lower()}, last sign {age_s:.0f} s ago"]
    for state in health.strategies:
        flags = [name for name in ("active", "halted", "killed") if state[name]] or ["observing"]
        lines.append(
            f"{state['strategy_id']}: {', '.join(flags)}, position {state['position']}, "
            f"result of the UTC day {state['day_pnl']}"
        )
        of_market = health.market.get(state["strategy_id"], {})
        if of_market:
            lines[-1] += "".join(f", {name} {value}" for name, value in of_market.items())
    lines += [f"blocked: {text}" for text in health.blocked]
    lines.append(
        f"{health.trades} trades closed; balance {', '.join(health.balances) or 'unknown'}"
    )
    lines.append(f"{health.reconnects} reconnects, {health.gaps} gaps, {health.memory_mb:.0f} MB")
    return lines
