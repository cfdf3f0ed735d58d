"""One node for an account and instrument, a folder and a journal; a dead one is taken over from."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from actors.journal.store import Store
from actors.journal.tables import SCHEMA_VERSION
from configs.live import LiveConfig
from configs.live import load_live
from errors import UsageError
from live import locks
from live import one_node
from live.live import run_live
from live.locks import ProcessLock
from live.locks import lock_folder
from live.locks import process_start
from live.one_node import only_node
from tests.engines import REPOSITORY
from tests.live.live_node import free_port


HOLDER = """
import sys, time
from pathlib import Path
from live.locks import ProcessLock
lock = ProcessLock(Path(sys.argv[1]), "identity", "the thing")
assert lock.acquire() is None
print("held", flush=True)
sys.stdin.read()
lock.release()
"""


@contextmanager
def holder(folder: Path) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
    finally:
        process.kill()
        process.communicate(timeout=10)


def lock_in(folder: Path) -> ProcessLock:
    return ProcessLock(folder, "identity", "the thing")


def test_a_lock_is_refused_while_its_owner_lives_and_named(tmp_path: Path) -> None:
    with holder(tmp_path) as process:
        owner = lock_in(tmp_path).acquire()
        assert owner is not None
        assert (owner.pid, owner.start) == (process.pid, process_start(process.pid))
        assert owner.is_alive
        process.communicate("", timeout=10)
        assert list(tmp_path.glob("*.lock")) == []
    lock = lock_in(tmp_path)
    assert lock.acquire() is None
    lock.release()


@pytest.mark.parametrize("sig", [signal.SIGKILL, signal.SIGTERM])
def test_what_a_killed_owner_leaves_is_taken_over_at_once(
    tmp_path: Path, sig: signal.Signals
) -> None:
    with holder(tmp_path) as process:
        process.send_signal(sig)
        process.wait(10)
        (left,) = tmp_path.glob("*.lock")
        assert json.loads(left.read_text())["pid"] == process.pid
        lock = lock_in(tmp_path)
        assert lock.acquire() is None
        assert json.loads(left.read_text())["pid"] == os.getpid()
        lock.release()


def test_an_owner_that_is_dead_and_not_waited_for_is_dead(tmp_path: Path) -> None:
    with holder(tmp_path) as process:
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert process_start(process.pid) is None
        lock = lock_in(tmp_path)
        assert lock.acquire() is None
        lock.release()


def test_a_stopped_owner_is_not_taken_over_from(tmp_path: Path) -> None:
    with holder(tmp_path) as process:
        process.send_signal(signal.SIGSTOP)
        owner = lock_in(tmp_path).acquire()
        process.send_signal(signal.SIGCONT)
        assert owner is not None
        assert owner.pid == process.pid


@pytest.mark.parametrize(
    ("start", "is_owner"),
    [("the same", True), ("another", False), ("", False)],
)
def test_a_process_id_of_another_process_is_no_owner(
    tmp_path: Path, start: str, is_owner: bool
) -> None:
    # As on a file system that knows no locks of the kernel.
    with holder(tmp_path) as other:
        lock = ProcessLock(tmp_path, "mine", "the thing")
        real = process_start(other.pid)
        content = {"pid": other.pid, "start": real if is_owner else start, "since": "then"}
        lock.path.write_text(json.dumps(content))
        owner = lock.acquire()
        assert (owner is not None) is is_owner
        lock.release()


@pytest.mark.parametrize(
    "content", [b"", b"{", b"null", b'{"pid": "x"}', b"\xff" * 40, b"[" * 4_000]
)
def test_a_lock_that_says_nothing_is_taken(tmp_path: Path, content: bytes) -> None:
    lock = lock_in(tmp_path)
    lock.path.write_bytes(content)
    assert lock.acquire() is None
    assert json.loads(lock.path.read_text())["pid"] == os.getpid()
    lock.release()


def test_of_many_that_want_a_lock_at_a_time_one_gets_it(tmp_path: Path) -> None:
    code = """
import sys
from pathlib import Path
from live.locks import ProcessLock
sys.stdin.readline()
held = 0
for number in range(300):
    lock = ProcessLock(Path(sys.argv[1]), "identity", "the thing")
    if lock.acquire() is None:
        marker = Path(sys.argv[1], "marker")
        with marker.open("x"):
            held += 1
        marker.unlink()
        lock.release()
print(held)
"""
    command = [sys.executable, "-c", code, str(tmp_path)]
    many = [
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY
        )
        for _ in range(3)
    ]
    for process in many:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    outputs = [process.communicate(timeout=60)[0] for process in many]
    assert [process.returncode for process in many] == [0, 0, 0]
    assert all(int(output) > 0 for output in outputs)


def test_the_folder_of_the_locks_is_found_without_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/nonexistent")
    monkeypatch.setenv("TMPDIR", "/nonexistent")
    first = lock_folder()
    assert first.is_dir()
    assert first.stat().st_mode & 0o077 == 0
    monkeypatch.setattr(locks.pwd, "getpwuid", lambda _: (_ for _ in ()).throw(KeyError()))
    second = lock_folder()
    assert second == Path("/tmp", f"auction-trader-{os.geteuid()}", "locks")


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "locks").mkdir()
    monkeypatch.setattr(one_node, "lock_folder", lambda: tmp_path / "locks")
    monkeypatch.delenv("JOURNAL_URL", raising=False)
    monkeypatch.setenv("DATABASE_DIR", str(tmp_path / "journal"))
    monkeypatch.setenv("BYBIT_API_KEY", "a key")
    monkeypatch.setenv("BYBIT_API_SECRET", "a secret")


def config_of(environment: str, *settings: str) -> LiveConfig:
    limit = ("strategies.0.config.max_daily_loss=100",) if environment == "live" else ()
    return load_live("btc_value_area", environment, [*limit, *settings])


def apart(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return another folder of runs, with another journal."""
    monkeypatch.setenv("DATABASE_DIR", str(tmp_path / name / "journal"))
    return tmp_path / name / "runs"


def test_a_second_node_in_a_folder_is_refused_in_one_line(tmp_path: Path) -> None:
    config = config_of("paper")
    with only_node(config, tmp_path / "runs"):
        (tmp_path / "link").symlink_to(tmp_path)
        for runs in (tmp_path / "runs", tmp_path / "link" / "runs"):
            with pytest.raises(UsageError, match="another node has the folder") as refused:
                only_node(config, runs).__enter__()
            text = str(refused.value)
            assert refused.value.exit_code == 2
            assert f"process {os.getpid()} since 20" in text
            assert "shutdown --port 8712" in text
            assert "\n" not in text
    with only_node(config, tmp_path / "runs"):
        assert not (tmp_path / "runs").exists()
    assert list((tmp_path / "locks").iterdir()) == []


def test_paper_shadow_and_live_share_a_folder(tmp_path: Path) -> None:
    with (
        only_node(config_of("paper"), tmp_path / "runs"),
        only_node(config_of("shadow"), tmp_path / "runs"),
        only_node(config_of("live"), tmp_path / "runs"),
    ):
        assert len(list((tmp_path / "locks").iterdir())) == 10


def test_a_journal_has_one_node_of_a_trader_id(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with only_node(config_of("paper"), tmp_path / "runs"):
        with pytest.raises(UsageError, match="the journal of PAPER-001 paper"):
            only_node(config_of("paper"), tmp_path / "other").__enter__()
        with only_node(config_of("paper", "node.trader_id=PAPER-002"), tmp_path / "other"):
            pass
        database = f"sqlite:///{tmp_path / 'journal' / 'journal.sqlite'}"
        runs = apart(tmp_path, "second", monkeypatch)
        monkeypatch.setenv("JOURNAL_URL", database)
        with pytest.raises(UsageError, match=r"the journal of PAPER-001 paper in .*\.sqlite"):
            only_node(config_of("paper"), runs).__enter__()


def test_an_account_has_one_node_for_an_instrument_wherever_it_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with only_node(config_of("live"), tmp_path / "runs"):
        runs = apart(tmp_path, "second", monkeypatch)
        told = "BTCUSDT-LINEAR.BYBIT in this account of BYBIT-MAINNET"
        with pytest.raises(UsageError, match=told) as refused:
            only_node(config_of("live"), runs).__enter__()
        assert "a key" not in str(refused.value)
        with only_node(config_of("paper"), runs):
            pass
        place = "venues.BYBIT"
        testnet = [f"{place}.{kind}.config.environment=TESTNET" for kind in ("data", "execution")]
        monkeypatch.setenv("BYBIT_TESTNET_API_KEY", "a key")
        monkeypatch.setenv("BYBIT_TESTNET_API_SECRET", "a secret")
        with only_node(config_of("live", *testnet), runs):
            pass
        with only_node(config_of("live", "instrument_id=ETHUSDT-LINEAR.BYBIT"), runs):
            pass
        monkeypatch.setenv("BYBIT_API_KEY", "another key")
        with only_node(config_of("live"), runs):
            pass
    names = "".join(path.name for path in (tmp_path / "locks").iterdir())
    assert names == ""


def test_a_node_without_keys_is_left_to_say_so_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BYBIT_API_KEY")
    with only_node(config_of("live"), tmp_path / "runs"):
        assert len(list((tmp_path / "locks").iterdir())) == 3


def test_a_lock_that_is_refused_lets_go_of_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with only_node(config_of("live"), tmp_path / "runs"):
        held = len(list((tmp_path / "locks").iterdir()))
        runs = apart(tmp_path, "second", monkeypatch)
        with pytest.raises(UsageError, match="in this account"):
            only_node(config_of("live"), runs).__enter__()
        assert len(list((tmp_path / "locks").iterdir())) == held


def run_command(tmp_path: Path, *more: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "cli", "live", "btc_value_area", "--environment", "paper"]
    command += ["--runs", str(tmp_path / "runs"), "--set", f"settings.control_port={free_port()}"]
    environment: dict[str, Any] = {**os.environ, "AUCTION_CONTROL_TOKEN": "t", **variables}
    return subprocess.run(
        [*command, *more],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=REPOSITORY,
        env=environment,
        check=False,
    )


@pytest.mark.parametrize("supervise", [False, True])
def test_a_second_node_is_refused_before_anything_is_asked_or_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, supervise: bool
) -> None:
    monkeypatch.setenv("AUCTION_CONTROL_TOKEN", "t")
    limit = "strategies.0.config.max_daily_loss=100"
    said: list[str] = []
    with (
        only_node(config_of("live"), tmp_path / "runs"),
        pytest.raises(UsageError, match="another node has the folder"),
    ):
        run_live(
            "btc_value_area", "live", [limit], tmp_path / "runs", said.append, supervise=supervise
        )
    assert said == []
    assert not (tmp_path / "runs").exists()


@pytest.mark.node
def test_the_command_line_of_a_second_node_ends_with_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    monkeypatch.setenv("DATABASE_DIR", str(tmp_path / "journal"))
    with only_node(config_of("paper"), tmp_path / "runs"):
        done = run_command(tmp_path, "--supervise")
    (line,) = done.stderr.splitlines()
    assert done.returncode == 2
    assert line.startswith("error: another node has the folder")
    assert "started again" not in done.stdout
    assert not (tmp_path / "runs").exists()


@pytest.mark.node
def test_a_newer_journal_ends_a_supervised_node_with_2(tmp_path: Path) -> None:
    path = tmp_path / "journal" / "journal.sqlite"
    store = Store(f"sqlite:///{path}")
    store.open()
    store.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("UPDATE meta SET value = '9'")
    done = run_command(tmp_path, "--supervise", DATABASE_DIR=str(path.parent))
    errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert done.returncode == 2
    assert f"has schema 9, this program writes {SCHEMA_VERSION}" in errors[0]
    assert "started again" not in done.stdout
    assert list((tmp_path / "runs").iterdir()) == []
