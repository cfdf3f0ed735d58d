"""Names that lead to this machine in a process of its own, and replays that start there."""

import os
import signal
import socket
import sys

import pytest

from errors import AuctionError
from errors import UsageError
from live import redirect
from live import replay
from live.redirect import VARIABLE
from live.redirect import redirected_address
from live.redirect import run_redirected


NAMES = "first.example.com", "second.example.com"
RESOLVES = (
    "import os, socket, sys; names = sys.argv[1:];"
    "address = os.environ['AUCTION_LOOPBACK_ADDRESS'];"
    "sys.exit(7 if {socket.gethostbyname(n) for n in names} == {address} else 8)"
)


@pytest.fixture
def _found(monkeypatch):
    """Resolve all names to an address that is noted there."""
    monkeypatch.setattr(socket, "gethostbyname", lambda name: "127.77.1.2")


def test_without_a_word_names_lead_elsewhere(monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    assert redirected_address(NAMES) is None


@pytest.mark.usefixtures("_found")
def test_names_are_to_lead_where_they_should(monkeypatch):
    monkeypatch.setenv(VARIABLE, "127.77.1.2")
    assert redirected_address(NAMES) == "127.77.1.2"
    monkeypatch.setenv(VARIABLE, "127.77.1.3")
    with pytest.raises(AuctionError, match=r"first.example.com leads to 127.77.1.2 and not to 127"):
        redirected_address(NAMES)


def test_only_addresses_of_this_machine_will_do(monkeypatch):
    monkeypatch.setenv(VARIABLE, "10.0.0.1")
    monkeypatch.setattr(socket, "gethostbyname", lambda name: "10.0.0.1")
    with pytest.raises(AuctionError, match="leads to 10.0.0.1"):
        redirected_address(NAMES)


def test_a_name_that_nobody_knows_leads_nowhere(monkeypatch):
    def unknown(name):
        raise OSError("no such name")

    monkeypatch.setattr(socket, "gethostbyname", unknown)
    monkeypatch.setenv(VARIABLE, "127.77.1.2")
    with pytest.raises(AuctionError, match="first.example.com leads to no such name"):
        redirected_address(NAMES)


def test_without_the_library_the_package_is_named(monkeypatch):
    monkeypatch.setattr(redirect.ctypes.util, "find_library", lambda name: None)
    with pytest.raises(UsageError, match="apt-get install libnss-wrapper"):
        run_redirected([sys.executable, "-c", "pass"], NAMES)


@pytest.fixture
def _library():
    if redirect.ctypes.util.find_library(redirect.LIBRARY) is None:
        pytest.skip(f"{redirect.PACKAGE} is not installed")


@pytest.mark.usefixtures("_library")
def test_a_process_finds_names_on_this_machine_and_its_exit_code_comes_back():
    before = [signal.getsignal(sig) for sig in (signal.SIGINT, signal.SIGTERM)]
    assert run_redirected([sys.executable, "-c", RESOLVES, *NAMES], NAMES) == 7
    assert [signal.getsignal(sig) for sig in (signal.SIGINT, signal.SIGTERM)] == before
    assert VARIABLE not in os.environ


@pytest.mark.usefixtures("_library")
@pytest.mark.parametrize("sig", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_end_goes_on_to_the_process(sig):
    script = f"import os, time; os.kill(os.getppid(), {int(sig)}); time.sleep(60)"
    assert run_redirected([sys.executable, "-c", script], NAMES) == -signal.SIGTERM


def test_a_replay_of_a_future_starts_itself_anew(monkeypatch, tmp_path):
    calls = []

    def run(command, names):
        calls.append((list(command), tuple(names)))
        return 3

    monkeypatch.setattr(replay, "redirected_address", lambda names: None)
    monkeypatch.setattr(replay, "run_redirected", run)
    arguments = ("nq_impulse_lvn", "paper", ["a.b=1", "c=2"], tmp_path)
    with pytest.raises(SystemExit) as ended:
        replay._address(*arguments, 2.5, "2026-01-05", "2026-01-06")
    assert ended.value.code == 3
    with pytest.raises(SystemExit):
        replay._address(*arguments, None, None, None)
    start = ["-m", "cli", "replay", "nq_impulse_lvn", "--environment", "paper"]
    runs = ["--runs", str(tmp_path)]
    sets = ["--set", "a.b=1", "--set", "c=2"]
    window = ["--start", "2026-01-05", "--end", "2026-01-06"]
    assert calls == [
        (
            [sys.executable, *start, *runs, "--speed", "2.5", *window, *sets],
            replay.replay_databento.HOSTS,
        ),
        ([sys.executable, *start, *runs, "--speed", "max", *sets], replay.replay_databento.HOSTS),
    ]


def test_in_a_process_that_was_started_anew_a_replay_goes_on(monkeypatch, tmp_path):
    monkeypatch.setattr(replay, "redirected_address", lambda names: "127.77.1.2")
    arguments = ("nq_impulse_lvn", "paper", [], tmp_path, None, None, None)
    assert replay._address(*arguments) == "127.77.1.2"
