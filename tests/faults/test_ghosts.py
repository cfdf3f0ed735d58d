"""Orders that become working after they were abandoned, on a whole live node."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from adapters.bybit.loopback.orders import NewOrder
from adapters.bybit.loopback.orders import OrderType
from adapters.bybit.loopback.orders import Side
from tests.adapters.bybit_server import wait_until
from tests.faults.bench import PLAIN
from tests.faults.bench import Bench
from tests.faults.benches import Benches
from tests.faults.faults import CREATE
from tests.faults.judge import Judge
from tests.faults.judge import WatchedBybit
from tests.faults.states import LOTS
from tests.faults.states import enter
from tests.faults.test_fault_matrix import outcome
from tests.live.live_node import TOKEN
from tests.live.live_node import VARIABLE


pytestmark = pytest.mark.node


WAIT_S = 30.0
# After the rule has given the entry up: its receive window and three looks.
LATE_S = 12.0


@pytest.fixture(scope="module")
def benches(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Benches]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, TOKEN)
        found = Benches(tmp_path_factory, PLAIN, is_long=True)
        try:
            yield found
        finally:
            found.close()


def lose_entry(bench: Bench, after_s: float | None) -> None:
    """Let the strategy enter; the venue answers an error, and takes the entry later or never."""

    def fail(server: WatchedBybit) -> None:
        server.faults.answer_falsely(
            CREATE, purpose="E", code=10016, message="Server error.", after_s=after_s
        )

    bench.server(fail)
    enter(bench)
    wait_until(lambda: bench.judge(Judge.sent), WAIT_S, bench.output)


def take_lost_entry(bench: Bench, price: str) -> None:
    """Let the venue take the entry now."""

    def take(server: WatchedBybit) -> None:
        (request,) = server.trade.requests[:1]
        fields = request["args"][0]
        fields = fields.get("request", [fields])[0]
        order = NewOrder(
            side=Side.BUY,
            type=OrderType.LIMIT,
            size=LOTS,
            price=Decimal(price),
            link_id=str(fields["orderLinkId"]),
        )
        server.venue.engine.submit(order, server.venue.matching_ns())
        server.publish_private()

    bench.server(take)


def alerted(bench: Bench, *kinds: str) -> None:
    def told() -> str:
        return f"{bench.receiver.kinds} {bench.size()} {bench.orders()} {bench.strategy()}"

    wait_until(lambda: set(kinds) <= set(bench.receiver.kinds), WAIT_S, told)


def test_an_entry_that_works_after_it_was_abandoned_is_cancelled(benches: Benches) -> None:
    with benches.take() as bench:
        lose_entry(bench, LATE_S)
        alerted(bench, "ORDER_UNCONFIRMED", "GHOST_ORDER")
        wait_until(lambda: outcome(bench) == "flat", WAIT_S, bench.output)

        assert bench.orders() == []
        assert bench.size() == 0


def test_an_entry_that_works_after_a_restart_has_checked_is_cancelled(benches: Benches) -> None:
    with benches.take() as bench:
        lose_entry(bench, None)
        bench.kill()
        bench.start()
        bench.wait()
        take_lost_entry(bench, "59990")
        alerted(bench, "GHOST_ORDER")
        wait_until(lambda: bench.orders() == [], WAIT_S, bench.output)

        assert outcome(bench) == "flat"


def test_an_entry_that_fills_after_a_restart_has_checked_is_closed_or_halts_under_a_stop(
    benches: Benches,
) -> None:
    """A fill whose trade is still known is closed at once; a later one is a foreign position."""
    with benches.take() as bench:
        lose_entry(bench, None)
        bench.kill()
        bench.start()
        bench.wait()
        take_lost_entry(bench, "60100")
        ends = {"POSITION_MISMATCH": "halted", "TRADE_CLOSED": "flat"}
        wait_until(lambda: ends.keys() & set(bench.receiver.kinds), WAIT_S, bench.output)
        (end,) = ends.keys() & set(bench.receiver.kinds)
        wait_until(lambda: outcome(bench) == ends[end], WAIT_S, bench.output)

        assert bench.stops() == bench.size() == (LOTS if end == "POSITION_MISMATCH" else 0)
