"""Which states of a trade manager are refused, by what they contradict, and which just fit."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from strategies.common.trade_state import MOST_UNITS
from strategies.common.trade_state import from_plain
from strategies.common.trade_state import to_plain
from tests.strategies.trade_manager_desk import Desk


type Change = Callable[[dict[str, Any]], None]


def plain(which: str = "trade") -> dict[str, Any]:
    """Return the state of a manager with an entry (1) that is filled and a stop (2) that works."""
    desk = Desk()
    desk.open()
    state: dict[str, Any] = json.loads(json.dumps(desk.manager.snapshot()))
    if which == "previous":
        state["previous"], state["trade"] = state["trade"], None
    return state


def put(value: Any, *path: Any) -> Change:
    def change(state: dict[str, Any]) -> None:
        for name in path[:-1]:
            state = state[name]
        state[path[-1]] = value

    return change


# What still fits, what does not any more, and what is said then.
EDGES: dict[str, tuple[Change, Change, str]] = {
    "ids": (
        put(3, "orders", 1, "command", "order_id"),
        put(1, "orders", 1, "command", "order_id"),
        "orders: two with one identifier",
    ),
    "size": (
        put(1, "orders", 1, "command", "lots"),
        put(0, "orders", 1, "command", "lots"),
        "orders: a size that is not positive",
    ),
    "filled": (
        put(0, "orders", 0, "filled"),
        put(-1, "orders", 0, "filled"),
        "orders: a size that is not positive",
    ),
    "keep": (put(0, "keep"), put(-1, "keep"), "keep: negative"),
    "open": (put(10, "open"), put(11, "open"), "open: more than was entered"),
    "side": (put(1, "side"), put(-1, "side"), "side: not that of its intent"),
    "tick value": (put("0.1", "tick_value"), put("0", "tick_value"), "tick_value: not positive"),
    "digits": (put("1E+39", "fees"), put("1E+40", "fees"), r"fees: 1E\+40"),
    "small digits": (put("1E-39", "gross"), put("1E-40", "gross"), "gross: 1E-40"),
    "money": (put("-5", "funding"), put("NaN", "funding"), "funding: NaN"),
    **{
        " ".join(map(str, path)): (
            put(MOST_UNITS, *path),
            put(MOST_UNITS + 1, *path),
            "beyond any price or size",
        )
        for path in (
            ("stop",),
            ("lots",),
            ("entry_lots",),
            ("orders", 1, "command", "lots"),
            ("orders", 1, "command", "price"),
        )
    },
    "below": (put(-MOST_UNITS, "stop"), put(-MOST_UNITS - 1, "stop"), "beyond any price or size"),
}


@pytest.mark.parametrize("which", ["trade", "previous"])
@pytest.mark.parametrize("edge", EDGES)
def test_a_trade_that_no_manager_can_have_had_is_refused(edge: str, which: str) -> None:
    fits, contradicts, text = EDGES[edge]
    state = plain(which)
    state["next_id"] = 4
    fits(state[which])
    assert json.loads(json.dumps(to_plain(from_plain(state)))) == state
    contradicts(state[which])
    with pytest.raises(ValueError, match=f"^trade manager state: {which}.*{text}"):
        from_plain(state)


@pytest.mark.parametrize("which", ["trade", "previous"])
def test_the_next_identifier_lies_beyond_all_that_were_given(which: str) -> None:
    state = plain(which)
    assert state["next_id"] == 3
    assert from_plain(state).next_id == 3
    # The entry alone lies below it; the stop would get a twin.
    for next_id in (2, 1):
        with pytest.raises(ValueError, match=f"{which}.orders: beyond next_id"):
            from_plain(state | {"next_id": next_id})
    state[which]["orders"] = []
    assert from_plain(state | {"next_id": 1}).next_id == 1


@pytest.mark.parametrize("name", ["day_pnl", "cash"])
def test_money_of_the_books_is_finite(name: str) -> None:
    state = plain()
    assert from_plain(state | {name: "-7.5"})
    for wrong in ("NaN", "-Infinity", "1E+40"):
        with pytest.raises(ValueError, match=f"trade manager state: {name}: "):
            from_plain(state | {name: wrong})


@pytest.mark.parametrize("wrong", ["1/0", "0/0", "1.5", "", "1/-2", "٣", 5, None])
def test_what_is_no_fraction_is_refused(wrong: Any) -> None:
    state = plain()
    state["trade"]["open_cost"] = "-3/7"
    assert from_plain(state)
    state["trade"]["open_cost"] = wrong
    with pytest.raises(ValueError, match="trade manager state: "):
        from_plain(state)
