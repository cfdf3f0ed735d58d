"""What an account and its key must be like before real orders, by the venue's own answers."""

from collections.abc import Callable
from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from adapters.bybit.account_check import AccountReader
from adapters.bybit.account_check import Contract
from adapters.bybit.account_check import Verdict
from adapters.bybit.account_check import needed_leverage
from adapters.bybit.account_check import position_refusals
from adapters.bybit.answer_rows import PositionSettings
from adapters.bybit.answers import BadAnswer
from adapters.bybit.loopback.account_settings import AccountSettings
from adapters.bybit.loopback.server import BybitLoopback
from adapters.bybit.queries import NoAnswer
from adapters.bybit.queries import VenueRefusal
from tests.adapters.bybit_server import KEYS
from tests.adapters.bybit_server import Client
from tests.adapters.bybit_server import client_of


BTC = Contract("linear", "BTCUSDT", Decimal(5), Decimal("0.00055"))


@pytest.fixture
def client() -> Iterator[Client]:
    with client_of(BybitLoopback()) as found:
        yield found


def verdict(client: Client, *contracts: Contract, **options: Any) -> Verdict:
    reader = AccountReader(client.server.url, KEYS["api_key"], KEYS["api_secret"], **options)
    try:
        return reader.verdict(contracts or [BTC])
    finally:
        reader.close()


def change(client: Client, **settings: Any) -> None:
    def set_all(server: BybitLoopback) -> None:
        for name, value in settings.items():
            setattr(server.venue.settings, name, value)

    client.server.call(set_all)


def in_days(days: int) -> str:
    return f"{datetime.now(UTC) + timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"


def test_an_account_that_fits_is_neither_refused_nor_warned_of(client):
    assert verdict(client) == Verdict()


@pytest.mark.parametrize(
    ("settings", "cure"),
    [
        ({"is_read_only": True}, "make one with read and write permission"),
        ({"permissions": {"Spot": ["SpotTrade"]}}, "give it `Contract - Orders & Positions`"),
        (
            {"permissions": {"ContractTrade": ["Order", "Position"], "Wallet": ["Withdraw"]}},
            "take `Wallet - Withdraw` from it",
        ),
        ({"margin_mode": "ISOLATED_MARGIN"}, "set it to cross margin"),
        ({"margin_mode": "PORTFOLIO_MARGIN"}, "set it to cross margin"),
        ({"unified_status": 1}, "upgrade it to a unified trading account"),
        ({"is_hedged": True}, "set it to one-way mode"),
    ],
    ids=["read-only", "no trading", "withdrawal", "isolated", "portfolio", "classic", "hedge"],
)
def test_what_does_not_fit_is_refused_with_the_cure_in_one_line(client, settings, cure):
    change(client, **settings)
    (refusal,) = verdict(client).refusals
    assert cure in refusal
    assert "\n" not in refusal


@pytest.mark.parametrize(
    "permissions",
    [
        {"ContractTrade": ["Order", "Position"]},
        {"ContractTrade": [], "Derivatives": ["DerivativesTrade"]},
    ],
)
def test_either_name_of_the_permission_to_trade_derivatives_will_do(client, permissions):
    change(client, permissions=permissions)
    assert verdict(client).refusals == []


def test_a_leverage_that_is_too_low_is_refused(client):
    client.server.call(lambda s: s.venue.engine.set_leverage(Decimal(1)))
    assert verdict(client).refusals == [
        "leverage of BTCUSDT at Bybit is 1, max_leverage of the strategy needs 5: set it to at "
        "least 6, or max_leverage lower"
    ]
    client.server.call(lambda s: s.venue.engine.set_leverage(Decimal(6)))
    assert verdict(client).refusals == []


@pytest.mark.parametrize("leverages", [("1", "10"), ("10", "1")])
def test_of_several_rows_of_a_contract_the_lowest_leverage_counts(leverages):
    """One-way mode has one row; if there were more, the lowest would be the safe one."""
    rows = [PositionSettings("BTCUSDT", 0, Decimal(leverage)) for leverage in leverages]
    (refusal,) = position_refusals(BTC, rows)
    assert refusal.startswith("leverage of BTCUSDT at Bybit is 1, ")


@pytest.mark.parametrize(
    ("max_leverage", "needed"),
    [("1", 2), ("2", 3), ("5", 6), ("9.5", 10), ("10", 11), ("20", 21), ("1000", None)],
)
def test_the_leverage_that_is_needed_leaves_room_for_fees(max_leverage, needed):
    contract = Contract("linear", "BTCUSDT", Decimal(max_leverage), Decimal("0.00055"))
    assert needed_leverage(contract) == needed
    if needed is not None:
        for leverage, fits in ((needed, True), (needed - 1, False)):
            tied = contract.max_leverage * (Decimal(1) / leverage + 2 * contract.taker_fee)
            assert (tied <= 1) is fits


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"ips": ["*"]}, "bind it to that of this machine"),
        ({"ips": []}, "bind it to that of this machine"),
        ({"expired_at": in_days(3)}, "renew it before"),
    ],
)
def test_what_should_be_set_right_is_warned_of(client, settings, text):
    change(client, **settings)
    found = verdict(client)
    assert found.refusals == []
    (warning,) = found.warnings
    assert text in warning


@pytest.mark.parametrize(
    "expired_at", [in_days(60), "1970-01-01T00:00:00Z", ""], ids=["later", "1970", "never"]
)
def test_a_key_that_lasts_is_not_warned_of(client, expired_at):
    change(client, expired_at=expired_at)
    assert verdict(client) == Verdict()


@pytest.mark.parametrize("path", ["/v5/user/query-api", "/v5/account/info", "/v5/position/list"])
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (lambda s, path: s.faults.fail_requests(path, 5), NoAnswer),
        (lambda s, path: s.faults.limit_rate(path, 5), NoAnswer),
    ],
    ids=["server error", "rate limit"],
)
def test_no_answer_is_no_verdict(
    client: Client,
    path: str,
    fault: Callable[[BybitLoopback, str], None],
    error: type[Exception],
) -> None:
    client.server.call(lambda s: fault(s, path))
    with pytest.raises(error, match=path.removeprefix("/v5/")):
        verdict(client)


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"expired_at": "soon"}, "user/query-api: expiredAt 'soon' is no time"),
        ({"permissions": {"Wallet": None}}, "permissions"),
        ({"ips": [7]}, "ips"),
        ({"margin_mode": None}, "marginMode"),
        ({"unified_status": "6"}, "unifiedMarginStatus"),
    ],
)
def test_an_answer_with_a_wrong_field_is_no_verdict(client, settings, named):
    change(client, **settings)
    with pytest.raises(BadAnswer, match=named):
        verdict(client)


def test_a_demo_account_has_no_such_question(client, monkeypatch):
    def refuse(self, now_ms=0):
        raise loopback_error(10032, "Demo trading are not supported.")

    from adapters.bybit.loopback.orders import VenueError as loopback_error

    monkeypatch.setattr(AccountSettings, "key_row", refuse)
    assert verdict(client, is_demo=True).warnings == [
        "the permissions of a key of a demo account are not known"
    ]
    with pytest.raises(VenueRefusal, match="10032"):
        verdict(client)
