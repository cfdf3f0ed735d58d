"""How a node is brought into each state of a trade, and what the market then does to it."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from tests.adapters.bybit_server import wait_until
from tests.faults.bench import Bench


LOTS = Decimal("0.022")
PART, REST = Decimal("0.010"), Decimal("0.012")
FIRST, SECOND = Decimal("0.007"), Decimal("0.015")
PLAN = {"entry": "59990", "stop": "59900", "tp1": "60100", "tp2": "60200"}
REACH_S = 15.0


@dataclass(frozen=True)
class State:
    """
    Represents a state of a trade.

    Parameters
    ----------
    reach : Callable[[Bench], None]
        Brings a node that is flat and active into it.
    happen : Callable[[Bench], None]
        What the strategy or the market does next.

    """

    reach: Callable[[Bench], None]
    happen: Callable[[Bench], None]


def nothing(_: Bench) -> None:
    return


def enter(bench: Bench) -> None:
    plan = {name: str(bench.price(price)) for name, price in PLAN.items()}
    bench.tell("enter", is_long=bench.is_long, **plan)


def work(bench: Bench) -> None:
    enter(bench)
    has(bench, ("E", str(LOTS), "59990", "0"))
    accepted(bench, 1)


def fill_part(bench: Bench) -> None:
    work(bench)
    bench.trade("59989", str(PART))
    has(bench, ("E", str(LOTS), "59990", "0.01"), ("S", "0.01", "59900", "0"))
    accepted(bench, 2)


def fill(bench: Bench) -> None:
    work(bench)
    bench.trade("59989", str(LOTS))
    has(bench, ("S", str(LOTS), "59900", "0"))
    accepted(bench, 2)


def reach_tp1(bench: Bench) -> None:
    fill(bench)
    touch_tp1(bench)
    has(bench, ("S", str(SECOND), "59990", "0"))
    accepted(bench, 4)


def leave(bench: Bench) -> None:
    """Send the exit; the venue fills it, and the node does not hear of it."""
    fill(bench)
    bench.server(lambda s: s.freeze("private"))
    bench.tell("flatten")
    wait_until(lambda: bench.size() == 0, REACH_S, bench.output)


def touch_tp1(bench: Bench) -> None:
    bench.quote("60100", "60100.5")
    bench.trade("60100", "0.1")


def touch_stop(bench: Bench) -> None:
    bench.quote("59985", "59985.5")
    bench.trade("59985", "0.1")


def fill_all(bench: Bench) -> None:
    bench.trade("59989", str(LOTS))


def has(bench: Bench, *orders: tuple[str, str, str, str]) -> None:
    wait_until(
        lambda: bench.orders() == sorted(orders),
        REACH_S,
        lambda: f"{bench.orders()} {bench.output()}",
    )


def accepted(bench: Bench, count: int) -> None:
    """Wait until the journal holds a number of accepted orders."""
    query = "SELECT count(*) FROM order_events WHERE event = 'OrderAccepted'"
    wait_until(lambda: bench.journal(query)[0][0] >= count, REACH_S, bench.output)


STATES = {
    "flat": State(nothing, enter),
    "entry_working": State(work, fill_all),
    "partly_filled": State(fill_part, fill_all),
    "in_position": State(fill, touch_tp1),
    "after_tp1": State(reach_tp1, touch_stop),
    "exit_sent": State(leave, nothing),
}
