"""
One session of two trades, and a node that is killed at 50 points of it.

The session is that of `kill_script`: a long trade with a limit entry that fills in two parts, a
stop that is refused once and sent again by REST, a first target, a stop at break-even and a second
target whose private messages come late; then a short trade that is stopped out. It has 11 requests
over the trade socket and 44 private messages, 9 of them about the stop that the venue keeps for the
position. The points cover every window between what the journal knows, what the venue has and what
the node has been told:

- 1 to 11: each request is lost on its way. The journal has an order that the venue has not.
- 12 to 21: each request but the refused one is carried out and nothing of it is told: the venue has
  an order, a cancel or a fill that the node does not know of.
- 22 to 29: the same for each order (for the stop of the first fill also with its entry), with a
  journal that has stopped writing before it: the venue has an order that no state knows.
- 30 to 42: the node has been told of the first half of what has happened: of an order, of a fill
  without what became of the order, of a new stop beside the old one, of a stop that is set off, of
  the venue's own stop as it comes, moves and goes.
- 43 and 44: a whole trade, and a trade that is being stopped out, of which the journal has nothing.
- 45 to 50: at lines of the node (its start, the stop that is refused, the end of a trade) and
  around transactions of the journal.

While the node is dead the market does nothing, or goes to the stop, to the last target, or through
the entry, in turn. Then the node is started again on the same journal and venue. What must hold is
in `judge`; the trade is played on to its end, and the short trade is traded if it was not before.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.bybit.loopback.orders import Side
from tests.adapters.bybit_server import wait_until
from tests.live.kill_script import Killed
from tests.live.kill_script import Script
from tests.live.kill_script import move_market
from tests.live.kill_watch import KillWatch
from tests.live.kill_watch import Point
from tests.live.restart_session import LOT
from tests.live.restart_session import ForkedNode
from tests.live.restart_session import Session
from tests.live.restart_session import kinds
from tests.live.restart_session import session_in


pytestmark = pytest.mark.node

# The longest time without protection, from the venue's last report to a node that starts.
ROUND_TRIP_S = 0.5
STOPS = {Decimal(59_900), Decimal(59_990), Decimal(60_300)}

LOST = tuple(range(1, 12))
TAKEN = (1, 2, 4, 5, 6, 7, 8, 9, 10, 11)
STALLED = ((1, 1), (10, 7), (2, 2), (2, 1), (5, 4), (6, 5), (8, 6), (11, 8))
TOLD = (1, 2, 6, 8, 9, 14, 16, 22, 23, 26, 30, 33, 39)
TOLD_STALLED = ((31, 1), (39, 7))
SAID = (2, 22, 56)
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
# An open trade that no state knows has no plan: the node holds it and halts.
WITHOUT_PLAN = {Point("taken", 2, 1), Point("taken", 10, 7), Point("told", 31, 1)}
# Nautilus drops the fills from before the open position; only the journal could know them.
WITHOUT_OLD_FILLS = {Point("taken", 2, 1), Point("told", 31, 1)}


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
        What the market does while it is dead.

    """

    number: int
    point: Point
    meanwhile: str

    def __str__(self) -> str:
        stall = f"-stall{self.point.stall}" if self.point.stall else ""
        return f"{self.number:02}-{self.point.at}{self.point.count}{stall}-{self.meanwhile}"


CASES = [Case(number, point, MEANWHILE[number % 4]) for number, point in enumerate(POINTS, 1)]


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with session_in(tmp_path) as session:
        yield session


@pytest.mark.parametrize("case", CASES, ids=str)
def test_killed_node_goes_on_with_the_session(session: Session, case: Case) -> None:
    watch = KillWatch(session, case.point)
    watch.install()
    is_second = play_until_killed(watch)
    entries = session.taken("E")
    move_market(session, case.meanwhile, is_long=not is_second)

    was_active = knows_activation(session)
    # What is flat by then needs no plan.
    is_lost = case.point in WITHOUT_PLAN and session.size() != 0
    node = watch.restart()
    wait_until(session.is_protected, 2.0, lambda: f"{session.orders()} {session.size()}")
    naked_s = watch.naked_s()
    print(f"{case}: without protection for {naked_s:.3f} s")
    assert naked_s < ROUND_TRIP_S

    # A market goes on, and what has passed its level meanwhile is seen at the next print.
    last = session.client.server.call(lambda s: s.venue.engine.touch.last)
    session.trade(str(last), "0.001", Side.BUY)
    settle(session, node)
    judge(session, node, case, is_lost=is_lost, was_active=was_active)
    finish(Script(session, node))
    judge(session, node, case, is_lost=is_lost, was_active=was_active)
    assert session.taken("E") == entries, "an entry was sent again"
    if not is_second:
        if not node.state()["active"]:
            node.do("activate")
        Script(session, node).second_trade()
        judge(session, node, case, is_lost=is_lost, was_active=was_active)
    assert (session.size(), session.orders()) == (0, [])


def play_until_killed(watch: KillWatch) -> bool:
    """Play the session; return True if the node was killed after the first trade."""
    script = Script(watch.session, watch.start())
    is_second = False
    try:
        script.first_trade()
        is_second = True
        script.second_trade()
    except Killed:
        watch.end()
        return is_second
    pytest.fail(f"the session was over before {watch.point}")


def settle(session: Session, node: ForkedNode) -> None:
    """Wait until the node has done what it wants to do after the restart."""

    def is_settled() -> bool:
        state = node.state()
        size, stop = abs(session.size()), Decimal(state["stop"] or 0)
        return (
            bool(state["settled"])
            and state["open"] * LOT == session.size()
            and session.orders() == ([("S", size, stop, Decimal(0))] if size else [])
        )

    wait_until(is_settled, 5.0, lambda: f"{session.orders()} {session.size()} {node.state()}")


def finish(script: Script) -> None:
    """Play the trade on to its end: to its targets, or to the stop of the second."""
    session, state = script.session, script.state()
    if state["open"] == 0:
        return
    if state["halted"]:
        script.tell("flatten")
    elif state["open"] > 0:
        for price in ("60100", "60200"):
            session.quote(price, f"{price}.5")
            session.trade(price, "0.1")
    else:
        session.quote("60310", "60310.5")
        session.trade("60305", "1", Side.BUY)
    script.until([])


def knows_activation(session: Session) -> bool:
    """Return True if the journal has a state in which the node was active."""
    states = session.query("SELECT state FROM snapshots")
    return any('"active":true' in state for (state,) in states)


def judge(
    session: Session, node: ForkedNode, case: Case, *, is_lost: bool, was_active: bool
) -> None:
    """
    Compare node, journal and venue.

    The position is the same, and so are all fills, each once, with their fees, and the result of
    the day; no exit was sent for more than there was; the stop is one that was decided on. A trade
    whose plan is not known is told, held and left to the operator, and only such a trade is.
    """
    state = node.state()
    assert (session.size() == 0) or is_lost or Decimal(state["stop"]) in STOPS
    assert all(size == filled for size, filled in session.exits()), "an exit was sent twice"
    assert ("POSITION_MISMATCH" in kinds(node, "Alert")) is is_lost, str(node.lines)
    if not is_lost:
        assert not state["halted"]
        # Before anything was kept it is a first start, which waits for the operator.
        assert state["active"] or not was_active
    if is_lost and case.point in WITHOUT_OLD_FILLS:
        return
    session.agree(node)
    wait_until(
        lambda: abs(Decimal(node.state()["day_pnl"]) - session.result()) < Decimal("0.000001"),
        2.0,
        lambda: f"day {node.state()['day_pnl']}, venue {session.result()}",
    )
