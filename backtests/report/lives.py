"""Things that live from one event to another, made of the messages about them."""

from bisect import bisect_right
from collections.abc import Hashable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from typing import Any

import pandas as pd

from strategies.common.views import UNFINISHED
from strategies.common.views import Lives


@dataclass
class Life:
    """
    Represents one thing.

    Attributes
    ----------
    row : Mapping[Hashable, Any]
        The last message about it up to its end.
    begin, finish : pd.Timestamp
        From when to when it lived.
    number : int
        Its number, from 1 on.
    outcome : str
        The event that ended it, or UNFINISHED.
    after : str or None
        What became of it later.
    after_at : pd.Timestamp or None
        When that was.
    steps : list[tuple[pd.Timestamp, str]]
        What happened to it and when.

    """

    row: Mapping[Hashable, Any]
    begin: pd.Timestamp
    finish: pd.Timestamp
    number: int = 0
    outcome: str = UNFINISHED
    after: str | None = None
    after_at: pd.Timestamp | None = None
    steps: list[tuple[pd.Timestamp, str]] = field(default_factory=list)

    def values(self) -> dict[Hashable, Any]:
        """Return the columns of its row and its own."""
        own = ("begin", "finish", "number", "outcome", "after", "steps")
        return {**self.row, **{name: getattr(self, name) for name in own}}

    def count(self, step: str) -> int:
        """Return how often something happened to it."""
        return sum(name == step for _, name in self.steps)

    def states(self, lives: Lives) -> list[tuple[str, pd.Timestamp, pd.Timestamp]]:
        """Return its states with their spans; `lives` is their description."""
        begins = [(self.begin, lives.first_state), *self.steps]
        ends = [*(time for time, _ in self.steps), self.finish]
        return [
            (lives.state_after(name), begin, end)
            for (begin, name), end in zip(begins, ends, strict=True)
            if end > begin
        ]


def lives_of(
    lives: Lives,
    messages: pd.DataFrame,
    bar: pd.Timedelta,
    ends: Sequence[pd.Timestamp],
    end: pd.Timestamp,
) -> list[Life]:
    """
    Return the things of one instrument, by time of their begin.

    Parameters
    ----------
    lives : Lives
        Their description.
    messages : pd.DataFrame
        The messages in their order.
    bar : pd.Timedelta
        The length of the bar that an event happens in.
    ends : Sequence[pd.Timestamp]
        When everything ends, in order.
    end : pd.Timestamp
        The end of the data.

    """
    found: list[Life] = []
    running: dict[tuple[Hashable, ...], Life] = {}
    for row in _own(lives, messages).to_dict(orient="records"):
        key, event = tuple(row[name] for name in lives.key), row[lives.event]
        moment = row[lives.time] + bar
        life = running.get(key)
        if (event == lives.born) if lives.born else life is None:
            if life is not None:
                life.finish = min(life.finish, moment)
            begin = row[lives.begin] if lives.begin else moment
            last = _next(row[lives.begin or lives.time], ends, end)
            life = Life(row=row, begin=begin, finish=max(last, begin))
            running[key] = life
            found.append(life)
        elif life is None or any(row[name] != life.row[name] for name in lives.same):
            continue
        if event in lives.ends and life.outcome == UNFINISHED:
            life.row, life.outcome = row, event
            life.finish = min(life.finish, moment)
            if lives.born:
                del running[key]
        elif event in lives.after and life.outcome != UNFINISHED:
            life.after, life.after_at = event, moment
        elif event in lives.steps:
            life.steps.append((moment, event))
    found.sort(key=lambda life: (life.begin, *map(str, _group(lives, life))))
    for number, life in enumerate(found, start=1):
        life.number = number
    return found


def changes(messages: pd.DataFrame, column: str) -> list[pd.Timestamp]:
    """Return when a column of messages took another value."""
    first = messages[messages[column] != messages[column].shift()]
    return list(first["ts"])


def _group(lives: Lives, life: Life) -> tuple[Any, ...]:
    # Of things that begin at once, those of one source stay together.
    return (life.row[lives.fallback[0]],) if lives.fallback is not None else ()


def _own(lives: Lives, messages: pd.DataFrame) -> pd.DataFrame:
    if lives.fallback is None:
        return messages
    column, value = lives.fallback
    others = messages[messages[column] != value]
    return messages if others.empty else others


def _next(time: pd.Timestamp, ends: Sequence[pd.Timestamp], end: pd.Timestamp) -> pd.Timestamp:
    later = bisect_right(ends, time)
    return min(ends[later], end) if later < len(ends) else end
