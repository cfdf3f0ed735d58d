"""What a whole live node does when the venue closes a position by itself."""

import asyncio
import json
import sqlite3
from contextlib import closing
from decimal import Decimal
from typing import Any

import pytest
from nautilus_trader.adapters.bybit.factories import get_cached_bybit_http_client
from nautilus_trader.adapters.bybit.factories import get_cached_bybit_instrument_provider

from adapters.bybit.loopback.venue_closes import VenueClose
from tests.live.test_node_in_process import Session
from tests.live.test_node_in_process import session


__all__ = ["session"]

LONG = {"use_limit_for_entry": False, "max_hold_minutes": None}


async def opened(found: Session) -> Decimal:
    """Wait until the node holds a position under its stop; return the size."""
    await found.ready()
    await found.tell("activate")
    await found.until(lambda: found.strategy.position != 0)
    await found.until(lambda: covered(found) and found.held() == found.strategy.position)
    # One trade is enough.
    found.strategy.active = False
    return found.strategy.position


def covered(found: Session) -> bool:
    ours = [order for order in found.stops() if order.request.link_id]
    return [order.leaves for order in ours] == [abs(found.held())]


def result(found: Session) -> Decimal:
    """Return what the account has earned after all costs, as the venue has it."""
    account = found.server.call(lambda server: server.venue.engine.account)
    return account.realised - account.fees - account.funding


def is_booked(found: Session) -> bool:
    return abs(found.strategy.manager.ledger.day_pnl - result(found)) < Decimal("0.000001")


def close(found: Session, manner: VenueClose, share: str) -> Any:
    return found.server.call(lambda server: server.close_position(manner, Decimal(share)))


def journaled(folder: Any) -> list[tuple[str, str, str]]:
    path = folder / "journal" / "journal.sqlite"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        return database.execute(
            "SELECT client_order_id, quantity, role FROM fills ORDER BY ts_event"
        ).fetchall()


@pytest.mark.parametrize("is_heard", [True, False])
@pytest.mark.parametrize("manner", [VenueClose.LIQUIDATION, VenueClose.REDUCTION])
def test_a_liquidation_is_booked_halts_and_is_told(session, tmp_path, manner, is_heard):
    rows = []

    async def script(found):
        await opened(found)
        if not is_heard:
            found.server.call(lambda server: server.freeze("private"))
        rows.append(close(found, manner, "1"))
        await found.until(lambda: found.strategy.manager.trade is None or not is_heard)
        await found.until(lambda: found.strategy.position == 0)
        await found.until(lambda: is_booked(found))
        await found.until(lambda: "LIQUIDATED" in found.alerts())
        assert found.strategy.manager.halted
        found.server.call(lambda server: server.thaw("private"))
        await found.until(lambda: not [o for o in found.stops() if o.request.link_id])

    found = session("live", "settings.position_look_s=0.3", **LONG)
    found.play(script)
    (row,) = rows
    assert "POSITION_MISMATCH" not in found.alerts()
    assert ("LIQUIDATED-" + row.order_id, str(row.size), "EXIT") in journaled(tmp_path)
    closed = [event for event in found.rows("trade_events") if event["kind"] == "TRADE_CLOSED"]
    assert [event["reason"] for event in closed] == ["LIQUIDATED"]
    assert exits(found) == []


@pytest.mark.parametrize("is_heard", [True, False])
def test_a_deleveraged_position_goes_on_under_a_smaller_stop(session, tmp_path, is_heard):
    async def script(found):
        size = await opened(found)
        if not is_heard:
            found.server.call(lambda server: server.freeze("private"))
        row = close(found, VenueClose.ADL, "0.4")
        await found.until(lambda: found.strategy.position == size - row.size)
        await found.until(lambda: "ADL" in found.alerts())
        found.server.call(lambda server: server.thaw("private"))
        await found.until(lambda: covered(found))
        assert is_booked(found)
        assert not found.strategy.manager.halted
        await found.tell("flatten")
        await found.until(lambda: is_booked(found))
        assert found.held() == 0

    found = session("live", "settings.position_look_s=0.3", **LONG)
    found.play(script)
    assert "POSITION_MISMATCH" not in found.alerts()
    assert len(exits(found)) == 1


def test_an_exit_for_a_position_that_is_gone_is_a_question(session):
    async def script(found):
        await opened(found)
        # Nothing but the refusal of the exit can tell the node of it.
        found.server.call(lambda server: server.freeze("private"))
        close(found, VenueClose.LIQUIDATION, "1")
        found.strategy.flatten()
        await found.until(lambda: found.strategy.position == 0)
        assert is_booked(found)
        found.server.call(lambda server: server.thaw("private"))
        await found.until(lambda: "LIQUIDATED" in found.alerts())

    found = session("live", "settings.position_look_s=30.0", **LONG)
    found.play(script)
    sent = exits(found)
    assert [code for _, code in sent] == [110017]


def exits(found: Session) -> list[tuple[str, int]]:
    """Return the exits at market that the venue was sent, and its answers."""
    trade = found.server.call(lambda server: server.trade)
    sent = []
    for request, answer in zip(trade.requests, trade.answers, strict=True):
        if request["op"] != "order.create":
            continue
        (fields,) = request["args"]
        if fields.get("reduceOnly") and "triggerPrice" not in fields:
            sent.append((str(fields["orderLinkId"]), int(answer["retCode"])))
    return sent


def test_the_venue_is_believed_after_it_has_closed_a_position_without_a_trace(session):
    async def script(found):
        await opened(found)
        found.server.call(lambda server: server.change_position(Decimal(0), Decimal(60_000)))
        found.strategy.flatten()
        await found.until(lambda: found.strategy.manager.trade is None)
        await found.until(lambda: not [o for o in found.stops() if o.request.link_id])
        await found.until(lambda: "POSITION_MISMATCH" in found.alerts())
        assert found.strategy.manager.halted

    found = session("live", "settings.position_look_s=30.0", **LONG)
    found.play(script)
    assert len(exits(found)) <= 3
    assert json.loads(found.heartbeat.read_text())


@pytest.mark.parametrize("is_before", [True, False])
def test_funding_rows_take_no_stop_from_a_position_at_a_restart(session, is_before):
    def fund(server):
        engine, now = server.venue.engine, server.venue.matching_ns()
        if is_before:
            # An earlier position has paid.
            engine.account.replace_position(Decimal("0.050"), Decimal(60_000), now)
        server.settle_funding(Decimal("0.0001"))
        server.settle_session()
        if is_before:
            engine.account.replace_position(Decimal(0), Decimal(60_000), now)

    def open_orders(server):
        return [order.request.link_id for order in server.venue.engine.open_orders]

    def now(server):
        return server.venue.matching_ns()

    def executed(server):
        return {row.exec_id for row in server.venue.engine.executions if row.kind == "Trade"}

    async def first(found):
        if is_before:
            # What is settled before the first start is not the node's.
            await found.until(lambda: found.server.call(now) > found.strategy.funded_until_ns)
            found.server.call(fund)
        await opened(found)
        if not is_before:
            found.server.call(fund)
        found.run.operator.shutdown.set()
        await asyncio.Event().wait()

    async def second(found):
        await found.until(lambda: found.strategy.position == found.held())
        await found.until(lambda: is_booked(found))
        assert found.server.call(open_orders) == working
        orders = found.run.node.cache.orders()
        trades = {trade.value for order in orders for trade in order.trade_ids}
        assert trades == found.server.call(executed)
        assert found.strategy.manager.halted is False
        await found.tell("flatten")
        await found.until(lambda: is_booked(found))

    session("live", "settings.funding_look_s=0.5", **LONG).play(first)
    # The next node would be one of a process of its own.
    get_cached_bybit_http_client.cache_clear()
    get_cached_bybit_instrument_provider.cache_clear()
    found = session("live", "settings.funding_look_s=0.5", **LONG)
    working = found.server.call(open_orders)
    assert working
    found.play(second)
    assert "POSITION_MISMATCH" not in found.alerts()
    assert found.held() == 0
