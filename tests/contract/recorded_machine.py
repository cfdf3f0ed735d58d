"""Writes down what a strategy says to its decision machine, and what that answers."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from strategies.common.position import FLAT
from strategies.common.position import Position


CALLS = frozenset(
    {
        *("exits_before", "step", "exits_at", "on_entry", "on_opened", "on_closed"),
        *("on_dropped", "on_print", "on_gap", "on_silence"),
    }
)


@dataclass(frozen=True, kw_only=True)
class Call:
    """
    Represents one call of a machine.

    Attributes
    ----------
    name, args, keywords, answer
        What was called, and what it returned.
    snapshot : str
        The state before it, where it begins a row; else empty.
    position : Position
        What was held then.

    """

    name: str
    args: tuple[Any, ...]
    keywords: dict[str, Any]
    answer: Any
    snapshot: str = ""
    position: Position = FLAT

    def on(self, machine: Any) -> Any:
        """Return what another machine answers."""
        return getattr(machine, self.name)(*self.args, **self.keywords)


class RecordedMachine:
    """
    Stands before a decision machine.

    Parameters
    ----------
    machine : DecisionMachine
        The machine.
    calls : list[Call]
        Gets the calls.

    """

    def __init__(self, machine: Any, calls: list[Call]) -> None:
        self._machine = machine
        self._calls = calls

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._machine, name)
        return self._recorded(name, found) if name in CALLS else found

    def _recorded(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **keywords: Any) -> Any:
            snapshot, position = "", FLAT
            if name == "exits_before" or (name == "step" and self._is_first_of_row()):
                snapshot = json.dumps(self._machine.snapshot())
                position = Position(trades=args[1].trades)
            answer = method(*args, **keywords)
            self._calls.append(
                Call(
                    name=name,
                    args=args,
                    keywords=keywords,
                    answer=answer,
                    snapshot=snapshot,
                    position=position,
                )
            )
            return answer

        return call

    def _is_first_of_row(self) -> bool:
        return not self._calls or self._calls[-1].name != "exits_before"


def recorded(make: Callable[[], Any], calls: list[Call]) -> RecordedMachine:
    """Return the machine that a strategy makes, recorded."""
    return RecordedMachine(make(), calls)
