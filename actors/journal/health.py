"""Report failures of the journal's database and of its fallback file as alerts."""

from collections.abc import Callable

from actors.journal.fallback import FallbackFile
from actors.journal.store import Store
from actors.journal.writer import JournalWriter


REPEAT_NS = 15 * 60_000_000_000
RESTORED = "JOURNAL_RESTORED"
AT_START = (
    "; trades, orders and the result of the day before it are not known: compare with the venue "
    "before `activate`"
)
MEANWHILE = "; it gets the last rows and states of this process, and trading goes on"


class JournalHealth:
    """
    Compares the state of the journal's parts with what was reported last.

    Parameters
    ----------
    writer : JournalWriter
        Writes the rows.
    store : Store
        The database.
    fallback : FallbackFile
        The file for the rows that the database does not take.
    alert : Callable[[str, str, float | None], None]
        Receives each alert: its kind, text and value.

    """

    def __init__(
        self,
        writer: JournalWriter,
        store: Store,
        fallback: FallbackFile,
        alert: Callable[[str, str, float | None], None],
    ) -> None:
        self._writer = writer
        self._store = store
        self._fallback = fallback
        self._alert = alert
        self._failed_at: int | None = None
        self._is_stuck = self._has_begun = False
        self._refused = 0
        self._lost = {"lost": 0, "overflow": 0, "log_lost": 0}

    def check(self, now: int) -> None:
        """Report changes; a lasting failure is repeated (`now` in ns UTC)."""
        self._check_database(now)
        self._check_waiting()
        self._report_notes()
        self._check_rows()

    def _check_database(self, now: int) -> None:
        failure = self._writer.failure
        if failure is None:
            if self._failed_at is not None:
                self._failed_at, self._is_stuck = None, False
                self._alert(RESTORED, "the journal's database takes rows again", None)
        elif self._failed_at is None or now - self._failed_at >= REPEAT_NS:
            self._failed_at = now
            text = f"rows go to {self._fallback.path.name}, trading goes on: {failure}"
            self._alert("JOURNAL_FAILED", text, None)

    def _check_waiting(self) -> None:
        waiting, was_stuck = self._writer.waiting, self._is_stuck
        self._is_stuck = bool(waiting)
        if was_stuck and not waiting:
            self._alert(RESTORED, f"{self._fallback.path.name} takes rows again", None)
        elif waiting and not was_stuck:
            failure = self._writer.failure
            text = f"neither database nor file takes rows: nothing is entered: {failure}"
            self._alert("JOURNAL_STUCK", text, float(waiting))

    def _report_notes(self) -> None:
        while self._store.notes:
            kind, text = self._store.notes.popleft()
            if kind == "JOURNAL_DAMAGED":
                text += MEANWHILE if self._has_begun else AT_START
            self._alert(kind, text, None)
        self._has_begun = True

    def _check_rows(self) -> None:
        writer = self._writer
        if writer.refused > self._refused:
            self._refused = writer.refused
            text = (
                f"{writer.refused} rows are not in the journal, kept in "
                f"{self._fallback.damaged_path.name}: {writer.refusal}"
            )
            self._alert("JOURNAL_REFUSED", text, float(writer.refused))
        for name, before in self._lost.items():
            count = getattr(writer, name)
            if count > before:
                self._lost[name] = count
                text = f"{count} rows of the journal are lost ({name}): check disk and database"
                self._alert("JOURNAL_LOST", text, float(count))
