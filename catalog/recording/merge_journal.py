"""The journal of a merge, by which any process finishes one that a crash has interrupted."""

import json
from pathlib import Path
from typing import Any

from catalog.quality import labels_path
from catalog.quality import write_labels
from catalog.recording.disk import sync_folder
from catalog.recording.disk import write_synced
from catalog.recording.segments import recording_folder


def staged_merge(catalog: Path) -> Path:
    """Return the file in which a merge is written before it replaces its parts."""
    return recording_folder(catalog) / "merged.parquet"


def commit_merge(catalog: Path, plan: dict[str, Any]) -> None:
    """
    Replace files by the merged one; from here on the merge is complete after any crash.

    Parameters
    ----------
    catalog : Path
        The catalog of a recorder, whose staged file is on the disk.
    plan : dict[str, Any]
        The `target`, its `labels`, and the `old` files, by paths within the catalog.

    """
    write_synced(_journal(catalog), json.dumps(plan).encode())
    _swap(catalog, plan)


def is_interrupted(catalog: Path) -> bool:
    """Return True if a merge is under way, or was when its process died."""
    return _journal(catalog).is_file()


def finish_merge(catalog: Path) -> None:
    """Finish a merge that a crash has interrupted; hold the lock of the files meanwhile."""
    try:
        plan = json.loads(_journal(catalog).read_bytes())
    except FileNotFoundError:
        return
    _swap(catalog, plan)


def _swap(catalog: Path, plan: dict[str, Any]) -> None:
    # Each step may be repeated after a crash; the merged file is on the disk before the first.
    staged = staged_merge(catalog)
    target = catalog / plan["target"]
    if plan["labels"]:
        labels_path(target).parent.mkdir(parents=True, exist_ok=True)
        write_labels(labels_path(target), plan["labels"])
    for name in plan["old"]:
        old = catalog / name
        if old != target:
            old.unlink(missing_ok=True)
            labels_path(old).unlink(missing_ok=True)
    if staged.exists():
        staged.replace(target)
    sync_folder(target.parent)
    _journal(catalog).unlink()


def _journal(catalog: Path) -> Path:
    return recording_folder(catalog) / "merge.json"
