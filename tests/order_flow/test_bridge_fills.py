"""A book at the average price: fills in parts, reported twice, or of an order of the venue."""

from decimal import Decimal
from typing import Any

import pytest

from strategies.common.commands import Purpose
from strategies.common.commands import Submit
from strategies.common.events import Filled
from strategies.common.intents import Intent
from strategies.common.records import ExitFilled
from strategies.common.records import TradeClosed
from tests.strategies.trade_manager_desk import Desk
from tests.vectors import load


TICK, TICK_VALUE = Decimal("0.25"), Decimal("12.5")
CASES = load("002", "13_bridge_fills.json")["cases"]
ENTRY = 1


def ticks(price: float) -> int:
    return int(Decimal(str(price)) / TICK)


class Bridge(Desk):
    """A venue that reports fills with their ids, as the vectors have them."""

    def __init__(self, case: dict[str, Any]) -> None:
        super().__init__(case["size"], tick_value=TICK_VALUE, taker_fee_bps=Decimal(0))
        entry, stop, target = map(ticks, case["bracket_prices"])
        is_long = case["side"] == "LONG"
        tag = f"x_{case['side'].lower()}"
        intent = Intent(is_long=is_long, entry=entry, stop=stop, tag=tag, tp2=target)
        self.target, self.stop = target, stop
        self.orders: dict[Purpose, int] = {}
        self.minute(intent, close=entry)
        self.take()
        self.accept(ENTRY)

    def take(self) -> None:
        """Do what was sent: the venue works and cancels orders at once."""
        while sent := [c for c in self.commands if c.order_id != ENTRY]:
            self.commands = []
            answers: list[Any] = []
            for command in sent:
                if isinstance(command, Submit):
                    self.orders[command.purpose] = command.order_id
                    answers += self.accept(command.order_id)
                else:
                    answers += self.cancel(command.order_id)
            self.commands = answers

    def report(self, kind: str, price: int, lots: int, fill_id: str) -> None:
        if kind == "E":
            order = ENTRY
        elif kind == "?":
            order = self.manager.adopt_stop(lots, price)
        elif price == self.stop:
            order = self.orders[Purpose.STOP]
        else:
            if Purpose.EXIT not in self.orders:
                self.trade(self.target)
                self.take()
            order = self.orders[Purpose.EXIT]
        fill = Filled(
            order_id=order,
            ts=self.now,
            fill_id=fill_id,
            lots=lots,
            price=price,
            is_maker=False,
            fee=Decimal(0),
        )
        self.event(fill)
        self.take()

    def book(self, entry: float) -> dict[str, Any]:
        """Return the book in the form of the vectors, with the average entry of what was closed."""
        trade = self.manager.trade
        closes = [r for r in self.records if isinstance(r, ExitFilled)]
        is_open = trade is not None and trade.open > 0
        return {
            "open_qty": trade.open if is_open else 0,
            "avg_entry": average_of(trade) if is_open else None,
            "realized": float(sum((r.gross for r in closes), Decimal(0))),
            "closes": [[r.lots, entry, float(r.price * TICK), float(r.gross)] for r in closes],
        }


def average_of(trade: Any) -> float:
    return float(trade.average_entry) * float(TICK)


def test_the_vectors_have_every_kind_of_report() -> None:
    assert {event[0] for case in CASES for event in case["events"]} == {"E", "X", "?"}
    twice = [case for case in CASES if len({e[4] for e in case["events"]}) < len(case["events"])]
    assert len(twice) == 2


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_book_after_each_report_is_that_of_the_vectors(case: dict[str, Any]) -> None:
    bridge = Bridge(case)
    entry = 0.0
    for (kind, price, lots, _, fill_id), expected in zip(
        case["events"], case["expected_recommended"], strict=True
    ):
        bridge.report(kind, ticks(price), lots, fill_id)
        if kind == "E":
            entry = average_of(bridge.manager.trade)
        assert bridge.book(entry) == expected
    last = case["expected_recommended"][-1]
    ended = [float(r.gross) for r in bridge.records if isinstance(r, TradeClosed)]
    assert ended == ([] if last["open_qty"] else [last["realized"]])
