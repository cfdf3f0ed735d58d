"""A strategy that decides what a test has written down, on the shared trading base."""

from typing import Any

from strategies.common.intents import GateDecision
from strategies.common.intents import Intent
from strategies.common.nautilus.strategy import TradingStrategy
from tests.seed_rules import SeedRulesConfig


class WrittenIntentsConfig(SeedRulesConfig, frozen=True, kw_only=True):
    """
    Configuration for `WrittenIntents`.

    `minutes` are rows of boundary (ns UTC), close (ticks), fields of an intent or null, and the
    gates `warm` and `active`.
    """

    minutes: list[tuple[int, int | None, dict[str, Any] | None, bool, bool]]


class WrittenIntents(TradingStrategy):
    """Hands each written intent to the trade manager one nanosecond before its boundary."""

    def __init__(self, config: WrittenIntentsConfig) -> None:
        super().__init__(config)
        self.decisions: list[tuple[int, GateDecision]] = []

    def on_start(self) -> None:
        super().on_start()
        for row in self.config.minutes:
            self.clock.set_time_alert_ns(f"{row[0]}", row[0] - 1, lambda _, row=row: self._at(*row))

    def _at(
        self,
        ts: int,
        close: int | None,
        fields: dict[str, Any] | None,
        warm: bool,
        active: bool,
    ) -> None:
        self.active = active
        intent = None if fields is None else Intent(**fields)
        decision, _ = self.decide(ts, close, intent, warm=warm)
        self.decisions.append((ts, decision))
