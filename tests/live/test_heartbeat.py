"""What a node writes to show that it lives, and what a reader makes of it."""

import os

import pytest

from live.heartbeat import Heartbeat
from live.heartbeat import read_heartbeat
from live.heartbeat import write_heartbeat


LONG_AGO = 1_000_000_000.0


def test_what_is_written_is_read(tmp_path):
    path = tmp_path / "heartbeat.json"
    assert read_heartbeat(path) is None
    write_heartbeat(path, "STARTING", 7_000)
    write_heartbeat(path, "RUNNING", 7_001)
    assert read_heartbeat(path) == Heartbeat(
        ts=path.stat().st_mtime, pid=os.getpid(), state="RUNNING", control_port=7_001
    )
    # What a reader could have seen half of is gone.
    assert [file.name for file in tmp_path.iterdir()] == ["heartbeat.json"]


def test_a_node_that_cannot_write_still_shows_that_it_lives(tmp_path):
    path = tmp_path / "heartbeat.json"
    write_heartbeat(path, "RUNNING", 7_000)
    os.utime(path, (LONG_AGO, LONG_AGO))
    # In place of a full disk: nothing can be written under the temporary name.
    path.with_suffix(".tmp").mkdir()
    write_heartbeat(path, "RUNNING", 7_000)
    beat = read_heartbeat(path)
    assert beat is not None
    assert beat.ts > LONG_AGO
    assert beat.state == "RUNNING"


def test_a_node_that_has_never_written_and_cannot_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        write_heartbeat(tmp_path / "missing" / "heartbeat.json", "STARTING", 0)
