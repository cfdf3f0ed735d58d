"""Benches with a running node, the next one made ready while the present one is used."""

from collections.abc import Iterator
from contextlib import ExitStack
from contextlib import contextmanager

import pytest

from tests.faults.bench import Bench
from tests.faults.bench import bench_in


class Benches:
    """
    Hands out benches with a running node, and starts the next node meanwhile.

    Parameters
    ----------
    factory : pytest.TempPathFactory
        Makes their folders.
    kind : str
        What their nodes are started as.
    is_long : bool
        If their trades are long.

    """

    def __init__(self, factory: pytest.TempPathFactory, kind: str, *, is_long: bool) -> None:
        self._factory = factory
        self._kind = kind
        self._is_long = is_long
        self._next: tuple[Bench, ExitStack] | None = None

    @contextmanager
    def take(self) -> Iterator[Bench]:
        """Yield a bench with a node that is active."""
        bench, stack = self._next or self._begin()
        self._next = None
        with stack:
            bench.wait()
            self._next = self._begin()
            bench.activate()
            yield bench

    def close(self) -> None:
        """End the unused node."""
        ready, self._next = self._next, None
        if ready is not None:
            ready[1].close()

    def _begin(self) -> tuple[Bench, ExitStack]:
        stack = ExitStack()
        bench = stack.enter_context(bench_in(self._factory.mktemp("bench"), is_long=self._is_long))
        bench.start(self._kind)
        return bench, stack
