"""What a node does on its schedule: alerts once a date, the digest by a process of its own."""

import asyncio
import sys
from datetime import date
from decimal import Decimal

import pytest

from actors.messages import Decision
from live.operations.days import ExchangeDays
from live.operations.days import UtcDays
from live.operations.flatten_watch import FlattenWatch
from live.operations.schedule import EventKind
from live.operations.schedule import Schedule
from live.operations.schedule_watch import ScheduleWatch
from live.operations.state_files import DoneDates
from tests.operations.journal_of_a_day import DAY
from tests.operations.journal_of_a_day import STRATEGY
from tests.operations.journal_of_a_day import at
from tests.operations.journal_of_a_day import decision


S = 1_000_000_000


class Alerts:
    def __init__(self):
        self.raised = []

    def raise_alert(self, kind, text, value=None):
        self.raised.append((str(kind), text))

    @property
    def kinds(self):
        return [kind for kind, _ in self.raised]


@pytest.fixture
def alerts():
    return Alerts()


class Clock:
    def __init__(self, now):
        self.now = now

    def __call__(self):
        return self.now


def watch_of(tmp_path, clock, alerts, days=None, command=(), names=()):
    schedule = Schedule(days or ExchangeDays(), names)
    done = DoneDates(tmp_path / "schedule.json")
    return ScheduleWatch(schedule, done, clock, alerts, lambda: "S active", command)


def test_a_session_is_announced_once_over_restarts(tmp_path, alerts):
    clock = Clock(at("09:29"))
    watch = watch_of(tmp_path, clock, alerts)
    watch._announce_wait(clock.now)
    watch.check()
    assert alerts.raised == [("WAITING_FOR_OPEN", "the session starts at 09:30 New York, in 1 min")]
    clock.now = at("09:30")
    watch.check()
    assert alerts.raised[1:] == [
        ("SESSION_STARTED", "2025-11-26, 09:30 to 16:00 New York; S active")
    ]
    clock.now += S
    watch.check()
    restarted = watch_of(tmp_path, clock, alerts)
    restarted._announce_wait(clock.now)
    restarted.check()
    assert len(alerts.raised) == 2


def test_a_holiday_and_a_roll_are_announced(tmp_path, alerts):
    clock = Clock(at("09:30", date(2025, 11, 27)))
    watch_of(tmp_path, clock, alerts).check()
    assert alerts.raised == [
        ("NO_TRADING_TODAY", "holiday: the next session starts on Fri 2025-11-28 09:30")
    ]
    clock.now = at("09:30", date(2025, 12, 4))
    watch_of(tmp_path, clock, alerts, names=["ESZ5.XCME"]).check()
    assert alerts.kinds[1:] == ["SESSION_STARTED", "ROLL_DUE"]
    assert alerts.raised[-1][1] == (
        "ESZ5.XCME is the front month until 2025-12-10: flatten, shut down, and start with the "
        "next contract"
    )


def run_digest(watch):
    async def run():
        watch.check()
        if watch._sending is not None:
            await watch._sending

    asyncio.run(run())


def script_of(tmp_path, text):
    return sys.executable, "-c", f"import sys; {text}", str(tmp_path / "called")


WRITE = "open(sys.argv[1], 'a').write(' '.join(sys.argv[2:]) + '\\n')"


def test_the_digest_is_sent_ten_seconds_after_the_close_and_once(tmp_path, alerts):
    clock = Clock(at("16:00"))
    watch = watch_of(tmp_path, clock, alerts, command=script_of(tmp_path, WRITE))
    run_digest(watch)
    assert not (tmp_path / "called").exists()
    clock.now += 10 * S
    run_digest(watch)
    run_digest(watch)
    run_digest(watch_of(tmp_path, clock, alerts, command=script_of(tmp_path, WRITE)))
    assert (tmp_path / "called").read_text() == "--date 2025-11-26\n"
    assert alerts.kinds == ["SESSION_STARTED"]


def test_a_digest_that_fails_is_an_alert_with_its_last_line(tmp_path, alerts):
    clock = Clock(at("16:01"))
    fail = "sys.exit('first\\nerror: the journal is gone')"
    run_digest(watch_of(tmp_path, clock, alerts, command=script_of(tmp_path, fail)))
    assert alerts.raised[-1] == (
        "DIGEST_FAILED",
        "the digest of 2025-11-26: error: the journal is gone",
    )
    missing = watch_of(tmp_path / "other", clock, alerts, command=("/no/such/program",))
    run_digest(missing)
    assert alerts.kinds[-1] == "DIGEST_FAILED"


def test_dates_that_cannot_be_kept_are_reported_once(tmp_path, alerts):
    (tmp_path / "schedule.json").write_text("[]")
    clock = Clock(at("09:00"))
    watch = watch_of(tmp_path, clock, alerts)
    watch.check()
    watch.check()
    assert alerts.kinds == ["OPERATIONS_FAILED"]


def test_a_venue_that_never_closes_has_a_digest_and_no_session(tmp_path, alerts):
    days = UtcDays()
    clock = Clock(days.begins(DAY) + 10 * S)
    watch = watch_of(tmp_path, clock, alerts, days, script_of(tmp_path, WRITE))
    watch._announce_wait(clock.now)
    run_digest(watch)
    assert (tmp_path / "called").read_text() == "--date 2025-11-25\n"
    assert alerts.raised == []
    assert watch._schedule.done[EventKind.SESSION_STARTED] == DAY


class Strategy:
    id = STRATEGY

    def __init__(self, position):
        self.position = Decimal(position)

    @property
    def is_flat(self):
        return not self.position


class Bus:
    def __init__(self):
        self.handlers = {}

    def subscribe(self, topic, handler):
        self.handlers[topic] = handler


@pytest.mark.parametrize(
    ("is_closed", "is_blind", "kind"),
    [
        (True, False, "FLATTEN_DONE"),
        (True, True, "FLATTEN_UNVERIFIED"),
        (False, False, "FLATTEN_FAILED"),
    ],
)
def test_a_flatten_by_the_clock_has_three_outcomes_and_one_alert(alerts, is_closed, is_blind, kind):
    clock, bus, strategy = Clock(at("15:55")), Bus(), Strategy("2")
    watch = FlattenWatch(bus, [strategy], alerts, 30.0, lambda: is_blind, clock)
    publish = bus.handlers[Decision.topic()]
    publish(decision("15:55", "EXIT", "SESSION_END"))
    watch.check()
    assert alerts.raised == []
    if is_closed:
        strategy.position = Decimal(0)
    for _ in range(5):
        clock.now += 31 * S
        # A machine repeats its exit at each bar after the end of its hours.
        publish(decision("15:56", "EXIT", "SESSION_END"))
        watch.check()
    assert alerts.kinds == [kind]
    strategy.position = Decimal(0)
    watch.check()
    publish(decision("15:59", "EXIT", "TIME"))
    watch.check()
    expected = [kind] if is_closed else [kind, "FLATTEN_DONE"]
    assert alerts.kinds == expected
