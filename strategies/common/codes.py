"""The codes of a system: those that all systems share, and its own."""

from collections.abc import Iterable
from dataclasses import dataclass

from actors.codes import Code
from actors.codes import meanings
from strategies.common.gate import Refusal
from strategies.common.reasons import DropReason
from strategies.common.reasons import EntryReason
from strategies.common.reasons import ExitReason
from strategies.common.records import EntryKind
from strategies.common.records import SizeNote


@dataclass(frozen=True, kw_only=True)
class Codes:
    """
    Represents the codes that the runs of a system can write, by the column they stand in.

    Parameters
    ----------
    refusals : tuple[type[Code], ...]
        Those of `why` where a candidate was refused.
    decisions : tuple[type[Code], ...]
        Those of `reason` of a decision; the exits of a system that decides about them come beside.
    entries : tuple[type[Code], ...]
        Why entries are sent and canceled: `reason` of their orders and events.
    exits : tuple[type[Code], ...]
        Why trades are closed.
    features : tuple[type[Code], ...]
        Those of features and alerts.

    """

    refusals: tuple[type[Code], ...] = (Refusal,)
    decisions: tuple[type[Code], ...] = ()
    entries: tuple[type[Code], ...] = (EntryReason, SizeNote, EntryKind, DropReason)
    exits: tuple[type[Code], ...] = (ExitReason,)
    features: tuple[type[Code], ...] = ()


SHARED = Codes()


def explained(kinds: tuple[type[Code], ...], codes: Iterable[str]) -> dict[str, str]:
    """Return the sentences of those of some codes that are declared."""
    known = meanings(*kinds)
    return {code: known[code] for code in codes if code in known}
