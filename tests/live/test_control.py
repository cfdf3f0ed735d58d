"""The control channel: what listens at its port may be no node, and who asks no operator."""

import asyncio
import json
import logging
import socket
import threading
import time
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import ClientSession
from nautilus_trader.common.component import MessageBus
from nautilus_trader.common.component import TestClock
from nautilus_trader.model.identifiers import TraderId

from actors.messages import Alert
from errors import AuctionError
from errors import UsageError
from live import client
from live import logins
from live.alerting import NodeAlerts
from live.build import control_token
from live.client import LONGEST_ANSWER
from live.client import send
from live.control import Control
from live.control import serving
from live.logins import LoginWatch
from live.settings_command import settings_body
from tests.live.live_node import VARIABLE
from tests.live.live_node import free_port


STATE = {"state": "RUNNING", "strategies": []}
type Act = Callable[[socket.socket], None]


@pytest.fixture(autouse=True)
def _token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "a secret")
    monkeypatch.setattr(client, "TIMEOUT_S", 1.0)


@contextmanager
def listener(act: Act) -> Iterator[int]:
    """Let something else than a node listen on a port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        is_over = threading.Event()

        def serve() -> None:
            while not is_over.is_set():
                try:
                    connection, _ = server.accept()
                except TimeoutError:
                    continue
                with connection:
                    connection.settimeout(0.5)
                    try:
                        connection.recv(65_536)
                        act(connection)
                    except OSError:
                        continue

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            is_over.set()
            thread.join()


def http_answer(status: str, body: bytes, kind: str = "application/json") -> bytes:
    return (
        f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        + body
    )


def drip(connection: socket.socket) -> None:
    for _ in range(60):
        connection.sendall(b"H")
        time.sleep(0.05)


def flood(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    for _ in range(LONGEST_ANSWER // 65_536 + 10):
        connection.sendall(b"x" * 65_536)


def rest(connection: socket.socket) -> None:
    time.sleep(1.5)


OTHERS: dict[str, tuple[Act, str]] = {
    "a web server": (
        lambda c: c.sendall(http_answer("404 Not Found", b"<html>", "text/html")),
        r"HTTP 404, text/html",
    ),
    "a page for every path": (
        lambda c: c.sendall(http_answer("200 OK", b"<html>", "text/html")),
        r"HTTP 200, text/html",
    ),
    "a redirect": (
        lambda c: c.sendall(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n"),
        "HTTP 302",
    ),
    "a server that wants a login": (
        lambda c: c.sendall(http_answer("401 Unauthorized", b'{"error": "login"}')),
        "HTTP 401",
    ),
    "an error of a server": (
        lambda c: c.sendall(http_answer("500 Internal Server Error", b"[]")),
        "HTTP 500",
    ),
    "garbage": (lambda c: c.sendall(b"\0\xff\x01garbage" * 50), "no HTTP: BadStatusLine"),
    "ssh": (lambda c: c.sendall(b"SSH-2.0-OpenSSH_9.2\r\n"), "no HTTP: BadStatusLine"),
    "half an answer": (
        lambda c: c.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"),
        "no HTTP: IncompleteRead",
    ),
    "chunks that are none": (
        lambda c: c.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        "no HTTP: ",
    ),
    "headers without end": (
        lambda c: c.sendall(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n"),
        "no HTTP: HTTPException",
    ),
    "closes": (lambda c: c.close(), "closes the connection|no node answers"),
    "a list": (lambda c: c.sendall(http_answer("200 OK", b"[]")), "HTTP 200"),
    "null": (lambda c: c.sendall(http_answer("200 OK", b"null")), "HTTP 200"),
    "no JSON": (lambda c: c.sendall(http_answer("200 OK", b'{"state": ')), "HTTP 200"),
    "deep JSON": (lambda c: c.sendall(http_answer("200 OK", b"[" * 200_000)), "HTTP 200"),
    "another JSON": (lambda c: c.sendall(http_answer("200 OK", b'{"status": "ok"}')), "HTTP 200"),
    "a refusal of another kind": (
        lambda c: c.sendall(http_answer("409 Conflict", b'{"refused": 7}')),
        "HTTP 409",
    ),
    "a kind to print with care": (
        lambda c: c.sendall(http_answer("200 OK", b"", "\x1b[2Jtext/html")),
        r"HTTP 200, \[2Jtext/html",
    ),
    "huge": (flood, f"more than {LONGEST_ANSWER} bytes"),
    "hangs": (rest, "port .* answered nothing within 1 s"),
    "drips": (drip, "port .* answered [0-9]+ bytes and no end within 1 s"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_something_else_at_the_port_is_told_in_one_line_and_in_time(name: str) -> None:
    act, told = OTHERS[name]
    with listener(act) as port:
        began = time.monotonic()
        with pytest.raises(AuctionError, match=told) as error:
            send("status", port, VARIABLE)
        took_s = time.monotonic() - began
    text = str(error.value)
    assert str(port) in text
    assert text.isprintable()
    assert "secret" not in text
    assert len(text) < 250
    assert took_s < 5.0


def test_nobody_at_the_port_is_told() -> None:
    with pytest.raises(AuctionError, match=r"no node answers on port \d+ .Connection refused"):
        send("status", free_port(), VARIABLE)


@pytest.mark.parametrize("port", [0, -1, 65_536])
def test_a_port_that_cannot_be_is_a_wrong_argument(port: int) -> None:
    with pytest.raises(UsageError, match=f"--port {port}"):
        send("status", port, VARIABLE)


def test_a_token_with_a_line_break_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    config: Any = SimpleNamespace(settings=SimpleNamespace(control_token_variable=VARIABLE))
    monkeypatch.setenv(VARIABLE, "secret\r\nX: y")
    with pytest.raises(UsageError, match="control character") as error:
        send("status", 1, VARIABLE)
    assert "secret" not in str(error.value)
    with pytest.raises(UsageError, match="control character") as error:
        control_token(config)
    assert "secret" not in str(error.value)
    monkeypatch.setenv(VARIABLE, "ein Schlüssel")
    assert control_token(config) == "ein Schlüssel"


class Bench:
    """A control channel in a loop of its own, with a operator that only has a state."""

    def __init__(self, token: str, change: Callable[..., None] | None = None) -> None:
        self.now = 1_000.0
        self.lines: list[str] = []
        self.alerts: list[Alert] = []
        msgbus = MessageBus(TraderId("T-1"), TestClock())
        msgbus.subscribe(topic=Alert.topic(), handler=self.alerts.append)
        watch = LoginWatch(NodeAlerts(msgbus), self.lines.append, lambda: self.now)
        self.operator: Any = SimpleNamespace(status=lambda: STATE, change=change)
        self._control = Control(self.operator, token, watch)

    def run(self, what: Callable[[int], Any]) -> Any:
        async def serve() -> Any:
            async with serving(self._control, 0) as port:
                return await what(port)

        return asyncio.run(serve())

    def ask(self, *headers: bytes) -> list[int]:
        """Return the statuses of requests with raw values of the header."""

        async def ask_all(port: int) -> list[int]:
            return [await raw_status(port, header) for header in headers]

        found: list[int] = self.run(ask_all)
        return found


async def raw_status(port: int, header: bytes) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    line = b"Authorization: " + header + b"\r\n" if header else b""
    writer.write(b"GET /status HTTP/1.1\r\nHost: x\r\n" + line + b"Connection: close\r\n\r\n")
    answer = await asyncio.wait_for(reader.read(), 5.0)
    writer.close()
    await writer.wait_closed()
    return int(answer.split()[1])


WRONG = [
    b"",
    b"Bearer",
    b"Bearer another",
    "Bearer ein Schlüssel".encode(),
    b"Bearer \xff\xfe\xe9",
    "Bearer 鍵".encode(),
    b"Basic YTpi",
    b"Bearer a secret2",
    b"Bearer " + b"x" * 7_000,
]


def test_a_token_of_any_characters_is_a_401_and_no_error(caplog: pytest.LogCaptureFixture) -> None:
    bench = Bench("a secret")
    with caplog.at_level(logging.DEBUG):
        assert bench.ask(*WRONG, b"Bearer a secret") == [401] * len(WRONG) + [200]
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
    # Requests come every few seconds: the log of the node stays free of them.
    assert [record for record in caplog.records if record.name == "aiohttp.access"] == []


def test_a_token_that_is_not_ascii_opens_the_channel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "ein Schlüssel")
    bench = Bench("ein Schlüssel")

    async def ask(port: int) -> Any:
        return await asyncio.to_thread(send, "status", port, VARIABLE)

    assert bench.run(ask) == STATE
    assert bench.lines == []


def test_refused_logins_are_logged_without_the_token_and_alerted_when_repeated() -> None:
    bench = Bench("a secret")
    assert bench.ask(b"Bearer guess", b"Bearer guess") == [401, 401]
    assert len(bench.lines) == 2
    assert "/status" in bench.lines[0]
    assert "127.0.0.1" in bench.lines[0]
    assert bench.alerts == []

    assert bench.ask(*[b"Bearer guess"] * 8) == [401] * 8
    assert [(alert.kind, alert.value) for alert in bench.alerts] == [("CONTROL_REFUSED", 3.0)]
    assert len(bench.lines) == 3
    bench.now += logins.ALERT_PAUSE_S - 1
    assert bench.ask(*[b"Bearer guess"] * 3) == [401] * 3
    assert len(bench.alerts) == 1
    assert len(bench.lines) == 6
    bench.now += 1
    assert bench.ask(b"Bearer guess") == [401]
    assert [alert.value for alert in bench.alerts] == [3.0, 11.0]
    told = json.dumps([*bench.lines, *[alert.to_dict() for alert in bench.alerts]])
    assert "guess" not in told
    assert "secret" not in told


def test_mistakes_far_apart_are_no_alert() -> None:
    bench = Bench("a secret")
    for _ in range(6):
        assert bench.ask(b"Bearer old") == [401]
        bench.now += logins.WINDOW_S / 2
    assert len(bench.lines) == 6
    assert bench.alerts == []


def test_a_trade_reaches_the_desk_and_a_misspelt_key_closes_nothing() -> None:
    asked: list[str] = []
    bench = Bench("a secret")

    async def flatten() -> None:
        asked.append("all")

    async def flatten_trade(name: str) -> None:
        asked.append(name)
        if name == "9":
            raise AuctionError("no trade 9; open: 4 (toy 1 LONG 0.15)")

    bench.operator.flatten, bench.operator.flatten_trade = flatten, flatten_trade

    async def ask(port: int) -> Any:
        for trade in ("4", "S-002:4"):
            assert await asyncio.to_thread(send, "flatten", port, VARIABLE, trade=trade) == STATE
        with pytest.raises(AuctionError, match=r"^the node refuses: no trade 9; open: 4 "):
            await asyncio.to_thread(send, "flatten", port, VARIABLE, trade="9")
        found = []
        async with ClientSession() as session:
            for path in ("flatten?trde=4", "halt?trade=4"):
                url = f"http://127.0.0.1:{port}/{path}"
                async with session.post(
                    url, headers={"Authorization": "Bearer a secret"}
                ) as answer:
                    found.append((answer.status, (await answer.json())["refused"]))
        return found

    assert bench.run(ask) == [
        (409, "flatten takes no `trde`"),
        (409, "halt takes no `trade`"),
    ]
    assert asked == ["4", "S-002:4", "9"]


@pytest.mark.parametrize(
    ("command", "trade", "message"),
    [
        ("halt", "4", "--trade 4: only `flatten` takes a trade"),
        ("flatten", "four", "--trade four: use the id of a trade, as `status` lists them"),
        ("flatten", "4 5", "--trade 4 5: use the id"),
        ("flatten", "", "--trade : use the id"),
    ],
)
def test_a_trade_that_cannot_be_is_a_wrong_argument(command: str, trade: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        send(command, 8_712, VARIABLE, trade=trade)


def test_a_refused_command_does_nothing() -> None:
    bench = Bench("a secret")

    async def post(port: int) -> list[int]:
        async with ClientSession() as session:
            found = []
            for command in ("activate", "flatten", "shutdown"):
                url = f"http://127.0.0.1:{port}/{command}"
                async with session.post(url, headers={"Authorization": "Bearer no"}) as answer:
                    found.append(answer.status)
            return found

    assert bench.run(post) == [401, 401, 401]


@pytest.mark.parametrize(
    ("body", "refused"),
    [
        ({"changes": {"min_score": 80}, "instrument_id": "A.B"}, None),
        ({"changes": {"min_score": 80}}, None),
        ({"changes": {}}, "name at least one setting"),
        ({"changes": [1]}, "name at least one setting"),
        ([], "name at least one setting"),
        ({"changes": {"x": 1}, "instrument_id": 7}, "the instrument is not a text"),
        ({"changes": {"other": 1}}, "other: no such setting"),
    ],
)
def test_settings_reach_the_node_or_are_refused_in_one_line(body: Any, refused: str | None) -> None:
    taken: list[Any] = []

    def change(changes: dict[str, Any], instrument_id: str | None) -> None:
        if "other" in changes:
            raise UsageError("other: no such setting")
        taken.append((changes, instrument_id))

    bench = Bench("a secret", change)

    async def ask(port: int) -> Any:
        return await asyncio.to_thread(send, "set", port, VARIABLE, body)

    if refused is None:
        assert bench.run(ask) == STATE
        assert taken == [(body["changes"], body.get("instrument_id"))]
    else:
        with pytest.raises(AuctionError, match=refused):
            bench.run(ask)
        assert taken == []


@pytest.mark.parametrize(
    ("command", "changes", "instrument_id", "expected"),
    [
        ("set", ["min_score=80", "setups=[TREND_MODEL]"], "A.B", None),
        ("set", [], None, "set: name at least one setting"),
        ("set", ["min_score"], None, "min_score: must be of the form NAME=VALUE"),
        ("set", ["a=["], None, "a=.: the value is not valid YAML"),
        ("halt", ["min_score=80"], None, "halt: takes no settings"),
        ("status", [], "A.B", "status: takes no settings and no instrument"),
    ],
)
def test_what_is_set_is_read_as_in_a_configuration(
    command: str, changes: list[str], instrument_id: str | None, expected: str | None
) -> None:
    if expected is None:
        assert settings_body(command, changes, instrument_id) == {
            "changes": {"min_score": 80, "setups": ["TREND_MODEL"]},
            "instrument_id": "A.B",
        }
    else:
        with pytest.raises(UsageError, match=expected):
            settings_body(command, changes, instrument_id)


def test_other_commands_send_nothing_beside() -> None:
    assert settings_body("halt", [], None) is None
