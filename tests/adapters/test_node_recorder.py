"""The files of a node's run: all lines, and no line that stops the node."""

import json
import resource
from pathlib import Path

from nautilus_trader.common.component import MessageBus
from nautilus_trader.common.component import TestClock
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.model.identifiers import TraderId

from actors.messages import Alert
from adapters.node.recorder import Recorder
from tests.markets import BTC


def alert(number: int) -> Alert:
    iid = InstrumentId.from_str(BTC)
    return Alert(iid, number, number, strategy_id="S", kind="TEST", text="t" * 50, value=None)


def test_lines_that_a_full_disk_does_not_take_are_counted(tmp_path: Path) -> None:
    bus = MessageBus(TraderId("TEST-001"), TestClock())
    recorder = Recorder(bus, tmp_path)
    path = tmp_path / "alerts.jsonl"
    bus.publish(Alert.topic(), alert(1))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 20, limits[1]))
    try:
        for number in (2, 3):
            bus.publish(Alert.topic(), alert(number))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert recorder.lost == 2
    assert recorder.failure == "File too large"
    bus.publish(Alert.topic(), alert(4))
    recorder.close()

    first, cut, last = path.read_text().splitlines()
    assert [json.loads(line)["ts_event"] for line in (first, last)] == [1, 4]
    assert len(cut) == 20
    assert recorder.counts["alerts"] == 2
