"""The digest of a session from the journal of a node that may be dead; sent once a date."""

import json
import shutil
import time
from datetime import date

import pytest

from actors.journal.fallback import FallbackFile
from actors.journal.fallback import fallback_path
from configs.live import load_live
from errors import AuctionError
from errors import UsageError
from live.operations import digest_delivery
from live.operations.days import ExchangeDays
from live.operations.days import last_digest_day
from live.operations.digest_command import build_digest
from live.operations.digest_delivery import send_digest
from live.operations.digest_source import source_of_config
from live.operations.digest_source import source_of_run
from live.operations.digest_text import digest_lines
from tests.actors.test_alerts import receiver
from tests.engines import auction
from tests.operations.journal_of_a_day import DAY
from tests.operations.journal_of_a_day import STRATEGY
from tests.operations.journal_of_a_day import JournalOfADay
from tests.operations.journal_of_a_day import alert
from tests.operations.journal_of_a_day import at
from tests.operations.journal_of_a_day import decision
from tests.operations.journal_of_a_day import fill_row
from tests.operations.journal_of_a_day import status
from tests.operations.journal_of_a_day import step


AFTER = at("16:05")


def write_day(folder):
    journal = JournalOfADay(folder)
    first = at("10:00")
    journal.write(
        # Of the evening after the digest before, and of this session.
        step(at("17:00", date(2025, 11, 25)), "FUNDING_PAID", net=-1.0, funding=1.0),
        step(first, "ENTRY_FILLED", net=-2.25, fees=2.25, setup="PULLBACK"),
        step(first + 60, "EXIT_FILLED", net=97.75, fees=2.25),
        step(first + 61, "TRADE_CLOSED", net=95.5, setup="PULLBACK", reason="TARGET"),
        step(first + 90, "ENTRY_REFUSED", reason="NO_QUOTE"),
        step(first + 99, "TRADE_CLOSED", net=-20.0, setup="PULLBACK", reason="STOP"),
        decision("10:00", "ENTER", regime="TREND", tier="Tier 1"),
        decision("10:01", "REFUSE", "COOLDOWN", regime="TREND", tier="Tier 1"),
        decision("10:02", "REFUSE", "COOLDOWN", regime="RANGE", tier="Tier 2"),
        decision("10:03", "HOLD", regime="RANGE", tier="Tier 2"),
        alert("11:00", "CONNECTION_RESTORED"),
        alert("11:01", "DATA_GAP"),
        status("15:54", quantity=2.0, entry=5000.25, stop=4996.0),
        # The next session has a digest of its own.
        step(at("16:00"), "TRADE_CLOSED", net=1_000.0, reason="TARGET"),
        decision("16:01", "REFUSE", "COOLDOWN"),
    )
    journal.write_row("fills", fill_row("10:00"))
    # A restart decides the past once more while it warms up.
    journal.write(decision("10:01", "REFUSE", "OBSERVATION"), session="s2")
    # Another node shares the database.
    journal.write(decision("10:05", "REFUSE", "COOLDOWN"), trader_id="LIVE-001", mode="live")
    journal.close()
    return journal


@pytest.fixture(scope="module")
def day_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("day")
    write_day(folder)
    return folder


@pytest.fixture
def source(day_folder, tmp_path, monkeypatch):
    for file in day_folder.iterdir():
        shutil.copy(file, tmp_path)
    monkeypatch.setenv("DATABASE_DIR", str(tmp_path))
    for name in ("JOURNAL_URL", "ALERT_URLS", "ALERT_WEBHOOK_URL"):
        monkeypatch.delenv(name, raising=False)
    return source_of_config(load_live("nq_impulse_lvn", "paper"), tmp_path / "runs")


def test_a_digest_sums_the_session_and_the_evening_before(source):
    digest = build_digest(source, DAY, AFTER)
    assert digest.money[STRATEGY].net == pytest.approx(94.5)
    assert digest.money[STRATEGY].fees == pytest.approx(4.5)
    assert digest.totals() == {"USD": pytest.approx(94.5)}
    assert [(trade["reason"], trade["net"]) for trade in digest.trades] == [
        ("TARGET", 95.5),
        ("STOP", -20.0),
    ]
    assert (digest.wins, digest.losses) == (1, 1)
    assert digest.refusals == {"COOLDOWN": 2, "NO_QUOTE": 1}
    assert digest.states == {"regime": {"TREND": 2, "RANGE": 2}, "tier": {"Tier 1": 2, "Tier 2": 2}}
    assert digest.entries["regime"] == {"TREND": 1}
    assert (digest.starts, digest.reconnects, digest.gaps) == (2, 1, 1)
    assert digest.positions[0]["quantity"] == 2.0
    assert digest.status == "COMPLETED"


def test_the_text_has_times_on_the_clock_of_the_exchange(source):
    lines = digest_lines(build_digest(source, DAY, AFTER), source.days)
    assert lines == [
        "Status: COMPLETED",
        "Time: 2025-11-25 16:00 to 2025-11-26 16:00 New York",
        "P&L: +94.50 USD net",
        f"  {STRATEGY}: gross +100.00, fees 4.50, funding 1.00, net +94.50",
        "Trades: 2 closed, 1 won, 1 lost, win rate 50%",
        "  10:00 ESZ5.XCME LONG 1 from 5000.25 (PULLBACK): TARGET, net +95.50",
        "  10:00 ESZ5.XCME LONG 1 from 5000.25 (PULLBACK): STOP, net -20.00",
        "Refused: COOLDOWN 2, NO_QUOTE 1",
        "Decisions by regime: TREND 2 (1 entered), RANGE 2",
        "Decisions by tier: Tier 1 2 (1 entered), Tier 2 2",
        f"Open: {STRATEGY} +2 ESZ5.XCME from 5000.25, stop 4996.0 (15:54)",
        "Health: 2 starts with rows, 1 reconnects, 1 gaps in the data",
        "Alerts: CONNECTION_RESTORED 1, DATA_GAP 1",
        "Node: has written no health yet",
    ]


def test_a_day_that_ended_early_says_why(source, tmp_path):
    journal = JournalOfADay(tmp_path)
    journal._seq = 1_000
    journal.write(status("15:59", killed=True), alert("15:58", "PROFIT_TARGET"))
    journal.close()
    status_text = build_digest(source, DAY, AFTER).status
    assert status_text == (
        "STOPPED EARLY (the loss of the day reached its limit; the profit target of the day was "
        "reached)"
    )


def test_rows_that_wait_for_the_database_are_included(source, tmp_path):
    journal = JournalOfADay(tmp_path)
    known, new = journal.entry(decision("10:00", "ENTER")), None
    journal._seq = 2_000
    new = journal.entry(decision("10:30", "REFUSE", "HEAT"))
    journal.close()
    FallbackFile(fallback_path(tmp_path, "PAPER-001", "paper")).append([known, new])
    digest = build_digest(source, DAY, AFTER)
    assert digest.refusals["HEAT"] == 1
    # One row is in the database as well, and counts once.
    assert sum(digest.states["regime"].values()) == 4
    assert digest.waiting == 2
    assert "Journal: 2 rows wait for the database (included)" in digest_lines(digest, source.days)


def test_a_journal_is_only_read(source, tmp_path):
    before = (tmp_path / "journal.sqlite").read_bytes()
    (tmp_path / "journal.sqlite").chmod(0o400)
    build_digest(source, DAY, AFTER)
    assert (tmp_path / "journal.sqlite").read_bytes() == before


def test_a_journal_that_is_damaged_or_missing_is_one_line(source, tmp_path):
    (tmp_path / "journal.sqlite").write_bytes(b"no database" * 1_000)
    with pytest.raises(AuctionError, match="cannot be read: DatabaseError: file is not a data"):
        build_digest(source, DAY, AFTER)
    (tmp_path / "journal.sqlite").unlink()
    with pytest.raises(AuctionError, match="does not exist: has the node run with this journal"):
        build_digest(source, DAY, AFTER)


def test_the_last_digest_is_that_of_the_session_that_is_over():
    days = ExchangeDays()
    assert last_digest_day(days, at("15:59")) == date(2025, 11, 25)
    assert last_digest_day(days, at("16:00")) == DAY
    # Thanksgiving has none, the day after ends at 13:00.
    assert last_digest_day(days, at("20:00", date(2025, 11, 27))) == DAY
    assert last_digest_day(days, at("13:00", date(2025, 11, 28))) == date(2025, 11, 28)


def test_a_session_that_is_not_over_is_refused(source):
    with pytest.raises(UsageError, match="the session of 2025-11-26 ends at 16:00 New York"):
        build_digest(source, DAY, at("15:00"))
    with pytest.raises(UsageError, match="2025-11-27 has no session"):
        build_digest(source, date(2025, 11, 27), at("20:00", date(2025, 11, 28)))


def test_a_digest_is_sent_once_a_date(source, monkeypatch):
    digest = build_digest(source, DAY, AFTER)
    with receiver() as kept:
        monkeypatch.setenv("ALERT_WEBHOOK_URL", kept.url)
        assert send_digest(source, digest) == "sent to webhook"
        assert "was sent before" in send_digest(source, digest)
        assert len(kept.bodies) == 1
        assert send_digest(source, digest, again=True) == "sent to webhook"
    body = kept.bodies[0][1]
    assert (body["type"], body["mode"]) == ("DIGEST", "paper")
    assert body["data"]["net"] == {"USD": pytest.approx(94.5)}
    assert "P&L: +94.50 USD net" in body["message"]


def test_a_digest_that_no_receiver_takes_is_tried_again(source, monkeypatch):
    monkeypatch.setattr(digest_delivery, "TRY_PAUSE_S", 0.001)
    digest = build_digest(source, DAY, AFTER)
    with receiver(*[500] * digest_delivery.TRIES) as kept:
        monkeypatch.setenv("ALERT_WEBHOOK_URL", kept.url)
        with pytest.raises(AuctionError, match="was not delivered: webhook answered with status"):
            send_digest(source, digest)
        assert send_digest(source, digest) == "sent to webhook"


def test_a_process_that_died_while_sending_is_never_followed_by_a_second_digest(source):
    path = source.files.digest(DAY)
    path.write_text('{"state": "sending", "pid": 4194304}\n')
    digest = build_digest(source, DAY, AFTER)
    with pytest.raises(AuctionError, match="may have been sent"):
        send_digest(source, digest)
    assert send_digest(source, digest, again=True).startswith("no receiver is configured")
    assert json.loads(path.read_text())["state"] == "sent"


def test_the_command_reads_a_run_folder_or_an_environment(source, tmp_path, monkeypatch):
    folder = tmp_path / "runs" / "20251126T140000000000-nq_impulse_lvn-paper"
    folder.mkdir(parents=True)
    document = load_live("nq_impulse_lvn", "paper").document
    (folder / "config.yaml").write_text(json.dumps(document))
    (folder / "certificate.json").write_text('{"verdict": "EQUAL"}')
    found = source_of_run(folder)
    assert (found.reader, found.files) == (source.reader, source.files)
    assert (found.system, found.mode, found.runs) == (source.system, source.mode, source.runs)
    day = DAY.isoformat()
    by_run = auction("digest", folder, "--date", day)
    assert by_run.returncode == 0
    assert by_run.stdout.splitlines()[0] == "nq_impulse_lvn paper 2025-11-26"
    assert f"Certificate: EQUAL ({folder.name})" in by_run.stdout
    runs = ("--runs", tmp_path / "runs", "--json")
    shown = auction("digest", "nq_impulse_lvn", "--environment", "paper", "--date", day, *runs)
    assert json.loads(shown.stdout)["trades"][0]["reason"] == "TARGET"
    with receiver() as kept:
        monkeypatch.setenv("ALERT_WEBHOOK_URL", kept.url)
        sent = auction("digest", folder, "--date", day, "--send")
        assert sent.stdout.splitlines()[-1] == "sent to webhook"
        (tmp_path / "journal.sqlite").unlink()
        failed = auction("digest", folder, "--date", day, "--send")
    assert failed.returncode == 1
    assert [body["type"] for _, body in kept.bodies] == ["DIGEST", "DIGEST_FAILED"]


def test_wrong_arguments_are_one_line(source, tmp_path):
    for arguments, text in (
        ((tmp_path,), "No such file or directory: name the run folder of a node"),
        (("nq_impulse_lvn", "--environment", "paper", "--date", "today"), "write a date like"),
        (("nq_impulse_lvn", "--environment", "paper", "--again"), "--again is an option of --send"),
        (("nq_impulse_lvn", "--environment", "backtest"), "backtest.yaml"),
    ):
        found = auction("digest", *arguments)
        assert found.returncode == 2
        assert text in found.stderr
    (tmp_path / "config.yaml").write_text("actors: [1]")
    assert "is not that of a node" in auction("digest", tmp_path).stderr
    assert time.time_ns() > AFTER
