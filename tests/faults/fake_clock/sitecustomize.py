"""
Python's `time.sleep` for processes under libfaketime.

It refuses (EINVAL) the absolute monotonic sleeps that Python makes while the clock is put back,
which no real clock does. Python reads this file at its start where its folder is in PYTHONPATH.
"""

import threading
import time


def _sleep(seconds: float) -> None:
    threading.Event().wait(seconds)


time.sleep = _sleep
