"""A journal of another version of the program: gone on with, or refused in one line."""

import sqlite3
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import closing
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Column
from sqlalchemy import Connection
from sqlalchemy import Index
from sqlalchemy import Integer
from sqlalchemy import MetaData
from sqlalchemy import Table
from sqlalchemy import Text
from sqlalchemy import create_engine
from sqlalchemy import inspect
from sqlalchemy import text

from actors.journal.fallback import FallbackFile
from actors.journal.migrations import STEPS
from actors.journal.migrations import Step
from actors.journal.migrations import migrate
from actors.journal.migrations import migrated_row
from actors.journal.store import Store
from actors.journal.tables import METADATA
from actors.journal.tables import SCHEMA_VERSION
from actors.journal.writer import JournalWriter
from errors import UsageError
from tests.actors.journal_rows import alert_row
from tests.actors.journal_rows import rows
from tests.actors.journal_rows import snapshot_row
from tests.actors.journal_rows import wait_until


def schema_script(version: int) -> str:
    """Return the statements that make a journal of a schema: those of each schema up to it."""
    files = [Path(__file__).with_name(f"journal_schema_{n}.sql") for n in range(1, version + 1)]
    return "\n".join(file.read_text() for file in files)


FIRST, LAST = schema_script(1), schema_script(SCHEMA_VERSION)


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """Return a journal of the last schema, with a row."""
    return written(tmp_path, LAST)


@pytest.fixture
def first_journal(tmp_path: Path) -> Path:
    """Return a journal of the first schema, with a row."""
    return written(tmp_path, FIRST)


def written(folder: Path, schema: str) -> Path:
    path = folder / "journal" / "j.sqlite"
    path.parent.mkdir(mode=0o700)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(schema)
        names = [*alert_row(1)]
        marks = ", ".join("?" for _ in names)
        statement = f"INSERT INTO alerts ({', '.join(names)}) VALUES ({marks})"
        connection.execute(statement, [*alert_row(1).values()])
        connection.commit()
    path.chmod(0o600)
    return path


def run_sql(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(statement)


def columns_of(connection: Connection) -> dict[str, dict[str, str]]:
    found = inspect(connection)
    return {
        table: {c["name"]: f"{c['type']} {c['nullable']}" for c in found.get_columns(table)}
        for table in found.get_table_names()
    }


def test_a_change_of_a_table_raises_the_schema_and_has_a_step(tmp_path: Path) -> None:
    # A column that is renamed, added or of another type fails here: see actors.journal.migrations.
    engines = [create_engine(f"sqlite:///{tmp_path / name}") for name in ("last", "now")]
    found = []
    with closing(sqlite3.connect(tmp_path / "last")) as connection:
        connection.executescript(LAST)
    for engine, is_last in zip(engines, (True, False), strict=True):
        with engine.begin() as connection:
            if not is_last:
                METADATA.create_all(connection)
            found.append(columns_of(connection))
        engine.dispose()
    assert sorted(STEPS) == list(range(1, SCHEMA_VERSION))
    assert found[0] == found[1]


def test_the_first_schema_gets_the_columns_of_the_last(first_journal: Path, tmp_path: Path) -> None:
    store = Store(f"sqlite:///{first_journal}")
    store.open()
    store.close()
    found = []
    for path in (first_journal, tmp_path / "now.sqlite"):
        engine = create_engine(f"sqlite:///{path}")
        with engine.begin() as connection:
            METADATA.create_all(connection)
            found.append(columns_of(connection))
        engine.dispose()
    assert found[0] == found[1]
    assert rows(first_journal, "SELECT value FROM meta")[0][0] == str(SCHEMA_VERSION)


def test_the_first_schema_is_gone_on_with(first_journal: Path) -> None:
    store = Store(f"sqlite:///{first_journal}")
    assert store.write([("alerts", alert_row(2)), ("snapshots", snapshot_row(3, "x"))]) == []
    store.close()
    assert [kind for kind, _ in store.notes if kind == "JOURNAL_DAMAGED"] == []
    seen = rows(first_journal, "SELECT seq FROM alerts ORDER BY id")
    assert [row[0] for row in seen] == [1, 2]


@pytest.mark.parametrize("version", [str(SCHEMA_VERSION + 1), "9", "99999999"])
def test_a_newer_journal_is_refused_in_one_line_and_left_alone(journal: Path, version: str) -> None:
    run_sql(journal, f"UPDATE meta SET value = '{version}'")
    store = Store(f"sqlite:///{journal}")
    with pytest.raises(UsageError, match=f"has schema {version}, .* newer version") as refused:
        store.open()
    assert "\n" not in str(refused.value)
    assert refused.value.exit_code == 2
    assert [path.name for path in journal.parent.glob("*damaged*")] == []
    assert rows(journal, "SELECT value FROM meta")[0][0] == version
    assert rows(journal, "SELECT count(*) FROM alerts")[0][0] == 1


def test_a_database_of_another_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite"
    run_sql(path, "CREATE TABLE alerts (name TEXT); CREATE TABLE users (name TEXT)")
    store = Store(f"sqlite:///{path}")
    with pytest.raises(UsageError, match="name another database"):
        store.open()
    assert [path.name for path in tmp_path.glob("*damaged*")] == []
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM users").fetchone() == (0,)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE meta SET value = 'one'",
        "UPDATE meta SET value = '0'",
        "UPDATE meta SET value = '-1'",
        "DELETE FROM meta",
        "DROP TABLE meta",
        "ALTER TABLE fills RENAME COLUMN side TO sidf",
        "ALTER TABLE fills RENAME COLUMN id TO ie",
    ],
)
def test_a_journal_whose_tables_are_those_of_no_schema_is_set_aside(
    journal: Path, damage: str
) -> None:
    run_sql(journal, damage)
    store = Store(f"sqlite:///{journal}")
    assert store.write([("alerts", alert_row(2))]) == []
    store.close()
    assert [kind for kind, _ in store.notes] == ["JOURNAL_DAMAGED"]
    assert [row[0] for row in rows(journal, "SELECT seq FROM alerts")] == [2]
    (kept,) = journal.parent.glob("j.damaged-*.sqlite")
    assert rows(kept, "SELECT count(*) FROM alerts")[0][0] == 1


def drop_column(path: Path) -> None:
    run_sql(path, "ALTER TABLE alerts DROP COLUMN value")


def drop_required_column(path: Path) -> None:
    run_sql(path, "ALTER TABLE alerts DROP COLUMN text")


def drop_table(path: Path) -> None:
    run_sql(path, "DROP TABLE snapshots")


MISSING: dict[str, Callable[[Path], None]] = {
    "column alerts.value was missing": drop_column,
    "column alerts.text was missing": drop_required_column,
    "table snapshots was missing": drop_table,
}


@pytest.mark.parametrize("told", MISSING)
def test_a_missing_column_or_table_is_added_and_told(journal: Path, told: str) -> None:
    MISSING[told](journal)
    store = Store(f"sqlite:///{journal}")
    row = {**alert_row(2), "value": 2.5}
    assert store.write([("alerts", row), ("snapshots", snapshot_row(3, "x"))]) == []
    assert [note for note in store.notes if note[0] == "JOURNAL_MIGRATED"] == [
        ("JOURNAL_MIGRATED", f"sqlite:///{journal}: {told}")
    ]
    store.close()
    kept = rows(journal, "SELECT text, value FROM alerts ORDER BY id")
    assert kept[1] == ("t", 2.5)
    assert kept[0] in (("t", None), (None, None))


@pytest.mark.parametrize("told", MISSING)
def test_a_column_or_table_lost_while_in_use_keeps_no_row_in_the_fallback(
    tmp_path: Path, journal: Path, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actors.journal.writer.RETRY_S", 0.05)
    monkeypatch.setattr("actors.journal.writer.CHECK_S", 60.0)
    store = Store(f"sqlite:///{journal}")
    fallback = FallbackFile(tmp_path / "f.jsonl")
    writer = JournalWriter(store, fallback, None, 1_000, waits=False)
    writer.start()
    writer.put("alerts", alert_row(2))
    assert writer.flush(10)
    MISSING[told](journal)
    for seq in range(3, 20):
        writer.put("alerts", alert_row(seq))
        writer.put("snapshots", snapshot_row(100 + seq, "x"))
    wait_until(lambda: writer.failure is None and not fallback.path.exists(), 10.0)
    assert writer.stop(10)
    assert (writer.lost, writer.refused, fallback.path.exists()) == (0, 0, False)
    assert [row[0] for row in rows(journal, "SELECT seq FROM alerts ORDER BY seq")] == [
        *range(1, 20)
    ]
    assert "JOURNAL_MIGRATED" in [kind for kind, _ in store.notes]


# Three schemas of a small journal: the second renames a column, the third adds one and a table.
def tables(version: int) -> MetaData:
    metadata = MetaData()
    Table("meta", metadata, Column("key", Text, primary_key=True), Column("value", Text))
    words = "text" if version == 1 else "words"
    notes = [Column("id", Integer, primary_key=True), Column(words, Text, nullable=False)]
    if version == 3:
        notes += [Column("mood", Text, nullable=False)]
        Table("moods", metadata, Column("id", Integer, primary_key=True), Column("mood", Text))
    table = Table("notes", metadata, *notes)
    if version == 3:
        Index("notes_mood", table.c.mood)
    return metadata


def rename(connection: Connection) -> None:
    connection.execute(text("ALTER TABLE notes RENAME COLUMN text TO words"))


def rename_in_row(table: str, row: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return table, {"words" if name == "text" else name: value for name, value in row.items()}


def fail_half_way(connection: Connection) -> None:
    rename(connection)
    raise RuntimeError("half way")


PLAN = {1: Step(rename, rename_in_row), 2: Step(lambda _: None)}


@contextmanager
def sqlite_engine(folder: Path, _: Any) -> Iterator[Any]:
    store = Store(f"sqlite:///{folder / 'small.sqlite'}")
    yield store._engine
    store.close()


@contextmanager
def postgres_engine(_: Path, server: Any) -> Iterator[Any]:
    store = Store(server["url"])
    with store._engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    yield store._engine
    store.close()


@pytest.fixture(params=["sqlite", "postgres"])
def small(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """Return a database of the small journal's first schema, with a row."""
    is_sqlite = request.param == "sqlite"
    server = None if is_sqlite else request.getfixturevalue("postgres")
    with (sqlite_engine if is_sqlite else postgres_engine)(tmp_path, server) as engine:
        with engine.begin() as connection:
            assert migrate(connection, "small", tables(1), 1, {}) == []
            connection.execute(text("INSERT INTO notes (text) VALUES ('hello')"))
        yield SimpleNamespace(engine=engine)


def test_each_step_leads_to_the_next_schema(small: Any) -> None:
    with small.engine.begin() as connection:
        assert migrate(connection, "small", tables(2), 2, PLAN) == ["schema 1 is now 2"]
    with small.engine.begin() as connection:
        assert connection.scalar(text("SELECT words FROM notes")) == "hello"
        changes = migrate(connection, "small", tables(3), 3, PLAN)
    assert changes == [
        "schema 2 is now 3",
        "table moods was missing",
        "column notes.mood was missing",
    ]
    with small.engine.begin() as connection:
        assert tuple(connection.execute(text("SELECT words, mood FROM notes")).one()) == (
            "hello",
            None,
        )
        assert connection.scalar(text("SELECT value FROM meta")) == "3"
        assert migrate(connection, "small", tables(3), 3, PLAN) == []


def test_several_steps_are_taken_at_once_and_a_newer_schema_is_refused(small: Any) -> None:
    with small.engine.begin() as connection:
        migrate(connection, "small", tables(3), 3, PLAN)
    with small.engine.begin() as connection, pytest.raises(UsageError, match="has schema 3"):
        migrate(connection, "small", tables(2), 2, PLAN)
    with small.engine.begin() as connection:
        assert connection.scalar(text("SELECT words FROM notes")) == "hello"


def test_a_step_that_fails_changes_nothing(small: Any) -> None:
    plan = {**PLAN, 1: Step(fail_half_way)}
    with pytest.raises(RuntimeError, match="half way"), small.engine.begin() as connection:
        migrate(connection, "small", tables(2), 2, plan)
    with small.engine.begin() as connection:
        assert connection.scalar(text("SELECT text FROM notes")) == "hello"
        assert connection.scalar(text("SELECT value FROM meta")) == "1"
        assert migrate(connection, "small", tables(2), 2, PLAN) == ["schema 1 is now 2"]


def test_a_row_of_an_older_program_takes_the_same_steps() -> None:
    assert migrated_row("notes", {"text": "hello"}, 1, 3, PLAN) == ("notes", {"words": "hello"})
    assert migrated_row("notes", {"words": "hello"}, 2, 3, PLAN) == ("notes", {"words": "hello"})


def test_postgres_takes_a_missing_column_and_refuses_a_newer_schema(postgres: Any) -> None:
    with postgres_engine(Path(), postgres) as engine:
        store = Store(postgres["url"])
        store.open()
        with engine.begin() as connection:
            connection.execute(text("ALTER TABLE alerts DROP COLUMN value"))
        with pytest.raises(Exception, match="value"):
            store.write([("alerts", alert_row(1))])
        assert store.write([("alerts", alert_row(1))]) == []
        assert store.notes[0][1].endswith("column alerts.value was missing")
        assert "word" not in store.notes[0][1]
        refused = store.write(
            [("alerts", {**alert_row(2), "text": "\0"}), ("alerts", alert_row(3))]
        )
        assert [place for place, _ in refused] == [0]
        with engine.begin() as connection:
            assert connection.scalar(text("SELECT count(*) FROM alerts")) == 2
            connection.execute(text(f"UPDATE meta SET value = '{SCHEMA_VERSION + 1}'"))
        store.close()
        with pytest.raises(UsageError, match=f"has schema {SCHEMA_VERSION + 1}") as error:
            store.open()
        assert "word" not in str(error.value)
        store.close()
