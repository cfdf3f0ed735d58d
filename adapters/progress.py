"""A progress bar, shown only on a terminal."""

import sys
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn
from rich.progress import Progress
from rich.progress import TaskProgressColumn
from rich.progress import TextColumn
from rich.progress import TimeRemainingColumn


Advance = Callable[[int], None]


@contextmanager
def show_progress(label: str, total: int) -> Iterator[Advance]:
    """
    Show progress on standard error while the context lasts, if that is a terminal.

    Parameters
    ----------
    label : str
        The text before the bar.
    total : int
        The amount of work, in any unit (bytes, records).

    Yields
    ------
    Advance
        To be called with each amount done.

    """
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(label, total=total)
        yield lambda count: bar.advance(task, count)
