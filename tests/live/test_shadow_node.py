"""A shadow node beside a live one, on one loopback venue."""

import json
import socket
import threading
import time
from contextlib import contextmanager

import pytest
import yaml

from live.shadow import NS_PER_S
from live.shadow import PATIENCE_NS
from tests.adapters.bybit_server import wait_until
from tests.live.live_node import LIFETIME_S
from tests.live.live_node import TOKEN
from tests.live.live_node import VARIABLE
from tests.live.live_node import LiveNode
from tests.live.live_node import arguments
from tests.live.live_node import started
from tests.live.live_node import write_system


pytestmark = pytest.mark.node

SECONDS = 4


@pytest.fixture(autouse=True)
def _token(monkeypatch):
    monkeypatch.setenv(VARIABLE, TOKEN)


class Recorded(LiveNode):
    """One of several nodes in one folder of runs."""

    environment = ""

    def rows(self, name):
        (folder,) = self.runs.glob(f"*-{self.environment}")
        lines = (folder / f"{name}.jsonl").read_text().split("\n")
        return [json.loads(line) for line in lines[:-1]]

    def decided(self):
        return len(self.rows("signals"))

    def entered(self):
        return [row["quantity"] for row in self.rows("signals") if row["action"] == "ENTER"]


@contextmanager
def node_of(moving, folder, environment, *settings):
    system = write_system(folder)
    document = yaml.safe_load(system.read_text())
    (strategy,) = document["strategies"]
    strategy["strategy_path"] = "tests.live.second_strategy:SecondStrategy"
    strategy["config_path"] = "tests.live.second_strategy:SecondConfig"
    strategy["config"]["trigger"] = str(folder / "wanted")
    system.write_text(yaml.safe_dump(document))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = (f"settings.control_port={port}", *settings)
    runs = folder / "runs"
    process = started(arguments(moving.client, system, environment, runs, *settings))
    limit = threading.Timer(LIFETIME_S, process.kill)
    limit.start()
    node = Recorded(process, port, runs)
    node.environment = environment
    try:
        yield node
    finally:
        limit.cancel()
        process.kill()
        process.wait()
        process.stdout.close()


@contextmanager
def pair(moving, folder, *settings):
    """Run both nodes, active, until each has decided some seconds with the other beside it."""
    with (
        node_of(moving, folder, "live") as live,
        node_of(moving, folder, "shadow", *settings) as shadow,
    ):
        for node in (live, shadow):
            node.wait_for_answer()
        # Both in observation, then both active: between the two they could differ in what they do.
        for node in (live, shadow):
            node.wait_until_active()
        seen = shadow.decided()
        wait_until(lambda: shadow.decided() > seen + SECONDS, 20.0, shadow.said)
        yield live, shadow


def want(folder):
    # Away from the full second, so that both see it at the next one.
    wait_until(lambda: 0.2 < time.time() % 1.0 < 0.5)
    (folder / "wanted").touch()


def divergences(node):
    return [row["text"] for row in node.rows("alerts") if row["kind"] == "SHADOW_DIVERGENCE"]


def test_nothing_is_told_while_both_decide_the_same(moving, tmp_path):
    with pair(moving, tmp_path) as (live, shadow):
        want(tmp_path)
        wait_until(lambda: live.entered() and shadow.entered(), 10.0, shadow.said)
        assert live.entered() == shadow.entered()
        # What one of them had not decided would be told by then.
        seen = shadow.decided()
        wait_until(lambda: shadow.decided() > seen + PATIENCE_NS // NS_PER_S + SECONDS, 40.0)
        assert divergences(shadow) == []


def test_another_risk_is_told_with_both_sizes(moving, tmp_path):
    with pair(moving, tmp_path, "strategies.0.config.risk_pct=0.01") as (live, shadow):
        assert divergences(shadow) == []
        want(tmp_path)
        wait_until(lambda: divergences(shadow), 10.0, shadow.said)
        ((mine, *_), (theirs, *_)) = shadow.entered(), live.entered()
        assert mine == pytest.approx(theirs / 2, abs=0.001)
        (text,) = divergences(shadow)
        assert text.endswith(f"quantity: {mine} here, {theirs} live")
        assert "SHADOW_DIVERGENCE" not in live.alerts()
        assert shadow.process.poll() is None
