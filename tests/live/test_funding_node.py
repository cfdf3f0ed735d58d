"""Funding of a live node: what the venue settles is in its books, once, wherever the node was."""

import signal
import socket
import sqlite3
import threading
from contextlib import closing
from decimal import Decimal

import pytest

from adapters.bybit.loopback.server import BybitLoopback
from tests.adapters.bybit_server import wait_until
from tests.live.live_node import LIFETIME_S
from tests.live.live_node import TOKEN
from tests.live.live_node import VARIABLE
from tests.live.live_node import LiveNode
from tests.live.live_node import arguments
from tests.live.live_node import market
from tests.live.live_node import started
from tests.live.live_node import write_system
from tests.markets import BTC


pytestmark = pytest.mark.node

SETTINGS = ("settings.funding_look_s=0.5",)


class Rehearsal:
    """One venue, one journal, and node after node on them."""

    def __init__(self, moving, folder, limit):
        self.moving, self.folder, self.limit = moving, folder, limit
        self.processes = []
        self.system = write_system(folder, max_daily_loss=limit)

    def start(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        runs = self.folder / f"runs{len(self.processes)}"
        settings = (f"settings.control_port={port}", *SETTINGS)
        command = arguments(self.moving.client, self.system, "live", runs, *settings)
        process = started(command, f"{BTC} BYBIT-MAINNET {self.limit}")
        self.processes.append(process)
        limit = threading.Timer(LIFETIME_S, process.kill)
        limit.daemon = True
        limit.start()
        node = LiveNode(process, port, runs)
        node.wait_for_answer()
        return node

    def kill(self, node):
        node.process.send_signal(signal.SIGKILL)
        node.process.wait(10.0)

    def close(self):
        for process in self.processes:
            process.kill()
            process.wait(10.0)
            process.stdout.close()

    def venue(self, what):
        return self.moving.client.server.call(what)

    def settle(self, rate):
        return self.venue(lambda server: server.settle_funding(Decimal(rate)))

    def size(self):
        return self.venue(lambda server: server.venue.engine.account.size)

    def day_pnl(self):
        """Return what the account has earned, as the venue has it."""
        account = self.venue(lambda server: server.venue.engine.account)
        return account.realised - account.fees - account.funding

    def agrees(self, node):
        return Decimal(node.strategy()["day_pnl"]) == pytest.approx(
            self.day_pnl(), abs=Decimal("0.000001")
        )

    def said(self, node):
        return f"{node.said()} {self.day_pnl()}"

    def journaled(self):
        path = self.folder / "journal" / "journal.sqlite"
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            paid = database.execute("SELECT paid FROM funding ORDER BY ts_event").fetchall()
            sizes = database.execute("SELECT quantity FROM fills").fetchall()
        return [row[0] for row in paid], len(sizes)


@pytest.fixture
def rehearse(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, TOKEN)
    with market(BybitLoopback(leverage=Decimal(25))) as moving:
        found = []

        def make(limit):
            found.append(Rehearsal(moving, tmp_path, limit))
            return found[-1]

        try:
            yield make
        finally:
            for rehearsal in found:
                rehearsal.close()


def enter(rehearsal, node):
    node.wait_until_active()
    wait_until(lambda: rehearsal.size() > 0, 10.0, node.said)
    wait_until(lambda: Decimal(node.strategy()["position"]) == rehearsal.size(), 10.0, node.said)


def paid(node):
    return [row["funding"] for row in node.rows("trade_events") if row["kind"] == "FUNDING_PAID"]


def test_funding_is_booked_once_by_a_node_that_runs_that_was_away_and_that_was_cut_off(rehearse):
    rehearsal = rehearse(5000)
    node = rehearsal.start()
    enter(rehearsal, node)
    held = rehearsal.size()

    first = rehearsal.settle("0.0001")
    assert first > 0
    wait_until(lambda: paid(node) == [float(first)], 10.0, node.said)
    wait_until(lambda: rehearsal.agrees(node), 5.0, lambda: rehearsal.said(node))

    # The venue receives the second one's question and does not answer it.
    rehearsal.venue(
        lambda server: server.faults.refuse_requests(
            "/v5/execution/list", 10_016, "server error", times=10_000
        )
    )
    rehearsal.venue(lambda server: server.drop("private"))
    second = rehearsal.settle("-0.0002")
    assert second < 0
    wait_until(lambda: "FUNDING_UNKNOWN" in node.alerts(), 15.0, node.said)
    assert node.alerts().count("FUNDING_UNKNOWN") == 1
    assert node.strategy()["active"]
    rehearsal.venue(lambda server: server.faults._requests.clear())
    wait_until(lambda: paid(node) == [float(first), float(second)], 15.0, node.said)
    wait_until(lambda: rehearsal.agrees(node), 5.0, lambda: rehearsal.said(node))
    wait_until(lambda: rehearsal.journaled()[0] == [float(first), float(second)], 5.0)

    rehearsal.kill(node)
    third = rehearsal.settle("0.0003")
    again = rehearsal.start()
    wait_until(lambda: paid(again) == [float(third)], 15.0, again.said)
    wait_until(lambda: rehearsal.agrees(again), 10.0, lambda: rehearsal.said(again))
    total = [float(first), float(second), float(third)]
    wait_until(lambda: rehearsal.journaled()[0] == total, 5.0)

    rehearsal.kill(again)
    last = rehearsal.start()
    # Long enough for several questions.
    asked = rehearsal.venue(_questions)
    wait_until(lambda: rehearsal.venue(_questions) >= asked + 4, 15.0, last.said)
    assert paid(last) == []
    assert rehearsal.agrees(last), rehearsal.said(last)
    # No settlement is a fill, neither while it runs nor at a start.
    assert rehearsal.size() == held == Decimal(last.strategy()["position"])
    assert not last.strategy()["halted"]
    assert rehearsal.journaled() == (total, 1)


def _questions(server):
    return server.rest.paths.count("GET /v5/execution/list")


def test_funding_alone_turns_the_kill_switch_on(rehearse):
    rehearsal = rehearse(50)
    node = rehearsal.start()
    enter(rehearsal, node)
    assert not node.strategy()["killed"]
    assert rehearsal.settle("0.01") > 50
    wait_until(lambda: node.strategy()["killed"], 10.0, lambda: rehearsal.said(node))
    wait_until(lambda: "KILL_SWITCH" in node.alerts(), 10.0, lambda: rehearsal.said(node))
    node.tell("flatten")
    assert rehearsal.size() == 0
    # It may enter again, as far as an operator is concerned, but not today.
    node.tell("activate")
    seen = len(node.rows("status"))
    wait_until(lambda: len(node.rows("status")) > seen + 5, 10.0, node.said)
    assert rehearsal.size() == 0
    assert node.rows("status")[-1]["killed"]
