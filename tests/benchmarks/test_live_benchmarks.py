import asyncio
import math

import pytest

from adapters.bybit.loopback.server import BybitLoopback
from benchmarks.latency import Sample
from benchmarks.latency import StampedRequests
from benchmarks.latency import StampedSocket
from benchmarks.latency import Subject
from benchmarks.latency import percentile
from benchmarks.latency import rows
from benchmarks.latency_node import Variant
from benchmarks.run_queue import waited_ns
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


def samples(*values: tuple[float, int, int]) -> list[Sample]:
    """Return samples of rows of milliseconds, waited microseconds and count."""
    return [Sample(ms, us * 1_000) for ms, us, count in values for _ in range(count)]


def test_table_compares_each_strategy_with_the_bare_one():
    found = {
        row.name: row
        for row in rows(
            {
                Variant.BARE: samples((1.0, 0, 200)),
                Variant.BARE_AGAIN: samples((1.125, 0, 200)),
                Variant.BASE: samples((1.25, 0, 200)),
                Variant.JOURNALED: samples((1.5, 0, 190), (3.0, 0, 10)),
            }
        )
    }

    assert found["bare strategy, p50 of 200 orders"].value == 1.0
    assert found["bare strategy again - bare, p50"].value == 0.125
    assert found["bare strategy again - bare, p99 without waits"].met is None
    assert found["TradingStrategy - bare, p50"].value == 0.25
    assert found["TradingStrategy - bare, p50"].met
    assert found["TradingStrategy - bare, p99 without waits"].met
    assert found["TradingStrategy with journal - bare, p50"].value == 0.5
    assert not found["TradingStrategy with journal - bare, p50"].met
    assert found["TradingStrategy with journal - bare, p99"].value == 2.0
    assert found["TradingStrategy with journal - bare, p99"].met is None
    assert not found["TradingStrategy with journal - bare, p99 without waits"].met


def test_what_the_main_thread_has_waited_is_taken_off():
    found = {
        row.name: row.value
        for row in rows(
            {
                Variant.BARE: samples((1.5, 500, 10)),
                Variant.BASE: samples((1.25, 0, 90), (9.0, 7_750, 10)),
            }
        )
    }

    assert found["TradingStrategy, p99 of 100 orders"] == 9.0
    assert found["TradingStrategy, p99 of 100 orders without waits"] == 1.25
    assert found["TradingStrategy - bare, p99"] == 7.5
    assert found["TradingStrategy - bare, p99 without waits"] == 0.25


def test_without_an_order_a_target_is_not_met():
    found = {row.name: row for row in rows({Variant.BARE: [], Variant.BASE: []})}

    assert math.isnan(found["TradingStrategy - bare, p99 without waits"].value)
    assert not found["TradingStrategy - bare, p99 without waits"].met


def test_the_wait_is_that_of_the_main_thread(tmp_path):
    for pid, thread, waited in ((7, 7, 100), (7, 8, 20), (9, 9, 3)):
        folder = tmp_path / str(pid) / "task" / str(thread)
        folder.mkdir(parents=True)
        (folder / "schedstat").write_text(f"999 {waited} 4\n")

    assert waited_ns(7, tmp_path) == 100
    with pytest.raises(RuntimeError, match=r"8/schedstat: not there"):
        waited_ns(8, tmp_path)


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
        await subject._wait_for_event("OrderAccepted")

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
