"""The watchdog process: what it reads, what it sends, and its messages once a date."""

import os
import socket
from dataclasses import asdict
from datetime import date

import psutil
import pytest

from configs.live import load_live
from live.operations.state_files import write_json
from live.operations.watchdog_process import WatchdogProcess
from live.operations.watchdog_rules import WatchdogLimits
from live.service_notify import ServiceNotifier
from tests.operations.journal_of_a_day import at
from tests.operations.test_watchdog_rules import HEALTH
from tests.operations.test_watchdog_rules import NOON


S = 1_000_000_000


class Clock:
    def __init__(self, now):
        self.now = now

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock(NOON)


@pytest.fixture
def watchdog(tmp_path, monkeypatch, clock):
    monkeypatch.setenv("DATABASE_DIR", str(tmp_path))
    for name in ("JOURNAL_URL", "ALERT_URLS", "ALERT_WEBHOOK_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(psutil, "boot_time", lambda: 0.0)
    return made(clock)


def made(clock):
    said = []
    config = load_live("nq_impulse_lvn", "paper")
    limits = WatchdogLimits(memory_percent=101.0, disk_mb=0.0)
    process = WatchdogProcess(config, limits, 60.0, said.append, clock)
    process.said = said
    process.start()
    said.clear()
    return process


def write_health(process, **values):
    content = {**asdict(HEALTH), "at": process._now(), "pid": os.getpid(), **values}
    write_json(process._files.health, content)


def test_the_status_and_the_summary_come_once_a_date_over_restarts(watchdog, clock):
    clock.now = at("09:29")
    write_health(watchdog)
    watchdog.check()
    assert watchdog.said == []
    clock.now = at("09:30")
    write_health(watchdog)
    watchdog.check()
    watchdog.check()
    assert watchdog.said == [
        "WATCHDOG_STATUS: 2025-11-26: running, last sign 0 s ago\n"
        "S: active, position 0, result of the UTC day 0, regime TREND, tier Tier 1\n"
        "2 trades closed; balance PAPER-001 10000.00 USD\n"
        "0 reconnects, 0 gaps, 500 MB"
    ]
    clock.now = NOON
    write_health(watchdog, disconnected=["DATABENTO"])
    watchdog.check()
    assert watchdog.said[1:] == ["WATCHDOG_WARNING: FEED: down: DATABENTO"]
    clock.now = at("16:00")
    write_health(watchdog)
    watchdog.check()
    assert watchdog.said[2] == "WATCHDOG_RESTORED: FEED: over"
    summary = watchdog.said[3].splitlines()
    assert summary[0] == "WATCHDOG_SUMMARY: 2025-11-26: running, last sign 0 s ago"
    assert summary[-1] == "FEED: down: DATABENTO"
    again = made(clock)
    again.check()
    assert again.said == []
    clock.now = at("09:30", date(2025, 11, 28))
    write_health(again)
    again.check()
    assert again.said[0].startswith("WATCHDOG_STATUS: 2025-11-28")


def test_a_node_that_is_gone_is_reported(watchdog, clock):
    # Beyond the largest process id.
    write_health(watchdog, pid=4_194_305)
    watchdog.check()
    assert "WATCHDOG_CRITICAL: PROCESS: the node (process 4194305) is not running" in watchdog.said


def test_a_node_that_never_ran_or_whose_health_is_damaged_is_reported(watchdog, clock):
    watchdog.check()
    name = "health-PAPER-001-paper.json"
    assert watchdog.said[0] == f"WATCHDOG_WARNING: HEARTBEAT: the node: has written no {name} yet"
    watchdog._files.health.write_text("{")
    clock.now += 15 * 60 * S
    watchdog.check()
    assert f"{name} cannot be read" in watchdog.said[-1]
    watchdog._files.health.write_text('{"at": 1}')
    clock.now += 15 * 60 * S
    watchdog.check()
    assert "was written by another version" in watchdog.said[-1]


def test_a_machine_that_has_just_booted_is_reported(watchdog, monkeypatch, clock):
    monkeypatch.setattr("live.operations.watchdog_process.psutil.boot_time", lambda: 10**12)
    watchdog.start()
    assert watchdog.said[-1].startswith("SYSTEM_REBOOTED: ")


def test_systemd_is_notified_of_readiness_and_life(tmp_path, monkeypatch):
    path = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(path))
        manager.settimeout(5.0)
        monkeypatch.setenv("NOTIFY_SOCKET", str(path))
        notifier = ServiceNotifier.from_environment()
        # No process that it starts inherits the address.
        assert "NOTIFY_SOCKET" not in os.environ
        notifier.ready()
        notifier.ready()
        notifier.ping()
        notifier.ping()
        assert [manager.recv(100), manager.recv(100)] == [b"READY=1", b"WATCHDOG=1"]
        manager.setblocking(False)
        with pytest.raises(BlockingIOError):
            manager.recv(100)
    path.unlink()
    gone = ServiceNotifier(str(path))
    gone.ready()
    gone.ping()
    ServiceNotifier("").ping()
