"""A journal's file that is damaged, removed or shared, and the one that takes its place."""

import os
import random
import re
import shutil
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine
from sqlalchemy import text

from actors.journal import sqlite_file
from actors.journal.fallback import FallbackFile
from actors.journal.store import Store
from actors.journal.writer import JournalWriter
from tests.actors.journal_rows import alert_row
from tests.actors.journal_rows import rows
from tests.actors.journal_rows import snapshot_row
from tests.actors.journal_rows import wait_until


LAST = 60
UNREADABLE = "malformed|disk image|database main|not a database"


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with what a process that was killed leaves: half is in the log alone."""
    folder = tmp_path_factory.mktemp("journal")
    store = Store(f"sqlite:///{folder / 'j.sqlite'}")
    for seq in range(1, LAST + 1):
        store.write([("alerts", alert_row(seq)), ("snapshots", snapshot_row(seq, str(seq) * 900))])
        if seq == LAST // 2:
            store._engine.dispose()
    left = tmp_path_factory.mktemp("killed")
    for path in folder.iterdir():
        shutil.copy(path, left)
    store.close()
    sizes = {path.name: path.stat().st_size for path in left.iterdir()}
    assert min(sizes["j.sqlite"], sizes["j.sqlite-wal"]) > 50_000
    return left


@pytest.fixture
def journal(killed: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "journal"
    shutil.copytree(killed, folder)
    folder.chmod(0o700)
    return folder / "j.sqlite"


def whole(path: Path) -> bool:
    engine = create_engine(f"sqlite:///{path}")
    try:
        with engine.connect() as connection:
            count = connection.scalar(text("SELECT count(*) FROM alerts"))
            state = connection.scalar(text("SELECT state FROM snapshots ORDER BY id DESC LIMIT 1"))
    finally:
        engine.dispose()
    return (count, state) == (LAST, str(LAST) * 900)


def wal_of(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def checkpoint(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def head(path: Path, offset: int, new: bytes) -> None:
    checkpoint(path)
    changed(path, offset, new)


def changed(path: Path, offset: int, new: bytes) -> None:
    content = bytearray(path.read_bytes())
    content[offset : offset + len(new)] = new
    path.write_bytes(content)


DAMAGES: dict[str, tuple[Callable[[Path], Any], str]] = {
    "empty": (lambda p: p.write_bytes(b""), "it is empty"),
    "not a database": (lambda p: p.write_bytes(b"no database" * 1_000), UNREADABLE),
    "header": (lambda p: head(p, 0, b"\0" * 100), UNREADABLE),
    "pages": (
        lambda p: changed(p, 4_096, random.Random(7).randbytes(p.stat().st_size - 4_096)),
        UNREADABLE,
    ),
    "read-only by its header": (lambda p: head(p, 18, b"\x05"), "readonly"),
    "gone": (Path.unlink, "it is gone, and its j.sqlite-wal is left"),
    "log's header": (lambda p: changed(wal_of(p), 24, b"\0\0\0\0"), "header of j.sqlite-wal"),
    "frame": (lambda p: changed(wal_of(p), 5_000, b"new" * 20), "commits follow it"),
    "log cut": (
        lambda p: os.truncate(wal_of(p), wal_of(p).stat().st_size // 2),
        "good frames of the",
    ),
    "log gone": (lambda p: wal_of(p).unlink(), "j.sqlite-wal with .* frames is gone"),
    "log's first bytes": (lambda p: os.truncate(wal_of(p), 20), "header of j.sqlite-wal"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_file_is_set_aside_and_the_next_one_works(journal: Path, name: str) -> None:
    damage, fault = DAMAGES[name]
    damage(journal)
    before = {path.name for path in journal.parent.iterdir()} - {"j.sqlite.lock"}
    store = Store(f"sqlite:///{journal}")
    store.open()

    ((kind, told),) = store.notes
    assert kind == "JOURNAL_DAMAGED"
    assert re.search(fault, told), told
    assert store.last_snapshot("T-1", "live", "S") is None
    assert store.write([("snapshots", snapshot_row(1, "new"))]) == []
    store.close()
    kept = [path for path in journal.parent.iterdir() if ".damaged-" in path.name]
    suffixes = {path.name.partition(".sqlite")[2] for path in kept}
    assert suffixes >= {name.removeprefix("j.sqlite") for name in before}

    again = Store(f"sqlite:///{journal}")
    again.open()
    assert (list(again.notes), again.last_snapshot("T-1", "live", "S")) == ([], (1, "new"))
    again.close()


def test_the_journal_of_a_killed_process_is_gone_on_with(journal: Path) -> None:
    store = Store(f"sqlite:///{journal}")
    store.open()
    assert list(store.notes) == []
    store.close()
    assert whole(journal)


def test_a_commit_that_a_kill_has_cut_off_is_no_damage(journal: Path) -> None:
    with wal_of(journal).open("ab") as log:
        log.write(wal_of(journal).read_bytes()[-4_120:-2_000])
    store = Store(f"sqlite:///{journal}")
    store.open()
    assert list(store.notes) == []
    store.close()
    assert whole(journal)


@pytest.mark.parametrize("seed", range(40))
def test_no_damage_goes_unseen_or_stops_the_journal(journal: Path, seed: int) -> None:
    chance = random.Random(seed)
    path = chance.choice([journal, wal_of(journal), journal.with_name("j.sqlite-shm")])
    content = bytearray(path.read_bytes())
    start = chance.choice([chance.randrange(100), chance.randrange(len(content))])
    length = chance.choice([1, 8, 512, 4_096, len(content)])
    match chance.randrange(4):
        case 0:
            content[start : start + length] = chance.randbytes(len(content[start : start + length]))
        case 1:
            content[start : start + length] = bytes(len(content[start : start + length]))
        case 2:
            del content[start:]
        case 3:
            content[start:start] = chance.randbytes(length)
    path.write_bytes(content)

    store = Store(f"sqlite:///{journal}")
    store.open()
    is_set_aside = [kind for kind, _ in store.notes] == ["JOURNAL_DAMAGED"]
    assert is_set_aside or whole(journal)
    assert store.write([("alerts", alert_row(LAST + 1))]) == []
    store.close()
    again = Store(f"sqlite:///{journal}")
    again.open()
    assert list(again.notes) == []
    again.close()


def overwrite(path: Path) -> None:
    for file in (path, wal_of(path)):
        with file.open("r+b") as opened:
            opened.write(random.Random(7).randbytes(file.stat().st_size))


def empty(path: Path) -> None:
    for file in (path, wal_of(path)):
        os.truncate(file, 0)


def remove(path: Path) -> None:
    for file in path.parent.glob("j.sqlite*"):
        file.unlink()


def remove_folder(path: Path) -> None:
    shutil.rmtree(path.parent)


@pytest.mark.parametrize("damage", [overwrite, empty, remove, remove_folder])
def test_a_file_damaged_while_it_is_in_use_costs_no_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: Callable[[Path], None]
) -> None:
    monkeypatch.setattr("actors.journal.writer.CHECK_S", 0.05)
    monkeypatch.setattr("actors.journal.writer.RETRY_S", 0.05)
    path = tmp_path / "journal" / "j.sqlite"
    store = Store(f"sqlite:///{path}")
    writer = JournalWriter(store, FallbackFile(tmp_path / "f.jsonl"), None, 1_000, waits=False)
    writer.start()
    for seq in range(1, 51):
        writer.put("alerts", alert_row(seq))
        writer.put("snapshots", snapshot_row(100 + seq, f"state {seq}"))
    assert writer.flush(10)

    damage(path)

    wait_until(lambda: [kind for kind, _ in store.notes] == ["JOURNAL_DAMAGED"], 10.0)
    writer.put("alerts", alert_row(51))
    wait_until(lambda: writer.failure is None and not writer.waiting, 10.0)
    assert writer.stop(10)
    assert (writer.lost, writer.refused) == (0, 0)
    kept = rows(path, "SELECT seq FROM alerts ORDER BY id")
    assert [row[0] for row in kept] == [*range(1, 52)]
    assert len(store.notes) == 1
    again = Store(f"sqlite:///{path}")
    assert again.last_snapshot("T-1", "live", "S") == (150, "state 50")
    assert list(again.notes) == []
    again.close()


def test_a_file_that_others_have_open_is_not_taken_for_damaged(tmp_path: Path) -> None:
    first = Store(f"sqlite:///{tmp_path / 'j.sqlite'}")
    second = Store(f"sqlite:///{tmp_path / 'j.sqlite'}")
    for seq in range(0, 40, 2):
        first.write([("alerts", alert_row(seq))])
        second.write([("alerts", alert_row(seq + 1, session="other"))])
    assert [kind for kind, _ in (*first.notes, *second.notes) if kind == "JOURNAL_DAMAGED"] == []
    first.close()
    second.close()
    assert rows(tmp_path / "j.sqlite", "SELECT count(*) FROM alerts")[0][0] == 40


def test_a_file_that_another_node_sets_aside_is_followed(tmp_path: Path) -> None:
    path = tmp_path / "j.sqlite"
    first, second = (Store(f"sqlite:///{path}") for _ in range(2))
    first.write([("alerts", alert_row(1))])
    second.write([("alerts", alert_row(2))])
    second.notes.clear()
    overwrite(path)
    first.check({})
    assert any(".damaged-" in file.name for file in tmp_path.iterdir())

    second.write([("alerts", alert_row(3))])

    assert [kind for kind, _ in second.notes] == ["JOURNAL_DAMAGED"]
    assert second.generation == 1
    first.close()
    second.close()
    assert [row[0] for row in rows(path, "SELECT seq FROM alerts")] == [3]


def test_a_node_that_never_lets_go_of_the_folder_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_file, "MUTEX_S", 0.05)
    first = sqlite_file.SqliteFile(str(tmp_path / "j.sqlite"))
    with first.opening():
        store = Store(f"sqlite:///{tmp_path / 'j.sqlite'}")
        with pytest.raises(OSError, match="another process"):
            store.open()
    first.close()
    store.open()
    store.close()


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o277])
def test_folder_and_files_belong_to_their_owner_alone(tmp_path: Path, umask: int) -> None:
    path = tmp_path / "new" / "journal" / "j.sqlite"
    fallback = FallbackFile(tmp_path / "other" / "f.jsonl")
    before = os.umask(umask)
    try:
        store = Store(f"sqlite:///{path}")
        store.write([("alerts", alert_row(1))])
        fallback.append([("alerts", alert_row(2))])
        fallback.keep_damaged([("alerts", {})])
        found = {p.name: (p.is_dir(), stat.S_IMODE(p.stat().st_mode)) for p in tmp_path.rglob("*")}
    finally:
        os.umask(before)
    store.close()
    files = {"j.sqlite", "j.sqlite-wal", "j.sqlite-shm", "j.sqlite.lock", "f.jsonl", "f.damaged"}
    folders = {"new", "journal", "other"}
    assert found == {name: (name in folders, 0o700 if name in folders else 0o600) for name in found}
    assert set(found) == files | folders


def test_files_that_others_could_read_are_closed_to_them_and_folders_are_told(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "journal"
    folder.mkdir(mode=0o755)
    path = folder / "j.sqlite"
    store = Store(f"sqlite:///{path}")
    store.write([("alerts", alert_row(1))])
    store.close()
    path.chmod(0o664)

    store = Store(f"sqlite:///{path}")
    store.open()
    store.close()

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o755
    assert [kind for kind, _ in store.notes] == ["JOURNAL_EXPOSED", "JOURNAL_EXPOSED"]
    assert "j.sqlite" in store.notes[0][1]
    assert "chmod 700" in store.notes[1][1]
