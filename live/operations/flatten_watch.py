"""Check that a strategy is flat after it has closed everything at the end of its hours."""

from collections.abc import Callable
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol

from actors.messages import Decision
from catalog.sessions import new_york_date
from live.alerting import NodeAlerts
from live.node_protocols import Bus


ENDING = frozenset({"SESSION_END", "FLATTEN"})
NS_PER_S = 1_000_000_000


class Closing(Protocol):
    """Represents a strategy that may close everything by the clock."""

    @property
    def id(self) -> object:
        """Its id."""

    @property
    def is_flat(self) -> bool:
        """Return True if there is neither a position nor an order."""

    @property
    def position(self) -> Decimal:
        """Return the signed size of its position."""


@dataclass(slots=True)
class _Pending:
    since: int
    is_reported: bool = False


class FlattenWatch:
    """
    Report each flatten by the clock as verified, unverified or failed.

    Parameters
    ----------
    bus : Bus
        The bus of the node.
    strategies : Iterable[Closing]
        Its strategies.
    alerts : NodeAlerts
        Receives the alerts.
    timeout_s : float
        How long a position may take to be flat (s).
    is_blind : Callable[[], bool]
        Returns True while the venue reports no positions.
    now : Callable[[], int]
        The node's clock (ns UTC).

    """

    def __init__(
        self,
        bus: Bus,
        strategies: Iterable[Closing],
        alerts: NodeAlerts,
        timeout_s: float,
        is_blind: Callable[[], bool],
        now: Callable[[], int],
    ) -> None:
        self._strategies = {str(strategy.id): strategy for strategy in strategies}
        self._alerts = alerts
        self._timeout_ns = int(timeout_s * NS_PER_S)
        self._is_blind = is_blind
        self._now = now
        self._pending: dict[str, _Pending] = {}
        self._reported_on: dict[str, date] = {}
        bus.subscribe(topic=Decision.topic(), handler=self._on_decision)

    def _on_decision(self, decision: Decision) -> None:
        if decision.action != "EXIT" or decision.why not in ENDING:
            return
        # A machine may repeat its exit at each bar until the day is over.
        if self._reported_on.get(decision.strategy_id) != new_york_date(self._now()):
            self._pending.setdefault(decision.strategy_id, _Pending(self._now()))

    def check(self) -> None:
        """Report what has been flat, and what is not flat in time."""
        for name, pending in [*self._pending.items()]:
            strategy = self._strategies.get(name)
            if strategy is None:
                del self._pending[name]
            elif strategy.is_flat:
                del self._pending[name]
                self._report_flat(name)
            elif not pending.is_reported and self._now() - pending.since > self._timeout_ns:
                pending.is_reported = True
                text = f"{name}: {strategy.position} is open after the end of its hours"
                self._alerts.raise_alert("FLATTEN_FAILED", f"{text}: check the venue")

    def _report_flat(self, name: str) -> None:
        self._reported_on[name] = new_york_date(self._now())
        if self._is_blind():
            text = f"{name}: flat by its fills, but the venue reports no positions"
            self._alerts.raise_alert("FLATTEN_UNVERIFIED", text)
        else:
            self._alerts.raise_alert("FLATTEN_DONE", f"{name}: flat at the end of its hours")
