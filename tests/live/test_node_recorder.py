"""The files of a node's run: all lines, and no line that stops the node."""

import errno
import json
import os
import resource
import stat
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from nautilus_trader.common.component import MessageBus
from nautilus_trader.common.component import TestClock
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.model.identifiers import TraderId

from actors.messages import Alert
from actors.value_area.messages import ValueAreaMinute
from backtests.results.run_hashes import changed_files
from errors import AuctionError
from errors import UsageError
from live.build import make_folder
from live.build import write_end
from live.recorder import Recorder
from tests.markets import BTC


def alert(number: int) -> Alert:
    iid = InstrumentId.from_str(BTC)
    return Alert(iid, number, number, strategy_id="S", kind="TEST", text="t" * 50, value=None)


@pytest.mark.parametrize("umask", [0o000, 0o277])
def test_the_files_of_a_run_belong_to_their_owner_alone(tmp_path: Path, umask: int) -> None:
    config: Any = SimpleNamespace(system="system", mode="paper", document={"a": 1})
    runs = tmp_path / "new" / "runs"
    before = os.umask(umask)
    try:
        folder = make_folder(runs, config)
        Recorder(MessageBus(TraderId("TEST-001"), TestClock()), folder, (Alert,)).close()
        write_end(folder, config, {})
    finally:
        os.umask(before)
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert {path.name for path in modes} >= {"config.yaml", "end.json", "alerts.jsonl"}
    assert set(modes.values()) == {0o600}
    assert {stat.S_IMODE(p.stat().st_mode) for p in (folder, runs, runs.parent)} == {0o700}


def test_a_change_after_the_end_of_a_run_is_found(tmp_path: Path) -> None:
    config: Any = SimpleNamespace(system="system", mode="paper", document={"a": 1})
    folder = make_folder(tmp_path, config)
    assert changed_files(folder) is None
    (folder / "signals.jsonl").write_text("{}\n")
    write_end(folder, config, {})
    assert changed_files(folder) == []
    # Tables that are made of it later belong to no node.
    (folder / "signals.parquet").write_bytes(b"")
    assert changed_files(folder) == []
    (folder / "signals.jsonl").write_text("{} \n")
    (folder / "config.yaml").unlink()
    assert changed_files(folder) == ["config.yaml", "signals.jsonl"]
    (folder / "end.json").write_text("{")
    with pytest.raises(AuctionError, match="not readable"):
        changed_files(folder)


def test_a_configuration_that_was_changed_while_the_node_ran_is_found(tmp_path: Path) -> None:
    config: Any = SimpleNamespace(system="system", mode="paper", document={"a": 1})
    folder = make_folder(tmp_path, config)
    (folder / "config.yaml").write_text("a: 2\n")
    write_end(folder, config, {})
    assert changed_files(folder) == ["config.yaml"]


@pytest.mark.parametrize(
    ("code", "kind"), [(errno.ENOSPC, AuctionError), (errno.EACCES, UsageError)]
)
def test_a_full_disk_is_tried_again_by_a_supervisor_and_a_wrong_folder_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, kind: type[AuctionError]
) -> None:
    def fail(_: Path) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr("live.build.make_private_folder", fail)
    config: Any = SimpleNamespace(system="system", mode="paper", document={})
    with pytest.raises(AuctionError, match=os.strerror(code)) as error:
        make_folder(tmp_path, config)
    assert type(error.value) is kind


def test_files_of_closed_bars_are_found_by_the_name_of_their_rows(tmp_path: Path) -> None:
    """A replay reports how many of them the node has closed."""
    bus = MessageBus(TraderId("TEST-001"), TestClock())
    recorder = Recorder(bus, tmp_path, (Alert, ValueAreaMinute))
    recorder.close()
    assert recorder.bars == {"minutes": "features"}


def test_lines_that_a_full_disk_does_not_take_are_counted(tmp_path: Path) -> None:
    bus = MessageBus(TraderId("TEST-001"), TestClock())
    recorder = Recorder(bus, tmp_path, (Alert,))
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
