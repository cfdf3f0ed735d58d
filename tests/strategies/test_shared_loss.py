"""The day loss of three strategies together: nothing is entered until the next day."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from nautilus_trader.backtest.config import BacktestEngineConfig
from nautilus_trader.backtest.engine import BacktestEngine
from nautilus_trader.common.config import LoggingConfig
from nautilus_trader.model.currencies import USD
from nautilus_trader.model.enums import AccountType
from nautilus_trader.model.enums import OmsType
from nautilus_trader.model.identifiers import Venue
from nautilus_trader.model.objects import Money

from actors.messages import Alert
from actors.messages import TradeEvent
from strategies.common.gate import Refusal
from strategies.common.intents import Action
from strategies.common.ledger import DAY_NS
from strategies.common.nautilus.shared_limits import SHARED_DAY
from strategies.common.shared_risk import RiskRequest
from strategies.common.shared_risk import RiskShare
from tests.adapters.simulated.desk import MINUTE
from tests.adapters.simulated.desk import T0
from tests.adapters.simulated.desk import Maker
from tests.adapters.simulated.desk import run
from tests.backtests.intents import WrittenIntents
from tests.backtests.intents import WrittenIntentsConfig
from tests.strategies.silent_venue import ENTRY
from tests.strategies.silent_venue import LONG as SILENT_LONG
from tests.strategies.silent_venue import SHORT as SILENT_SHORT
from tests.strategies.silent_venue import SilentVenue


NAMES = ("NQH6.XCME", "ESH6.XCME", "MESH6.XCME")
PRICE = 20_000
# The minutes of the first day, from 23:00 UTC on, and of the next.
EVENING = 23 * 60
MORNING = 24 * 60
LOSS, GAIN = 40, 400


def long(stop: int, target: int, entry: int = PRICE) -> dict[str, Any]:
    return {"is_long": True, "entry": entry, "stop": entry - stop, "tp2": entry + target}


def price_at(name: str, minute: int) -> int:
    """Return NQ's price, which falls through its stop, and that of ES, which then rises."""
    if name == NAMES[0]:
        return PRICE - (LOSS + 5 if minute >= EVENING + 4 else 0)
    return PRICE + (GAIN + 5 if name == NAMES[1] and minute >= EVENING + 6 else 0)


class Watchlist:
    """A run of three strategies at one netting venue, each with intents at minutes of its own."""

    def __init__(
        self,
        *intents: dict[int, dict[str, Any]],
        before: Callable[["Watchlist"], None] = lambda _: None,
        first: int = EVENING,
        **config: Any,
    ) -> None:
        self.engine = BacktestEngine(BacktestEngineConfig(logging=LoggingConfig(log_level="OFF")))
        self.engine.add_venue(
            venue=Venue("XCME"),
            oms_type=OmsType.NETTING,
            account_type=AccountType.MARGIN,
            starting_balances=[Money(10_000_000, USD)],
        )
        self.alerts: list[Alert] = []
        self.events: list[TradeEvent] = []
        bus = self.engine.kernel.msgbus
        bus.subscribe(topic=Alert.topic(), handler=self.alerts.append)
        bus.subscribe(topic=TradeEvent.topic(), handler=self.events.append)
        self.strategies = []
        for number, (name, own) in enumerate(zip(NAMES, intents, strict=True)):
            maker = Maker(name)
            self.engine.add_instrument(maker.instrument)
            minutes = [
                (T0 + minute * MINUTE, PRICE, {"tag": "rung", **fields}, True, True)
                for minute, fields in own.items()
            ]
            settings = {
                "max_daily_loss_all": Decimal(1_000),
                "risk_pct": Decimal("0.001"),
                "use_limit_for_entry": False,
                "max_hold_minutes": None,
                "cooldown_minutes": 0,
                **config,
            }
            strategy = WrittenIntents(
                WrittenIntentsConfig(
                    instrument_id=maker.instrument.id,
                    strategy_id=f"S{number}",
                    minutes=minutes,
                    **settings,
                )
            )
            self.strategies.append(strategy)
            self.engine.add_strategy(strategy)
            ticks = []
            for minute in range(first, MORNING + 6):
                price = price_at(name, minute)
                for second in (5, 25, 45):
                    ms = minute * 60_000 + second * 1_000
                    ticks.append(maker.quote(ms, price - 1, price + 1, 10**4, 10**4))
                    ticks.append(maker.trade(ms + 500, price, 1, "B"))
            self.engine.add_data(ticks)
        before(self)
        run(self.engine)

    def whys(self, number: int) -> list[str | None]:
        """Return what became of the intents of a strategy: None for an entry."""
        decisions = self.strategies[number].decisions
        return [None if d.action.startswith("ENTER") else str(d.reason) for _, d in decisions]

    def closed(self) -> list[float | None]:
        return [e.net for e in self.events if e.kind == "TRADE_CLOSED"]


LOSER = {EVENING + 1: long(LOSS, 4_000)}
WINNER = {EVENING + 1: long(LOSS, GAIN)}


def test_a_loss_of_all_lasts_until_the_next_day_whatever_is_earned_after_it() -> None:
    late = {EVENING + 9: long(400, 4_000), MORNING + 2: long(400, 4_000)}
    # The strategies that held something may not enter again either.
    watchlist = Watchlist(
        LOSER | {EVENING + 10: long(400, 4_000, PRICE - LOSS)},
        WINNER | {EVENING + 10: long(4_000, 4_000, PRICE + GAIN)},
        late,
    )
    lost, gained = watchlist.closed()
    assert lost is not None
    assert gained is not None
    assert lost <= -1_000
    assert lost + gained > -1_000
    assert watchlist.whys(2) == ["TOTAL_LOSS", None]
    assert watchlist.whys(0) == watchlist.whys(1) == [None, "TOTAL_LOSS"]
    alerts = [(alert.strategy_id, alert.value) for alert in watchlist.alerts]
    assert [kind.kind for kind in watchlist.alerts] == ["TOTAL_LOSS"] * 3
    assert [value for _, value in alerts] == pytest.approx([lost] * 3)
    assert {name.partition("-")[0] for name, _ in alerts} == {"S0", "S1", "S2"}
    assert f"{lost:+.2f}" in watchlist.alerts[0].text


def test_a_working_entry_of_another_strategy_is_canceled() -> None:
    resting = {EVENING + 2: long(400, 4_000, PRICE - 10)}
    loser = {EVENING + 1: long(LOSS, 4_000, PRICE + 2)}
    limit = {"use_limit_for_entry": True, "limit_order_timeout_minutes": 30}
    watchlist = Watchlist(loser, {}, resting, **limit)
    dropped = [(e.strategy_id, e.reason) for e in watchlist.events if e.kind == "ENTRY_CANCELED"]
    assert [(name.partition("-")[0], reason) for name, reason in dropped] == [("S2", "TOTAL_LOSS")]


@pytest.mark.parametrize(("flattens", "closed"), [(True, 2), (False, 1)])
def test_open_positions_are_closed_where_that_is_wanted(flattens: bool, closed: int) -> None:
    far = {EVENING + 1: long(4_000, 4_000)}
    watchlist = Watchlist(LOSER, {}, far, kill_flatten=flattens)
    assert len(watchlist.closed()) == closed
    reasons = {e.reason for e in watchlist.events if e.kind == "TRADE_CLOSED"}
    assert reasons == ({"STOP", "KILL_SWITCH"} if flattens else {"STOP"})


def test_a_restart_goes_on_with_the_loss_of_the_day() -> None:
    late = {EVENING + 9: long(400, 4_000)}
    ended = Watchlist(LOSER, WINNER, {})
    kept = [strategy.on_save() for strategy in ended.strategies]

    def load(watchlist: Watchlist) -> None:
        for strategy, state in zip(watchlist.strategies, kept, strict=True):
            strategy.on_load(state)

    assert Watchlist({}, {}, late, before=load, first=EVENING + 8).whys(2) == ["TOTAL_LOSS"]
    assert Watchlist({}, {}, late, first=EVENING + 8).whys(2) == [None]


@pytest.mark.parametrize(("limit", "reason"), [(18, "TOTAL_LOSS"), (19, None)])
def test_a_flip_is_refused_where_the_trade_before_it_brings_the_loss_of_all(
    limit: int, reason: str | None
) -> None:
    venue = SilentVenue(
        max_daily_loss_all=Decimal(limit), use_limit_for_entry=False, cooldown_minutes=0
    )
    venue.quote(ENTRY - 1, ENTRY)
    decide, sent = venue.strategy.decide, venue.sent
    decide(venue.now, ENTRY, SILENT_LONG, warm=True)
    venue.accept(sent[0])
    venue.fill(sent[0], ENTRY)
    assert decide(venue.now, ENTRY, SILENT_SHORT, warm=True)[0].action == Action.ENTER_SHORT
    # The exit is then the last order of the trade: with its fill the flip is due.
    venue.reject(sent[1])
    venue.accept(sent[2])
    refused: list[TradeEvent] = []
    venue.msgbus.subscribe(TradeEvent.topic(), refused.append)
    venue.fill(sent[2], ENTRY - 900)
    assert venue.strategy.manager.ledger.day_pnl == Decimal("-18.11")
    assert len(sent) == (4 if reason is None else 3)
    assert [e.reason for e in refused if e.kind == "ENTRY_REFUSED"] == [reason] * (len(sent) == 3)


def test_a_loss_that_belongs_to_the_day_before_keeps_today_over() -> None:
    venue = SilentVenue(max_daily_loss_all=Decimal(100))
    today = venue.now // DAY_NS
    lost = RiskShare(trades=0, day_pnl=Decimal(-100), currency="USDT")
    for day in (today - 1, today, today - 1):
        request = RiskRequest(day * DAY_NS, [lost])
        venue.msgbus.publish(topic=SHARED_DAY, msg=request)
    assert venue.strategy.total_loss_day == today
    decision, _ = venue.strategy.decide(venue.now, ENTRY, SILENT_LONG, warm=True)
    assert decision.reason == Refusal.TOTAL_LOSS
