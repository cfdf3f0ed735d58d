"""The low volume nodes with their lives: found, visited, traded, dropped."""

from collections.abc import Hashable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field

import pandas as pd

from backtests.report.impulse_spans import SECOND
from backtests.report.impulse_spans import end_of_day


STATES = ("UNTOUCHED", "TOUCHED", "ARMED", "RETESTING")


@dataclass
class NodeLife:
    """
    Represents the life of one node.

    Attributes
    ----------
    source : str
        Who tracked it.
    impulse_id : int
        Its impulse.
    direction : str
        The direction of the impulse.
    price, ratio : float
        Its price, and its volume as a share of the average bucket.
    volume : int
        Its volume in lots.
    found, last : pd.Timestamp
        From when to when it was tracked.
    dropped : bool
        If a message dropped it; else the day or the data ended.
    steps : list[tuple[pd.Timestamp, str]]
        What happened to it and when: TOUCHED, ARMED, RETESTING, SIGNAL.

    """

    source: str
    impulse_id: int
    direction: str
    price: float
    ratio: float
    volume: int
    found: pd.Timestamp
    last: pd.Timestamp
    dropped: bool = False
    steps: list[tuple[pd.Timestamp, str]] = field(default_factory=list)

    def count(self, event: str) -> int:
        """Return how often something happened to it."""
        return sum(name == event for _, name in self.steps)

    def states(self) -> list[tuple[str, pd.Timestamp, pd.Timestamp]]:
        """
        Return its states with their spans.

        A signal takes a node back to TOUCHED.
        """
        begins = [(self.found, "UNTOUCHED"), *self.steps]
        ends = [*(time for time, _ in self.steps), self.last]
        return [
            ("TOUCHED" if name == "SIGNAL" else name, begin, end)
            for (begin, name), end in zip(begins, ends, strict=True)
            if end > begin
        ]


def node_lives(
    visits: pd.DataFrame,
    days: Sequence[pd.Timestamp],
    end: pd.Timestamp,
) -> list[NodeLife]:
    """
    Return the lives of the nodes of one instrument, in the order they were found.

    A node also ends with its trading day, and where another is found at its price: these send no
    message.

    Parameters
    ----------
    visits : pd.DataFrame
        The rows of lvn_visits.parquet in their order.
    days : Sequence[pd.Timestamp]
        When trading days began.
    end : pd.Timestamp
        The end of the data.

    """
    lives: list[NodeLife] = []
    running: dict[tuple[Hashable, Hashable], NodeLife] = {}
    for row in visits.to_dict(orient="records"):
        key = (row["source"], row["price"])
        moment = row["ts_second"] + SECOND
        life = running.get(key)
        if row["event"] == "FOUND":
            if life is not None:
                life.last = min(life.last, moment)
            running[key] = _found(row, moment, end_of_day(row["ts_second"], days, end))
            lives.append(running[key])
        elif life is None or life.impulse_id != row["impulse_id"]:
            continue
        elif row["event"] == "DROPPED":
            life.last, life.dropped = min(life.last, moment), True
            del running[key]
        else:
            life.steps.append((moment, row["event"]))
    return lives


def _found(row: dict[Hashable, object], moment: pd.Timestamp, last: pd.Timestamp) -> NodeLife:
    names = ("source", "impulse_id", "direction", "price", "ratio", "volume")
    values = {name: row[name] for name in names}
    return NodeLife(**values, found=moment, last=max(last, moment))  # type: ignore[arg-type]
