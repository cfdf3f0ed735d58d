"""The threads that deliver alerts, one for each receiver."""

import queue
import threading
import time

from actors.alerts.targets import DeliveryError
from actors.alerts.targets import Notice
from actors.alerts.targets import Target


class Delivery:
    """
    Delivers alerts to one receiver, in their order; a receiver that hangs holds up no other.

    Parameters
    ----------
    target : Target
        The receiver.
    tries : int
        How often one alert is tried.
    pause_s : float
        The wait before the second try; it doubles before each further one.
    capacity : int
        The alerts that may wait.

    Attributes
    ----------
    delivered, failed, dropped : int
        The alerts taken, not taken after all tries, and lost because too many waited.
    failure : str or None
        Why the last alert was not taken.

    """

    def __init__(self, target: Target, tries: int, pause_s: float, capacity: int) -> None:
        self.target = target
        self.delivered = self.failed = self.dropped = 0
        self.failure: str | None = None
        self._tries = tries
        self._pause_s = pause_s
        self._queue: queue.Queue[Notice | None] = queue.Queue(capacity)
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"alerts {target.name}", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def put(self, notice: Notice) -> None:
        """Queue an alert; never waits."""
        try:
            self._queue.put_nowait(notice)
        except queue.Full:
            self.dropped += 1

    def stop(self, deadline: float) -> bool:
        """
        Deliver the queued alerts and end; return False if some are left at the deadline.

        Parameters
        ----------
        deadline : float
            The time by the monotonic clock.

        """
        while self._queue.unfinished_tasks and time.monotonic() < deadline:
            time.sleep(0.01)
        is_done = not self._queue.unfinished_tasks
        self._ends.set()
        if is_done:
            self._queue.put(None)
            self._thread.join(max(0.0, deadline - time.monotonic()))
        return is_done

    def _run(self) -> None:
        while (notice := self._queue.get()) is not None:
            self._deliver(notice)
            self._queue.task_done()

    def _deliver(self, notice: Notice) -> None:
        for attempt in range(self._tries):
            if attempt:
                self._ends.wait(self._pause_s * 2 ** (attempt - 1))
            try:
                self.target.send(notice)
            except DeliveryError as e:
                self.failure = str(e)
            else:
                self.delivered += 1
                return
        self.failed += 1
