"""How the contract runs a system: the settings and the window in which it trades soon."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from configs import FOLDER
from tests.engines import REPOSITORY


# Every system of the project, found by listing; the toy shows that one is added by its own files.
SYSTEMS = [*sorted((FOLDER / "systems").glob("*.yaml")), REPOSITORY / "tests" / "toy" / "toy.yaml"]


def _nothing(catalog: Path, folder: Path) -> list[str]:
    return []


@dataclass(frozen=True, kw_only=True)
class Entry:
    """
    Represents how the contract runs a system.

    A reason that is not empty stands in the report of the tests where the system does not keep a
    clause.

    Parameters
    ----------
    start, end : str
        The window in the sample market (ISO 8601, UTC, the end excluded).
    change : str
        When the future is changed: no bar spans it.
    days : int, default 1
        The days of the sample market.
    settings : tuple[str, ...], default ()
        Overrides with which it trades within the window.
    prepare : Callable[[Path, Path], list[str]], optional
        Takes a catalog with the whole sample and a folder of its own; returns further settings.
    since : str, default ''
        From when on the market matters to `prepare`, where that is before the start.
    mirror_settings : tuple[str, ...], default ()
        Overrides for the mirrored market: what depends on the price and not on its moves.
    mirror_bucket : int, default 1
        The ticks of its widest bucket of prices, whose boundaries stay boundaries.
    mirror_ticks : int, default 0
        How far a price may lie from the mirror image, where a bucket is named by its lower edge.
    not_mirrored : str, default ''
        Why it does not decide the mirror image in a mirrored market.
    not_resumed : str, default ''
        Why it decides otherwise after a restart.

    """

    start: str = "2026-01-05T00:00"
    end: str = "2026-01-05T04:00"
    change: str = "2026-01-05T02:00"
    days: int = 1
    settings: tuple[str, ...] = ()
    prepare: Callable[[Path, Path], list[str]] = _nothing
    since: str = ""
    mirror_settings: tuple[str, ...] = ()
    mirror_bucket: int = 1
    mirror_ticks: int = 0
    not_mirrored: str = ""
    not_resumed: str = ""


def entry_of(system: Path) -> Entry:
    """Return the entry of a system file; the default one where it has none."""
    name = f"tests.contract.entries.{system.stem}"
    if find_spec(name) is None:
        return Entry()
    entry = import_module(name).ENTRY
    assert isinstance(entry, Entry)
    return entry
