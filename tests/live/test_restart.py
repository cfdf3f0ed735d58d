"""A node that is killed at the worst moments, and started again on the same venue."""

import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from tests.actors.test_alerts import receiver
from tests.adapters.bybit_live import Node
from tests.adapters.bybit_server import LINEAR
from tests.adapters.bybit_server import wait_until
from tests.live.restart_session import Session
from tests.live.restart_session import kinds
from tests.live.restart_session import session_in


pytestmark = pytest.mark.node


LOTS = Decimal("0.022")
ENTRY = {"entry": "59990", "stop": "59900", "tp1": "60100", "tp2": "60200"}


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with session_in(tmp_path) as session:
        yield session


def _public(session: Session) -> bool:
    return session.client.server.call(lambda s: bool(s.connections.of("public")))


def enter(session: Session, node: Node) -> None:
    """Let the limit entry rest."""
    wait_until(lambda: _public(session))
    node.do("enter", **ENTRY)
    wait_until(lambda: session.orders() == [("E", LOTS, Decimal("59990"), Decimal(0))], 5.0)
    wait_until(lambda: any(x["event"] == "OrderAccepted" for x in node.lines))


def fill(session: Session, node: Node) -> None:
    """Open the position, and wait for its stop."""
    enter(session, node)
    session.trade("59989", str(LOTS))
    stop = ("S", LOTS, Decimal("59900"), Decimal(0))
    wait_until(lambda: session.orders() == [stop], 5.0, lambda: str(session.orders()))
    wait_until(lambda: len([x for x in node.lines if x["event"] == "OrderAccepted"]) > 1)
    # A snapshot is written within moments; what a kill inside them does is a test of its own.
    time.sleep(0.3)


def test_receivers_hear_of_start_trade_and_stop(session: Session) -> None:
    with receiver(500) as kept:
        session.environment["ALERT_WEBHOOK_URL"] = kept.url
        node = session.start()
        fill(session, node)
        node.do("flatten")
        wait_until(lambda: session.size() == 0 and not session.orders(), 5.0)
        session.agree(node)
        node.quit()

    told = [body["type"] for _, body in kept.bodies]
    assert told == ["NODE_STARTED", "NODE_STARTED", "TRADE_OPENED", "TRADE_CLOSED", "NODE_STOPPED"]
    closed = kept.bodies[3][1]
    assert closed["data"]["reason"] == "FLATTEN"
    assert closed["data"]["trader_id"] == "TEST-001"
    assert session.query("SELECT cause FROM snapshots ORDER BY seq DESC LIMIT 1")[0][0] == "STOP"


def test_flat_and_active_it_goes_on(session: Session) -> None:
    node = session.start()
    time.sleep(0.3)
    node.kill()
    again = session.start()

    assert again.lines[-1]["active"] is True or again.state()["active"]
    assert "OBSERVATION" not in kinds(again, "Alert")
    session.agree(again)
    enter(session, again)
    assert session.sent() == ["E"]


def test_it_stays_in_observation_if_it_was(session: Session) -> None:
    node = session.start()
    node.do("observe")
    wait_until(lambda: not node.state()["active"])
    time.sleep(0.3)
    node.kill()
    again = session.start()

    assert again.state()["active"] is False
    assert kinds(again, "Alert") == ["OBSERVATION"]


def test_open_position_keeps_its_stop(session: Session) -> None:
    node = session.start()
    fill(session, node)
    before = session.links()
    node.kill()
    again = session.start()

    session.agree(again)
    time.sleep(1.0)
    assert session.links() == before
    assert session.orders() == [("S", LOTS, Decimal("59900"), Decimal(0))]
    state = again.state()
    assert (state["active"], state["halted"], state["tag"]) == (True, False, "told_long")


def test_stop_lost_meanwhile_is_sent_again(session: Session) -> None:
    node = session.start()
    fill(session, node)
    node.kill()
    link = session.links()[-1]
    session.client.http.cancel_order(**LINEAR, orderLinkId=link)
    assert session.orders() == []
    again = session.start()

    wait_until(session.is_protected, 2.0)
    session.agree(again)
    assert session.orders() == [("S", LOTS, Decimal("59900"), Decimal(0))]
    assert again.state()["halted"] is False


def test_position_changed_by_somebody_else_halts_and_is_protected(session: Session) -> None:
    node = session.start()
    fill(session, node)
    node.kill()
    session.client.order("Buy", "0.010")
    assert session.size() == LOTS + Decimal("0.010")
    again = session.start()

    expected = [("S", LOTS + Decimal("0.010"), Decimal("59900"), Decimal(0))]
    wait_until(lambda: session.orders() == expected, 5.0, lambda: str(session.orders()))
    state = again.state()
    assert (state["halted"], state["active"]) == (True, False)
    assert {"POSITION_MISMATCH", "OBSERVATION"} <= set(kinds(again, "Alert"))


def test_without_a_journal_an_open_position_is_held_by_its_stop(
    session: Session, tmp_path: Path
) -> None:
    node = session.start()
    fill(session, node)
    node.kill()
    session.database = tmp_path / "another.sqlite"
    again = session.start()

    time.sleep(1.0)
    assert session.orders() == [("S", LOTS, Decimal("59900"), Decimal(0))]
    state = again.state()
    assert (state["halted"], state["active"], state["tag"]) == (True, False, "adopted")
    assert session.sent() == ["E", "S"]


def test_unknown_position_gets_an_emergency_stop(session: Session) -> None:
    session.client.order("Buy", "0.010")
    assert session.size() == Decimal("0.010")
    again = session.start()

    wait_until(session.is_protected, 2.0, lambda: str(session.orders()))
    ((role, size, price, _),) = session.orders()
    assert (role, size) == ("S", Decimal("0.010"))
    assert price == Decimal("60000.5") - Decimal("600.1")
    assert again.state()["halted"] is True
    again.do("flatten")
    wait_until(lambda: session.size() == 0 and session.orders() == [], 5.0)
