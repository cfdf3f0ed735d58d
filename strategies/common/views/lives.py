"""Rows that a view makes of messages: what lives from one event to another, what is known last."""

from dataclasses import dataclass

from actors.messages import Message


# The outcome of what no event has ended.
UNFINISHED = "UNFINISHED"


@dataclass(frozen=True, kw_only=True)
class Lives:
    """
    Represents things that begin with one event and end with another, such as zones of a chart.

    One row for each, by time of its begin. It has the columns of the last message up to its end,
    and these beside: `number` (from 1 on), `begin`, `finish`, `outcome` (the event that ended it,
    or UNFINISHED), `after` (an event that came later), `steps` (what happened to it, with times).
    An event is known at the end of its bar.

    Parameters
    ----------
    message : type[Message]
        The message of one event.
    key : tuple[str, ...]
        The columns that name a thing.
    time : str
        The column with the start of the bar of the event (ns UTC).
    ends : tuple[str, ...]
        The events that end one.
    event : str, default 'event'
        The column of the event.
    born : str, default ''
        The event that begins one, and ends another of the same key; empty for the first of any.
    same : tuple[str, ...], default ()
        Columns that an event must share with the message that began the thing.
    begin : str, default ''
        The column with its begin (ns UTC); empty for the end of the bar of its first event.
    after : tuple[str, ...], default ()
        Events that follow its end.
    steps : tuple[str, ...], default ()
        Events that change its state.
    first_state : str, default ''
        Its state before all steps.
    states : tuple[tuple[str, str], ...], default ()
        Steps that lead to a state of another name: step and state.
    until : tuple[type[Message], str], optional
        A message and a column: a change in it ends everything, as a new trading day does.
    fallback : tuple[str, str], optional
        A column and its value: such messages count only for instruments that have no others.

    """

    message: type[Message]
    key: tuple[str, ...]
    time: str
    ends: tuple[str, ...]
    event: str = "event"
    born: str = ""
    same: tuple[str, ...] = ()
    begin: str = ""
    after: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    first_state: str = ""
    states: tuple[tuple[str, str], ...] = ()
    until: tuple[type[Message], str] | None = None
    fallback: tuple[str, str] | None = None

    def state_after(self, step: str) -> str:
        """Return the state that a step leads to."""
        return dict(self.states).get(step, step)


@dataclass(frozen=True, kw_only=True)
class Latest:
    """
    Represents the last message of each value of a column, such as the levels of each day.

    Parameters
    ----------
    message : type[Message]
        The message.
    by : str
        The column; `ts`, the time of the message, for every one of them.

    """

    message: type[Message]
    by: str
