"""The loopback server's REST interface, asked by pybit."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import requests
from pybit.exceptions import FailedRequestError
from pybit.exceptions import InvalidRequestError

from adapters.bybit.loopback.contract import BTCUSDT
from adapters.bybit.loopback.orders import Side
from adapters.bybit.loopback.server import BybitLoopback
from adapters.bybit.loopback.tape import FundingRate
from adapters.bybit.loopback.tape import Kline
from adapters.bybit.market import BybitMarket
from catalog.instruments import bybit_perpetual_from_definition
from catalog.instruments import resolve_instrument
from tests.adapters.bybit_server import LINEAR
from tests.adapters.bybit_server import T0
from tests.adapters.bybit_server import Client
from tests.adapters.bybit_server import client_of
from tests.adapters.bybit_server import quote
from tests.adapters.bybit_server import trade


MINUTE_NS = 60_000_000_000
HOUR_NS = 60 * MINUTE_NS


@pytest.fixture
def client() -> Iterator[Client]:
    with client_of(BybitLoopback()) as client:
        client.feed(quote(T0, "60000", "60000.5"), trade(T0 + 1, "60000", "0.1", Side.SELL))
        yield client


def rows(answer: dict[str, Any]) -> list[dict[str, Any]]:
    return answer["result"]["list"]


def refusal(call: Any, *args: Any, **fields: Any) -> int:
    with pytest.raises(InvalidRequestError) as refused:
        call(*args, **fields)
    return int(refused.value.status_code)


def test_definition_is_that_of_the_built_in_instrument(client: Client) -> None:
    (definition,) = rows(client.http.get_instruments_info(**LINEAR))

    assert bybit_perpetual_from_definition(definition) == resolve_instrument("BTCUSDT-LINEAR.BYBIT")
    assert type(BTCUSDT).from_definition(definition) == BTCUSDT


def test_the_project_s_own_reader_can_download_from_it(client: Client) -> None:
    with BybitMarket.connect("BTCUSDT", client.server.url) as market:
        assert market.instrument()["symbol"] == "BTCUSDT"
        pages = list(market.klines(T0 // 10**6, T0 // 10**6 + 60_000))

    assert pages[0][0][1:5] == ["60000.00"] * 4


@pytest.mark.parametrize(
    ("keys", "code"),
    [
        ({"api_key": "other", "api_secret": "loopback-secret"}, 10003),
        ({"api_key": "loopback-key", "api_secret": "other"}, 10004),
    ],
)
def test_wrong_keys_get_the_venue_s_codes(client: Client, keys: dict[str, str], code: int) -> None:
    http = client.connect(**keys)

    assert refusal(http.get_wallet_balance, accountType="UNIFIED") == code
    assert rows(http.get_instruments_info(**LINEAR))
    http.client.close()


def test_request_without_keys_is_refused(client: Client) -> None:
    answer = requests.get(f"{client.server.url}/v5/account/info", timeout=5).json()

    assert answer["retCode"] == 10005


def test_clock_that_is_off_is_refused(
    client: Client,
    caplog: pytest.LogCaptureFixture,
) -> None:
    client.server.call(lambda server: setattr(server.venue, "clock_offset_ms", 10_000))

    with pytest.raises(FailedRequestError, match="retries exceeded"):
        client.http.get_account_info()
    assert "ErrCode: 10002" in caplog.text
    ahead_ms = int(client.http.get_server_time()["time"])

    client.server.call(lambda server: setattr(server.venue, "clock_offset_ms", 0))
    assert ahead_ms - int(client.http.get_server_time()["time"]) > 9_000
    assert client.http.get_account_info()["retCode"] == 0


def test_order_goes_from_open_to_history(client: Client) -> None:
    order_id = client.order("Buy", "0.1", price="59000", orderLinkId="mine")

    (row,) = rows(client.http.get_open_orders(**LINEAR))
    assert (row["orderId"], row["orderLinkId"], row["orderStatus"]) == (order_id, "mine", "New")
    client.http.amend_order(**LINEAR, orderLinkId="mine", price="59001", qty="0.2")
    (row,) = rows(client.http.get_open_orders(**LINEAR, orderLinkId="mine"))
    assert (row["price"], row["qty"]) == ("59001.00", "0.200")
    client.http.cancel_order(**LINEAR, orderId=order_id)

    assert rows(client.http.get_open_orders(**LINEAR)) == []
    (row,) = rows(client.http.get_order_history(**LINEAR))
    assert (row["orderStatus"], row["cancelType"]) == ("Cancelled", "CancelByUser")


def test_fill_is_an_execution_and_a_position_and_a_fee(client: Client) -> None:
    order_id = client.order("Buy", "0.1")

    (execution,) = rows(client.http.get_executions(**LINEAR))
    (position,) = rows(client.http.get_positions(**LINEAR))
    (account,) = rows(client.http.get_wallet_balance(accountType="UNIFIED"))
    fee = Decimal("0.1") * Decimal("60000.5") * Decimal("0.00055")
    assert (execution["orderId"], execution["execPrice"], execution["isMaker"]) == (
        order_id,
        "60000.5",
        False,
    )
    assert Decimal(execution["execFee"]) == fee
    assert (position["side"], position["size"], position["avgPrice"]) == ("Buy", "0.100", "60000.5")
    assert Decimal(account["totalWalletBalance"]) == 10_000 - fee
    assert Decimal(account["totalEquity"]) == 10_000 - fee - Decimal("0.025")


def test_conditional_orders_are_found_by_their_filter(client: Client) -> None:
    client.order("Buy", "0.1")
    client.order("Sell", "0.1", triggerPrice="59000", triggerDirection=2, reduceOnly=True)
    client.order("Sell", "0.1", price="61000", reduceOnly=True)

    (stop,) = rows(client.http.get_open_orders(**LINEAR, orderFilter="StopOrder"))
    assert (stop["orderStatus"], stop["triggerPrice"]) == ("Untriggered", "59000.00")
    assert len(rows(client.http.get_open_orders(**LINEAR))) == 2


def test_lists_come_in_pages(client: Client) -> None:
    for number in range(5):
        client.order("Buy", "0.001", price=str(50_000 + number))

    first = client.http.get_open_orders(**LINEAR, limit=3)
    cursor = first["result"]["nextPageCursor"]
    second = client.http.get_open_orders(**LINEAR, limit=3, cursor=cursor)

    prices = [row["price"] for row in rows(first) + rows(second)]
    assert prices == [f"{50_000 + number}.00" for number in (4, 3, 2, 1, 0)]
    assert second["result"]["nextPageCursor"] == ""


def test_cancel_all_takes_every_order_of_the_symbol(client: Client) -> None:
    client.order("Buy", "0.1", price="59000")
    client.order("Buy", "0.1", triggerPrice="61000", triggerDirection=1)

    assert len(rows(client.http.cancel_all_orders(**LINEAR))) == 2
    assert rows(client.http.get_open_orders(**LINEAR)) == []


def test_set_up_that_changes_nothing_has_its_code(client: Client) -> None:
    leverage = {"buyLeverage": "25", "sellLeverage": "25"}
    client.http.set_leverage(**LINEAR, **leverage)

    assert refusal(client.http.set_leverage, **LINEAR, **leverage) == 110043
    assert refusal(client.http.switch_position_mode, **LINEAR, mode=0) == 110025
    assert rows(client.http.get_positions(**LINEAR))[0]["leverage"] == "25"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"price": "59000", "takeProfit": "61000"}, 10001),
        ({"price": "59000", "positionIdx": 1}, 10001),
        ({"price": "much"}, 10001),
        ({"price": "59000", "timeInForce": "GTD"}, 10001),
        ({"triggerPrice": "59000", "triggerDirection": 2, "triggerBy": "MarkPrice"}, 10001),
        ({"reduceOnly": True}, 110017),
    ],
)
def test_order_that_is_not_offered_is_refused(client: Client, fields: Any, code: int) -> None:
    assert refusal(client.order, "Buy", "0.1", **fields) == code


def test_client_id_is_used_once(client: Client) -> None:
    client.order("Buy", "0.1", price="59000", orderLinkId="mine")

    assert refusal(client.order, "Buy", "0.1", price="59000", orderLinkId="mine") == 110072


def test_other_symbol_is_refused(client: Client) -> None:
    fields = {"category": "linear", "symbol": "ETHUSDT", "side": "Buy", "orderType": "Market"}
    assert refusal(client.http.place_order, **fields, qty="1") == 10001


def test_trades_candles_and_funding_are_those_of_the_tape(client: Client) -> None:
    client.order("Buy", "0.1")
    client.feed(
        trade(T0 + MINUTE_NS, "60010", "0.2", Side.BUY, "second"),
        FundingRate(T0 + MINUTE_NS, Decimal("0.0003")),
        quote(T0 + 8 * HOUR_NS, "60000", "60000.5"),
    )

    newest = rows(client.http.get_public_trade_history(**LINEAR))[0]
    candles = rows(client.http.get_kline(**LINEAR, interval="1"))
    (payment,) = rows(client.http.get_funding_rate_history(**LINEAR))
    funding = rows(client.http.get_executions(**LINEAR, execType="Funding"))
    assert (newest["execId"], newest["side"], newest["size"]) == ("second", "Buy", "0.200")
    assert [candle[4] for candle in candles] == ["60010.00", "60000.00"]
    assert payment["fundingRate"] == "0.0003"
    assert int(payment["fundingRateTimestamp"]) % (8 * 3_600_000) == 0
    assert [row["execQty"] for row in funding] == ["0.100"]


def test_answers_report_what_is_left_of_the_limit(client: Client) -> None:
    answer = requests.get(f"{client.server.url}/v5/market/time", timeout=5)

    assert answer.headers["X-Bapi-Limit"] == "50"
    assert answer.headers["X-Bapi-Limit-Status"] == "49"


def test_eleventh_order_of_a_second_is_one_too_many(
    client: Client,
    caplog: pytest.LogCaptureFixture,
) -> None:
    for _ in range(10):
        client.order("Buy", "0.001", price="50000")

    with pytest.raises(FailedRequestError, match="retries exceeded"):
        client.order("Buy", "0.001", price="50000")
    assert "ErrCode: 10006" in caplog.text
    assert len(rows(client.http.get_open_orders(**LINEAR))) == 10


def test_switched_faults_are_answered_as_often_as_requested(client: Client) -> None:
    client.server.call(lambda server: server.faults.reject_orders(110007, "ab not enough"))
    client.server.call(lambda server: server.faults.fail_requests("/v5/account/info", 1, 503))

    assert refusal(client.order, "Buy", "0.1") == 110007
    assert client.order("Buy", "0.1")
    with pytest.raises(FailedRequestError) as failed:
        client.http.get_account_info()
    assert failed.value.status_code == 503
    assert client.http.get_account_info()["retCode"] == 0


def test_position_changed_behind_our_back_has_no_execution(client: Client) -> None:
    client.server.call(lambda s: s.change_position(Decimal("-0.5"), Decimal(60_000)))

    (position,) = rows(client.http.get_positions(**LINEAR))
    assert (position["side"], position["size"]) == ("Sell", "0.500")
    assert rows(client.http.get_executions(**LINEAR)) == []


def test_unknown_endpoint_is_not_found(client: Client) -> None:
    assert requests.get(f"{client.server.url}/v5/nothing", timeout=5).status_code == 404


def test_candles_of_the_tape_come_newest_first_with_one_that_forms(client: Client) -> None:
    minute = 60_000_000_000
    closes = {1: "60000", 2: "60010", 4: "60020"}
    # The third minute had no trade.
    klines = [
        Kline(T0 + n * minute, 1, *[Decimal(close)] * 4, Decimal("2"))
        for n, close in closes.items()
    ]
    client.feed(*klines)
    found = rows(client.http.get_kline(**LINEAR, interval="1", limit=4))
    starts = [(int(row[0]) - T0 // 10**6) // 60_000 for row in found]
    assert starts == [4, 3, 1, 0]
    assert [float(row[5]) for row in found] == [0.0, 2.0, 2.0, 2.0]
