"""Every fault in every state of a trade, on a whole live node; docs/reliability.md tells each."""

import time
from collections.abc import Iterator
from decimal import Decimal

import pytest

from tests.adapters.bybit_server import wait_until
from tests.adapters.live_node import TOKEN
from tests.adapters.live_node import VARIABLE
from tests.faults.bench import Bench
from tests.faults.bench import Benches
from tests.faults.bench import bench_in
from tests.faults.faults import FAULTS
from tests.faults.judge import Judge
from tests.faults.states import STATES


pytestmark = pytest.mark.node


# A round trip on this machine with others at work on it; on an idle one it takes 20 ms.
ROUND_TRIP_S = 1.0
SETTLE_S = 15.0


@pytest.fixture(scope="module", autouse=True)
def _token() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, TOKEN)
        yield


@pytest.fixture(scope="module")
def benches(_token: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Benches]:
    found = Benches(tmp_path_factory)
    try:
        yield found
    finally:
        found.close()


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("fault", [name for name in FAULTS if not name.startswith("clock")])
def test_a_fault_leaves_nothing_naked_nothing_twice_and_the_books_right(
    fault: str, state: str, benches: Benches
) -> None:
    with benches.take() as bench:
        befall(bench, fault, state)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("fault", ["clock_ahead", "clock_behind"])
def test_a_clock_that_jumps(
    fault: str, state: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with bench_in(tmp_path_factory.mktemp("clock")) as bench:
        bench.start(has_fake_clock=True)
        bench.wait()
        bench.activate()
        befall(bench, fault, state)


def befall(bench: Bench, fault: str, state: str) -> None:
    began = time.monotonic()
    befalling = FAULTS[fault]
    if befalling.before_exit and state == "exit_sent":
        STATES["in_position"].reach(bench)
        befalling.begin(bench, state)
        bench.tell("flatten")
    else:
        STATES[state].reach(bench)
        befalling.begin(bench, state)
        STATES[state].happen(bench)
    befalling.end(bench, state)
    bench.server(lambda s: s.thaw("private"))
    recovered = time.monotonic()
    print(f"\n##{fault} {state}: befell after {recovered - began:.1f}")
    done = ""
    try:
        wait_until(lambda: settled(bench), SETTLE_S, lambda: told(bench))
        print(
            "settled",
            f"{time.monotonic() - recovered:.2f}",
            bench.strategy(),
            bench.orders(),
            bench.alerts(),
        )
        done += "settled "
        bench.tell("flatten")
        wait_until(
            lambda: bench.size() == 0 and bench.orders() == [], SETTLE_S, lambda: told(bench)
        )
        done += "flat "
        wait_until(lambda: settled(bench), SETTLE_S, lambda: told(bench))
        wait_until(
            lambda: bench.journaled_fills() == bench.judge(Judge.fills), 8.0, lambda: told(bench)
        )
        done += "books"
    finally:
        print(
            "DONE",
            done,
            "naked",
            bench.judge(lambda j: j.naked_s(recovered)),
            "in all",
            bench.judge(lambda j: j.naked_s(0)),
        )
        print("twice", bench.judge(Judge.twice), "turned", bench.judge(Judge.turned))
        print(
            "sent",
            [(s.link[-3:], str(s.size), s.code, str(s.filled)) for s in bench.judge(Judge.sent)],
        )
        print("alerts", bench.alerts(), bench.receiver.kinds)
        print("took", time.monotonic() - began)
        if done != "settled flat books":
            print("OUT", bench.output())


def settled(bench: Bench) -> bool:
    size = bench.size()
    return Decimal(bench.strategy().get("position", "-1")) == size and bench.stops() == size


def told(bench: Bench) -> str:
    return f"{bench.strategy()} {bench.size()} {bench.orders()} {bench.journaled_fills()} {bench.judge(Judge.fills)}"
