"""A strategy that wants to be long at each tick of its own clock, for tests of a node."""

from nautilus_trader.model.identifiers import InstrumentId

from strategies.common.intents import Intent
from strategies.common.nautilus.strategy import TradingStrategy
from tests.seed_rules import SeedRulesConfig


EVERY_NS = 200_000_000
FAR = 20_000


class PromptConfig(SeedRulesConfig, frozen=True, kw_only=True):
    """
    Configures `PromptStrategy`.

    Parameters
    ----------
    warm : bool
        If it counts as warm from the start.

    """

    instrument_id: InstrumentId
    warm: bool = True


class PromptStrategy(TradingStrategy):
    """Decides five times a second: long, with the stop far below and the target far above."""

    def on_start(self):
        super().on_start()
        self._started_ns = 0
        self.clock.set_timer_ns(
            name="DECIDE",
            interval_ns=EVERY_NS,
            start_time_ns=0,
            stop_time_ns=0,
            callback=self._on_timer,
        )

    def _on_timer(self, event):
        quote = self.cache.quote_tick(self.config.instrument_id)
        if quote is None:
            return
        ask = self.units.ticks(quote.ask_price)
        intent = Intent(
            is_long=True,
            entry=ask,
            stop=ask - FAR,
            tag="prompt",
            tp1_half=2 * (ask + FAR),
            tp2=ask + 2 * FAR,
        )
        self.decide(event.ts_event, ask, intent, warm=self.config.warm)
