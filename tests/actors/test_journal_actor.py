"""What the actor of the journal says about its database, and what it answers strategies."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from nautilus_trader.cache.cache import Cache
from nautilus_trader.common.component import MessageBus
from nautilus_trader.common.component import TestClock
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.model.identifiers import TraderId
from nautilus_trader.portfolio.portfolio import Portfolio

from actors.journal import JournalActor
from actors.journal import JournalActorConfig
from actors.messages import Alert
from actors.messages import MinuteFootprint
from actors.requests import LAST_SNAPSHOT
from actors.requests import SnapshotRequest
from errors import UsageError
from tests.actors.journal_rows import snapshot_row
from tests.markets import BTC
from tests.markets import MINUTE
from tests.toy.messages import ChannelMinute


SECOND = 1_000_000_000


class Journal:
    """A journal on a bus of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "journal.sqlite"
        self.alerts: list[Alert] = []
        self._actors: list[JournalActor] = []

    def start(self) -> JournalActor:
        clock = TestClock()
        clock.set_time(SECOND)
        self._clock = clock
        self.msgbus = MessageBus(TraderId("T-1"), clock)
        cache = Cache()
        self.msgbus.subscribe(topic=Alert.topic(), handler=self.alerts.append)
        actor = JournalActor(
            JournalActorConfig(
                mode="live",
                database=f"sqlite:///{self.path}",
                fallback=str(self.folder),
                log=str(self.folder / "log.jsonl"),
            )
        )
        actor.register_base(Portfolio(self.msgbus, cache, clock), self.msgbus, cache, clock)
        self._actors.append(actor)
        actor.start()
        return actor

    def tick(self) -> None:
        for event in self._clock.advance_time(self._clock.timestamp_ns() + SECOND):
            event.handle()

    def stop(self) -> None:
        for actor in self._actors:
            if actor.is_running:
                actor.stop()
            actor.dispose()
        self._actors.clear()

    def snapshot(self) -> SnapshotRequest:
        request = SnapshotRequest("S")
        self.msgbus.send(LAST_SNAPSHOT, request)
        return request


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    folder = tmp_path / "journal"
    folder.mkdir(mode=0o700)
    found = Journal(folder)
    try:
        yield found
    finally:
        found.stop()


def test_the_log_has_the_features_of_any_system_whose_bars_are_decided_on(
    journal: Journal,
) -> None:
    actor = journal.start()
    bitcoin = InstrumentId.from_str(BTC)
    prices = dict.fromkeys(("open", "high", "low", "close"), 900_000)
    minute = ChannelMinute(
        bitcoin,
        MINUTE - 1,
        MINUTE - 1,
        ts_min=0,
        **prices,
        volume=7,
        warm=False,
        tick_size=0.1,
        lot_size=0.001,
    )
    footprint = MinuteFootprint(
        bitcoin,
        MINUTE - 2,
        MINUTE - 2,
        ts_min=0,
        tick_size=0.1,
        lot_size=0.001,
        ticks=[900_000],
        buy=[7],
        sell=[0],
        unsigned=[0],
    )
    for message in (footprint, minute):
        journal.msgbus.publish(message.topic(), message)
    assert actor.writer is not None
    assert actor.writer.flush(10)
    (line,) = (journal.folder / "log.jsonl").read_text().splitlines()
    expected = {"type": "features", **minute.to_dict()}
    assert {key: json.loads(line)[key] for key in expected} == expected


def put_snapshot(actor: JournalActor, seq: int, state: str) -> None:
    assert actor.writer is not None
    actor.writer.put("snapshots", snapshot_row(seq, state))
    assert actor.writer.flush(10)


def test_a_damaged_journal_is_told_after_the_receivers_of_alerts_have_started(
    journal: Journal,
) -> None:
    put_snapshot(journal.start(), 1, "state")
    journal.stop()
    journal.path.write_bytes(b"no database" * 1_000)
    journal.start()
    assert journal.alerts == []
    request = journal.snapshot()
    assert request.state is None
    assert "journal.sqlite is damaged" in str(request.failure)

    journal.tick()

    (alert,) = journal.alerts
    assert alert.kind == "JOURNAL_DAMAGED"
    assert "journal.damaged-" in alert.text
    assert "compare with the venue before `activate`" in alert.text
    journal.tick()
    assert len(journal.alerts) == 1


def test_a_damaged_line_of_the_fallback_is_told_and_the_last_state_is_found(
    journal: Journal,
) -> None:
    actor = journal.start()
    put_snapshot(actor, 1, "of the database")
    fallback = actor._fallback
    journal.stop()
    fallback.append([("snapshots", snapshot_row(2, "of the file"))])
    with fallback.path.open("ab") as file:
        file.write(b"\xff\xfe\n[]\n")

    actor = journal.start()
    assert (journal.snapshot().state, journal.snapshot().failure) == ("of the file", None)
    assert actor.writer is not None
    put_snapshot(actor, 3, "newer")
    journal.tick()

    assert [(alert.kind, alert.value) for alert in journal.alerts] == [("JOURNAL_REFUSED", 2.0)]
    assert "journal-T-1-live-1.damaged" in journal.alerts[0].text
    assert journal.snapshot().state == "newer"


def test_a_newer_journal_refuses_the_start(journal: Journal) -> None:
    put_snapshot(journal.start(), 1, "state")
    journal.stop()
    with closing(sqlite3.connect(journal.path)) as connection:
        connection.executescript("UPDATE meta SET value = '7'")
    with pytest.raises(UsageError, match="has schema 7"):
        journal.start()


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE snapshots SET state = x'ff00'", "no text"),
        ("UPDATE snapshots SET state = CAST(x'ff00' AS TEXT)", "UTF-8"),
        ("UPDATE snapshots SET ts_init = 'x'", "no text"),
    ],
)
def test_a_state_that_cannot_be_read_is_a_failure_and_raises_nothing(
    journal: Journal, statement: str, fault: str
) -> None:
    put_snapshot(journal.start(), 1, "state")
    journal.stop()
    with closing(sqlite3.connect(journal.path)) as connection:
        connection.executescript(statement)
    journal.start()
    request = journal.snapshot()
    assert request.state is None
    assert fault in str(request.failure)


def test_a_size_of_a_fill_that_is_none_does_not_stop_the_start(journal: Journal) -> None:
    actor = journal.start()
    row: dict[str, Any] = {
        **{k: v for k, v in snapshot_row(1, "x").items() if k not in ("cause", "state")},
        "client_order_id": "O-1",
        "trade_id": "1",
        "side": "BUY",
        "quantity": "?",
        "price": "1",
        "scope": "",
    }
    assert actor.writer is not None
    actor.writer.put("fills", row)
    assert actor.writer.flush(10)
    journal.stop()
    assert journal.start().is_running
