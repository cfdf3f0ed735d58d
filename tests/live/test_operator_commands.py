"""What an operator's commands do to the strategies of a node, and when a node counts as flat."""

import asyncio
import os
from decimal import Decimal
from functools import partial
from types import SimpleNamespace

import pytest
from nautilus_trader.model.enums import TradingState
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.model.identifiers import StrategyId
from nautilus_trader.model.identifiers import TraderId

from actors.requests import VENUE_ACCOUNT
from errors import AuctionError
from errors import UsageError
from live.operator_commands import POLL_S
from live.operator_commands import OperatorCommands
from strategies.common.reasons import DropReason
from tests.virtual_time import run_virtually


IIDS = "BTCUSDT-LINEAR.BYBIT", "ETHUSDT-LINEAR.BYBIT"
TIMEOUT_S = 5.0


TRADES = [
    {"trade_id": 4, "setup": "toy 1", "side": "LONG", "quantity": 0.15},
    {"trade_id": 5, "setup": "toy 2", "side": "LONG", "quantity": 0.1},
]


class Strategy:
    """Notes what it is told, in order, with what the risk engine allowed at that time."""

    def __init__(self, bench, number):
        self._bench = bench
        self.id = StrategyId(f"S-00{number + 1}")
        self.config = SimpleNamespace(instrument_id=InstrumentId.from_str(IIDS[number]))
        self.active = False
        self.warm, self.stale = True, False
        self.is_flat = True
        self.position = Decimal(0)
        self.manager = SimpleNamespace(
            halted=False, ledger=SimpleNamespace(killed=False, day_pnl=Decimal("1.5"))
        )
        self.told = []
        self.trades = []
        self.known = {"min_score": 70}

    def describe_trades(self):
        return self.trades

    def settings(self):
        return self.known

    def check_settings(self, changes):
        if self.known is None:
            raise AuctionError(f"{self.id}: nothing of it can be changed while it runs")
        for name in changes:
            if name not in self.known:
                raise UsageError(f"{name}: no such setting")

    def change_settings(self, changes):
        self.known = {**self.known, **changes}

    def stop_entries(self, reason):
        self._note(f"stop entries: {reason}")

    def halt_entries(self):
        self._note("halt entries")

    def resume_entries(self):
        self._note("resume entries")

    def flatten(self, trade_id=None):
        self._note("flatten" if trade_id is None else f"flatten trade {trade_id}")

    def protect_unknown_position(self, position, price, message):
        self._note(f"hold {position} at {price}: {message}")
        self.is_flat = False

    def _note(self, text):
        self.told.append((text, self.active, self._bench.state))


class Bench:
    """A operator over two strategies; what happens later is said by the time it happens at (s)."""

    def __init__(self):
        self.state = TradingState.ACTIVE
        self.held = set()
        self.is_running = True
        self.lacking = []
        self.warnings = ["leverage"]
        self.mode, self.at = "paper", {}
        self.account, self.asked_at = None, []
        risk_engine = SimpleNamespace(set_trading_state=self._set_state, trading_state=self.state)
        trader = SimpleNamespace(state=SimpleNamespace(name="RUNNING"))
        node = SimpleNamespace(
            kernel=SimpleNamespace(risk_engine=risk_engine, trader=trader, msgbus=self),
            trader_id=TraderId("T-001"),
            cache=SimpleNamespace(positions_open=self._positions_open),
        )
        self._node = node
        self.strategies = Strategy(self, 0), Strategy(self, 1)
        self.ages = {self.strategies[0].config.instrument_id: 1.23456}
        self.operator = OperatorCommands(node, iter(self.strategies), self, self, TIMEOUT_S)

    def keep_one(self):
        """Let the operator have one strategy alone."""
        self.strategies = self.strategies[:1]
        self.operator = OperatorCommands(self._node, iter(self.strategies), self, self, TIMEOUT_S)
        return self.strategies

    def missing(self):
        return self.lacking

    async def refusals(self):
        return []

    def quote_age_s(self, instrument_id):
        return self.ages.get(instrument_id)

    def run(self, command):
        """Carry out a command, and return how long it takes (s)."""

        async def timed():
            loop = asyncio.get_running_loop()
            for at, happen in self.at.items():
                loop.call_at(at, happen)
            try:
                await command()
            finally:
                self.took_s = loop.time()

        run_virtually(timed())
        return self.took_s

    def _set_state(self, state):
        self.state = state

    def _positions_open(self, *, instrument_id):
        return [instrument_id] if instrument_id in self.held else []

    def endpoints(self):
        """Return what can be asked: the venue, where it has an account."""
        return [] if self.account is None else [VENUE_ACCOUNT.format("BYBIT")]

    def send(self, endpoint, question):
        """Answer for the venue, by the time at which it is asked."""
        loop = asyncio.get_running_loop()
        self.asked_at.append(loop.time())
        held = self.account.get(question.instrument_id, Decimal(0))
        if held is None:
            question.failure = "Bybit position/list: no answer"
        else:
            question.answer(held, Decimal(50_000) if held else None, [])
        loop.call_later(0.01, question.on_answer, question)

    def told(self):
        return [[text for text, *_ in strategy.told] for strategy in self.strategies]


@pytest.fixture
def bench():
    return Bench()


@pytest.fixture
def operator(bench):
    return bench.operator


def test_activation_lets_every_strategy_enter(bench, operator):
    bench.run(operator.activate)
    assert [strategy.active for strategy in bench.strategies] == [True, True]


def test_activation_is_refused_while_anything_is_missing(bench, operator):
    bench.lacking = ["no quote yet", "not warm"]
    with pytest.raises(AuctionError, match="^not activated: no quote yet; not warm$"):
        bench.run(operator.activate)
    assert [strategy.active for strategy in bench.strategies] == [False, False]


def test_deactivation_takes_working_entries_back(bench, operator):
    bench.run(operator.activate)
    operator.deactivate()
    assert [strategy.active for strategy in bench.strategies] == [False, False]
    assert bench.told() == 2 * [[f"stop entries: {DropReason.DEACTIVATED}"]]
    # An entry on its way would be sent by a strategy that is still active.
    assert [active for s in bench.strategies for _, active, _ in s.told] == [False, False]


async def _awaited(command):
    done = command()
    if done is not None:
        await done


@pytest.mark.parametrize("command", ["deactivate", "flatten", "halt", "resume", "flatten_trade"])
def test_a_node_that_does_not_run_yet_takes_no_command(bench, operator, command):
    bench.is_running = False
    bench.strategies[0].active = True
    with pytest.raises(AuctionError, match="the node is not running yet"):
        asyncio.run(
            _awaited(partial(getattr(operator, command), *["4"][: command == "flatten_trade"]))
        )
    assert bench.told() == [[], []]
    assert bench.strategies[0].active
    assert bench.state is TradingState.ACTIVE


def test_a_flatten_ends_when_the_last_strategy_is_flat(bench, operator):
    first, second = bench.strategies
    bench.run(operator.activate)
    first.is_flat = second.is_flat = False
    bench.held = {first.config.instrument_id}
    bench.at = {
        1.0: lambda: setattr(first, "is_flat", True),
        2.0: lambda: setattr(second, "is_flat", True),
        3.0: bench.held.clear,
    }
    assert bench.run(operator.flatten) == pytest.approx(3.0, abs=2 * POLL_S)
    assert bench.told() == 2 * [[f"stop entries: {DropReason.DEACTIVATED}", "flatten"]]
    assert [strategy.active for strategy in bench.strategies] == [False, False]
    assert bench.state is TradingState.ACTIVE


def test_one_trade_is_flattened_and_the_strategy_goes_on(bench, operator):
    first = bench.keep_one()[0]
    first.active, first.trades = True, list(TRADES)
    bench.at = {2.0: lambda: first.trades.pop(0)}
    assert bench.run(lambda: bench.operator.flatten_trade("4")) == pytest.approx(
        2.0, abs=2 * POLL_S
    )
    assert bench.told() == [["flatten trade 4"]]
    assert first.active


def test_a_trade_that_stays_open_is_named(bench, operator):
    bench.strategies[1].trades = TRADES
    with pytest.raises(AuctionError, match="^trade 5 of S-002 is not closed after 5 s: check"):
        bench.run(lambda: operator.flatten_trade("5"))


def test_a_trade_that_is_not_open_is_answered_with_those_that_are(bench, operator):
    _, second = bench.strategies
    with pytest.raises(AuctionError, match="^no trade 9; no trade is open$"):
        bench.run(lambda: operator.flatten_trade("9"))
    second.trades = TRADES
    listed = r"open: 4 \(toy 1 LONG 0.15\), 5 \(toy 2 LONG 0.1\)$"
    for name in ("9", "S-001:4", "S-009:4"):
        with pytest.raises(AuctionError, match=f"^no trade {name}; {listed}"):
            bench.run(lambda name=name: operator.flatten_trade(name))
    assert bench.told() == [[], []]


def test_an_id_of_two_strategies_wants_the_name_of_one(bench, operator):
    first, second = bench.strategies
    first.trades, second.trades = TRADES[:1], list(TRADES)
    with pytest.raises(
        AuctionError,
        match=r"^trade 4 is one of several: name S-001:4 \(toy 1 LONG 0.15\) or S-002:4 \(toy 1",
    ):
        bench.run(lambda: operator.flatten_trade("4"))
    bench.at = {1.0: lambda: second.trades.pop(0)}
    bench.run(lambda: operator.flatten_trade("S-002:4"))
    assert bench.told() == [[], ["flatten trade 4"]]


def test_a_flatten_of_flat_strategies_does_not_wait(bench, operator):
    assert bench.run(operator.flatten) == 0.0


def test_a_position_that_stays_is_named_and_the_node_waits_no_longer(bench, operator):
    bench.strategies[1].position = Decimal("-0.5")
    bench.held = {bench.strategies[1].config.instrument_id}
    with pytest.raises(AuctionError, match=r"^not flat after 5 s: S-001 0, S-002 -0.5: check"):
        bench.run(operator.flatten)
    assert bench.took_s == pytest.approx(TIMEOUT_S, abs=2 * POLL_S)


def test_a_position_that_goes_at_the_last_moment_is_flat(bench, operator):
    bench.strategies[0].is_flat = False
    bench.at = {TIMEOUT_S - POLL_S / 2: lambda: setattr(bench.strategies[0], "is_flat", True)}
    assert bench.run(operator.flatten) == pytest.approx(TIMEOUT_S)


def test_a_real_venue_says_when_it_is_flat(bench, operator):
    bench.account = {}
    assert bench.run(operator.flatten) == pytest.approx(0.02)
    assert len(bench.asked_at) == 2


def test_a_fill_that_the_position_shows_late_is_no_position(bench, operator):
    first = bench.strategies[0].config.instrument_id
    bench.account = {first: Decimal("0.01")}
    bench.at = {0.5: bench.account.clear}
    bench.run(operator.flatten)
    assert bench.told() == 2 * [[f"stop entries: {DropReason.DEACTIVATED}", "flatten"]]


def test_a_position_that_the_strategy_does_not_know_of_is_closed_as_well(bench, operator):
    first, second = bench.strategies
    bench.account = {first.config.instrument_id: Decimal("0.01")}
    bench.at = {
        3.0: bench.account.clear,
        3.5: lambda: setattr(first, "is_flat", True),
    }
    bench.run(operator.flatten)
    text = "BTCUSDT-LINEAR.BYBIT: the account holds 0.01, the strategy is flat"
    assert [told for told, *_ in first.told][1:] == [
        "flatten",
        f"hold 0.01 at 50000: {text}",
        "flatten",
    ]
    assert [told for told, *_ in second.told][1:] == ["flatten"]


def test_a_position_that_the_only_strategy_does_not_know_of_is_closed(bench):
    (first,) = bench.keep_one()
    bench.account = {first.config.instrument_id: Decimal("0.01")}
    bench.at = {
        3.0: bench.account.clear,
        3.5: lambda: setattr(first, "is_flat", True),
    }
    bench.run(bench.operator.flatten)
    assert [told.partition(":")[0] for told, *_ in first.told][1:] == [
        "flatten",
        "hold 0.01 at 50000",
        "flatten",
    ]


def test_a_position_of_two_strategies_is_closed_by_neither(bench, operator):
    first, second = bench.strategies
    second.config.instrument_id = first.config.instrument_id
    bench.account = {first.config.instrument_id: Decimal("0.01")}
    with pytest.raises(AuctionError, match="^not flat: the account holds 0.01 of BTCUSDT"):
        bench.run(operator.flatten)
    assert not any("hold" in text for told in bench.told() for text in told)


def test_a_venue_that_does_not_answer_is_not_flat(bench, operator):
    bench.account = {bench.strategies[1].config.instrument_id: None}
    with pytest.raises(AuctionError, match="ETHUSDT-LINEAR.BYBIT: Bybit position/list: no answer"):
        bench.run(operator.flatten)


def test_a_venue_that_says_nothing_is_not_waited_for_without_end(bench, operator):
    bench.account = {}
    bench.send = lambda endpoint, question: None
    with pytest.raises(AuctionError, match="the venue does not answer"):
        bench.run(operator.flatten)


@pytest.mark.parametrize(
    ("fault", "is_flat"),
    [
        ("none", True),
        ("position of the first", False),
        ("position of the second", False),
        ("order of the first", False),
        ("order of the second", False),
        ("position of nobody", True),
    ],
)
def test_flat_is_no_position_and_no_order_of_any_strategy(bench, operator, fault, is_flat):
    what, _, whose = fault.partition(" of ")
    numbers = {"the first": 0, "the second": 1}
    if what == "order":
        bench.strategies[numbers[whose]].is_flat = False
    elif what == "position":
        name = IIDS[numbers[whose]] if whose in numbers else "SOLUSDT-LINEAR.BYBIT"
        bench.held = {InstrumentId.from_str(name)}
    assert operator.is_flat is is_flat


def test_a_halt_leaves_before_the_risk_engine_denies_orders(bench, operator):
    bench.run(operator.activate)
    bench.run(operator.halt)
    expected = [
        ("halt entries", False, TradingState.ACTIVE),
        (f"stop entries: {DropReason.HALTED}", False, TradingState.ACTIVE),
        (f"stop entries: {DropReason.DEACTIVATED}", False, TradingState.ACTIVE),
        ("flatten", False, TradingState.ACTIVE),
    ]
    assert [strategy.told for strategy in bench.strategies] == [expected, expected]
    assert bench.state is TradingState.HALTED


def test_a_halt_that_cannot_leave_keeps_exits_allowed(bench, operator):
    bench.strategies[0].is_flat = False
    with pytest.raises(AuctionError, match="not flat"):
        bench.run(operator.halt)
    assert bench.state is TradingState.ACTIVE
    assert bench.told()[1][0] == "halt entries"


def test_a_halt_ends_by_resume_and_strategies_stay_in_observation(bench, operator):
    bench.run(operator.activate)
    bench.run(operator.halt)
    operator.resume()
    assert bench.state is TradingState.ACTIVE
    assert [strategy.told[-1][0] for strategy in bench.strategies] == 2 * ["resume entries"]
    assert [strategy.active for strategy in bench.strategies] == [False, False]


def test_the_status_tells_of_every_strategy(bench, operator):
    second = bench.strategies[1]
    second.active, second.stale, second.warm = True, True, False
    second.position = Decimal("0.250")
    second.trades = TRADES
    second.manager = SimpleNamespace(
        halted=True, ledger=SimpleNamespace(killed=True, day_pnl=Decimal("-7.25"))
    )
    bench.lacking = ["no quote yet"]
    told = operator.status()
    assert told == {
        "mode": "paper",
        "trader_id": "T-001",
        "pid": os.getpid(),
        "state": "RUNNING",
        "trading_state": "ACTIVE",
        "missing": ["no quote yet"],
        "warnings": ["leverage"],
        "strategies": [
            {
                "strategy_id": "S-001",
                "instrument_id": IIDS[0],
                "active": False,
                "warm": True,
                "stale": False,
                "halted": False,
                "killed": False,
                "position": "0",
                "trades": [],
                "day_pnl": "1.5",
                "quote_age_s": 1.235,
                "settings": {"min_score": 70},
            },
            {
                "strategy_id": "S-002",
                "instrument_id": IIDS[1],
                "active": True,
                "warm": False,
                "stale": True,
                "halted": True,
                "killed": True,
                "position": "0.250",
                "trades": TRADES,
                "day_pnl": "-7.25",
                "quote_age_s": None,
                "settings": {"min_score": 70},
            },
        ],
    }


def test_the_status_of_a_node_that_does_not_run_has_no_strategies(bench, operator):
    bench.is_running = False
    assert operator.status()["strategies"] == []


def test_a_new_desk_is_not_told_to_shut_down(operator):
    assert not operator.shutdown.is_set()


@pytest.mark.parametrize(("instrument_id", "scores"), [(None, [80, 80]), (IIDS[1], [70, 80])])
def test_settings_change_for_one_instrument_or_for_all(bench, operator, instrument_id, scores):
    operator.change({"min_score": 80}, instrument_id)
    assert [strategy.known["min_score"] for strategy in bench.strategies] == scores


def test_no_strategy_changes_where_one_cannot(bench, operator):
    bench.strategies[1].known = None
    with pytest.raises(AuctionError, match="S-002: nothing of it"):
        operator.change({"min_score": 80})
    with pytest.raises(UsageError, match="mni_score: no such setting"):
        operator.change({"mni_score": 80}, IIDS[0])
    assert bench.strategies[0].known == {"min_score": 70}


def test_settings_of_an_instrument_that_is_not_traded_are_refused(operator):
    with pytest.raises(AuctionError, match="SOL: not traded here; there are BTCUSDT"):
        operator.change({"min_score": 80}, "SOL")


def test_settings_of_a_node_that_does_not_run_are_refused(bench, operator):
    bench.is_running = False
    with pytest.raises(AuctionError, match="not running yet"):
        operator.change({"min_score": 80})
