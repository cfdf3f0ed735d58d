"""
Writes what a node decides, as it goes on: one line of JSON for each message.

The folder of a node's run holds, beside `config.yaml` (the resolved configuration):

features.jsonl
    The messages of the actors about closed minutes, with their time stamps.
second_bars.jsonl, daily_levels.jsonl, market_states.jsonl, regular_sessions.jsonl,
impulses.jsonl, lvn_visits.jsonl
    What is published about seconds, levels and impulses, where anybody does.
signals.jsonl
    `Decision`: one line a decision, with its reason code, also refusals.
trade_events.jsonl, alerts.jsonl
    `TradeEvent` and `Alert`.
status.jsonl
    `TradingStatus`: the state of each strategy after each decision.

A line is on its way to the disk when the next message is handled: a node that is killed loses none.
"""

import json
from functools import partial
from pathlib import Path
from typing import TextIO

from nautilus_trader.common.component import MessageBus

from actors.messages import TABLES
from actors.messages import Alert
from actors.messages import Decision
from actors.messages import Message
from actors.messages import TradeEvent
from actors.messages import TradingStatus
from actors.messages import ValueAreaMinute


FILES: dict[str, tuple[type[Message], ...]] = {
    "features": (ValueAreaMinute,),
    "signals": (Decision,),
    "trade_events": (TradeEvent,),
    "alerts": (Alert,),
    "status": (TradingStatus,),
}


class Recorder:
    """
    Writes the messages of a node's run.

    Parameters
    ----------
    msgbus : MessageBus
        The bus of the node, before its start.
    folder : Path
        The run's folder, which exists.

    Attributes
    ----------
    counts : dict[str, int]
        The lines written to each file.

    """

    def __init__(self, msgbus: MessageBus, folder: Path) -> None:
        self.counts = dict.fromkeys([*FILES, *TABLES.values()], 0)
        self._folder = folder
        self._files: dict[str, TextIO] = {}
        self._is_closed = False
        for name, kinds in FILES.items():
            self._open(name)
            for kind in kinds:
                msgbus.subscribe(topic=kind.topic(), handler=partial(self._write, name))
        for kind, name in TABLES.items():
            msgbus.subscribe(topic=kind.topic(), handler=partial(self._write, name))

    def close(self) -> None:
        """Close the files."""
        self._is_closed = True
        for file in self._files.values():
            file.close()

    def _write(self, name: str, message: Message) -> None:
        # A message that comes while the node is being disposed has nowhere to go.
        if self._is_closed:
            return
        file = self._files.get(name) or self._open(name)
        file.write(json.dumps({"type": type(message).__name__, **message.to_dict()}) + "\n")
        file.flush()
        self.counts[name] += 1

    def _open(self, name: str) -> TextIO:
        file = (self._folder / f"{name}.jsonl").open("w", encoding="utf-8")
        self._files[name] = file
        return file
