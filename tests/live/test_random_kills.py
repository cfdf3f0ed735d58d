"""
Real nodes that are killed at random moments from intent to flat, with the market moving on.

A seed decides about side, prices, market and moment. Half of the moments lie in the first tenth of
a second after the intent, where orders and first fills are on their way, the others anywhere in the
trade. After the kill the market goes on while nothing runs. A quarter of the nodes never comes
back: the venue's own records alone are judged, to the end of the position. The others are started
again on the same journal. `make test-kills` runs all of them; `KILLS=1/2` the first half.
"""

import os
import random
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.bybit.loopback.connection import KINDS
from adapters.bybit.loopback.orders import Side
from adapters.bybit.loopback.server import BybitLoopback
from tests.adapters.bybit_server import wait_until
from tests.faults.judge import Judge
from tests.faults.judge import WatchedBybit
from tests.live.restart_session import LOT
from tests.live.restart_session import START_S
from tests.live.restart_session import ForkedNode
from tests.live.restart_session import Session
from tests.live.restart_session import session_in


pytestmark = pytest.mark.kills

COUNT = 200
SHARD, SHARDS = (int(part) for part in os.environ.get("KILLS", "1/1").split("/"))
MIDDLE = 600_000  # ticks
TICK = Decimal("0.1")
STEP_S = 0.01
SETTLE_S = 10.0


class Life:
    """Plays one trade of one node at a moving market."""

    def __init__(self, session: Session, seed: int) -> None:
        self.session = session
        self.random = random.Random(seed)
        self.side = self.random.choice((1, -1))
        self.is_gone = self.random.random() < 0.25
        stop, tp1, tp2 = (self.random.randrange(300, 1500) for _ in range(3))
        self.plan = {
            "entry": str(self.price(-100)),
            "stop": str(self.price(-100 - stop)),
            "tp1": str(self.price(-100 + tp1)),
            "tp2": str(self.price(-100 + tp1 + tp2)),
        }
        beyond = -100 - stop
        self.levels = (beyond - 300, beyond - 30, -105, -90, tp1, tp1 + tp2)
        self.here, self.there = 0, -105
        self.node: ForkedNode

    def price(self, distance: int) -> Decimal:
        return (MIDDLE + self.side * distance) * TICK

    def move(self, to: int | None = None) -> None:
        """Let the market trade at the next price on its way."""
        if to is None:
            if self.here == self.there:
                self.there = self.random.choice(self.levels)
            step = abs(self.there - self.here)
            if self.random.random() < 0.8:
                step = min(step, self.random.randrange(10, 250))
            to = self.here + (step if self.there > self.here else -step)
        is_up, self.here = self.side * (to - self.here) > 0, to
        price, size = self.price(to), str(self.random.randrange(2, 40) / 1000)
        self.session.quote(str(price - TICK), str(price + TICK), size, size)
        self.session.trade(str(price), size, Side.BUY if is_up else Side.SELL)

    def start(self) -> None:
        self.node = self.session.start()
        wait_until(lambda: self.session.client.server.call(_is_heard), START_S)

        def hears() -> bool:
            self.move(0)
            return self.node.state()["last"] is not None

        wait_until(hears, START_S)

    def live_until(self, moment_s: float) -> None:
        """Enter, and let the node trade until it is killed, so many seconds later."""
        self.node.do("enter", **self.plan)
        end = time.monotonic() + moment_s
        while (left := end - time.monotonic()) > 0:
            time.sleep(min(STEP_S, left))
            self.move()
        self.node.kill()
        self.session.client.server.call(lambda s: [s.drop(kind) for kind in KINDS])

    def pass_time(self, moves: int) -> None:
        for _ in range(moves):
            self.move()

    def restart(self) -> None:
        self.node = self.session.start()
        self.settle()

    def settle(self) -> None:
        """Wait until node and venue agree, and the whole position has a stop of the node's."""

        def is_settled() -> bool:
            state, size = self.node.state(), self.session.size()
            return (
                bool(state["settled"])
                and state["open"] * LOT == size
                and (size == 0 or self.session.is_protected())
            )

        wait_until(is_settled, SETTLE_S, self.told)

    def finish(self) -> None:
        """Let the market go on to a level of the trade, and close what is left."""
        self.there = self.random.choice(self.levels)
        while self.here != self.there:
            self.move()
            time.sleep(STEP_S)
        self.settle()
        self.node.do("flatten")
        wait_until(lambda: self.session.size() == 0 and not self.session.orders(), 10.0, self.told)
        self.settle()

    def kept_stop(self) -> Decimal | None:
        return self.session.client.server.call(lambda s: s.venue.engine.account.stop_loss)

    def knows_entry(self) -> bool:
        """Return True if the journal knows each entry that the venue has taken."""
        states = [row[0] for row in self.session.query("SELECT state FROM snapshots")]
        taken = self.session.client.server.call(
            lambda s: [
                o.request.link_id for o in s.venue.engine.orders.values() if not o.reduce_only
            ]
        )
        return all(any(link in state for state in states) for link in taken)

    def judge[T](self, question: Callable[[Judge], T]) -> T:
        return self.session.client.server.call(lambda s: question(Judge(s)))  # type: ignore[arg-type]

    def told(self) -> str:
        return f"{self.session.orders()} {self.session.size()} {self.node.lines[-8:]}"


def _is_heard(server: BybitLoopback) -> bool:
    return bool(server.connections.of("public"))


@pytest.mark.parametrize("seed", range(SHARD - 1, COUNT, SHARDS))
def test_a_killed_node_leaves_nothing_naked_and_the_books_right(seed: int, tmp_path: Path) -> None:
    with session_in(tmp_path, WatchedBybit) as session:
        life = Life(session, seed)
        life.start()
        moment_s = life.random.uniform(0, 0.1 if seed % 4 < 2 else 1.5)
        life.live_until(moment_s)
        size = session.size()
        life.pass_time(life.random.randrange(0, 60))
        left = session.size()
        outcome = "gone for good"
        if life.is_gone:
            life.pass_time(200)
            for distance in (-105, -20_000, -20_000):
                life.move(distance)
            assert session.size() == 0
        else:
            is_known = life.knows_entry()
            life.restart()
            state = life.node.state()
            outcome = "halted, its plan lost" if state["halted"] else "went on"
            if state["halted"]:
                # What its entry has brought is all that is known of the plan.
                assert Decimal(state["stop"]) == life.kept_stop()
            assert not (state["halted"] and is_known), life.node.lines
            life.finish()
            if not state["halted"]:
                session.agree(life.node)
                wait_until(
                    lambda: (
                        abs(Decimal(life.node.state()["day_pnl"]) - session.result())
                        < Decimal("0.000001")
                    ),
                    5.0,
                    lambda: f"day {life.node.state()['day_pnl']}, venue {session.result()}",
                )
        bare_s = life.judge(lambda j: j.naked_s(0.0, is_bare=True))
        own_s = life.judge(lambda j: j.naked_s(0.0))
        side = "long" if life.side > 0 else "short"
        print(
            f"{seed:03} {side} killed after {moment_s:.3f} s with {size}, left with {left}: "
            f"{outcome}; no stop {bare_s:.3f} s, no stop of the node's {own_s:.3f} s"
        )
        assert bare_s == 0.0
        assert not life.judge(lambda j: j.turned(life.side))
