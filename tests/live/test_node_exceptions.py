"""What nobody waits for and fails is logged and told: asyncio alone would print it."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from live.unhandled_errors import UnhandledErrors


class Scene:
    """A loop with the handler of a node, and what the node has logged and told."""

    def __init__(self) -> None:
        self.logged: list[str] = []
        self.alerts: list[tuple[str, str]] = []
        logger: Any = SimpleNamespace(exception=lambda text, error: self.logged.append(repr(error)))
        alerts: Any = SimpleNamespace(
            raise_alert=lambda kind, text: self.alerts.append((kind, text))
        )
        self.errors = UnhandledErrors(logger, alerts)

    def run(self, *callbacks: Any) -> None:
        async def main() -> None:
            loop = asyncio.get_running_loop()
            loop.set_exception_handler(self.errors.handle)
            for callback in callbacks:
                loop.call_soon(callback)
            await asyncio.sleep(0.01)

        asyncio.run(main())


def fails() -> None:
    raise ValueError("no such\nrow")


def test_a_message_that_its_taker_fails_on_is_logged_each_time_and_told_once():
    taken: list[int] = []
    scene = Scene()
    scene.run(fails, lambda: taken.append(1), fails)
    assert taken == [1]
    assert scene.logged == [repr(ValueError("no such\nrow"))] * 2
    ((kind, text),) = scene.alerts
    assert kind == "MESSAGE_LOST"
    assert "no such row" in text
    assert "\n" not in text


def test_what_is_no_message_is_left_to_asyncio(caplog: pytest.LogCaptureFixture):
    scene = Scene()

    async def main() -> None:
        loop = asyncio.get_running_loop()
        scene.errors.handle(loop, {"message": "a task was destroyed"})

    asyncio.run(main())
    assert scene.alerts == []
    assert "a task was destroyed" in caplog.text
