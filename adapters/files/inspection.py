"""How several files of one kind are to be read."""

from collections.abc import Mapping
from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from adapters.bar_types import detect_bar_step
from adapters.bar_types import parse_bar_step
from adapters.files.layout import FileLayout
from adapters.files.layout import inspect_file
from adapters.report import FileReport
from errors import UsageError


def inspect_files(
    paths: Sequence[Path],
    wanted: Mapping[str, str],
    kind: str,
    reports: list[FileReport],
    zone: ZoneInfo | None,
) -> list[FileLayout]:
    """Return how files with rows are to be read, the earliest first; the others get a report."""
    layouts = []
    for path in map(Path, paths):
        layout = inspect_file(path, wanted, zone)
        if layout is None:
            reports.append(FileReport(path, kind, warnings=[f"{path.name}: the file has no rows"]))
        else:
            layouts.append(layout)
    if not all("seq" in layout.columns for layout in layouts):
        for layout in layouts:
            layout.columns.pop("seq", None)
    return sorted(layouts, key=lambda layout: int(layout.head[0]))


def step_of(layouts: list[FileLayout], bar_step: str | None) -> int:
    """
    Return the length of the bars of some files (ns), 0 without a file.

    Raises
    ------
    UsageError
        If the text is no step, or there is none and the times do not show one.

    """
    if bar_step is not None:
        return parse_bar_step(bar_step)
    steps = {detect_bar_step(layout.head) for layout in layouts}
    step_ns = steps.pop() if len(steps) == 1 else None
    if layouts and step_ns is None:
        raise UsageError(
            f"{layouts[0].path}: the times do not show one step of the bars: pass --bar-step (1m)",
        )
    return step_ns or 0
