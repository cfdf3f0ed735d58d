"""What waits until the orders of a strategy have left."""

import asyncio

from strategies.common.nautilus.deferred_actions import WAIT_S
from strategies.common.nautilus.deferred_actions import DeferredActions


def raise_error(error: Exception) -> None:
    raise error


def test_without_a_loop_everything_is_done_at_once() -> None:
    done: list[int] = []
    DeferredActions(raise_error, None).do(lambda: done.append(1))
    assert done == [1]


def test_on_a_loop_it_is_done_in_order_and_later() -> None:
    done: list[int] = []

    async def handle() -> None:
        afterwards = DeferredActions(raise_error, asyncio.get_running_loop())
        for number in range(5):
            afterwards.do(lambda number=number: done.append(number))
        assert done == []
        async with asyncio.timeout(5):
            while len(done) < 5:
                await asyncio.sleep(WAIT_S)

    asyncio.run(handle())
    assert done == [0, 1, 2, 3, 4]


def test_catching_up_does_all_that_waits_also_what_that_adds() -> None:
    done: list[str] = []

    async def handle() -> None:
        afterwards = DeferredActions(raise_error, asyncio.get_running_loop())
        afterwards.do(lambda: afterwards.do(lambda: done.append("second")))
        afterwards.do(lambda: done.append("first"))
        afterwards.catch_up()
        assert done == ["first", "second"]
        afterwards.do(lambda: done.append("third"))
        assert done == ["first", "second"]
        afterwards.close()
        afterwards.do(lambda: done.append("fourth"))

    asyncio.run(handle())
    assert done == ["first", "second", "third", "fourth"]


def test_an_error_is_told_and_the_rest_is_done() -> None:
    done: list[str] = []
    errors: list[Exception] = []

    async def handle() -> None:
        afterwards = DeferredActions(errors.append, asyncio.get_running_loop())
        afterwards.do(lambda: raise_error(OSError("no space left")))
        afterwards.do(lambda: done.append("told"))
        afterwards.catch_up()

    asyncio.run(handle())
    assert [str(error) for error in errors] == ["no space left"]
    assert done == ["told"]
