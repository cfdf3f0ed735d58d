"""
One session of two trades, and a node that is killed at 50 points of it.
"""

import time
from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from adapters.bybit.loopback.orders import Side
from tests.adapters.bybit_server import wait_until
from tests.adapters.kill_watch import KillWatch
from tests.adapters.kill_watch import Point
from tests.adapters.restart_session import LOT
from tests.adapters.restart_session import START_S
from tests.adapters.restart_session import ForkedNode
from tests.adapters.restart_session import Session
from tests.adapters.restart_session import kinds
from tests.adapters.restart_session import session_in


pytestmark = pytest.mark.node

D = Decimal
LONG = {"entry": "59990", "stop": "59900", "tp1": "60100", "tp2": "60200"}
SHORT = {"entry": "60210", "stop": "60300", "tp1": "60100", "tp2": "60000"}
STOP_REFUSED = (110_007, "loopback: refused once")


# The longest time without protection, from the last report of the venue to a node that starts.
ROUND_TRIP_S = 0.5


@dataclass(frozen=True)
class Case:
    """
    Represents one kill.

    Parameters
    ----------
    number : int
        Its number among the 50.
    point : Point
        When the node is killed.
    meanwhile : str
        What the market does while it is dead: nothing, or it goes to the `stop` or to the last
        `target`, or it trades through the `entry`.
    is_explained : bool
        If the restarted node can tell from journal and venue what has happened.

    """

    number: int
    point: Point
    meanwhile: str
    is_explained: bool = True

    def __str__(self) -> str:
        stall = f"-stall{self.point.stall}" if self.point.stall else ""
        return f"{self.number:02}-{self.point.at}{self.point.count}{stall}-{self.meanwhile}"


LOST = tuple(range(1, 13))
TAKEN = (1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12)
STALLED = ((1, 1), (2, 1), (2, 2), (4, 4), (6, 5), (7, 6), (9, 7), (11, 8), (12, 9))
TOLD = (1, 2, 7, 8, 12, 14, 19, 21, 27, 32)
TOLD_STALLED = ((25, 1), (32, 8))
SAID = (2, 23, 60)
BEFORE = (5, 14)
AFTER = (5,)
POINTS = (
    *(Point("lost", n) for n in LOST),
    *(Point("taken", n) for n in TAKEN),
    *(Point("taken", n, order) for n, order in STALLED),
    *(Point("told", n) for n in TOLD),
    *(Point("told", n, order) for n, order in TOLD_STALLED),
    *(Point("said", n) for n in SAID),
    *(Point("before", n) for n in BEFORE),
    *(Point("after", n) for n in AFTER),
)
MEANWHILE = ("nothing", "stop", "target", "entry")
CASES = [Case(number, point, MEANWHILE[number % 4]) for number, point in enumerate(POINTS, 1)]


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
        end = time.monotonic() + START_S / 3
        while not condition():
            if not self.node.is_alive:
                raise Killed
            if time.monotonic() > end:
                pytest.fail(f"the session does not go on: {told()} {self.node.lines[-5:]}")
            time.sleep(0.01)


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with session_in(tmp_path) as session:
        yield session


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


@pytest.mark.parametrize("case", CASES, ids=str)
def test_killed_node_goes_on_with_the_session(session: Session, case: Case) -> None:
    watch = KillWatch(session, case.point)
    watch.install()
    script = Script(session, watch.start())
    second = False
    try:
        script.first_trade()
        second = True
        script.second_trade()
        pytest.fail(f"{case}: the session was over before this point")
    except Killed:
        watch.end()
    move_market(session, case.meanwhile, not second)

    node = watch.restart()
    wait_until(session.is_protected, 2.0, lambda: f"{session.orders()} {session.size()}")
    first_life = watch.naked_s()
    state = settle(session, node)
    judge(session, node, watch, case)
    assert state["halted"] is not case.is_explained, str(node.lines)
    script = Script(session, node)
    finish(script, state)
    judge(session, node, watch, case)
    if not second:
        node.do("activate")
        script.second_trade()
        judge(session, node, watch, case)
    assert session.size() == 0
    assert session.orders() == []
    assert first_life < ROUND_TRIP_S


def settle(session: Session, node: ForkedNode) -> dict[str, Any]:
    """Wait until the node has done what it wants to do after the restart."""

    def is_settled() -> bool:
        roles = [role for role, *_ in session.orders()]
        state = node.state()
        return (
            bool(state["settled"])
            and state["open"] * LOT == session.size()
            and roles == (["S"] if session.size() else [])
        )

    wait_until(is_settled, 5.0, lambda: f"{session.orders()} {session.size()} {node.state()}")
    return node.state()


def finish(script: Script, state: dict[str, Any]) -> None:
    """Play the trade on to its end: to its targets, or to the stop of the second."""
    session = script.session
    if state["open"] == 0:
        return
    if state["tag"] not in ("told_long", "told_short"):
        script.tell("flatten")
    elif state["open"] > 0:
        for price in ("60100", "60200"):
            session.quote(price, f"{price}.5")
            session.trade(price, "0.1")
    else:
        session.quote("60310", "60310.5")
        session.trade("60305", "1", Side.BUY)
    script.until([])


def judge(session: Session, node: ForkedNode, watch: KillWatch, case: Case) -> None:
    session.agree(node)
    state = node.state()
    if state["halted"]:
        assert "POSITION_MISMATCH" in kinds(node, "Alert")
    wait_until(
        lambda: abs(D(node.state()["day_pnl"]) - session.result()) < D("0.000001"),
        2.0,
        lambda: f"day {node.state()['day_pnl']}, venue {session.result()}",
    )
    assert session.sent().count("E") <= 2 + watch.lost_entries
    assert all(order.size == order.filled for order in watch.exits()), "an exit was sent twice"
