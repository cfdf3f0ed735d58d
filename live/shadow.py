"""Compare each minute of a shadow node with the live node that runs beside it."""

import asyncio
import time
from collections import defaultdict
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from typing import Any

from actors.messages import Decision
from configs.documents import one_line
from errors import AuctionError
from live.live_recording import LiveRecording
from live.live_recording import Row
from live.node_protocols import Bus
from live.node_protocols import Log
from strategies.common.alert_throttle import AlertThrottle
from strategies.common.divergence import INTENT
from strategies.common.divergence import first_difference
from strategies.common.nautilus.strategy import TradingStrategy


NS_PER_S = 1_000_000_000
# How long one node waits for the other's minute.
PATIENCE_NS = 15 * NS_PER_S
HERE, LIVE = "here", "live"

type Key = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class ComparedMinute:
    """
    Represents a minute that was compared.

    Attributes
    ----------
    strategy_id : str
        The strategy.
    ts : int
        The end of the minute (ns UTC).
    difference : str or None
        The first difference as one line; None where both decided the same.

    """

    strategy_id: str
    ts: int
    difference: str | None


class MinuteComparison:
    """
    Match the decisions of two nodes, in whatever order they arrive.

    Each decision waits for the other node's of the same minute. One without a counterpart is a
    difference as well, from the first minute on that the other node has decided. Decisions that
    arrive long after their minute count for neither: a warm-up decides from history, and a
    recording may be an old one.

    Parameters
    ----------
    size_tolerance : float
        The share of the larger size by which sizes may differ.

    """

    def __init__(self, size_tolerance: float) -> None:
        self._size_tolerance = size_tolerance
        self._waiting: dict[str, dict[Key, deque[tuple[Row, int]]]] = {HERE: {}, LIVE: {}}
        self._since: dict[str, int | None] = {HERE: None, LIVE: None}

    def take(self, side: str, row: Row, now: int) -> ComparedMinute | None:
        """Record a decision of a node (`here` or `live`); return the minute once both have it."""
        if now - row["ts_event"] > PATIENCE_NS:
            return None
        key = (row["instrument_id"], row["strategy_id"], row["ts_min"])
        if self._since[side] is None:
            self._since[side] = row["ts_min"]
        others = self._waiting[_other(side)].get(key)
        if not others:
            self._waiting[side].setdefault(key, deque()).append((row, now))
            return None
        other, _ = others.popleft()
        if not others:
            del self._waiting[_other(side)][key]
        here, live = (row, other) if side == HERE else (other, row)
        column = first_difference(here, live, INTENT, self._size_tolerance)
        text = None if column is None else f"{column}: {_both_values(here, live, column)}"
        return ComparedMinute(row["strategy_id"], row["ts_event"] + 1, text)

    def unmatched(self, now: int) -> list[ComparedMinute]:
        """Return the minutes that only one of the nodes has decided within the waiting time."""
        found = []
        for side, waiting in self._waiting.items():
            since = self._since[_other(side)]
            for key, rows in list(waiting.items()):
                while rows and now - rows[0][1] >= PATIENCE_NS:
                    row, _ = rows.popleft()
                    if since is not None and row["ts_min"] >= since:
                        text = f"only {side}, with action {row['action']}"
                        found.append(ComparedMinute(row["strategy_id"], row["ts_event"] + 1, text))
                if not rows:
                    del waiting[key]
        return sorted(found, key=lambda minute: minute.ts)

    def end_live(self) -> None:
        """Expect no more decisions of the live node until it decides again."""
        self._since[LIVE] = None


class ShadowWatch:
    """
    Raise SHADOW_DIVERGENCE if a shadow node and the live node decide differently.

    Parameters
    ----------
    msgbus : Bus
        The bus of the shadow node, before its start.
    strategies : Iterable[TradingStrategy]
        Its strategies; the alerts are theirs.
    recording : LiveRecording
        Reads the decisions of the live node.
    size_tolerance : float
        As for `MinuteComparison`.
    log : Log
        Receives the name of the run that is followed.

    """

    def __init__(
        self,
        msgbus: Bus,
        strategies: Iterable[TradingStrategy],
        recording: LiveRecording,
        size_tolerance: float,
        log: Log,
    ) -> None:
        self._strategies = {strategy.id.value: strategy for strategy in strategies}
        self._recording = recording
        self._comparison = MinuteComparison(size_tolerance)
        self._differs: defaultdict[str, AlertThrottle] = defaultdict(AlertThrottle)
        self._unreadable = AlertThrottle()
        self._log = log
        self._followed: str | None = ""
        msgbus.subscribe(topic=Decision.topic(), handler=self._on_decision)

    async def check(self) -> None:
        """Read the decisions of the live node since the last check, and compare."""
        try:
            rows = await asyncio.to_thread(self._recording.read)
            now = time.time_ns()
            self._log_run()
            for row in rows:
                self._report(self._comparison.take(LIVE, row, now))
        # A recording of another version lacks the compared columns.
        except (AuctionError, KeyError, OSError, TypeError) as error:
            if self._unreadable.is_due(time.time_ns(), True):
                self._log.warning(f"The live run cannot be read: {one_line(error)}")
            return
        self._unreadable.is_due(now, False)
        if self._recording.is_over:
            self._comparison.end_live()
        for minute in self._comparison.unmatched(now):
            self._report(minute)

    def _on_decision(self, message: Decision) -> None:
        self._report(self._comparison.take(HERE, message.to_dict(), time.time_ns()))

    def _log_run(self) -> None:
        folder = self._recording.folder
        name = None if folder is None else folder.name
        if name == self._followed:
            return
        self._followed = name
        if name is None:
            self._log.warning("There is no live run to compare with yet")
        else:
            self._log.warning(f"Comparing with the live run {name}")

    def _report(self, minute: ComparedMinute | None) -> None:
        if minute is None:
            return
        name = minute.strategy_id
        if self._differs[name].is_due(minute.ts, minute.difference is not None):
            # A strategy that only the live node has is reported by the first one here.
            reporter = self._strategies.get(name) or next(iter(self._strategies.values()))
            at = datetime.fromtimestamp((minute.ts - 1) // NS_PER_S, UTC)
            text = f"{name} {at:%Y-%m-%d %H:%M} {minute.difference}"
            reporter.alert(minute.ts, "SHADOW_DIVERGENCE", text)


def _other(side: str) -> str:
    return LIVE if side == HERE else HERE


def _both_values(here: Row, live: Row, column: str) -> str:
    return f"{_value(here, column)} here, {_value(live, column)} live"


def _value(row: Row, column: str) -> Any:
    value = row.get(column)
    # An action includes its reason.
    return f"{value} ({row['why']})" if column == "action" and row.get("why") else value
