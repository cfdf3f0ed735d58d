"""Raise an alert when the files of a run cannot be written."""

import time
from collections.abc import Iterable

from live.recorder import Recorder
from strategies.common.alert_throttle import AlertThrottle
from strategies.common.nautilus.strategy import TradingStrategy


class RecordsWatch:
    """
    Raise an alert while lines of a run's files are lost; trading goes on.

    Parameters
    ----------
    recorder : Recorder
        Writes the files.
    strategies : Iterable[TradingStrategy]
        The first of them raises the alert.

    """

    def __init__(self, recorder: Recorder, strategies: Iterable[TradingStrategy]) -> None:
        self._recorder = recorder
        self._strategies = tuple(strategies)
        self._lost = 0
        self._unrecorded = AlertThrottle()

    def check(self) -> None:
        """Raise an alert if more lines are lost than the last one reported."""
        lost, now = self._recorder.lost, time.time_ns()
        if not lost > self._lost or not self._unrecorded.is_due(now, True):
            return
        self._lost = lost
        failure = self._recorder.failure
        text = f"{lost} lines of the run's files are lost, trading goes on: {failure}"
        for strategy in self._strategies[:1]:
            strategy.alert(now, "RECORDS_LOST", text, float(lost))
