"""The loopback server's rows against recorded messages of the venue."""

import json
from pathlib import Path
from typing import Any

import pytest

from adapters.bybit.loopback.account_endpoints import account_info
from adapters.bybit.loopback.account_endpoints import api_key
from adapters.bybit.loopback.account_endpoints import fee_rate
from adapters.bybit.loopback.orders import NewOrder
from adapters.bybit.loopback.orders import OrderType
from adapters.bybit.loopback.orders import Side
from adapters.bybit.loopback.payloads import execution_row
from adapters.bybit.loopback.payloads import order_row
from adapters.bybit.loopback.payloads import position_row
from adapters.bybit.loopback.payloads import wallet_row
from adapters.bybit.loopback.public_endpoints import instruments
from adapters.bybit.loopback.public_endpoints import order_book
from adapters.bybit.loopback.public_endpoints import recent_trades
from adapters.bybit.loopback.server import BybitLoopback
from adapters.bybit.loopback.venue_closes import VenueClose
from tests.adapters.bybit_server import T0
from tests.adapters.bybit_server import D
from tests.adapters.bybit_server import quote
from tests.adapters.bybit_server import trade


# Not read by any client; the venue's pages spell the last one `totalPerpUPL`.
NOT_OURS = {"userIDInt64", "inviterIDInt64", "affiliateIDInt64", "totalPerpUpl"}


def rows() -> dict[str, dict[str, Any]]:
    server = BybitLoopback()
    server.feed(quote(T0, "60000", "60000.5"))
    server.feed(trade(T0, "60000", "0.1", Side.SELL))
    venue, contract = server.venue, server.venue.contract
    order = venue.engine.submit(NewOrder(side=Side.BUY, type=OrderType.MARKET, size=D("0.1")), T0)
    deleveraged = venue.engine.close_position(VenueClose.ADL, T0, D("0.5"))
    private = {"category": "linear"}
    ordered = order_row(contract, order)
    filled = execution_row(contract, venue.engine.executions[0])
    held = position_row(contract, venue.engine.position())
    owned = wallet_row(contract, venue.engine.wallet())
    return {
        "ws_account_order_stop_market.json": private | ordered,
        "ws_account_execution.json": private | filled,
        "ws_account_execution_adl.json": private | execution_row(contract, deleveraged),
        "ws_account_position.json": private | held,
        "ws_account_wallet.json": private | owned,
        "http_get_orders_realtime.json": ordered,
        "http_get_orders_history.json": ordered,
        "http_get_executions.json": filled,
        "http_get_positions.json": held,
        "http_get_wallet_balance.json": owned,
        "http_get_account_info.json": account_info(venue, {}),
        "http_get_user_query_api.json": api_key(venue, {}),
        "http_get_fee_rate.json": fee_rate(venue, {})["list"][0],
        "http_get_instruments_linear.json": instruments(venue, {})["list"][0],
        "http_get_trades_recent.json": recent_trades(venue, {})["list"][0],
        "http_get_orderbook.json": order_book(venue, {}),
    }


def recorded(path: Path) -> dict[str, Any]:
    message = json.loads(path.read_text())
    content = message.get("result", message.get("data"))
    if isinstance(content, dict):
        content = content.get("list", content)
    row: dict[str, Any] = content[0] if isinstance(content, list) else content
    return row


@pytest.mark.parametrize("name", rows())
def test_row_has_the_fields_and_types_of_the_venue_s(name: str, real_data: Path) -> None:
    ours, theirs = rows()[name], recorded(real_data / "bybit_messages" / name)

    assert set(theirs) - set(ours) <= NOT_OURS
    for field in set(ours) & set(theirs):
        if theirs[field] is not None:
            assert type(ours[field]) is type(theirs[field]), field


def test_wallet_s_coin_has_the_fields_of_the_venue_s(real_data: Path) -> None:
    name = "http_get_wallet_balance.json"
    ours = rows()[name]["coin"][0]
    theirs = recorded(real_data / "bybit_messages" / name)["coin"][0]

    assert set(theirs) <= set(ours)


def test_a_deleveraged_part_is_reported_as_the_venue_reports_it(real_data: Path) -> None:
    name = "ws_account_execution_adl.json"
    ours, theirs = rows()[name], recorded(real_data / "bybit_messages" / name)
    for field in ("execType", "execFee", "feeRate", "orderLinkId", "orderPrice", "orderType"):
        assert ours[field] == theirs[field], field
    assert ours["execQty"] == ours["closedSize"] == ours["orderQty"]
