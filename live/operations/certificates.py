"""The verdict of the newest certificate of a node's runs, for its digest."""

import re
from pathlib import Path

from live.operations.state_files import read_json


NAME = "certificate.json"


def certificate_line(runs: Path, system: str, mode: str) -> str:
    """
    Return a line with the verdict of the newest certificate; empty if no run has one.

    Parameters
    ----------
    runs : Path
        The folder of runs.
    system, mode : str
        Those of the node.

    """
    run = re.compile(rf"\d{{8}}T\d+-{re.escape(system)}-{re.escape(mode)}")
    folders = sorted(runs.glob("*"), reverse=True) if runs.is_dir() else []
    for folder in folders:
        if not run.fullmatch(folder.name):
            continue
        try:
            content = read_json(folder / NAME)
        except (OSError, ValueError) as error:
            return f"Certificate: {folder.name} cannot be read ({error})"
        if content is not None:
            return f"Certificate: {content.get('verdict', 'without a verdict')} ({folder.name})"
    return ""
