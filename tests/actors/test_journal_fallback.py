"""The file that takes rows while the database takes none: one bad line costs no other."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from actors.journal.fallback import LONGEST_LINE
from actors.journal.fallback import FallbackFile
from actors.journal.store import Store
from actors.journal.writer import JournalWriter
from tests.actors.journal_rows import alert_row
from tests.actors.journal_rows import rows
from tests.actors.journal_rows import snapshot_row
from tests.actors.journal_rows import wait_until


def line(table: str, row: Any, **more: Any) -> bytes:
    return json.dumps({"table": table, "row": row, **more}).encode()


BAD = {
    "not UTF-8": (b'{"table": "snap\xff', "not UTF-8"),
    "NULs": (b"\0" * 64, "not "),
    "cut": (b'{"table": "al', "not JSON"),
    "a list": (b"[]", "no row of a table"),
    "a number": (b"7", "no row of a table"),
    "null": (b"null", "no row of a table"),
    "no row": (b'{"table": "alerts"}', "no row of a table"),
    "a row of text": (line("alerts", "text"), "alerts: no row"),
    "unknown table": (line("nope", {}), "unknown table 'nope'"),
    "no name": (line("meta", {"key": "schema", "value": "1"}), "unknown table 'meta'"),
    "a table of lists": (line(["alerts"], {}), "unknown table"),  # type: ignore[arg-type]
    "beyond 64 bits": (line("alerts", {**alert_row(1), "seq": 10**30}), "alerts.seq: not an int"),
    "thousands of digits": (b'{"table": ' + b"9" * 10_000 + b"}", "not JSON"),
    "deep": (b"[" * 200_000, "not JSON"),
    "null where none may be": (line("alerts", {**alert_row(1), "mode": None}), "alerts.mode: miss"),
    "missing column": (line("alerts", {"seq": 1}), "alerts.session: missing"),
    "text as number": (line("alerts", {**alert_row(1), "ts_init": "x"}), "alerts.ts_init: not an"),
    "NaN": (
        line("snapshots", {**snapshot_row(1, "x"), "state": float("nan")}),
        "state: not a text",
    ),
    "flag as number": (line("alerts", {**alert_row(1), "seq": True}), "alerts.seq: not an"),
    "too long a name": (line("alerts", {**alert_row(1), "session": "s" * 81}), "at most 80"),
    "half a character": (line("alerts", {**alert_row(1), "text": "\ud800"}), "surrogates"),
    "a newer schema": (line("alerts", alert_row(1), schema=99), "of schema 99"),
    "no schema": (line("alerts", alert_row(1), schema="x"), "of schema x"),
    "longer than memory should hold": (b"x" * (LONGEST_LINE + 10), "longer than"),
}


@pytest.fixture
def fallback(tmp_path: Path) -> FallbackFile:
    return FallbackFile(tmp_path / "f.jsonl")


@pytest.fixture
def store(tmp_path: Path) -> Any:
    found = Store(f"sqlite:///{tmp_path / 'j.sqlite'}")
    yield found
    found.close()


@pytest.mark.parametrize("name", BAD)
def test_a_bad_line_is_kept_and_all_rows_behind_it_are_written(
    tmp_path: Path, fallback: FallbackFile, store: Store, name: str
) -> None:
    bad, fault = BAD[name]
    fallback.append([("snapshots", snapshot_row(1, "before"))])
    with fallback.path.open("ab") as file:
        file.write(bad + b"\n")
    fallback.append([("snapshots", snapshot_row(2, "behind")), ("alerts", alert_row(3))])
    assert fallback.last_snapshot("T-1", "live", "S") == (2, "behind")
    writer = JournalWriter(store, fallback, None, 1_000, waits=False)
    writer.start()
    for seq in range(4, 34):
        writer.put("alerts", alert_row(seq))
    assert writer.flush(20)
    assert writer.stop(10)

    assert (writer.lost, writer.fallen_back, writer.failure) == (0, 0, None)
    assert writer.refused in (1, 2)
    assert fault in writer.refusal
    kept = rows(tmp_path / "j.sqlite", "SELECT seq FROM alerts ORDER BY id")
    assert [row[0] for row in kept] == [*range(3, 34)]
    assert store.last_snapshot("T-1", "live", "S") == (2, "behind")
    assert not fallback.path.exists()
    assert fallback.damaged_path.read_bytes().replace(b"\n", b"") == bad


def test_a_row_with_a_column_of_another_program_is_taken_without_it(
    fallback: FallbackFile, store: Store
) -> None:
    fallback.append([("snapshots", {**snapshot_row(1, "state"), "more": 1})])
    moved = fallback.move_into(store)
    assert (moved.written, moved.damaged) == (1, 1)
    assert moved.fault == "snapshots: taken without more"
    assert store.last_snapshot("T-1", "live", "S") == (1, "state")


def test_damaged_lines_are_added_to_those_of_before(fallback: FallbackFile, store: Store) -> None:
    for bad in (b"first\n", b"second\n"):
        fallback.path.write_bytes(bad)
        assert fallback.move_into(store).damaged == 1
    assert fallback.damaged_path.read_bytes() == b"first\nsecond\n"


def test_a_row_that_only_the_database_refuses_costs_no_other_of_its_batch(
    tmp_path: Path, store: Store
) -> None:
    fallback = FallbackFile(tmp_path / "f.jsonl")
    writer = JournalWriter(store, fallback, None, 1_000, waits=False)
    writer.put("snapshots", snapshot_row(1, "good"))
    writer.put("snapshots", snapshot_row(2, "half a character: \ud800"))
    writer.put("alerts", alert_row(3))
    writer.start()
    assert writer.stop(10)
    assert (writer.written, writer.refused, writer.lost, writer.failure) == (2, 1, 0, None)
    assert rows(tmp_path / "j.sqlite", "SELECT seq FROM alerts")[0][0] == 3
    assert store.last_snapshot("T-1", "live", "S") == (1, "good")
    assert "ud800" in fallback.damaged_path.read_text()


def test_a_failure_while_the_file_is_moved_costs_no_new_rows(
    tmp_path: Path, store: Store, fallback: FallbackFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actors.journal.writer.RETRY_S", 0.05)
    fallback.append(("alerts", alert_row(seq)) for seq in range(1_200))
    write = Store.write
    is_broken = True

    def fail(self: Store, entries: Any) -> Any:
        found = list(entries)
        if is_broken and any(row["seq"] >= 600 for _, row in found):
            raise RuntimeError("something nobody has thought of")
        return write(self, found)

    monkeypatch.setattr(Store, "write", fail)
    writer = JournalWriter(store, fallback, None, 10_000, waits=False)
    writer.start()
    for seq in range(1_200, 1_300):
        writer.put("alerts", alert_row(seq))
    assert writer.flush(10)
    assert writer.failure == "RuntimeError: something nobody has thought of"
    assert (writer.lost, writer.fallen_back) == (0, 100)

    is_broken = False
    wait_until(lambda: writer.failure is None, 10.0)
    assert writer.stop(10)
    kept = rows(tmp_path / "j.sqlite", "SELECT seq FROM alerts ORDER BY seq")
    assert [row[0] for row in kept] == [*range(1_300)]
    assert (writer.lost, fallback.path.exists()) == (0, False)


def test_lines_that_no_disk_takes_stay_in_the_file(
    tmp_path: Path, store: Store, fallback: FallbackFile
) -> None:
    fallback.path.write_bytes(b"bad\n" + line("alerts", alert_row(1)) + b"\n")
    fallback.damaged_path.mkdir()
    with pytest.raises(OSError, match="directory"):
        fallback.move_into(store)
    assert len(fallback.path.read_bytes().splitlines()) == 2
    fallback.damaged_path.rmdir()
    assert fallback.move_into(store).damaged == 1
    assert rows(tmp_path / "j.sqlite", "SELECT count(*) FROM alerts")[0][0] == 1


def test_a_database_that_cannot_be_reached_leaves_the_file_alone(tmp_path: Path) -> None:
    fallback = FallbackFile(tmp_path / "f.jsonl")
    fallback.append([("alerts", alert_row(1))])
    (tmp_path / "j.sqlite").mkdir()
    store = Store(f"sqlite:///{tmp_path / 'j.sqlite'}")
    with pytest.raises((OSError, OperationalError)):
        fallback.move_into(store)
    assert [row["seq"] for _, row in fallback.entries()] == [1]
    store.close()


@pytest.mark.parametrize("seed", range(60))
def test_no_content_of_the_file_stops_the_journal(
    tmp_path: Path, store: Store, fallback: FallbackFile, seed: int
) -> None:
    chance = random.Random(seed)
    good = [("alerts", alert_row(seq)) for seq in range(20)]
    good += [("snapshots", snapshot_row(20 + seq, "s" * 50)) for seq in range(20)]
    fallback.append(good)
    content = bytearray(fallback.path.read_bytes())
    for _ in range(chance.choice([1, 3, 30])):
        start = chance.randrange(len(content))
        length = chance.choice([1, 1, 7, 300])
        match chance.randrange(4):
            case 0:
                content[start] ^= 1 << chance.randrange(8)
            case 1:
                content[start : start + length] = chance.randbytes(length)
            case 2:
                content[start:start] = chance.choice([b"\n", b"\0", b'"', b"}", b"null", b"9" * 40])
            case 3:
                del content[start : start + length]
    fallback.path.write_bytes(content)
    lines = len([part for part in content.split(b"\n") if part])
    usable = sum(entry is not None for entry in (one.entry for one in fallback.lines()))
    fallback.last_snapshot("T-1", "live", "S")

    moved = fallback.move_into(store)

    refused = 0
    if fallback.damaged_path.exists():
        refused = len([x for x in fallback.damaged_path.read_bytes().split(b"\n") if x])
    assert (moved.damaged, fallback.path.exists()) == (refused, False)
    assert moved.written <= usable <= lines <= moved.written + moved.damaged
    assert store.write([("alerts", alert_row(100))]) == []
