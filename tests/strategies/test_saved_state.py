"""A state that is damaged is refused whole; what the venue has is protected and halted."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from msgspec.structs import asdict

from errors import AuctionError
from strategies.common.nautilus.saved_state import read_state
from strategies.common.nautilus.saved_state import seal
from strategies.impulse_lvn.held import read_signal_state
from strategies.value_area.acceptance import OutsideSequence
from strategies.value_area.engine import SignalEngine
from strategies.value_area.params import SignalParams
from tests.markets import MINUTE
from tests.strategies.live_venue import LiveVenue
from tests.strategies.live_venue import live_clock
from tests.strategies.silent_venue import ENTRY


__all__ = ["live_clock"]

pytestmark = pytest.mark.usefixtures("live_clock")

type Change = Callable[[dict[str, Any]], object]


def in_a_trade() -> LiveVenue:
    venue = LiveVenue()
    venue.strategy.active = True
    venue.strategy.warm = True
    venue.advance(1)
    venue.open_trade()
    return venue


def plain(venue: LiveVenue) -> dict[str, Any]:
    """Return the last state without its seal, as an older version has written it."""
    state: dict[str, Any] = json.loads(venue.journal[-1])
    del state["digest"]
    return state


def kept(venue: LiveVenue) -> dict[str, Any]:
    """Return the state of the manager but for its time."""
    return {**venue.strategy.manager.slots[0].manager.snapshot(), "time": None}


def refused(again: LiveVenue) -> bool:
    return "STATE_REFUSED" in again.kinds()


def unplanned(again: LiveVenue) -> bool:
    """Return True if all that it knows is what the venue has, under the stop that rests there."""
    trade = again.strategy.manager.trade
    assert trade is not None
    return (
        again.strategy.manager.halted
        and not again.strategy.active
        and (trade.intent.tag, trade.stop, trade.open > 0) == ("adopted", ENTRY - 1000, True)
        and again.cancels == []
        and len(again.working) == 1
    )


def test_a_whole_state_is_gone_on_from() -> None:
    venue = in_a_trade()
    again = venue.restart()
    assert again.alerts == []
    assert again.strategy.active
    assert kept(again) == kept(venue)
    assert (again.sent, again.cancels) == (again.working, [])


@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_damage_anywhere_is_refused_and_the_position_held(data: st.DataObject) -> None:
    venue = in_a_trade()
    whole = venue.journal[-1]
    at = data.draw(st.integers(0, len(whole) - 1))
    until = data.draw(st.integers(at, min(len(whole), at + 40)))
    put = data.draw(st.text(max_size=8))
    damaged = whole[:at] + put + whole[until:]
    again = venue.restart([damaged])
    if damaged == whole:
        assert kept(again) == kept(venue)
    else:
        assert refused(again)
        assert unplanned(again)


def inside(state: dict[str, Any], path: tuple[Any, ...]) -> Any:
    """Return the part of a state that the last name of a path is in."""
    where: Any = state
    for name in path[:-1]:
        where = only_manager(state) if name == "manager" else where[name]
    return where


def only_manager(state: dict[str, Any]) -> dict[str, Any]:
    (manager,) = state["book"]["managers"]
    found: dict[str, Any] = manager
    return found


def drop(*path: str) -> Change:
    def change(state: dict[str, Any]) -> None:
        where = inside(state, path)
        del where[path[-1]]

    return change


def put(value: Any, *path: Any) -> Change:
    def change(state: dict[str, Any]) -> None:
        where = inside(state, path)
        where[path[-1]] = value

    return change


WRONG: dict[str, Change] = {
    "orders missing": drop("orders"),
    "active missing": drop("active"),
    "signals missing": drop("signals"),
    "book missing": drop("book"),
    "a trade half there": drop("manager", "trade", "stop"),
    "orders a list": put([], "orders"),
    "active a number": put(1, "active"),
    "time a text": put("1", "ts"),
    "time negative": put(-1, "ts"),
    "time beyond 64 bits": put(2**63, "ts"),
    "funding NaN": put("NaN", "funded_until"),
    "funding a fraction": put(1.5, "funded_until"),
    "another schema": put(2, "schema"),
    "another strategy": put("Other-001", "strategy_id"),
    "another tick": put("0.5", "tick"),
    "an id that is not ASCII": put("Oé2", "orders", "2"),
    "an id that is empty": put("", "orders", "2"),
    "an id of spaces": put("O 2", "orders", "2"),
    "an id that is endless": put("O" * 65, "orders", "2"),
    "an id twice": put("O-x", "orders", "2"),
    "an order of no trade": put("O-9", "orders", "9"),
    "an order number that is none": put("O-9", "orders", "x"),
    "an unknown key": put(1, "digesu"),
    "cash NaN": put("NaN", "manager", "cash"),
    "cash infinite": put("Infinity", "manager", "cash"),
    "cash beyond arithmetic": put("1E+999999", "manager", "cash"),
    "fees NaN": put("NaN", "manager", "trade", "fees"),
    "tick value nothing": put("0", "manager", "trade", "tick_value"),
    "a fraction of nothing": put("1/0", "manager", "trade", "open_cost"),
    "a fraction NaN": put("nan", "manager", "trade", "open_cost"),
    "a size of nothing": put(0, "manager", "trade", "orders", 0, "command", "lots"),
    "an endless price": put(10**30, "manager", "trade", "stop"),
    "an endless size": put(10**12, "manager", "trade", "orders", 1, "command", "lots"),
    "two orders of one number": put(1, "manager", "trade", "orders", 1, "command", "order_id"),
    "the next number used": put(2, "manager", "next_id"),
    "the other side": put(-1, "manager", "trade", "side"),
    "more open than entered": put(10**6, "manager", "trade", "open"),
    "less than nothing to keep": put(-1, "manager", "trade", "keep"),
    "a stop on the wrong side": put(10**6, "manager", "trade", "intent", "stop"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_no_strategy_can_have_written_is_refused_without_a_seal_too(name: str) -> None:
    venue = in_a_trade()
    state = plain(venue)
    if name == "an id twice":
        state["orders"]["1"] = "O-x"
    WRONG[name](state)
    again = venue.restart([json.dumps(state)])
    assert refused(again)
    assert unplanned(again)


@pytest.mark.parametrize("text", ["", "null", "[]", "{}", "\x00", "{" * 5_000, '"\ud800"'])
def test_what_is_no_state_at_all_is_refused(text: str) -> None:
    venue = in_a_trade()
    again = venue.restart([text])
    assert refused(again)
    assert unplanned(again)


def test_a_state_of_an_older_version_is_read_without_a_seal() -> None:
    venue = in_a_trade()
    again = venue.restart([json.dumps(plain(venue))])
    assert again.alerts == []
    assert kept(again) == kept(venue)


def test_nothing_of_a_refused_state_is_kept_where_there_is_no_position() -> None:
    venue = LiveVenue()
    state = plain(venue)
    only_manager(state).update({"cash": "5", "next_id": 70, "day": 1, "halted": True})
    del state["orders"]
    again = venue.restart([json.dumps(state)])
    assert again.kinds() == ["STATE_REFUSED", "OBSERVATION"]
    assert not again.strategy.active
    snapshot = again.strategy.manager.slots[0].manager.snapshot()
    assert (snapshot["cash"], snapshot["next_id"], snapshot["halted"]) == ("0", 1, False)


def test_a_journal_that_cannot_be_read_is_told_and_nothing_is_entered() -> None:
    again = in_a_trade().restart(journal=[], failure="disk I/O error")
    assert refused(again)
    (text,) = [alert.text for alert in again.alerts if alert.kind == "STATE_REFUSED"]
    assert "disk I/O error" in text
    assert unplanned(again)


def test_a_seal_tells_any_change_of_its_text() -> None:
    text = in_a_trade().journal[-1].encode()
    assert read_state(text) == read_state(text.decode())
    unsealed = json.dumps(json.loads(text) | {"ts": 1}).encode()
    with pytest.raises(AuctionError, match="damaged"):
        read_state(seal(unsealed)[:-3] + b'0"}')


SEQUENCE = OutsideSequence(started_ns=98 * MINUTE, boundary=1000, extreme=1010, closes=2, count=2)
SIGNALS = {
    "value area": (
        lambda plain: SignalEngine(SignalParams()).restore(plain),
        {"last_ts_min": 100 * MINUTE, "sequences": {"UP": asdict(SEQUENCE), "DOWN": None}},
    ),
    "impulse": (
        read_signal_state,
        {
            "day": {"day": "2025-01-08", "losses": 1, "points": "-1.5", "stop": None},
            "trade": {
                "plan": {
                    "signal": {
                        "ts": 1,
                        "node": {
                            "impulse_id": 1,
                            "direction": "Up",
                            "price": 10,
                            "volume": 2,
                            "average": 3.5,
                            "ratio": 0.25,
                            "start": 1,
                            "end": 2,
                        },
                        "close": 11,
                        "delta": 5,
                    },
                    "stop": 5,
                    "target_distance": None,
                    "trail_distance": 4,
                },
                "best": None,
                "bars": 3,
                "counted_until": 7,
            },
        },
    ),
}
OTHERS = [None, "text", -5, 1.5, [], {}, True, float("nan"), 2**70]


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    if isinstance(value, dict):
        for name in value:
            found += paths(value[name], (*path, name))
    return found


@pytest.mark.parametrize("system", SIGNALS)
def test_signals_are_read_whole_or_not_at_all(system: str) -> None:
    read, good = SIGNALS[system]
    read(good)
    refusals = 0
    for path in paths(good):
        for change in [drop(*path), *(put(other, *path) for other in OTHERS)]:
            state = json.loads(json.dumps(good))
            change(state)
            try:
                read(state)
            except AuctionError:
                refusals += 1
    # What is left are other numbers, and None where there may be nothing.
    assert refusals > 7 * len(paths(good))


@pytest.mark.parametrize(
    "state",
    [
        {"last_ts_min": "text", "sequences": {"UP": None, "DOWN": None}},
        {"last_ts_min": 1, "sequences": {"UP": asdict(SEQUENCE) | {"count": "2"}, "DOWN": None}},
        {"last_ts_min": 1, "sequences": {"UP": asdict(SEQUENCE), "DOWN": asdict(SEQUENCE)}},
        {"last_ts_min": 1, "sequences": {"UP": asdict(SEQUENCE), "DOWN": None}, "more": 1},
    ],
)
def test_a_signal_engine_takes_no_wrong_types(state: dict[str, Any]) -> None:
    engine = SignalEngine(SignalParams())
    before = engine.snapshot()
    with pytest.raises(AuctionError, match="signal engine snapshot"):
        engine.restore(state)
    assert engine.snapshot() == before


@pytest.mark.parametrize("points", ["NaN", "Infinity", "1E+999"])
def test_a_day_without_a_number_of_points_is_refused(points: str) -> None:
    day = {"day": "2025-01-08", "losses": 0, "points": points, "stop": None}
    with pytest.raises(AuctionError, match="impulse snapshot"):
        read_signal_state({"day": day, "trade": None})
    good = read_signal_state({"day": day | {"points": "-1.25"}, "trade": None})
    assert good.day.points == Decimal("-1.25")
