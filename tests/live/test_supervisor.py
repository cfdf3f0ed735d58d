"""How a supervisor ends and starts nodes, with small scripts in their place."""

import json
import signal
import sys
import time
from itertools import pairwise
from pathlib import Path
from threading import Thread

import pytest

from configs.node_settings import NodeSettings
from errors import AuctionError
from live import supervisor as module
from live.node_process import NodeProcess
from live.supervisor import Supervisor
from tests.adapters.bybit_server import wait_until
from tests.engines import REPOSITORY


# Reads the word, notes it, lives for as long as it is told to, then does what it is told.
SCRIPT = """
import json, os, signal, sys, time
from pathlib import Path
from live.heartbeat import write_heartbeat

folder = Path(sys.argv[1])
beats = Path(sys.argv[sys.argv.index("--heartbeat") + 1])
loaded_at = time.monotonic()
word = sys.stdin.readline()
if not word:
    (folder / f"unused-{os.getpid()}").touch()
    sys.exit(0)
number = len(list(folder.glob("node-*")))
note = {"pid": os.getpid(), "word": word.strip(), "loaded_at": loaded_at, "began": time.monotonic()}
plan = json.loads((folder / "plan.json").read_text())
write_heartbeat(beats, "RUNNING", 0)
(folder / f"node-{number}").write_text(json.dumps(note))
life_s, act = plan[number]
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0) if act != "deaf" else None)
end = time.monotonic() + life_s
while time.monotonic() < end:
    write_heartbeat(beats, "RUNNING", 0)
    time.sleep(0.05)
if act == "stop":
    os.kill(os.getpid(), signal.SIGSTOP)
while act == "deaf":
    write_heartbeat(beats, "RUNNING", 0)
    time.sleep(0.05)
sys.exit(int(act))
"""


@pytest.fixture(autouse=True)
def _looks_are_short(monkeypatch):
    monkeypatch.setattr(module, "POLL_S", 0.02)
    handlers = {name: signal.getsignal(name) for name in (signal.SIGTERM, signal.SIGINT)}
    yield
    for name, handler in handlers.items():
        signal.signal(name, handler)


said: list[str] = []


def supervisor_of(folder: Path, plan: list[tuple[float, str]], **settings: float) -> Supervisor:
    said.clear()
    (folder / "plan.json").write_text(json.dumps(plan))
    found = Supervisor(
        "no system",
        "paper",
        (),
        folder,
        "paper",
        NodeSettings(**{"hang_after_s": 0.5, "stop_timeout_s": 0.5, **settings}),
        "typed by the operator",
        said.append,
    )
    found._command = [sys.executable, "-c", SCRIPT, str(folder)]
    return found


def notes(folder: Path) -> list[dict[str, object]]:
    return [json.loads(path.read_text()) for path in sorted(folder.glob("node-*"))]


@pytest.fixture
def _in_repository(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))


pytestmark = pytest.mark.usefixtures("_in_repository")


def test_a_node_that_is_stopped_is_killed_at_once(tmp_path):
    """A stopped process does not hear that it is to end in order: no time is spent on asking."""
    patience_s = 30.0
    began = time.monotonic()
    supervisor_of(
        tmp_path, [(0.3, "stop"), (0.3, "0")], hang_after_s=0.5, stop_timeout_s=patience_s
    ).run()
    assert time.monotonic() - began < patience_s
    first, second = notes(tmp_path)
    assert not Path(f"/proc/{first['pid']}").exists()
    assert "it gave no sign of life for 0.5 s" in said[0]
    assert {first["word"], second["word"]} == {"typed by the operator"}


def test_the_next_node_has_been_loaded_while_the_last_one_ran(tmp_path):
    supervisor_of(tmp_path, [(1.5, "1"), (0.3, "0")]).run()
    first, second = notes(tmp_path)
    # Loaded long before it began: within the life of the first one.
    assert second["loaded_at"] < first["began"] + 1.5
    assert second["began"] > first["began"] + 1.5


def test_a_standby_that_has_died_is_replaced(tmp_path):
    supervisor = supervisor_of(tmp_path, [(0.3, "0")])
    supervisor._standby = dead = NodeProcess([sys.executable, "-c", "raise SystemExit(3)"])
    wait_until(lambda: not dead.is_alive)
    supervisor.run()
    assert len(notes(tmp_path)) == 1


def test_nothing_is_left_of_a_standby_when_the_node_ends_in_order(tmp_path):
    supervisor = supervisor_of(tmp_path, [(0.6, "0")])
    standbys = []
    thread = Thread(
        target=lambda: wait_until(lambda: standbys.append(supervisor._standby) or standbys[-1])
    )
    thread.start()
    supervisor.run()
    thread.join()
    assert standbys[-1] is not None
    assert not standbys[-1].is_alive


def test_a_process_that_is_given_no_word_ends_by_itself(tmp_path):
    waiting = NodeProcess([sys.executable, "-c", SCRIPT, str(tmp_path)])
    assert waiting.is_alive
    # What happens to the pipe when the supervisor dies.
    waiting._process.stdin.close()
    wait_until(lambda: not waiting.is_alive)
    assert waiting.exit_code == 0
    assert len(list(tmp_path.glob("unused-*"))) == 1
    waiting.end()


def test_a_node_that_does_not_end_when_told_to_is_killed(tmp_path):
    supervisor = supervisor_of(tmp_path, [(0.0, "deaf")], stop_timeout_s=0.4)
    node = NodeProcess(supervisor._command)
    node.begin("go")
    wait_until(lambda: node.heartbeat() is not None)
    supervisor._is_over = True
    assert supervisor._watch(node) == ("it did not end when requested", 0.0)
    node.end()
    assert supervisor._standby is None
    assert node.exit_code == -9


def test_a_pause_of_the_supervisor_itself_is_no_hang(tmp_path, monkeypatch):
    """Resumed after a pause of the machine, it lets the node beat before it judges."""
    supervisor = supervisor_of(tmp_path, [(1.0, "0")], hang_after_s=5.0)
    jumps = iter([0.0, 0.0, 0.0, 60.0])
    offset = [0.0]
    real = time.monotonic

    def paused() -> float:
        offset[0] = max(offset[0], next(jumps, 60.0))
        return real() + offset[0]

    node = NodeProcess(supervisor._command)
    node.begin("go")
    wait_until(lambda: node.heartbeat() is not None)
    monkeypatch.setattr(module.time, "monotonic", paused)
    reason, _ = supervisor._watch(node)
    monkeypatch.undo()
    node.end()
    supervisor._standby.end()
    assert reason is None
    assert offset[0] == 60.0


class Died:
    """Stands for nodes that never get to run, and for the time that passes between them."""

    def __init__(self, monkeypatch, folder, deaths):
        self.now, self.begun, self.deaths = 0.0, [], deaths
        self.supervisor = supervisor_of(folder, [])
        monkeypatch.setattr(self.supervisor, "_run_once", self._run_once)
        monkeypatch.setattr(module.time, "monotonic", lambda: self.now)
        monkeypatch.setattr(module.time, "sleep", self._sleep)

    def _run_once(self):
        self.begun.append(self.now)
        return "it ended with code 1" if len(self.begun) <= self.deaths else None

    def _sleep(self, seconds):
        self.now += seconds


def test_a_node_that_never_runs_is_started_again_after_pauses_that_double(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "POLL_S", 0.25)
    died = Died(monkeypatch, tmp_path, deaths=10)
    died.supervisor._run_again_and_again()
    pauses = [second - first for first, second in pairwise(died.begun)]
    assert pauses == [0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0, 60.0]
    assert said[1] == "the node is started again in 1 s: it ended with code 1"


def test_an_end_while_a_node_is_waited_for_starts_no_other(tmp_path, monkeypatch):
    died = Died(monkeypatch, tmp_path, deaths=3)

    def sleep(seconds):
        died.now += seconds
        died.supervisor._end()

    monkeypatch.setattr(module.time, "sleep", sleep)
    died.supervisor._run_again_and_again()
    assert died.begun == [0.0, 0.0]
    assert died.now == module.POLL_S


def test_nodes_that_run_and_die_too_often_are_given_up(tmp_path):
    with pytest.raises(AuctionError, match="the node has ended 2 times"):
        supervisor_of(tmp_path, [(0.3, "1"), (0.3, "1")], max_restarts=1).run()
