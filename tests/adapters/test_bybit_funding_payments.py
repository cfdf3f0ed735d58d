"""What the account has paid as funding, asked of the loopback venue."""

from decimal import Decimal

import pytest

from adapters.bybit.funding_payments import FundingPayments
from adapters.bybit.loopback.orders import Side
from adapters.bybit.loopback.server import BybitLoopback
from errors import AuctionError
from tests.adapters.bybit_server import KEYS
from tests.adapters.bybit_server import T0
from tests.adapters.bybit_server import client_of
from tests.adapters.bybit_server import quote
from tests.adapters.bybit_server import trade


DAY_NS = 86_400_000_000_000
CONTRACT = "linear", "BTCUSDT"


@pytest.fixture
def client():
    with client_of(BybitLoopback()) as found:
        found.feed(quote(T0, "60000", "60000.5", "9", "9"), trade(T0, "60000", "0.1", Side.SELL))
        yield found


@pytest.fixture
def payments(client):
    source = FundingPayments(client.server.url, **KEYS)
    yield source
    source.close()


def settle(client, rate, ts_ns):
    return client.server.call(lambda s: s.venue.settle_funding(ts_ns, Decimal(rate)))


@pytest.mark.parametrize("side", ["Buy", "Sell"])
@pytest.mark.parametrize("rate", ["0.0001", "-0.0003"])
def test_sign_rate_and_size_are_those_of_the_position(client, payments, side, rate):
    client.order(side, "0.100")
    paid = settle(client, rate, T0 + 10**9)
    (found,) = payments.between(*CONTRACT, T0, T0 + DAY_NS)
    sign = 1 if side == "Buy" else -1
    assert found.paid == paid
    assert (found.paid > 0) is (sign * Decimal(rate) > 0)
    assert found.rate == Decimal(rate)
    assert found.quantity == sign * Decimal("0.100")
    assert found.ts_ns == T0 + 10**9
    expected = found.quantity * found.price * found.rate
    assert abs(expected - found.paid) <= Decimal("1e-8")


def test_fills_are_no_payments_and_a_flat_account_pays_nothing(client, payments):
    settle(client, "0.0001", T0 + 10**9)
    client.order("Buy", "0.100")
    assert payments.between(*CONTRACT, T0 - DAY_NS, T0 + DAY_NS) == []


def test_only_what_lies_after_a_time_is_reported_in_order(client, payments):
    client.order("Buy", "0.100")
    times = [T0 + number * 8 * 3_600 * 10**9 for number in range(1, 4)]
    for ts_ns in times:
        settle(client, "0.0001", ts_ns)
    assert [p.ts_ns for p in payments.between(*CONTRACT, T0, times[-1])] == times
    assert [p.ts_ns for p in payments.between(*CONTRACT, times[0], times[-1])] == times[1:]
    assert payments.between(*CONTRACT, times[-1], times[-1]) == []


def test_weeks_and_pages_are_put_together(client, payments):
    client.order("Buy", "0.100")
    times = [T0 + number * 3_600 * 10**9 for number in range(1, 24 * 16)]
    for ts_ns in times:
        settle(client, "0.0001", ts_ns)
    found = payments.between(*CONTRACT, T0, T0 + 30 * DAY_NS)
    assert [payment.ts_ns for payment in found] == times
    assert len({payment.exec_id for payment in found}) == len(times)


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        (lambda f: f.fail_requests("/v5/execution/list", status=503), "HTTP status"),
        (lambda f: f.refuse_requests("/v5/execution/list", 10_016, "server error"), "10016"),
        (lambda f: f.limit_rate("/v5/execution/list"), "Bad Request|10006"),
    ],
)
def test_a_venue_that_does_not_answer_is_an_error_and_the_next_question_is_answered(
    client, payments, fault, text
):
    client.order("Buy", "0.100")
    settle(client, "0.0001", T0 + 10**9)
    client.server.call(lambda server: fault(server.faults))
    with pytest.raises(AuctionError, match=f"Bybit execution/list: .*({text})"):
        payments.between(*CONTRACT, T0, T0 + DAY_NS)
    assert len(payments.between(*CONTRACT, T0, T0 + DAY_NS)) == 1


def test_refused_keys_are_reported_without_them(client):
    source = FundingPayments(client.server.url, "loopback-key", "a wrong secret")
    try:
        with pytest.raises(AuctionError, match="Bybit execution/list: ") as refused:
            source.between(*CONTRACT, T0, T0 + DAY_NS)
    finally:
        source.close()
    assert "a wrong secret" not in str(refused.value)


def test_a_venue_that_is_gone_is_an_error(client):
    source = FundingPayments("http://127.0.0.1:9", **KEYS)
    try:
        with pytest.raises(AuctionError, match="no answer|HTTP status"):
            source.between(*CONTRACT, T0, T0 + DAY_NS)
    finally:
        source.close()
