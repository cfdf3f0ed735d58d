"""What the errors of an order request prove, by code and by text; the rule of the search."""

import pytest

from adapters.bybit.order_answers import OrderAnswer
from adapters.bybit.order_answers import answer_of
from adapters.bybit.order_answers import answer_of_code
from adapters.bybit.order_answers import answer_of_text
from adapters.bybit.order_answers import code_of
from adapters.bybit.order_confirmation import AHEAD_S
from adapters.bybit.order_confirmation import ENTRY_PAUSE_S
from adapters.bybit.order_confirmation import PAUSES_S
from adapters.bybit.order_confirmation import QUERIES
from adapters.bybit.order_confirmation import RESENDS
from adapters.bybit.order_confirmation import OrderConfirmation
from adapters.bybit.order_confirmation import Step


# Codes with texts as the venue documents them or has been seen to send them.
ANSWERS = {
    OrderAnswer.REFUSED: [
        (10001, "params error: qty invalid"),
        (10001, "Qty invalid"),
        (10001, "Request parameter error."),
        (
            10001,
            "StopLoss:599000000 set for Buy position should lower than base_price:5",
        ),
        (10001, "position idx not match position mode"),
        (10001, "params error: mmp is not offered by the server"),
        (10002, "invalid request, please check your server timestamp or recv_window param"),
        (10003, "API key is invalid."),
        (10005, "Permission denied, please check your API key permissions."),
        (10029, "The requested symbol is invalid, please check symbol whitelist"),
        (10404, "op type is not found"),
        (110003, "Order price exceeds the allowable range."),
        (110007, "ab not enough for new order"),
        (110007, "Available balance is insufficient"),
        (110012, "Insufficient available balance."),
        (110017, "current position is zero, cannot fix reduce-only order qty"),
        (110017, "orderQty will be truncated to zero"),
        (110020, "Not allowed to have more than 500 active orders."),
        (110023, "Currently you can only reduce your position on this contract."),
        (110074, "This contract is not live"),
        (110092, "expect Rising, but trigger_price[1] <= current[2]??laste"),
        (110093, "expect Falling, but trigger_price[2] >= current[1]??last"),
        (110094, "Order does not meet minimum order value 5USDT"),
        (110094, "Order notional value below the lower limit"),
    ],
    OrderAnswer.LIMITED: [
        (10006, "Too many visits!"),
        (10006, "Too many visits. Exceeded the API Rate Limit."),
        (10403, "exceed IP rate limit. 3000 requests per second per IP"),
        (20003, "Too frequent requests under the same session"),
    ],
    OrderAnswer.DUPLICATE: [(110072, "OrderLinkedID is duplicate")],
    OrderAnswer.UNKNOWN: [
        (429, "The trading service is experiencing a high server load."),
        (10000, "Server Timeout"),
        (10014, "Invalid duplicate request."),
        (10016, "Server error."),
        (10016, "internal server error"),
        (10016, "Service is restarting"),
        (10019, "ws trade service is restarting, do not accept new request"),
        (10429, "System level frequency protection"),
        (20006, "reqId is duplicated"),
        (110079, "The order is processing and can not be operated, please try again later"),
        (3400214, "Server error, please try again later"),
        (999999, "a code of tomorrow"),
    ],
}
CASES = [(answer, code, text) for answer, rows in ANSWERS.items() for code, text in rows]


@pytest.mark.parametrize(("answer", "code", "text"), CASES)
def test_an_error_proves_the_same_by_its_code_and_by_its_text(
    answer: OrderAnswer, code: int, text: str
) -> None:
    assert answer_of_code(code) is answer
    assert answer_of_text(text) is answer
    assert answer_of_text(text.upper()) is answer
    assert answer_of(RuntimeError(f"Bybit error {code}: {text}")) is answer


@pytest.mark.parametrize(
    "text",
    [
        "Unexpected HTTP status code 503: loopback fault",
        "Network error: connection closed",
        "Order lookup failed after submission: Bybit error 110007: not enough",
        "No order_id in response",
        "",
    ],
)
def test_a_failure_without_a_code_is_inconclusive(text: str) -> None:
    assert answer_of(ValueError(text)) is OrderAnswer.UNKNOWN
    assert answer_of_text(text) is (
        OrderAnswer.REFUSED if "not enough" in text else OrderAnswer.UNKNOWN
    )


def test_nautilus_s_text_for_a_rejected_order_proves_it() -> None:
    assert (
        answer_of(RuntimeError("Order rejected: EC_PostOnlyWillTakeLiquidity"))
        is OrderAnswer.REFUSED
    )


def test_code_and_text_are_read_at_the_start_alone() -> None:
    assert code_of(RuntimeError("Bybit error 110007: ab not\nenough")) == (110007, "ab not\nenough")
    assert code_of(RuntimeError("Bybit error -1: request expired")) == (-1, "request expired")
    assert code_of(RuntimeError("x Bybit error 1: y")) == (None, "x Bybit error 1: y")


def next_step(search: OrderConfirmation, now: float, kind: str) -> Step:
    return search.next_step(now, is_reduce_only=kind != "entry", is_stop=kind == "stop")


def test_an_entry_is_abandoned_after_three_queries_that_follow_its_expiry() -> None:
    search = OrderConfirmation(100.0, 5.0)
    expires = 105.0 + AHEAD_S

    assert [next_step(search, now, "entry") for now in (100.0, 103.0, expires)] == [Step.QUERY] * 3
    steps = [next_step(search, expires + 0.001 + n, "entry") for n in range(QUERIES)]
    assert steps == [Step.QUERY] * (QUERIES - 1) + [Step.ABANDON]
    assert search.resends == 0


def test_an_entry_that_has_not_left_yet_is_not_abandoned() -> None:
    search = OrderConfirmation(100.0, 5.0, is_leaving=True)

    assert [next_step(search, 200.0 + n, "entry") for n in range(9)] == [Step.QUERY] * 9


def test_a_stop_is_sent_again_eight_times_and_abandoned_at_the_next_query() -> None:
    search = OrderConfirmation(100.0, 5.0)
    for n in range(RESENDS):
        assert next_step(search, 100.0 + n, "stop") is Step.RESEND
        search.record_resend(100.0 + n)

    assert next_step(search, 100.5 + RESENDS, "stop") is Step.ABANDON


def test_an_exit_is_abandoned_when_its_last_copy_can_never_work() -> None:
    search = OrderConfirmation(100.0, 5.0)
    for _ in range(RESENDS):
        assert next_step(search, 101.0, "exit") is Step.RESEND
        search.record_resend(101.0)

    assert next_step(search, 106.0 + AHEAD_S, "exit") is Step.QUERY
    assert search.misses == 0
    steps = [next_step(search, 106.1 + AHEAD_S, "exit") for _ in range(QUERIES)]
    assert steps == [Step.QUERY, Step.QUERY, Step.ABANDON]


def test_a_further_copy_starts_the_queries_again() -> None:
    search = OrderConfirmation(100.0, 5.0, resends=RESENDS, misses=QUERIES - 1)
    search.record_resend(200.0)

    assert (search.sent_at, search.resends, search.misses) == (200.0, RESENDS + 1, 0)


def test_a_refused_copy_decides_at_the_next_query() -> None:
    search = OrderConfirmation(100.0, 5.0, refusal="110017")

    assert next_step(search, 100.0, "exit") is Step.REFUSED


def test_queries_come_one_after_another_and_then_by_the_last_pause() -> None:
    stop, entry = OrderConfirmation(100.0, 5.0), OrderConfirmation(100.0, 5.0)

    pauses = [stop.pause_s(is_reduce_only=True) for _ in range(5)]
    assert pauses == [*PAUSES_S, PAUSES_S[-1], PAUSES_S[-1]]
    pauses = [entry.pause_s(is_reduce_only=False) for _ in range(5)]
    assert pauses == [*PAUSES_S, ENTRY_PAUSE_S, ENTRY_PAUSE_S]
