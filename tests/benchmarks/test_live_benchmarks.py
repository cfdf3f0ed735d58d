import asyncio

import pytest

from adapters.bybit.loopback.server import BybitLoopback
from benchmarks.latency import StampedRequests
from benchmarks.latency import StampedSocket
from benchmarks.latency import Subject
from benchmarks.latency import percentile
from benchmarks.latency import rows
from benchmarks.latency_node import Variant
from benchmarks.soak import MINUTE_NS
from benchmarks.soak import missed_minutes
from benchmarks.soak import quarters


START = 100 * MINUTE_NS


class Written:
    closed = False

    def __init__(self):
        self.texts = []

    async def send_str(self, text):
        self.texts.append(text)


def minutes(*numbers):
    return [START + number * MINUTE_NS for number in numbers]


def test_percentile_lies_between_the_values_around_it():
    values = [float(value) for value in range(101)]

    assert percentile(values, 50) == 50.0
    assert percentile(values, 99) == 99.0
    assert percentile([1.0, 2.0], 99) == pytest.approx(1.99)


def test_table_compares_each_strategy_with_the_bare_one():
    latencies = {
        Variant.BARE: [1.0] * 200,
        Variant.BASE: [1.25] * 200,
        Variant.JOURNALED: [1.5] * 190 + [3.0] * 10,
    }

    found = {row.name: row for row in rows(latencies)}

    assert found["bare strategy, p50 of 200 orders"].value == 1.0
    assert found["TradingStrategy - bare, p99"].value == 0.25
    assert found["TradingStrategy - bare, p99"].met
    assert found["TradingStrategy with journal - bare, p50"].value == 0.5
    assert found["TradingStrategy with journal - bare, p50"].met is None
    assert found["TradingStrategy with journal - bare, p99"].value == 2.0
    assert not found["TradingStrategy with journal - bare, p99"].met


def test_stamped_socket_sends_what_it_is_given_and_notes_when():
    written = Written()
    socket = StampedSocket(written)

    asyncio.run(socket.send_str("a tick"))

    assert written.texts == ["a tick"]
    assert socket.sent_ns > 0
    assert not socket.closed


def test_requests_are_kept_and_noted_by_operation():
    requests = StampedRequests()

    requests.append({"op": "order.create"})

    assert requests == [{"op": "order.create"}]
    assert list(requests.came_ns) == ["order.create"]
    assert requests.came.is_set()


def test_an_order_that_the_node_did_not_get_through_ends_the_measurement():
    async def measure():
        subject = Subject("node", BybitLoopback())
        subject.take("OrderRejected")
        await subject._told("OrderAccepted")

    with pytest.raises(RuntimeError, match="node: OrderAccepted was expected, OrderRejected came"):
        asyncio.run(measure())


@pytest.mark.parametrize(
    ("closed", "missed"),
    [((0, 1, 2, 3), 0), ((0, 2, 3), 1), ((1, 2), 2), ((0, 1, 1, 2, 3), 1), ((), 4)],
)
def test_minutes_that_were_not_closed_once_are_missed(closed, missed):
    assert missed_minutes(minutes(*closed), START, 4) == missed


def test_quarters_are_the_ends_of_a_series():
    assert quarters([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]) == ([1.0, 2.0], [8.0, 9.0])
    with pytest.raises(ValueError, match="four values"):
        quarters([1.0, 2.0, 3.0])
