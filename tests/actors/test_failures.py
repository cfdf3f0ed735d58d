"""The last line of a run that failed names component, time, error and place."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from actors.failures import failure_line
from errors import UsageError
from live.duties import Duty
from live.runner import NodeRun
from strategies.common.intents import Intent


# The last nanosecond of a minute.
CLOSE = 1_767_573_059_999_999_999


class Machine:
    """Fails in a step."""

    def step(self, error: Exception) -> None:
        raise error


class Component:
    """Handles data, as an actor or a strategy does."""

    msgbus = None

    def __init__(self, name: str, inner: Any) -> None:
        self.id = name
        self.clock = SimpleNamespace(timestamp_ns=lambda: CLOSE)
        self._inner = inner

    def on_start(self) -> None:
        """Start."""

    def step(self, error: Exception) -> None:
        self._inner.step(error)


ACTOR = Component("ChannelActor", Component("ChannelStrategy-000", Machine()))


def raised(error: Exception, by: Any = ACTOR) -> Exception:
    with pytest.raises(type(error)) as found:
        by.step(error)
    return found.value


def test_the_innermost_component_is_named_with_its_time_and_the_place() -> None:
    assert failure_line(raised(KeyError("boom"))).startswith(
        "ChannelStrategy-000 at 2026-01-05 00:30:59 UTC: KeyError: 'boom' (test_failures.py:"
    )
    assert failure_line(raised(ZeroDivisionError())).endswith(" in step)")
    assert "\n" not in failure_line(raised(ValueError("a\nb")))


def test_the_place_is_in_the_package_of_the_component() -> None:
    class Failing(Machine):
        def step(self, error: Exception) -> None:
            Intent(is_long=True, entry=1, stop=2, tag="a")

    line = failure_line(raised(ValueError(), Component("ChannelStrategy-000", Failing())))
    assert line.endswith(" in step)")
    assert "test_failures.py:" in line


def test_an_error_of_no_component_says_what_it_is() -> None:
    assert failure_line(raised(KeyError("boom"), Machine())).startswith("KeyError: 'boom' (test_f")
    assert failure_line(raised(UsageError("a.yaml: wrong"), Machine())) == "a.yaml: wrong"
    assert failure_line(raised(OSError("no space"), Machine())) == "no space"
    assert failure_line(KeyError("boom")) == "KeyError: 'boom'"


def test_a_node_ends_with_the_line_of_the_handler_that_failed() -> None:
    logged: list[tuple[str, Exception]] = []

    async def script() -> NodeRun:
        node: Any = SimpleNamespace(
            _failures=[],
            node=SimpleNamespace(
                kernel=SimpleNamespace(
                    logger=SimpleNamespace(exception=lambda *row: logged.append(row))
                )
            ),
            operator=SimpleNamespace(shutdown=asyncio.Event()),
        )

        async def play() -> None:
            ACTOR.step(KeyError("boom"))

        await NodeRun._guarded(node, Duty(play))
        assert node.operator.shutdown.is_set()
        return node

    (failure,) = asyncio.run(script())._failures
    assert failure.startswith("ChannelStrategy-000 at 2026-01-05 00:30:59 UTC: KeyError: 'boom'")
    assert len(logged) == 1
