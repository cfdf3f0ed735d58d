"""An operator's activation, and one that a restart goes on with, need an account that fits."""

import asyncio
from collections.abc import Callable
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.model.identifiers import Venue

from adapters.bybit.account_check import Contract
from adapters.bybit.account_check import Verdict
from errors import AuctionError
from live import account_watch
from live.account_watch import AccountWatch
from live.operator_commands import OperatorCommands


BTC = InstrumentId.from_str("BTCUSDT-LINEAR.BYBIT")
FITS = Verdict()
UNFIT = Verdict(["the key may withdraw money: take it away"])
DOUBTFUL = Verdict([], ["the key is bound to no address: bind it"])


class Strategy:
    def __init__(self, max_leverage: str = "5", *, active: bool = False) -> None:
        self.config = SimpleNamespace(instrument_id=BTC, max_leverage=Decimal(max_leverage))
        self.active = active
        self.dropped: list[Any] = []

    def stop_entries(self, reason: Any) -> None:
        self.dropped.append(reason)


class Reader:
    """Answers with what is next in a list; an error is raised."""

    def __init__(self, answers: list[Verdict | AuctionError]) -> None:
        self.answers = answers
        self.asked: list[list[Contract]] = []
        self.is_closed = False

    def verdict(self, contracts: list[Contract]) -> Verdict:
        self.asked.append(list(contracts))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, AuctionError):
            raise answer
        return answer

    def close(self) -> None:
        self.is_closed = True


class Alerts:
    def __init__(self) -> None:
        self.raised: list[tuple[str, str]] = []

    def raise_alert(self, kind: str, text: str, value: float | None = None) -> None:
        self.raised.append((kind, text))


class Readiness:
    def __init__(self) -> None:
        self.lacks: list[str] = []
        self.is_running = True

    def missing(self) -> list[str]:
        return self.lacks


class Scene:
    """A node with one real account, or a simulated one."""

    def __init__(
        self, *answers: Verdict | AuctionError, strategies: list[Strategy], is_real: bool = True
    ) -> None:
        self.reader = Reader(list(answers))
        self.strategies = strategies
        self.alerts = Alerts()
        self.readiness = Readiness()
        client = SimpleNamespace(venue=Venue("BYBIT"))
        if is_real:
            client.account_reader = lambda: self.reader
        node: Any = SimpleNamespace(
            kernel=SimpleNamespace(exec_engine=SimpleNamespace(_clients={"BYBIT": client})),
            cache=SimpleNamespace(
                instrument=lambda _: SimpleNamespace(taker_fee=Decimal("0.00055"))
            ),
        )
        found: Any = strategies
        alerts: Any = self.alerts
        readiness: Any = self.readiness
        self.watch = AccountWatch(node, found, alerts)
        self.operator = OperatorCommands(node, found, readiness, self.watch, 1.0)


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch):
    monkeypatch.setattr(account_watch, "TRY_PAUSE_S", 0.0)


def test_an_activation_asks_with_the_largest_leverage_of_a_contract():
    scene = Scene(FITS, strategies=[Strategy("2"), Strategy("5")])
    asyncio.run(scene.operator.activate())
    assert [strategy.active for strategy in scene.strategies] == [True, True]
    assert scene.reader.asked == [[Contract("linear", "BTCUSDT", Decimal(5), Decimal("0.00055"))]]
    assert scene.reader.is_closed


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (UNFIT, "not activated: the key may withdraw money: take it away"),
        (
            AuctionError("Bybit account/info: no answer"),
            "not activated: the settings of the account are not known: Bybit account/info: no",
        ),
    ],
)
def test_an_account_that_does_not_fit_or_is_not_known_refuses_activation(answer, text):
    scene = Scene(answer, strategies=[Strategy()])
    with pytest.raises(AuctionError, match=text):
        asyncio.run(scene.operator.activate())
    assert not scene.strategies[0].active
    assert scene.reader.is_closed


def test_each_activation_asks_again():
    scene = Scene(FITS, UNFIT, strategies=[Strategy()])
    asyncio.run(scene.operator.activate())
    scene.operator.deactivate()
    with pytest.raises(AuctionError):
        asyncio.run(scene.operator.activate())
    assert not scene.strategies[0].active
    assert len(scene.reader.asked) == 2


def test_a_simulated_account_is_not_asked():
    scene = Scene(UNFIT, strategies=[Strategy()], is_real=False)
    asyncio.run(scene.operator.activate())
    assert scene.strategies[0].active
    assert scene.reader.asked == []


def test_what_is_missing_is_told_before_the_venue_is_asked():
    scene = Scene(FITS, strategies=[Strategy()])
    scene.readiness.lacks = ["no quote yet"]
    with pytest.raises(AuctionError, match="no quote yet"):
        asyncio.run(scene.operator.activate())
    assert scene.reader.asked == []


def meanwhile(action: Callable[[Scene], None]) -> Scene:
    """Activate, and let something happen while the venue is asked."""
    scene = Scene(FITS, strategies=[Strategy()])

    async def run() -> None:
        activating = asyncio.ensure_future(scene.operator.activate())
        await asyncio.sleep(0)
        action(scene)
        await activating

    with pytest.raises(AuctionError, match="not activated"):
        asyncio.run(run())
    return scene


def test_a_later_command_wins_over_an_activation_that_waits_for_the_venue():
    scene = meanwhile(lambda scene: scene.operator.deactivate())
    assert not scene.strategies[0].active


def test_what_is_missing_after_the_answer_counts():
    scene = meanwhile(lambda scene: scene.readiness.lacks.append("not connected"))
    assert not scene.strategies[0].active


def test_what_should_be_set_right_is_an_alert_and_in_the_state():
    scene = Scene(DOUBTFUL, strategies=[Strategy()])
    asyncio.run(scene.operator.activate())
    assert scene.strategies[0].active
    assert scene.alerts.raised == [("ACCOUNT_WARNING", DOUBTFUL.warnings[0])]
    assert scene.watch.warnings == DOUBTFUL.warnings


def test_a_restart_goes_on_active_with_an_account_that_fits():
    scene = Scene(FITS, strategies=[Strategy(active=True)])
    asyncio.run(scene.watch.confirm_recovered())
    assert scene.strategies[0].active
    assert scene.alerts.raised == []


def test_a_restart_with_one_that_does_not_fit_only_observes():
    scene = Scene(UNFIT, strategies=[Strategy(active=True), Strategy()])
    asyncio.run(scene.watch.confirm_recovered())
    assert [strategy.active for strategy in scene.strategies] == [False, False]
    assert [len(strategy.dropped) for strategy in scene.strategies] == [1, 0]
    ((kind, text),) = scene.alerts.raised
    assert kind == "ACCOUNT_REFUSED"
    assert UNFIT.refusals[0] in text


def test_a_restart_asks_a_venue_that_does_not_answer_again():
    scene = Scene(AuctionError("no answer"), FITS, strategies=[Strategy(active=True)])
    asyncio.run(scene.watch.confirm_recovered())
    assert scene.strategies[0].active
    assert len(scene.reader.asked) == 2


def test_a_restart_at_a_venue_that_never_answers_only_observes():
    scene = Scene(AuctionError("no answer"), strategies=[Strategy(active=True)])
    asyncio.run(scene.watch.confirm_recovered())
    assert not scene.strategies[0].active
    assert len(scene.reader.asked) == account_watch.TRIES
    assert "are not known: no answer" in scene.alerts.raised[0][1]


def test_a_restart_in_observation_asks_for_nothing():
    scene = Scene(UNFIT, strategies=[Strategy()])
    asyncio.run(scene.watch.confirm_recovered())
    assert scene.reader.asked == []
