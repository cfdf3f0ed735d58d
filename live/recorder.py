"""
Writes what a node decides, as it goes on: one line of JSON for each message.

The folder of a node's run holds, beside `config.yaml` (the resolved configuration):

features.jsonl
    The messages of the actors about closed minutes, with their time stamps.
second_bars.jsonl, daily_levels.jsonl, market_states.jsonl, regular_sessions.jsonl,
impulses.jsonl, lvn_visits.jsonl
    What is published about seconds, levels and impulses, where an actor says that it does.
gaps.jsonl
    `DataGap`: the gaps in the data, where an actor says that it finds them.
signals.jsonl
    `Decision`: one line a decision, with its reason code, also refusals.
trade_events.jsonl, alerts.jsonl
    `TradeEvent` and `Alert`.
status.jsonl
    `TradingStatus`: the state of each strategy after each decision.

A line is on its way to the disk when the next message is handled: a node that is killed loses none.
Lines that a full disk does not take are counted, and trading goes on.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from nautilus_trader.common.component import MessageBus

from actors.messages import TABLES
from actors.messages import Alert
from actors.messages import Decision
from actors.messages import Message
from actors.messages import TradeEvent
from actors.messages import TradingStatus
from actors.messages import ValueAreaMinute
from actors.private_files import open_private


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
    published : Iterable[type[Message]], default ()
        The classes that actors say they publish; those about seconds get files.

    Attributes
    ----------
    counts : dict[str, int]
        The lines written to each file.
    lost : int
        The lines that the disk has not taken.
    failure : str
        Why it has not taken the last of them.

    """

    def __init__(
        self,
        msgbus: MessageBus,
        folder: Path,
        published: Iterable[type[Message]] = (),
    ) -> None:
        wanted = set(published)
        files = {**FILES, **{name: (kind,) for kind, name in TABLES.items() if kind in wanted}}
        self.counts = dict.fromkeys(files, 0)
        self.lost = 0
        self.failure = ""
        self._files: dict[str, BinaryIO] = {}
        for name, kinds in files.items():
            self._files[name] = open_private(folder / f"{name}.jsonl", "wb", 0)
            for kind in kinds:
                msgbus.subscribe(topic=kind.topic(), handler=self._writer(name))

    def close(self) -> None:
        """Close the files."""
        for file in self._files.values():
            file.close()

    def _writer(self, name: str) -> "_Writer":
        return _Writer(name, self._files[name], self)


class _Writer:
    def __init__(self, name: str, file: BinaryIO, recorder: Recorder) -> None:
        self._name = name
        self._file = file
        self._recorder = recorder
        self._is_cut = False

    def __call__(self, message: Message) -> None:
        # A message that comes while the node is being disposed has nowhere to go.
        if self._file.closed:
            return
        kind = type(message).__name__
        line = (json.dumps({"type": kind, **message.to_dict()}) + "\n").encode()
        if self._is_cut:
            line = b"\n" + line
        try:
            written = self._file.write(line)
        except OSError as e:
            written = 0
            self._recorder.failure = e.strerror or type(e).__name__
        if written == len(line):
            self._is_cut = False
            self._recorder.counts[self._name] += 1
        else:
            self._is_cut = self._is_cut or written > 0
            self._recorder.lost += 1
