"""The codes of the systems, for the help of the command line and for the summary of a run."""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from actors.codes import meanings
from configs import FOLDER
from configs.descriptors import load_descriptor
from configs.plain_yaml import parse_yaml
from errors import UsageError
from strategies.common.codes import SHARED
from strategies.common.codes import Codes
from strategies.common.codes import explained


NAME = Path("config.yaml")
TITLES = {
    "refusals": "Refused candidates",
    "decisions": "Decisions",
    "entries": "Entries sent or canceled",
    "exits": "Exits",
    "features": "Features and alerts",
}


def codes_of_run(document: Mapping[str, Any]) -> Codes:
    """
    Return the codes of the system of a resolved configuration.

    Those that all systems share where it names none, as an earlier version wrote it.
    """
    try:
        return load_descriptor(document, NAME).codes
    except UsageError:
        return SHARED


def codes_written(
    document: Mapping[str, Any],
    reasons: Iterable[str],
    refusals: Iterable[str],
    exits: Iterable[str],
) -> dict[str, dict[str, str]]:
    """Return the sentences of the codes that a run has written, where they are declared."""
    codes = codes_of_run(document)
    return {
        "reasons": explained((*codes.decisions, *codes.exits), reasons),
        "refusals": explained(codes.refusals, refusals),
        "exits": explained(codes.exits, exits),
    }


def code_groups() -> Iterator[tuple[str, dict[str, str]]]:
    """Yield title and codes with their sentences: those that all systems share, then the others."""
    for name, title in TITLES.items():
        if kinds := getattr(SHARED, name):
            yield f"{title}, all systems", meanings(*kinds)
    for path in sorted((FOLDER / "systems").glob("*.yaml")):
        codes = load_descriptor(parse_yaml(path.read_text(encoding="utf-8")), path).codes
        for name, title in TITLES.items():
            own = [kind for kind in getattr(codes, name) if kind not in getattr(SHARED, name)]
            if own:
                yield f"{title}, {path.stem}", meanings(*own)
