"""Every fault in every state of a trade, on a whole live node, as in docs/reliability.md."""

import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from tests.adapters.bybit_server import wait_until
from tests.faults.bench import FAKE_CLOCK
from tests.faults.bench import FAKETIME
from tests.faults.bench import KINDS
from tests.faults.bench import PLAIN
from tests.faults.bench import REDIS
from tests.faults.bench import SUPERVISED
from tests.faults.bench import Bench
from tests.faults.benches import Benches
from tests.faults.faults import FAULTS
from tests.faults.judge import Judge
from tests.faults.outcomes import OUTCOMES
from tests.faults.states import LOTS
from tests.faults.states import SECOND
from tests.faults.states import STATES
from tests.live.live_node import TOKEN
from tests.live.live_node import VARIABLE


pytestmark = pytest.mark.node


# A round trip on this machine with others at work on it; on an idle one it takes 20 ms.
ROUND_TRIP_S = 1.0
SETTLE_S = 15.0
CENT = Decimal("0.01")
# What an auto-deleveraging of two fifths leaves: of the whole and of the part; and the first target
# of what is left, or that of the whole where its print came first.
REDUCED = {
    Decimal("0.014"): "reduced",
    Decimal("0.006"): "reduced",
    Decimal("0.010"): "first target",
    Decimal("0.007"): "first target",
}
SIDES = ("long", "short")
CLOCKS = ("clock_ahead", "clock_behind")
CACHES = ("redis_lost", "redis_garbage")
KIND_OF = {
    "hang": SUPERVISED,
    **dict.fromkeys(CLOCKS, FAKE_CLOCK),
    **dict.fromkeys(CACHES, REDIS),
}


@pytest.fixture(scope="module", autouse=True)
def _token() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, TOKEN)
        yield


@pytest.fixture(scope="module")
def benches(
    _token: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[tuple[str, str], Benches]]:
    """Return benches by the kind of their nodes and by side."""
    found = {
        (kind, side): Benches(tmp_path_factory, kind, is_long=side == "long")
        for kind in KINDS
        for side in SIDES
    }
    try:
        yield found
    finally:
        for some in found.values():
            some.close()


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("side", SIDES)
def test_a_fault_leaves_nothing_naked_nothing_twice_and_the_books_right(
    fault: str, state: str, side: str, benches: dict[tuple[str, str], Benches]
) -> None:
    if fault in CLOCKS and not Path(FAKETIME).exists():
        pytest.skip("a clock that jumps needs libfaketime (`apt-get install faketime`)")
    wanted = KIND_OF.get(fault, PLAIN), side
    # A node that is ready for another kind of cases would take its share of the machine.
    for kind, some in benches.items():
        if kind != wanted:
            some.close()
    with benches[wanted].take() as bench:
        befall(bench, fault, state)
        judge(bench, fault, state)


def befall(bench: Bench, fault: str, state: str) -> None:
    """Bring a node into a state, let the fault begin, the market go on, and the fault be over."""
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


def judge(bench: Bench, fault: str, state: str) -> None:
    """Wait for the outcome, close what is left, and let the venue's records decide."""
    recovered = time.monotonic()
    expected = OUTCOMES[fault][state]

    def told() -> str:
        return f"{outcome(bench)} {account(bench)}"

    wait_until(lambda: outcome(bench) in expected.words, SETTLE_S, told)
    bench.tell("flatten")
    wait_until(lambda: outcome(bench) in ("flat", "halted"), SETTLE_S, told)
    wait_until(lambda: bench.size() == 0 and bench.orders() == [], SETTLE_S, told)
    naked_s = bench.judge(lambda j: j.naked_s(recovered))
    # `pytest -s` shows the figures of docs/reliability.md.
    in_all, side = bench.judge(lambda j: j.naked_s(0.0)), "long" if bench.is_long else "short"
    print(f"{fault} {state} {side}: naked {in_all:.2f} s", bench.alerts())
    assert naked_s <= ROUND_TRIP_S
    # A position bought by another client has brought no stop.
    if fault != "changed_outside":
        assert bench.judge(lambda j: j.naked_s(0.0, is_bare=True)) == 0.0
    assert bench.judge(lambda j: j.twice(FAULTS[fault].vain_exits)) == []
    assert not bench.judge(lambda j: j.turned(bench.sign))
    wait_until(lambda: bench.journaled_fills() == bench.judge(Judge.fills), SETTLE_S, told)
    if FAULTS[fault].is_booked:
        wait_until(lambda: is_booked(bench), SETTLE_S, told)
    wait_until(lambda: expected.alerts <= set(bench.receiver.kinds), SETTLE_S, told)


def outcome(bench: Bench) -> str:
    """Return what has become of the trade; the size where node and venue do not agree on it."""
    strategy, size = bench.strategy(), bench.size()
    if bench.sign * Decimal(strategy.get("position", "NaN")) != size or bench.stops() != size:
        return f"{size}?"
    if strategy["halted"]:
        return "halted"
    if not size:
        return "working" if any(order[0] == "E" for order in bench.orders()) else "flat"
    return {LOTS: "open", SECOND: "first target", **REDUCED}.get(size, str(size))


def is_booked(bench: Bench) -> bool:
    """Return True if the result of the day is the account's, fees and funding included."""
    difference = Decimal(bench.strategy().get("day_pnl", "NaN")) - bench.judge(Judge.result)
    return abs(difference) < CENT


def account(bench: Bench) -> str:
    return "\n".join(
        str(part)
        for part in (
            bench.strategy(),
            bench.judge(Judge.result),
            bench.orders(),
            bench.journaled_fills(),
            bench.judge(Judge.fills),
            bench.judge(Judge.sent),
            bench.alerts(),
            bench.output(),
        )
    )
