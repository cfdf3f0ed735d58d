"""Hours of entries and the end of the day against the recorded cases."""

import json
from datetime import date
from datetime import datetime
from pathlib import Path

import pytest

from catalog.sessions import NEW_YORK
from errors import ParameterError
from strategies.order_flow.hours import HourRules
from strategies.order_flow.hours import OrderFlowHours
from tests.regime.vectors import vector


SCHEDULE = Path(__file__).parents[1] / "vectors" / "002" / "14_schedule.json"
SECOND = 1_000_000_000
WHOLE = "2025-11-20"


def ns(day: str, time: str) -> int:
    return (
        int(datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=NEW_YORK).timestamp()) * SECOND
    )


@pytest.mark.parametrize(
    ("name", "rules"),
    [
        ("default", HourRules()),
        ("custom", HourRules(pauses=("10:00-10:15",))),
    ],
)
def test_entries_are_allowed_at_the_recorded_times(name, rules):
    hours = OrderFlowHours(rules)
    recorded = vector("12_execution")[f"trading_hours_{name}"]
    for time, allowed in recorded:
        assert hours.may_enter(ns(WHOLE, time)) is allowed, time


def test_lunch_is_the_default_and_an_empty_list_is_no_pause():
    noon = ns(WHOLE, "12:30")
    assert not OrderFlowHours(HourRules()).may_enter(noon)
    assert OrderFlowHours(HourRules(pauses=())).may_enter(noon)


def test_all_is_closed_at_the_recorded_times():
    checked = 0
    for case in json.loads(SCHEDULE.read_text())["fires"]:
        ((_, at), *_) = case["recommended"]
        day = {"16:00": WHOLE, "13:00": "2025-11-28"}[case["close"]]
        hours = OrderFlowHours(HourRules(flatten_minutes=case["flatten_minutes"]))
        due = ns(day, at)
        assert hours.flattens_at(ns(day, "10:00")) == due
        assert [hours.must_flatten(due + shift) for shift in (-1, 0, 3_600 * SECOND)] == [
            False,
            True,
            True,
        ]
        assert hours.is_over(due)
        checked += 1
    assert checked == 5


def test_entries_end_before_an_early_close_as_before_a_whole_one():
    hours = OrderFlowHours(HourRules())
    times = ("11:59:59", "12:00", "12:45", "12:46", "12:55", "13:30", "15:00")
    assert [hours.may_enter(ns("2025-11-28", time)) for time in times] == [True] + [False] * 6
    free = OrderFlowHours(HourRules(pauses=()))
    assert [free.may_enter(ns("2025-11-28", time)) for time in times] == [True] * 3 + [False] * 4


@pytest.mark.parametrize("day", ["2025-11-27", "2025-11-22"])
def test_nothing_is_entered_or_held_on_a_day_without_a_session(day):
    hours = OrderFlowHours(HourRules())
    ts = ns(day, "11:00")
    assert (hours.may_enter(ts), hours.must_flatten(ts), hours.flattens_at(ts)) == (False, True, ts)
    assert not hours.is_over(ts)


def test_nothing_is_held_before_the_open():
    hours = OrderFlowHours(HourRules())
    assert hours.must_flatten(ns(WHOLE, "09:29:59"))
    assert not hours.must_flatten(ns(WHOLE, "09:30"))


def test_days_have_the_clock_of_their_season():
    hours = OrderFlowHours(HourRules())
    for day in (date(2025, 3, 7), date(2025, 3, 10), date(2025, 10, 31), date(2025, 11, 3)):
        assert [hours.may_enter(ns(str(day), time)) for time in ("09:29:59", "09:30")] == [
            False,
            True,
        ]


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"start": "9.30"}, "hours.start"),
        ({"end": "09:00"}, "hours.end"),
        ({"pauses": ("12:00",)}, "hours.pauses"),
        ({"pauses": ("13:00-12:00",)}, "hours.pauses"),
        ({"flatten_minutes": -1}, "hours.flatten_minutes"),
    ],
)
def test_times_that_are_none_are_refused(change, name):
    with pytest.raises(ParameterError, match=name):
        HourRules(**change)
