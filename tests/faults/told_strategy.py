"""A strategy that follows the lines of a file, so that a kill loses no command."""

import asyncio
import json
from decimal import Decimal
from functools import partial
from pathlib import Path

from strategies.common.gate import Refusal
from strategies.common.intents import Action
from strategies.common.intents import Intent
from strategies.common.nautilus.strategy import TradingStrategy
from tests.seed_rules import SeedRulesConfig


LOOK_S = 0.01


class ToldConfig(SeedRulesConfig, frozen=True, kw_only=True):
    """
    Configures `ToldStrategy`.

    Parameters
    ----------
    commands : str
        The file of commands, one JSON object with `do` a line.

    """

    commands: str


class ToldStrategy(TradingStrategy):
    """Enters and exits by command; lines from before its start are ignored."""

    def on_start(self):
        super().on_start()
        self.warm = True
        self._path = Path(self.config.commands)
        self._read = len(self._path.read_text())
        # The loop's clock is monotonic: commands come through a jump of the wall clock.
        self._listening = asyncio.get_running_loop().create_task(self._listen_to_file())

    def on_stop(self):
        super().on_stop()
        self._listening.cancel()

    async def _listen_to_file(self):
        while True:
            text = self._path.read_text()
            new, self._read = text[self._read :], len(text)
            for line in new.splitlines():
                command = json.loads(line)
                getattr(self, "do_" + command.pop("do"))(**command)
            await asyncio.sleep(LOOK_S)

    def do_enter(self, is_long, entry, stop, tp1, tp2):
        tick = self.units.tick
        intent = Intent(
            is_long=is_long,
            entry=int(Decimal(entry) / tick),
            stop=int(Decimal(stop) / tick),
            tag="told_long" if is_long else "told_short",
            tp1_half=2 * int(Decimal(tp1) / tick),
            tp2=int(Decimal(tp2) / tick),
        )
        decision, _ = self.decide(self.clock.timestamp_ns(), None, intent, warm=True)
        if decision.reason == Refusal.STALE:
            # The test's own market has had no processor for so long; it goes on.
            again = partial(self.do_enter, is_long, entry, stop, tp1, tp2)
            asyncio.get_running_loop().call_later(LOOK_S, again)
        elif decision.action is Action.HOLD:
            self.log.warning(f"told to enter: {decision.reason}")

    def do_flatten(self):
        self.flatten()
