"""The data of a run about one instrument, in the form its views use."""

from collections.abc import Hashable
from functools import cached_property
from typing import Any

import pandas as pd

from actors.messages import Message
from backtests.report.encoding import decimals_of
from backtests.report.lives import Life
from backtests.report.lives import changes
from backtests.report.lives import lives_of
from backtests.report.run_data import RunData
from strategies.common.views import Latest
from strategies.common.views import Lives
from strategies.common.views import Placed


class Story:
    """
    Represents the data of a run about one instrument.

    Parameters
    ----------
    run : RunData
        The run.
    instrument : str
        The instrument.

    """

    def __init__(self, run: RunData, instrument: str) -> None:
        self.run = run
        self.instrument = instrument
        self._lives: dict[int, list[Life]] = {}

    @cached_property
    def bars(self) -> pd.DataFrame:
        """Return the closed bars by time; the candles of the chart are made of them."""
        bars = self.run.views.chart.bars
        return self.rows(bars.message).sort_values(bars.time, kind="stable")

    @property
    def bar(self) -> pd.Timedelta:
        """Return the length of a bar."""
        return pd.Timedelta(seconds=self.run.views.chart.bars.seconds)

    @cached_property
    def end(self) -> pd.Timestamp:
        """Return the end of the last bar; there has to be one."""
        last: pd.Timestamp = self.bars[self.run.views.chart.bars.time].iloc[-1]
        return last + self.bar

    @cached_property
    def decimals(self) -> int:
        """Return the decimals of its prices."""
        bars = self.run.views.chart.bars
        names = [bars.open, bars.high, bars.low, bars.close]
        names += ["tick_size"] if "tick_size" in self.bars else []
        return decimals_of(*(self.bars[name] for name in names))

    @cached_property
    def candidates(self) -> pd.DataFrame:
        """Return the decisions that entered or were refused."""
        frame = self.run.candidates
        return frame[frame["instrument_id"] == self.instrument]

    @cached_property
    def positions(self) -> pd.DataFrame:
        """Return the positions."""
        frame = self.run.positions
        return frame[frame["instrument_id"] == self.instrument]

    def rows(self, message: type[Message]) -> pd.DataFrame:
        """Return the messages of a class, in their order."""
        frame = self.run.messages[message]
        return frame[frame["instrument_id"] == self.instrument]

    def lives(self, lives: Lives) -> list[Life]:
        """Return the things of a description, by time of their begin."""
        found = self._lives.get(id(lives))
        if found is None:
            ends = [] if lives.until is None else changes(self.rows(lives.until[0]), lives.until[1])
            found = lives_of(lives, self.rows(lives.message), self.bar, ends, self.end)
            self._lives[id(lives)] = found
        return found

    def values(self, of: Lives | Latest) -> list[dict[Hashable, Any]]:
        """Return rows as columns by name."""
        if isinstance(of, Lives):
            return [life.values() for life in self.lives(of)]
        latest = self.rows(of.message).groupby(of.by, sort=False).tail(1)
        rows = latest.to_dict(orient="records")
        return [{**row, "number": number} for number, row in enumerate(rows, start=1)]

    def prices(self, placed: Placed) -> dict[pd.Timestamp, float]:
        """Return the price of what went through a step, by the time of that."""
        return {
            time: life.row[placed.price]
            for life in self.lives(placed.of)
            for time, name in life.steps
            if name == placed.step
        }
