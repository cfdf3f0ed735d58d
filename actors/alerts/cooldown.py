"""Limit how many alerts are delivered: a cooldown by kind, and a rate for all of them."""

from collections import deque
from dataclasses import dataclass

from actors.alerts.templates import EVERY_ONE_S
from actors.alerts.templates import Severity
from actors.alerts.templates import template_of


NANOS_PER_SECOND = 1_000_000_000
RATE = 30
RATE_WINDOW_NS = 60 * NANOS_PER_SECOND

type Key = tuple[str, str, str]


@dataclass(slots=True)
class Suppressed:
    """
    Represents alerts that were not delivered.

    Attributes
    ----------
    key : tuple[str, str, str]
        Kind, strategy and instrument.
    since : int
        When the first came (ns UTC).
    count : int
        How many there are.
    text : str
        The text of the last one.

    """

    key: Key
    since: int
    count: int
    text: str


class Cooldown:
    """
    Decide which alerts are delivered.

    After one of a kind, further ones of the same strategy and instrument are counted for the
    cooldown of the kind, whatever their text; then one alert reports the count and the last text.
    At most `RATE` alerts go out within a minute, beside those of the severity `failure` whose every
    one counts.
    """

    def __init__(self) -> None:
        self._last: dict[Key, int] = {}
        self._sent: deque[int] = deque()
        self._suppressed: dict[Key, Suppressed] = {}

    def admits(self, key: Key, text: str, now: int) -> bool:
        """Return True if an alert is delivered at a time (ns UTC); else it is counted."""
        template = template_of(key[0])
        is_vital = template.cooldown_s == EVERY_ONE_S and template.severity is Severity.FAILURE
        if is_vital or (self._is_over(key, now) and self._has_room(now)):
            self._last[key] = now
            self._sent.append(now)
            return True
        found = self._suppressed.setdefault(key, Suppressed(key, now, 0, ""))
        found.count += 1
        found.text = text
        return False

    def take(self, now: int, *, at_end: bool = False) -> list[Suppressed]:
        """Return the alerts that were counted and whose cooldown is over, or all at the end."""
        due = [
            key
            for key in self._suppressed
            if at_end or (self._is_over(key, now) and self._has_room(now))
        ]
        for key in due:
            self._last[key] = now
        return [self._suppressed.pop(key) for key in due]

    def _is_over(self, key: Key, now: int) -> bool:
        last = self._last.get(key)
        cooldown_ns = template_of(key[0]).cooldown_s * NANOS_PER_SECOND
        # A clock that was set back must not silence a kind.
        return last is None or now < last or now - last >= cooldown_ns

    def _has_room(self, now: int) -> bool:
        while self._sent and not 0 <= now - self._sent[0] < RATE_WINDOW_NS:
            self._sent.popleft()
        return len(self._sent) < RATE
