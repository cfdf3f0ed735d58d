"""The codes of the systems, for the help of the command line and for the summary of a run."""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from actors.codes import Code
from actors.codes import meanings
from configs import FOLDER
from configs.plain_yaml import parse_yaml
from strategies.common.codes import SHARED
from strategies.common.codes import Codes
from strategies.common.codes import codes_of
from strategies.common.codes import explained


TITLES = {
    "refusals": "Refused candidates",
    "decisions": "Decisions",
    "entries": "Entries sent or given up",
    "exits": "Exits",
    "features": "Features and alerts",
}


def codes_of_run(document: Mapping[str, Any]) -> Codes:
    """Return the codes of all strategies of a resolved configuration."""
    found = [codes_of(entry["strategy_path"]) for entry in document.get("strategies") or ()]
    return Codes(**{name: _joined(getattr(codes, name) for codes in found) for name in TITLES})


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
        codes = codes_of_run(parse_yaml(path.read_text(encoding="utf-8")))
        for name, title in TITLES.items():
            own = [kind for kind in getattr(codes, name) if kind not in getattr(SHARED, name)]
            if own:
                yield f"{title}, {path.stem}", meanings(*own)


def _joined(groups: Iterable[tuple[type[Code], ...]]) -> tuple[type[Code], ...]:
    return tuple(dict.fromkeys(kind for kinds in groups for kind in kinds))
