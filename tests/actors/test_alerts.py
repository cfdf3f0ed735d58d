"""Alerts reach their receivers, and a receiver that is down holds nothing up."""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from apprise.plugins.discord import NotifyDiscord

from actors.alerts.delivery import Delivery
from actors.alerts.targets import AppriseTarget
from actors.alerts.targets import Target
from actors.alerts.targets import WebhookTarget
from actors.alerts.targets import notice_of
from actors.alerts.targets import targets_of
from errors import UsageError


NOTICE = notice_of(
    "KILL_SWITCH",
    "live",
    "BTCUSDT-LINEAR.BYBIT",
    "the day has lost 200",
    {"value": -200.0},
    1_767_571_200_000_000_000,
)


@dataclass
class Receiver:
    url: str = ""
    statuses: list[int] = field(default_factory=list)
    bodies: list[tuple[str, Any]] = field(default_factory=list)


@contextmanager
def receiver(*statuses: int) -> Iterator[Receiver]:
    """Answer with the statuses in turn, then with 204; keep paths and bodies."""
    kept = Receiver(statuses=list(statuses))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kept.bodies.append((self.path, json.loads(body)))
            self.send_response(kept.statuses.pop(0) if kept.statuses else 204)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kept.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield kept
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def deliver(target: Target, *notices: Any) -> Delivery:
    delivery = Delivery(target, 3, 0.01, 10)
    delivery.start()
    for notice in notices:
        delivery.put(notice)
    assert delivery.stop(time.monotonic() + 20)
    return delivery


def test_webhook_gets_the_alert_as_json() -> None:
    with receiver() as kept:
        delivery = deliver(WebhookTarget(f"{kept.url}/hook", 5.0), NOTICE, {**NOTICE, "type": "B"})
    assert kept.bodies == [("/hook", NOTICE), ("/hook", {**NOTICE, "type": "B"})]
    assert (delivery.delivered, delivery.failed) == (2, 0)


def test_refused_alert_is_tried_three_times_and_counted() -> None:
    with receiver(500, 500, 500, 500, 503) as kept:
        delivery = deliver(WebhookTarget(kept.url, 5.0), NOTICE, {**NOTICE, "type": "B"})
    assert [body["type"] for _, body in kept.bodies] == ["KILL_SWITCH"] * 3 + ["B"] * 3
    assert (delivery.delivered, delivery.failed) == (1, 1)
    assert delivery.failure == "answered with status 503"


def test_generic_json_of_apprise_arrives() -> None:
    with receiver() as kept:
        (target,) = targets_of({"ALERT_URLS": kept.url.replace("http://", "json://")}, 5.0)
        delivery = deliver(target, NOTICE)
    ((_, body),) = kept.bodies
    assert body["title"] == "Session halted: daily loss limit BTCUSDT-LINEAR.BYBIT (live)"
    assert body["message"].splitlines() == [
        "the day has lost 200",
        "Result of the day: -200",
        "KILL_SWITCH, 2026-01-04 19:00:00 New York",
    ]
    assert body["type"] == "failure"
    assert delivery.delivered == 1


def test_discord_form_arrives(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiver() as kept:
        monkeypatch.setattr(NotifyDiscord, "notify_url", f"{kept.url}/api/webhooks")
        (target,) = targets_of({"ALERT_URLS": "discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV"}, 5)
        delivery = deliver(target, NOTICE)
    ((path, body),) = kept.bodies
    assert path.startswith("/api/webhooks/4174216298/JHMHI8qBe7bk2ZwO5U711o3dV")
    assert "the day has lost 200" in json.dumps(body)
    assert delivery.delivered == 1


def test_receiver_that_is_down_or_hangs_holds_nothing_up() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        port = silent.getsockname()[1]
        delivery = Delivery(WebhookTarget(f"http://127.0.0.1:{port}/t0ken", 0.2), 3, 0.01, 2)
        delivery.start()
        for _ in range(10):
            delivery.put(NOTICE)
        # Whoever had waited for the receiver would have seen it give up.
        assert delivery.failed == 0
        assert delivery.dropped >= 7
        assert delivery.stop(time.monotonic() + 10)
    assert delivery.delivered == 0
    assert delivery.failed == 10 - delivery.dropped
    assert delivery.failure == "cannot be reached (TimeoutError)"
    assert "t0ken" not in delivery.failure


def test_stop_does_not_wait_for_ever() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        delivery = Delivery(
            WebhookTarget(f"http://127.0.0.1:{silent.getsockname()[1]}", 5.0), 1, 1.0, 5
        )
        delivery.start()
        delivery.put(NOTICE)
        assert not delivery.stop(time.monotonic() + 0.3)
        # The attempt that it would have waited for goes on.
        assert delivery.failed == 0


@pytest.mark.parametrize(
    "environment",
    [
        {"ALERT_URLS": "json://127.0.0.1 nonsense://secret"},
        {"ALERT_WEBHOOK_URL": "ftp://secret"},
    ],
)
def test_address_that_cannot_be_used_is_refused_without_telling_it(
    environment: dict[str, str],
) -> None:
    with pytest.raises(UsageError, match="|".join(environment)) as error:
        targets_of(environment, 5.0)
    assert "secret" not in str(error.value)


def test_time_limits_are_those_of_the_configuration() -> None:
    target = AppriseTarget("json://127.0.0.1", 1, 2.5)
    assert target._service.request_timeout == (2.5, 2.5)
    assert targets_of({}, 5.0) == []
