"""Every fault in every state of a trade, on a whole live node; docs/reliability.md tells each."""

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path

import pytest

from tests.adapters.bybit_server import wait_until
from tests.adapters.live_node import TOKEN
from tests.adapters.live_node import VARIABLE
from tests.faults.bench import Bench
from tests.faults.bench import bench_in
from tests.faults.faults import FAULTS
from tests.faults.faults import clear
from tests.faults.judge import Judge
from tests.faults.states import LOTS
from tests.faults.states import STATES


pytestmark = pytest.mark.node


# A round trip on this machine with others at work on it; on an idle one it takes 20 ms.
ROUND_TRIP_S = 1.0
SETTLE_S = 15.0


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_leaves_nothing_naked_nothing_twice_and_the_books_right(
    fault: str, state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, TOKEN)
    with bench_in(tmp_path) as bench:
        bench.start(has_fake_clock=fault.startswith("clock"))
        bench.wait()
        bench.activate()
        began = time.monotonic()
        befall(bench, fault, state)
        recovered = time.monotonic()
        print(f"\n{fault} {state}: befell after {recovered-began:.1f}")
        try:
            wait_until(lambda: settled(bench), SETTLE_S, lambda: told(bench))
            print("settled", time.monotonic() - recovered, bench.strategy(), bench.orders(), bench.alerts())
            bench.tell("flatten")
            wait_until(lambda: bench.size() == 0 and bench.orders() == [], SETTLE_S, lambda: told(bench))
            wait_until(lambda: settled(bench), SETTLE_S, lambda: told(bench))
            wait_until(lambda: bench.journaled_fills() == bench.judge(Judge.fills), 8.0, lambda: told(bench))
        finally:
            print("naked", bench.judge(lambda j: j.naked_s(recovered)), "in all", bench.judge(lambda j: j.naked_s(0)))
            print("twice", bench.judge(Judge.twice), "turned", bench.judge(Judge.turned))
            print("sent", [(s.link[-3:], str(s.size), s.code, str(s.filled)) for s in bench.judge(Judge.sent)])
            print("alerts", bench.alerts(), bench.receiver.kinds)
            print("took", time.monotonic() - began)


def befall(bench: Bench, fault: str, state: str) -> None:
    befalling = FAULTS[fault]
    is_early = befalling.before_exit and state == "exit_sent"
    if is_early:
        STATES["in_position"].reach(bench)
        befalling.begin(bench, state)
        bench.tell("flatten")
    else:
        STATES[state].reach(bench)
        befalling.begin(bench, state)
        STATES[state].happen(bench)
    befalling.end(bench, state)
    bench.server(lambda s: s.thaw("private"))


def settled(bench: Bench) -> bool:
    size = bench.size()
    return (
        Decimal(bench.strategy().get("position", "-1")) == size and bench.stops() == size
    )


def told(bench: Bench) -> str:
    return f"{bench.strategy()} {bench.size()} {bench.orders()} {bench.journaled_fills()} {bench.judge(Judge.fills)} {bench.output()}"
