"""A strategy that decides at each full second and publishes it, for tests of two nodes at once."""

from pathlib import Path

from nautilus_trader.model.identifiers import InstrumentId

from actors.messages import Decision
from strategies.common.intents import Action
from strategies.common.intents import Intent
from strategies.common.nautilus.strategy import TradingStrategy
from tests.seed_rules import SeedRulesConfig


SECOND_NS = 1_000_000_000
ENTRY, STOP, TP1, TP2 = 600_100, 580_100, 620_100, 640_100


class SecondConfig(SeedRulesConfig, frozen=True, kw_only=True):
    """
    Configures `SecondStrategy`.

    Parameters
    ----------
    trigger : str
        A file: it wants to be long while there is one.

    """

    instrument_id: InstrumentId
    trigger: str


class SecondStrategy(TradingStrategy):
    """Wants the same in every node at the same second, whatever the last quote there was."""

    def on_start(self):
        super().on_start()
        self._started_ns = 0
        self.clock.set_timer_ns(
            name="DECIDE",
            interval_ns=SECOND_NS,
            start_time_ns=(self.clock.timestamp_ns() // SECOND_NS + 2) * SECOND_NS,
            stop_time_ns=0,
            callback=self._on_timer,
        )

    def _on_timer(self, event):
        intent = None
        if Path(self.config.trigger).exists():
            intent = Intent(
                is_long=True,
                entry=ENTRY,
                stop=STOP,
                tag="second",
                tp1_half=2 * TP1,
                tp2=TP2,
            )
        decision, quantity = self.decide(event.ts_event, ENTRY, intent, warm=True)
        if decision.action is Action.HOLD:
            action = "HOLD" if decision.reason is None else "REFUSE"
        else:
            action = "ENTER"
        tick = self.units.tick
        message = Decision(
            self.config.instrument_id,
            event.ts_event - 1,
            self.clock.timestamp_ns(),
            strategy_id=self.id.value,
            ts_min=event.ts_event - SECOND_NS,
            reason="WANTED" if intent else "NOTHING",
            flags="",
            events="",
            setup=intent and intent.tag,
            side=intent and "BUY",
            entry=intent and float(ENTRY * tick),
            stop=intent and float(STOP * tick),
            tp1=intent and float(TP1 * tick),
            tp2=intent and float(TP2 * tick),
            quantity=None if quantity is None else float(quantity),
            action=action,
            why=None if decision.reason is None else str(decision.reason),
        )
        self.publish_data(message.data_type, message)
