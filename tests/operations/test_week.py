"""A week of sessions with a half day, a holiday, restarts and a dead node: one digest a date."""

from collections import Counter
from datetime import date
from datetime import timedelta

import pytest

from configs.live import load_live
from live.operations.days import last_digest_day
from live.operations.digest_command import build_digest
from live.operations.digest_delivery import send_digest
from live.operations.digest_source import source_of_config
from live.operations.schedule import EventKind
from live.operations.schedule import Schedule
from live.operations.state_files import DoneDates
from tests.actors.test_alerts import receiver
from tests.operations.journal_of_a_day import JournalOfADay
from tests.operations.journal_of_a_day import at
from tests.operations.journal_of_a_day import step


TIMER = {"13:05", "13:35", "16:05", "16:35"}
FIRST, LAST = date(2025, 11, 24), date(2025, 12, 1)
# On that day the node is dead; on the others it is started again at these hours.
DEAD, RESTARTS = date(2025, 11, 26), {"09:35", "13:00", "15:55", "16:00", "20:00"}
MOMENTS = sorted(TIMER | RESTARTS | {"00:00", "09:29", "09:30"})


def test_one_digest_a_date_whoever_sends_it(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_DIR", str(tmp_path))
    for name in ("JOURNAL_URL", "ALERT_URLS"):
        monkeypatch.delenv(name, raising=False)
    source = source_of_config(load_live("nq_impulse_lvn", "paper"), tmp_path / "runs")
    days, files = source.days, source.files
    journal = JournalOfADay(tmp_path)
    sessions = [d for n in range(8) if days.hours(d := FIRST + timedelta(days=n)) is not None]
    for number, day in enumerate(sessions):
        trade_at = at("11:00", day)
        journal.write(
            step(trade_at, "EXIT_FILLED", net=10.0 * number, fees=0.0),
            step(trade_at, "TRADE_CLOSED", net=10.0 * number, reason="TARGET"),
        )
    journal.close()
    raised: Counter[tuple[str, date]] = Counter()

    def send(day, now):
        send_digest(source, build_digest(source, day, now))

    def started():
        schedule, done = Schedule(days), DoneDates(files.schedule)
        schedule.done = done.dates
        return schedule, done

    # The first start leaves the time before it alone.
    schedule, done = started()
    done.dates[EventKind.DIGEST] = last_digest_day(days, at("00:00", FIRST))
    done.save()
    with receiver() as kept:
        monkeypatch.setenv("ALERT_WEBHOOK_URL", kept.url)
        dates = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
        for now in [at(moment, day) for day in dates for moment in MOMENTS]:
            clock = days.clock(now)
            if f"{clock:%H:%M}" in RESTARTS:
                schedule, done = started()
            for event in schedule.due(now) if clock.date() != DEAD else ():
                schedule.mark(event)
                done.save()
                raised[event.kind, event.day] += 1
                if event.kind is EventKind.DIGEST:
                    send(event.day, now)
            # The timer of the service manager.
            if clock.weekday() < 5 and f"{clock:%H:%M}" in TIMER:
                day = last_digest_day(days, now)
                if day >= FIRST:
                    send(day, now)
    sent = [(body["data"]["day"], body["data"]["net"]) for _, body in kept.bodies]
    assert sent == [
        (day.isoformat(), {"": pytest.approx(10.0 * n)}) for n, day in enumerate(sessions)
    ]
    assert len(sessions) == 5
    assert set(raised.values()) == {1}
    assert {day for kind, day in raised if kind == EventKind.DIGEST} == set(sessions) - {DEAD}
    closed = [day for kind, day in raised if kind == EventKind.NO_TRADING_TODAY]
    assert closed == [date(2025, 11, 27), date(2025, 11, 29)]
