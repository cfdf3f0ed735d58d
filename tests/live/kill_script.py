"""The session of two trades that a node is killed in."""

import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from adapters.bybit.loopback.orders import Side
from tests.live.restart_session import LOT
from tests.live.restart_session import ForkedNode
from tests.live.restart_session import Session


D = Decimal
LONG = {"entry": "59990", "stop": "59900", "tp1": "60100", "tp2": "60200"}
SHORT = {"entry": "60210", "stop": "60300", "tp1": "60100", "tp2": "60000"}
STOP_REFUSED = (110_007, "loopback: refused once")
STEP_S = 10.0


class Killed(Exception):
    """The node is dead: the script ends here."""


class Script:
    """Plays the session to one node."""

    def __init__(self, session: Session, node: ForkedNode) -> None:
        self.session = session
        self.node = node

    def first_trade(self) -> None:
        """Long: a limit entry filled in two parts, a refused stop, two targets."""
        session = self.session
        self.begin()
        self.enter(LONG)
        self.until([("E", D("0.022"), D(59990), D(0))])
        session.trade("59989", "0.010")
        self.until([("E", D("0.022"), D(59990), D("0.010")), ("S", D("0.010"), D(59900), D(0))])
        session.client.server.call(lambda s: s.faults.reject_orders(*STOP_REFUSED))
        session.trade("59989", "0.012")
        self.until([("S", D("0.022"), D(59900), D(0))])
        session.quote("60100", "60100.5")
        session.trade("60100", "0.1")
        self.until([("S", D("0.015"), D(59990), D(0))])
        session.client.server.call(lambda s: setattr(s.faults, "delay_s", 0.1))
        session.quote("60200", "60200.5")
        session.trade("60200", "0.1")
        self.until([])
        session.client.server.call(lambda s: setattr(s.faults, "delay_s", 0.0))

    def second_trade(self) -> None:
        """Short: a limit entry filled at once, and stopped out."""
        session = self.session
        session.quote("60200", "60200.5")
        session.trade("60200", "0.1")
        # An older print must not come after the entry.
        self.wait(lambda: D(self.state()["last"] or 0) == D(60200))
        self.enter(SHORT)
        self.until([("E", D("0.022"), D(60210), D(0))])
        session.trade("60211", "0.022", Side.BUY)
        self.until([("S", D("0.022"), D(60300), D(0))])
        session.quote("60310", "60310.5")
        session.trade("60305", "1", Side.BUY)
        self.until([])

    def begin(self) -> None:
        self.wait(
            lambda: (
                self.node.is_started
                and self.session.client.server.call(lambda s: bool(s.connections.of("public")))
            )
        )

    def enter(self, prices: dict[str, str]) -> None:
        self.tell("enter", **prices)

    def tell(self, what: str, **fields: Any) -> None:
        try:
            self.node.do(what, **fields)
        except (BrokenPipeError, OSError) as e:
            raise Killed from e

    def until(self, orders: list[Any]) -> None:
        """Wait until the venue has these orders, and the node knows them and the position."""

        def is_settled() -> bool:
            if self.session.orders() != orders:
                return False
            state = self.state()
            return bool(state["settled"]) and state["open"] * LOT == self.session.size()

        self.wait(is_settled, lambda: f"{self.session.orders()}, wanted {orders}")

    def state(self) -> dict[str, Any]:
        seen = len(self.node.lines)
        self.tell("state")

        def found() -> list[dict[str, Any]]:
            return [x for x in list(self.node.lines[seen:]) if x["event"] == "State"]

        self.wait(lambda: bool(found()))
        return found()[0]

    def wait(self, condition: Callable[[], bool], told: Callable[[], str] = lambda: "") -> None:
        end = time.monotonic() + STEP_S
        while not condition():
            if not self.node.is_alive:
                raise Killed
            if time.monotonic() > end:
                pytest.fail(f"the session does not go on: {told()} {self.node.lines[-5:]}")
            time.sleep(0.01)


def move_market(session: Session, where: str, is_long: bool) -> None:
    """Let the market go on while nobody watches it."""
    match where, is_long:
        case "stop", True:
            session.quote("59890", "59890.5")
            session.trade("59895", "1")
        case "stop", False:
            session.quote("60310", "60310.5")
            session.trade("60305", "1", Side.BUY)
        case "entry", True:
            session.trade("59989", "0.015")
        case "entry", False:
            session.trade("60211", "0.015", Side.BUY)
        case "target", True:
            session.quote("60200", "60200.5")
            session.trade("60200", "0.1")
        case "target", False:
            session.quote("59999.5", "60000")
            session.trade("60000", "0.1", Side.BUY)
