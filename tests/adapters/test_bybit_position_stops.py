"""Which orders are stops of positions, by all pages of the venue's lists."""

from typing import Any

import pytest

from adapters.bybit.answers import BadAnswer
from adapters.bybit.position_stops import MOST_PAGES
from adapters.bybit.position_stops import PositionStops
from tests.adapters.bybit_server import KEYS


T0_MS = 1_767_600_000_000


class Pages:
    """Answers with one order on each page; the last page has no cursor."""

    def __init__(self, kinds: list[str], *, is_endless: bool = False) -> None:
        self.kinds, self.is_endless = kinds, is_endless
        self.cursors: list[str | None] = []

    def __call__(self, cursor: str | None = None, **_: Any) -> dict[str, Any]:
        number = len(self.cursors)
        self.cursors.append(cursor)
        is_last = number + 1 >= len(self.kinds) and not self.is_endless
        row = {
            "orderId": f"{self.kinds[0]} {number}",
            "stopOrderType": self.kinds[number % len(self.kinds)],
        }
        following = "" if is_last else f"page {number + 1}"
        return {"result": {"list": [row], "nextPageCursor": following}, "time": T0_MS}


@pytest.fixture
def stops() -> PositionStops:
    return PositionStops("http://127.0.0.1:9", KEYS["api_key"], KEYS["api_secret"])


def test_stops_on_later_pages_are_known_as_well(stops: PositionStops) -> None:
    orders, executions = Pages(["Stop", "StopLoss"]), Pages(["", "StopLoss", ""])
    stops._http.get_open_orders = orders
    stops._http.get_executions = executions

    assert stops.known_stops("linear", "BTCUSDT", 0) == {
        "Stop 0": False,
        "Stop 1": True,
        " 0": False,
        " 1": True,
        " 2": False,
    }
    assert orders.cursors == [None, "page 1"]
    assert executions.cursors == [None, "page 1", "page 2"]


def test_stops_without_an_end_are_no_answer(stops: PositionStops) -> None:
    orders = Pages(["Stop"], is_endless=True)
    stops._http.get_open_orders = orders
    with pytest.raises(BadAnswer, match=f"order/realtime: more than {MOST_PAGES} pages"):
        stops.known_stops("linear", "BTCUSDT", 0)
    assert len(orders.cursors) == MOST_PAGES
