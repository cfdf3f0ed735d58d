"""
Nodes that die at random moments, with the market moving on: what the venue has is never without
a stop, and the books are right after a restart.

Here the strategy is real and the venue is its matching engine, with every request and message on
its way of its own, so that a node costs no more than a millisecond. `tests/adapters` has the same
with processes.
"""

import random
from decimal import Decimal

import pytest

from adapters.bybit.loopback.orders import Side
from strategies.common.intents import Intent
from tests.strategies.live_venue import live_clock
from tests.strategies.matched_venue import Market
from tests.strategies.matched_venue import MatchedVenue


__all__ = ["live_clock"]

pytestmark = pytest.mark.usefixtures("live_clock")

SEEDS = 160
MOST_STEPS = 110
ENTRY = 500_000
TICK = Decimal("0.1")
CENT = Decimal("0.00000001")


class Life:
    """
    Plays one trade at one market, to be cut off at any step.

    The market goes to a row of levels around those of the trade, some of them in jumps.
    """

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.side = self.random.choice((1, -1))
        self.market = Market(seed)
        self.market.engine.sets_off_farthest_first = self.random.random() < 0.3
        stop, tp1, tp2 = (self.random.randrange(200, 1500) for _ in range(3))
        self.levels = (-stop - 300, -stop, -stop - 60, -5, 5, tp1 + 10, tp1 + tp2 + 10)
        self.intent = Intent(
            is_long=self.side > 0,
            entry=ENTRY,
            stop=ENTRY - self.side * stop,
            tag="x",
            tp1_half=2 * (ENTRY + self.side * tp1),
            tp2=ENTRY + self.side * (tp1 + tp2),
        )
        self.way = [0, -5]
        self.node = MatchedVenue(self.market)
        self.node.strategy.active = True
        self.node.trade(self.price(0))
        self.node.strategy.decide(self.node.now, ENTRY, self.intent, warm=True)

    def price(self, distance: int) -> Decimal:
        return (ENTRY + self.side * distance) * TICK

    def size(self) -> Decimal:
        return Decimal(self.random.randrange(5, 200)) / 1000

    def next_price(self) -> Decimal:
        """Return the next price on the way to a level."""
        here = round((self.market.price / TICK - ENTRY) * self.side)
        if here == self.way[-1]:
            self.way.append(self.random.choice(self.levels))
        there = self.way[-1]
        step = abs(there - here)
        if self.random.random() < 0.7:
            step = min(step, self.random.randrange(1, 400))
        return self.price(here + (step if there > here else -step))

    def live(self, steps: int) -> None:
        for _ in range(steps):
            match self.random.random():
                case chance if chance < 0.44:
                    self.node.request()
                case chance if chance < 0.88:
                    self.node.hear()
                case _:
                    self.node.trade(self.next_price(), self.size())

    def die(self) -> None:
        """Let some of the requests on their way arrive, and nothing be heard any more."""
        for _ in range(self.random.randrange(len(self.node.requests) + 1)):
            self.node.request()
        self.node.messages.clear()
        self.node.requests.clear()

    def pass_time(self, moves: int) -> None:
        for _ in range(moves):
            self.market.move(self.next_price(), self.size())
        self.market.engine.changes()

    def restart(self, journal: list[str] | None = None) -> None:
        self.node = MatchedVenue(
            self.market,
            journal=list(self.node.journal) if journal is None else journal,
            orders=self.market.found(self.node),
            account=self.market.account(),
        )
        self.market.engine.changes()
        ticks = int(self.market.price / TICK)
        self.node.quote(ticks - 1, ticks + 1)
        self.node.print(ticks)
        self.node.settle()

    def finish(self) -> None:
        """Let the market go on until the trade is over, or an operator closes it."""
        for _ in range(40):
            self.node.trade(self.next_price())
            self.node.settle()
        if not self.node.strategy.is_flat:
            self.node.strategy.flatten()
            self.node.settle()

    def own_stops(self) -> Decimal:
        side = Side.SELL if self.market.engine.account.size > 0 else Side.BUY
        return max(
            (
                order.leaves
                for order in self.market.engine.open_orders
                if order.request.link_id and order.reduce_only and order.side is side
            ),
            default=Decimal(0),
        )


@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_node_that_dies_leaves_nothing_naked_and_the_next_one_has_the_books_right(
    seed: int,
) -> None:
    life = Life(seed)
    life.live(life.random.randrange(MOST_STEPS))
    life.die()
    life.pass_time(life.random.randrange(0, 25))
    market = life.market
    assert market.bare == []
    assert market.sides <= {life.side}

    life.restart()
    account, manager = market.engine.account, life.node.strategy.manager
    assert not manager.halted, life.node.alerts
    held = 0 if manager.trade is None else manager.trade.side * manager.trade.open
    assert held == account.size * 1000
    assert life.own_stops() >= abs(account.size)

    life.finish()
    assert (account.size, market.engine.open_orders) == (0, [])
    assert life.node.strategy.is_flat
    assert not manager.halted
    assert abs(manager.ledger.day_pnl - market.result) < CENT
    assert market.bare == []
    assert market.sides <= {life.side}


@pytest.mark.parametrize("seed", range(SEEDS, SEEDS + 80))
def test_a_machine_that_is_gone_for_good_leaves_a_position_under_its_stop(seed: int) -> None:
    life = Life(seed)
    life.live(life.random.randrange(MOST_STEPS))
    life.die()
    life.pass_time(200)
    market = life.market
    assert market.bare == []
    assert market.sides <= {life.side}
    # In the end the market goes beyond every stop.
    for distance in (-5, -20_000):
        market.move(life.price(distance), Decimal(5))
    market.move(life.price(-20_000), Decimal(5))
    assert market.engine.account.size == 0


@pytest.mark.parametrize("seed", range(40))
def test_a_position_that_no_journal_knows_is_held_under_the_stop_that_its_entry_has_brought(
    seed: int,
) -> None:
    life = Life(seed)
    life.levels = (-5, 5)
    journal = list(life.node.journal)[:-1]
    account = life.market.engine.account
    for _ in range(1_000):
        if account.size:
            break
        life.live(1)
    life.die()
    kept = account.stop_loss
    life.restart(journal)
    manager = life.node.strategy.manager
    assert manager.halted
    assert kept is not None
    assert manager.trade.stop * TICK == kept
    assert life.own_stops() == abs(account.size)
    life.node.strategy.flatten()
    life.node.settle()
    assert (account.size, life.market.engine.open_orders, life.market.bare) == (0, [], [])


def test_the_lives_reach_every_state_of_a_trade() -> None:
    seen: set[str] = set()
    for seed in range(SEEDS):
        life = Life(seed)
        life.live(life.random.randrange(MOST_STEPS))
        life.die()
        trade, size = life.node.strategy.manager.trade, abs(life.market.engine.account.size)
        wanted = Decimal(0) if trade is None else Decimal(trade.lots) / 1000
        state = "flat" if trade is None else "entered"
        if size:
            state = "part" if size < wanted else "open"
            has_exits = any(e.side.sign == -life.side for e in life.market.engine.executions)
            state = "after first target" if has_exits else state
        seen.add(f"{state} {'long' if life.side > 0 else 'short'}")
        if trade is not None and trade.open * TICK * 0 == 0 and trade.open != size * 1000:
            seen.add("filled unheard")
    sides = ("long", "short")
    states = ("flat", "entered", "part", "open", "after first target")
    assert seen >= {f"{state} {side}" for state in states for side in sides} | {"filled unheard"}
