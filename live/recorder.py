"""
Record the messages of a node as they are published: one line of JSON for each message.

The folder of a node's run holds, beside `config.yaml` (the resolved configuration), one file for
each message class that an actor or strategy of the node publishes and that declares a table
(`actors.messages.schema.Table`), named after the table: `signals.jsonl` has one line per decision,
refusals included, `status.jsonl` the state of each strategy after each decision.

A line is handed to the operating system before the next message is handled: a killed node loses
none. Lines that do not fit on a full disk are counted, and trading goes on.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from actors.messages import Message
from actors.private_files import open_private
from live.node_protocols import Bus


class Recorder:
    """
    Write the messages of a node's run to files.

    Parameters
    ----------
    msgbus : Bus
        The bus of the node, before its start.
    folder : Path
        The run's folder, which exists.
    published : Iterable[type[Message]]
        The classes that its actors and strategies publish; those with a table get a file.

    Attributes
    ----------
    counts : dict[str, int]
        The lines written to each file.
    bars : dict[str, str]
        The files of closed bars by the plural name of their rows.
    lost : int
        The lines that could not be written.
    failure : str
        The reason of the last failure.

    """

    def __init__(
        self,
        msgbus: Bus,
        folder: Path,
        published: Iterable[type[Message]],
    ) -> None:
        tables = {cls: cls.TABLE for cls in dict.fromkeys(published) if cls.TABLE is not None}
        self.counts = {table.name: 0 for table in tables.values()}
        self.bars = {table.bars: table.name for table in tables.values() if table.bars}
        self.lost = 0
        self.failure = ""
        self._files: dict[str, BinaryIO] = {}
        for cls, table in tables.items():
            self._files[table.name] = open_private(folder / f"{table.name}.jsonl", "wb", 0)
            msgbus.subscribe(topic=cls.topic(), handler=self._writer(table.name))

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
        # A message that arrives while the node is being disposed is dropped.
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
