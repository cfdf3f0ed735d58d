"""A node that dies, hangs or does not run is started again, but not for ever."""

import os
import resource
import signal
import subprocess
import time
from pathlib import Path
from threading import Thread

import pytest

from errors import AuctionError
from live.client import send
from live.heartbeat import read_heartbeat
from live.heartbeat import write_heartbeat
from tests.actors.test_alerts import receiver
from tests.adapters.bybit_server import wait_until
from tests.live.live_node import VARIABLE
from tests.live.live_node import arguments
from tests.live.live_node import free_port
from tests.live.live_node import started
from tests.live.live_node import write_system


pytestmark = pytest.mark.node


# A bound, not a figure: other tests may have the machine.
START_S = 180.0


def children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in text.split()]


def runs_on(port: int) -> bool:
    return running_on(port) is not None


def running_on(port: int) -> int | None:
    """Return the process of the node that runs on a port; another one may stand by."""
    try:
        state = send("status", port, VARIABLE)
    except AuctionError:
        return None
    return int(state["pid"]) if state["state"] == "RUNNING" else None


def another_runs_on(port: int, than: int) -> bool:
    return running_on(port) not in (None, than)


@pytest.mark.parametrize("fate", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "hung"])
def test_a_node_that_dies_or_hangs_is_started_again_in_observation(moving, tmp_path, fate):
    port = free_port()
    command = arguments(
        moving.client,
        write_system(tmp_path),
        "paper",
        tmp_path / "runs",
        f"settings.control_port={port}",
        "settings.hang_after_s=6.0",
    )
    supervisor = started([*command, "--supervise"])
    try:
        wait_until(lambda: runs_on(port), START_S)
        first = running_on(port)
        assert first in children(supervisor.pid)
        wait_until(lambda: len(children(supervisor.pid)) == 2, START_S)
        (standby,) = set(children(supervisor.pid)) - {first}
        os.kill(first, fate)
        wait_until(lambda: another_runs_on(port, first), START_S)
        state = send("status", port, VARIABLE)
        second = state["pid"]
        assert second == standby
        assert not state["strategies"][0]["active"]
        supervisor.terminate()
        output, _ = supervisor.communicate(timeout=START_S)
        assert supervisor.returncode == 0
        assert output.count("the node is started again") == 1
        assert not Path(f"/proc/{first}").exists()
        assert not Path(f"/proc/{second}").exists()
    finally:
        end(supervisor)


def test_a_node_that_cannot_run_is_tried_on_and_told(moving, tmp_path):
    command = arguments(
        moving.client,
        write_system(tmp_path),
        "paper",
        tmp_path / "runs",
        f"settings.control_port={free_port()}",
        "settings.max_restarts=1",
        "node.timeout_connection=1.0",
    )
    gone = [part.replace(moving.client.server.url, "http://127.0.0.1:9") for part in command]
    output = tmp_path / "output"
    with receiver() as kept:
        supervisor = started([*gone, "--supervise"], ALERT_WEBHOOK_URL=kept.url)
        reader = Thread(target=lambda: output.write_text(supervisor.stdout.read()))
        reader.start()
        try:
            wait_until(lambda: len(list(tmp_path.glob("runs/*"))) > 3, START_S)
            assert supervisor.poll() is None
            supervisor.terminate()
            assert supervisor.wait(30.0) == 0
        finally:
            end(supervisor, is_read=True)
            reader.join()
        supervisor.stdout.close()
        told = [body["type"] for _, body in kept.bodies if body["type"].startswith("NODE_")]
    lines = [line for line in output.read_text().splitlines() if "is started again" in line]
    pauses = [line.partition(" again in ")[2].partition(":")[0] for line in lines]
    assert pauses[:3] == ["0 s", "1 s", "2 s"]
    assert told == ["NODE_DOWN"]


def test_a_node_that_runs_and_dies_too_often_is_given_up(moving, tmp_path):
    port = free_port()
    command = arguments(
        moving.client,
        write_system(tmp_path),
        "paper",
        tmp_path / "runs",
        f"settings.control_port={port}",
        "settings.max_restarts=1",
    )
    with receiver() as kept:
        supervisor = started([*command, "--supervise"], ALERT_WEBHOOK_URL=kept.url)
        try:
            wait_until(lambda: runs_on(port), START_S)
            first = running_on(port)
            # The supervisor has heard that it runs: it has another one loaded.
            wait_until(lambda: len(children(supervisor.pid)) == 2, START_S)
            os.kill(first, signal.SIGKILL)
            wait_until(lambda: another_runs_on(port, first), START_S)
            second = running_on(port)
            wait_until(lambda: len(children(supervisor.pid)) == 2, START_S)
            os.kill(second, signal.SIGKILL)
            output, _ = supervisor.communicate(timeout=START_S)
        finally:
            end(supervisor)
        told = [body["type"] for _, body in kept.bodies]
    assert supervisor.returncode == 1
    assert "the node has ended 2 times" in output
    assert [kind for kind in told if kind in ("NODE_DOWN", "NODE_GIVEN_UP")] == [
        "NODE_DOWN",
        "NODE_GIVEN_UP",
    ]


def test_a_refused_configuration_is_not_tried_again(moving, tmp_path):
    command = arguments(
        moving.client, write_system(tmp_path), "paper", tmp_path / "runs", "settings.control_port=1"
    )
    supervisor = started([*command, "--supervise", "--set", "settings.control_port=-1"])
    try:
        output, _ = supervisor.communicate(timeout=START_S)
        assert supervisor.returncode == 2
        assert "control_port" in output
        assert "started again" not in output
    finally:
        end(supervisor)


def test_a_heartbeat_is_read_as_it_was_written(tmp_path):
    path = tmp_path / "heartbeat.json"
    assert read_heartbeat(path) is None
    write_heartbeat(path, "RUNNING", 8712)
    beat = read_heartbeat(path)
    assert beat is not None
    assert (beat.state, beat.pid, beat.control_port) == ("RUNNING", os.getpid(), 8712)
    assert abs(time.time() - beat.ts) < 5
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_does_not_silence_the_heartbeat(tmp_path):
    path = tmp_path / "heartbeat.json"
    write_heartbeat(path, "RUNNING", 8712)
    os.utime(path, (1, 1))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))
    try:
        write_heartbeat(path, "RUNNING", 8712)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    beat = read_heartbeat(path)
    assert beat is not None
    assert abs(time.time() - beat.ts) < 5


def end(process: "subprocess.Popen[str]", *, is_read: bool = False) -> None:
    for child in children(process.pid) if process.poll() is None else []:
        os.kill(child, signal.SIGKILL)
    process.kill()
    process.wait()
    if process.stdout is not None and not is_read:
        process.stdout.close()
