"""The journal of a run: all of it is there, in order, and nothing waits for the disk."""

import json
import resource
import subprocess
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from nautilus_trader.model.events import OrderFilled
from sqlalchemy import create_engine
from sqlalchemy import text

from actors.journal import JournalActor
from actors.journal import JournalActorConfig
from actors.journal.fallback import FallbackFile
from actors.journal.fallback import Moved
from actors.journal.store import Store
from actors.journal.writer import JournalWriter
from actors.messages import Alert
from actors.messages import Decision
from actors.messages import TradeEvent
from configs.loader import load_backtest
from errors import UsageError
from tests.actors.journal_rows import alert_row
from tests.actors.journal_rows import rows
from tests.actors.journal_rows import snapshot_row
from tests.actors.journal_rows import wait_until
from tests.checks import some
from tests.engines import run_node
from tests.markets import MINUTE
from tests.markets import iso
from tests.markets import vector_stream
from tests.markets import write_vector_catalog
from tests.seed_rules import SEED_RULES


@pytest.fixture(scope="module")
def journaled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any, dict[str, list[Any]]]:
    folder = tmp_path_factory.mktemp("journal")
    catalog = write_vector_catalog(folder / "catalog")
    seen: dict[str, list[Any]] = {"decisions": [], "trade_events": []}
    run = load_backtest(
        "btc_value_area",
        overrides=[f"catalog={catalog}", f"end='{iso(vector_stream()[1])}'", *SEED_RULES],
    )

    def prepare(engine: Any) -> None:
        config = JournalActorConfig(
            mode="backtest",
            database=f"sqlite:///{folder / 'j.sqlite'}",
            log=str(folder / "log.jsonl"),
        )
        engine.add_actor(JournalActor(config))
        for cls, name in ((Decision, "decisions"), (TradeEvent, "trade_events")):
            engine.kernel.msgbus.subscribe(topic=cls.topic(), handler=seen[name].append)

    engine = run_node(run, prepare)
    (journal,) = [a for a in engine.trader.actors() if isinstance(a, JournalActor)]
    assert journal.writer is not None
    assert journal.writer.flush(10)
    yield folder, engine, seen
    engine.dispose()
    assert not journal.writer._thread.is_alive()


def test_every_decision_and_trade_event_is_there_in_order(journaled: Any) -> None:
    folder, _, seen = journaled
    for table, messages in some(seen.items()):
        kept = rows(folder / "j.sqlite", f"SELECT * FROM {table} ORDER BY seq")
        assert len(kept) == len(messages) > 20
        for row, message in zip(kept, messages, strict=True):
            values = {name: row._mapping[name] for name in message.to_dict()}
            assert values == message.to_dict()
            assert row.mode == "backtest"


def test_every_order_event_and_fill_is_there(journaled: Any) -> None:
    folder, engine, _ = journaled
    cache = engine.kernel.cache
    expected: Counter[tuple[str, str]] = Counter()
    fills = []
    for order in cache.orders():
        for event in order.events:
            expected[order.client_order_id.value, type(event).__name__] += 1
            if isinstance(event, OrderFilled):
                fills.append((event.trade_id.value, str(event.last_qty), str(event.last_px)))
    path = folder / "j.sqlite"

    told = rows(path, "SELECT client_order_id, event FROM order_events")
    kept = rows(path, "SELECT trade_id, quantity, price FROM fills")

    assert Counter((row[0], row[1]) for row in told) == expected
    assert sorted(tuple(row) for row in kept) == sorted(fills)
    assert len(fills) > 20


def test_slippage_of_a_fill_is_positive_where_it_is_worse(journaled: Any) -> None:
    folder, _, _ = journaled
    found = rows(
        folder / "j.sqlite",
        "SELECT side, role, price, reference, slippage FROM fills WHERE role = 'EXIT'",
    )
    assert len(found) > 5
    for row in found:
        sign = 1 if row.side == "BUY" else -1
        assert row.slippage == pytest.approx(sign * (float(row.price) - row.reference), abs=1e-6)
    assert sum(row.slippage for row in found) > 0


def test_positions_and_snapshots_are_there_and_snapshots_are_few(journaled: Any) -> None:
    folder, _, _ = journaled
    path = folder / "j.sqlite"
    events = Counter(row[0] for row in rows(path, "SELECT event FROM positions"))
    snapshots = rows(path, "SELECT seq, state FROM snapshots ORDER BY seq")

    assert events["PositionOpened"] >= 10
    assert events["PositionClosed"] >= 10
    assert len(snapshots) == 100
    assert rows(path, "SELECT max(seq) FROM snapshots")[0][0] == snapshots[-1].seq


def test_log_has_a_line_a_minute_and_the_life_of_orders(journaled: Any) -> None:
    folder, _, seen = journaled
    lines = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    minutes = [line for line in lines if line["type"] == "features"]
    filled = [line for line in lines if line.get("event") == "OrderFilled"]
    first, last = minutes[0]["ts_min"], minutes[-1]["ts_min"]

    assert [m["ts_min"] for m in minutes] == list(range(first, last + 1, 60 * 10**9))
    assert len(minutes) == len(seen["decisions"])
    assert filled
    assert all(line["sent_ms"] >= (line["accepted_ms"] or 0) >= 0 for line in filled)
    assert all({"fee", "slippage", "fill_price"} <= line.keys() for line in filled)


def test_run_goes_on_without_its_database_and_says_so(journaled: Any, tmp_path: Path) -> None:
    folder, _, seen = journaled
    (tmp_path / "gone").write_text("a file where the folder should be")
    alerts: list[Alert] = []
    decisions: list[Decision] = []
    run = load_backtest(
        "btc_value_area",
        overrides=[
            f"catalog={folder / 'catalog'}",
            f"end='{iso(vector_stream()[0] + 270 * MINUTE)}'",
            *SEED_RULES,
        ],
    )

    def prepare(engine: Any) -> None:
        config = JournalActorConfig(
            mode="backtest",
            database=f"sqlite:///{tmp_path / 'gone' / 'j.sqlite'}",
            fallback=str(tmp_path / "fallback"),
        )
        engine.add_actor(JournalActor(config))
        engine.kernel.msgbus.subscribe(topic=Alert.topic(), handler=alerts.append)
        engine.kernel.msgbus.subscribe(topic=Decision.topic(), handler=decisions.append)

    engine = run_node(run, prepare)
    (journal,) = [a for a in engine.trader.actors() if isinstance(a, JournalActor)]
    assert journal.writer is not None
    assert journal.writer.flush(10)
    engine.dispose()

    told = [alert for alert in alerts if alert.kind.startswith("JOURNAL")]
    assert told[0].kind == "JOURNAL_FAILED"
    assert {alert.kind for alert in told} == {"JOURNAL_FAILED"}
    gaps = [b.ts_event - a.ts_event for a, b in pairwise(told)]
    assert min(gaps) >= 15 * MINUTE
    assert len(decisions) == 270
    assert [d.to_dict() for d in decisions] == [d.to_dict() for d in seen["decisions"][:270]]
    (path,) = (tmp_path / "fallback").iterdir()
    tables = Counter(table for table, _ in FallbackFile(path).entries())
    assert tables["decisions"] == len(decisions)
    assert journal.writer.lost == 0


def test_the_last_hundred_snapshots_of_each_strategy_are_kept(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'j.sqlite'}")
    for start in range(0, 240, 40):
        for strategy in ("A", "B"):
            store.write(
                ("snapshots", {**snapshot_row(2 * n + (strategy == "B"), str(n), strategy)})
                for n in range(start, start + 40)
            )

    kept = rows(tmp_path / "j.sqlite", "SELECT strategy_id, state FROM snapshots ORDER BY seq")
    for strategy in ("A", "B"):
        assert [row[1] for row in kept if row[0] == strategy] == [str(n) for n in range(140, 240)]
        assert store.last_snapshot("T-1", "live", strategy) == (478 + (strategy == "B"), "239")
    assert store.last_snapshot("T-1", "paper", "A") is None
    store.close()


def test_the_latest_snapshot_is_the_last_one_written_whatever_its_clock_says(
    tmp_path: Path,
) -> None:
    store = Store(f"sqlite:///{tmp_path / 'j.sqlite'}")
    store.write(("snapshots", snapshot_row(1_000 + n, f"ahead {n}")) for n in range(100))
    store.write([("snapshots", snapshot_row(1, "put right"))])

    assert store.last_snapshot("T-1", "live", "S") == (1, "put right")
    store.close()


def test_another_schema_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "j.sqlite"
    store = Store(f"sqlite:///{path}")
    store.write([("alerts", alert_row(1))])
    store.close()
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.execute(text("UPDATE meta SET value = '9'"))
    engine.dispose()

    with pytest.raises(UsageError, match="schema 9"):
        Store(f"sqlite:///{path}").open()


@pytest.mark.parametrize("url", ["mysql://h/d", "nonsense", "sqlite://"])
def test_address_that_cannot_be_used_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="journal"):
        Store(url)


def test_password_in_the_configuration_is_refused() -> None:
    with pytest.raises(UsageError, match="JOURNAL_URL") as error:
        JournalActorConfig(database="postgresql://me:secret@127.0.0.1/x")
    assert "secret" not in str(error.value)


def test_rows_go_to_the_file_while_the_database_is_gone_and_back(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("actors.journal.writer.RETRY_S", 0.05)
    database = tmp_path / "gone" / "j.sqlite"
    (tmp_path / "gone").write_text("a file where the folder should be")
    store = Store(f"sqlite:///{database}")
    fallback = FallbackFile(tmp_path / "fallback.jsonl")
    writer = JournalWriter(store, fallback, None, 1000, waits=False)
    writer.start()
    for seq in range(10):
        writer.put("alerts", alert_row(seq))
    writer.put("snapshots", snapshot_row(10, "kept"))
    assert writer.flush(5)
    assert writer.failure is not None
    assert (writer.written, writer.fallen_back, writer.lost) == (0, 11, 0)
    assert fallback.last_snapshot("T-1", "live", "S") == (10, "kept")

    (tmp_path / "gone").unlink()
    wait_until(lambda: writer.failure is None)
    writer.put("alerts", alert_row(11))
    assert writer.stop(5)

    assert not fallback.path.exists()
    assert [row[0] for row in rows(database, "SELECT seq FROM alerts ORDER BY id")] == [
        *range(10),
        11,
    ]
    assert store.last_snapshot("T-1", "live", "S") == (10, "kept")
    store.close()


def test_rows_that_neither_takes_are_counted_and_nothing_waits(tmp_path: Path) -> None:
    (tmp_path / "gone").write_text("a file where the folder should be")
    store = Store(f"sqlite:///{tmp_path / 'gone' / 'j.sqlite'}")
    writer = JournalWriter(store, FallbackFile(tmp_path / "gone" / "f.jsonl"), None, 4, waits=False)
    # Nobody takes rows yet: one that waited for room would wait for ever.
    for seq in range(10):
        writer.put("alerts", alert_row(seq))
    assert writer.overflow == 6
    writer.start()
    assert writer.stop(5)
    assert (writer.written, writer.fallen_back, writer.lost) == (0, 0, 4)
    assert writer.failure is not None


def test_a_row_that_nobody_can_write_costs_no_other(tmp_path: Path) -> None:
    path = tmp_path / "j.sqlite"
    store = Store(f"sqlite:///{path}")
    store.open()
    writer = JournalWriter(store, FallbackFile(tmp_path / "f.jsonl"), None, 100, waits=False)
    writer.start()
    writer.put("alerts", {**alert_row(1), "text": {(1, 2): 3}})
    assert writer.flush(5)
    assert (writer.refused, writer.lost, writer.failure) == (1, 0, None)
    assert writer.refusal == "alerts.text: not a text"

    writer.put("alerts", alert_row(2))
    assert writer.stop(5)
    assert [row[0] for row in rows(path, "SELECT seq FROM alerts")] == [2]
    assert "(1, 2)" in (tmp_path / "f.damaged").read_text()


def test_rows_wait_for_room_on_a_full_disk(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("actors.journal.writer.RETRY_S", 0.05)
    path = tmp_path / "j.sqlite"
    store = Store(f"sqlite:///{path}")
    store.open()
    fallback = FallbackFile(tmp_path / "f.jsonl")
    writer = JournalWriter(store, fallback, Path("/dev/full"), 10_000, waits=False)
    writer.start()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, limits[1]))
    try:
        for seq in range(4_000):
            writer.put("alerts", alert_row(seq))
        writer.put("log", {"type": "risk"})
        assert writer.flush(20)
        assert writer.failure is not None
        assert writer.waiting > 0
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    wait_until(lambda: writer.failure is None, 20.0)
    assert writer.stop(10)
    kept = [row[0] for row in rows(path, "SELECT seq FROM alerts ORDER BY id")]
    assert kept == list(range(4_000))
    assert (writer.waiting, writer.lost, writer.log_lost) == (0, 0, 1)


def test_line_that_a_full_disk_has_cut_costs_no_other(tmp_path: Path) -> None:
    fallback = FallbackFile(tmp_path / "f.jsonl")
    fallback.append([("alerts", alert_row(1))])
    with fallback.path.open("a") as file:
        file.write('{"table": "al')
    fallback.append([("alerts", alert_row(2))])
    store = Store(f"sqlite:///{tmp_path / 'j.sqlite'}")

    assert fallback.move_into(store) == Moved(written=2, damaged=1, fault="not JSON")

    assert [row[0] for row in rows(tmp_path / "j.sqlite", "SELECT seq FROM alerts")] == [1, 2]
    assert not fallback.path.exists()
    assert fallback.path.with_suffix(".damaged").exists()
    store.close()


def test_rows_written_twice_are_there_once(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'j.sqlite'}")
    for _ in range(2):
        store.write([("alerts", alert_row(1)), ("alerts", alert_row(2))])
    assert [row[0] for row in rows(tmp_path / "j.sqlite", "SELECT seq FROM alerts")] == [1, 2]
    store.close()


def test_rows_outlive_a_killed_process(tmp_path: Path) -> None:
    code = f"""
import os, signal
from pathlib import Path
from actors.journal.fallback import FallbackFile
from actors.journal.store import Store
from actors.journal.writer import JournalWriter
from tests.actors.journal_rows import alert_row
from tests.checks import some
writer = JournalWriter(
    Store("sqlite:///{tmp_path / "j.sqlite"}"), FallbackFile(Path("{tmp_path / "f"}")),
    None, 1000, waits=False,
)
writer.start()
for seq in range(500):
    writer.put("alerts", alert_row(seq))
assert writer.flush(10)
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", code], timeout=60, check=False)
    assert done.returncode == -9
    assert rows(tmp_path / "j.sqlite", "SELECT count(*) FROM alerts")[0][0] == 500


def test_postgres_keeps_the_journal_and_may_die_meanwhile(
    postgres: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("actors.journal.writer.RETRY_S", 0.2)
    store = Store(postgres["url"])
    wait_until(lambda: _opens(store), 20.0)
    fallback = FallbackFile(tmp_path / "f.jsonl")
    writer = JournalWriter(store, fallback, None, 1000, waits=False)
    writer.start()
    for seq in range(120):
        writer.put("snapshots", snapshot_row(seq, str(seq)))
    assert writer.flush(10)
    assert writer.written == 120

    postgres["process"].kill()
    postgres["process"].wait(10)
    for seq in range(120, 125):
        writer.put("alerts", alert_row(seq))
    assert writer.flush(10)
    assert writer.failure is not None
    assert "word" not in writer.failure
    assert (writer.fallen_back, writer.lost) == (5, 0)

    postgres["process"] = postgres["start"]()
    wait_until(lambda: writer.failure is None, 20.0)
    assert store.last_snapshot("T-1", "live", "S") == (119, "119")
    with store._engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM snapshots")) == 100
        kept = connection.execute(text("SELECT seq FROM alerts ORDER BY id"))
        assert [row[0] for row in kept] == [*range(120, 125)]
    assert writer.stop(10)


def _opens(store: Store) -> bool:
    try:
        store.open()
    except Exception as e:
        print(e)
        return False
    return True
