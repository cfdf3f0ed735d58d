"""A strategy whose contract, size and daily limits follow capital tiers."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from nautilus_trader.model.events import OrderCanceled

from actors.messages import Alert
from actors.messages.tiers import TierChanged
from errors import AuctionError
from errors import ParameterError
from strategies.common.capital_tiers import TierState
from strategies.common.gate import Refusal
from strategies.common.intents import Intent
from strategies.common.intents import SizeHints
from strategies.common.margin_protection import MarginParams
from strategies.common.margin_protection import MarginSource
from strategies.common.nautilus.shared_limits import SHARED_DAY
from strategies.common.nautilus.shared_limits import SHARED_RISK
from strategies.common.nautilus.tier_results import TIER_RESULTS
from strategies.common.nautilus.tier_results import TIER_STATES
from strategies.common.nautilus.tier_results import TierResult
from strategies.common.nautilus.tiered import TieredStrategy
from strategies.common.nautilus.tiered_config import root_of
from strategies.common.reasons import DropReason
from strategies.common.reasons import ExitReason
from strategies.common.shared_risk import RiskRequest
from strategies.common.shared_risk import RiskShare
from strategies.common.tier_params import Tier
from strategies.common.tier_params import TierParams
from tests.strategies.silent_venue import SilentVenue
from tests.tiers.strategy import TieredChannelConfig


OWN = "BTCUSDT-LINEAR"
ENTRY = 5_000  # ticks of 0.1 USDT
LONG = Intent(is_long=True, entry=ENTRY, stop=ENTRY - 100, tag="x_long", tp2=ENTRY + 200)
NO_COSTS = {"min_reward_fee_ratio": None, "min_stop_fee_ratio": None, "min_stop_spreads": None}
SECOND = replace(LONG, tag="y_long")
DAY_NS = 86_400_000_000_000


def two_tiers(start: int = 2_000, **params: Any) -> TierParams:
    """Return tiers: up to 3,000 three contracts of this instrument, then one of another."""
    rows = ((0, OWN, 3, 100), (3_000, "OTHER", 1, 400))
    tiers = tuple(
        Tier(
            name=f"Tier {i + 1}",
            from_balance=Decimal(balance),
            root=root,
            max_contracts=most,
            daily_loss_limit=Decimal(loss),
        )
        for i, (balance, root, most, loss) in enumerate(rows)
    )
    return TierParams(tiers=tiers, starting_balance=Decimal(start), **params)


class TieredVenue(SilentVenue):
    """A strategy with tiers, beside another whose result and trades a test sets."""

    strategy_class = TieredStrategy
    config_class = TieredChannelConfig

    def __init__(self, loaded: bytes | None = None, **config: Any) -> None:
        self.alerts: list[Alert] = []
        self.changes: list[TierChanged] = []
        self.states: list[TierState] = []
        self.other = RiskShare(trades=0, day_pnl=Decimal(0), currency="USDT")
        self._kept = loaded
        super().__init__(**{"tiers": two_tiers(), **NO_COSTS, **config})
        self.quote(ENTRY - 1, ENTRY)

    def before_start(self) -> None:
        self.msgbus.subscribe(Alert.topic(), self.alerts.append)
        self.msgbus.subscribe(TierChanged.topic(), self.changes.append)
        self.msgbus.subscribe(TIER_STATES, self.states.append)
        self.msgbus.subscribe(SHARED_RISK, self._answer)
        if self._kept is not None:
            self.strategy.on_load({"trading": self._kept})

    def _answer(self, request: RiskRequest) -> None:
        request.shares.append(self.other)

    def result(self, net: int | str, day_pnl: int | str = 0) -> None:
        """Let the other strategy close a trade."""
        self.other = RiskShare(trades=0, day_pnl=Decimal(day_pnl), currency="USDT")
        self.msgbus.publish(TIER_RESULTS, TierResult(ts=self.now, net=Decimal(net)))
        self.msgbus.publish(SHARED_DAY, RiskRequest(self.now))

    def enter(self, intent: Intent = LONG, **hints: Any) -> str | None:
        """Decide on an intent; return the refusal."""
        if hints:
            intent = replace(intent, size_hints=SizeHints(**hints))
        decision, _ = self.strategy.decide(self.now, intent.entry, intent, warm=True)
        return None if decision.reason == "X_LONG" else decision.reason

    def contracts(self, **hints: Any) -> int:
        """Return the contracts of an entry that is sent and canceled again."""
        assert self.enter(**hints) is None
        order = self.sent[-1]
        self.accept(order)
        self.cancel(order)
        return int(order.quantity)

    def open(self, **hints: Any) -> None:
        """Enter and fill."""
        assert self.enter(**hints) is None
        self.accept(self.sent[-1])
        self.fill(self.sent[-1], ENTRY)
        self.accept(self.sent[-1])

    def close(self, price: int) -> None:
        """Let the stop of the open trade fill."""
        self.fill(self.working[-1], price)


@pytest.fixture
def venue() -> TieredVenue:
    return TieredVenue()


def test_setup_and_streaks_of_all_strategies_size_an_entry(venue: TieredVenue) -> None:
    assert venue.contracts() == 1
    assert venue.contracts(bonus=1) == 2
    assert venue.contracts(bonus=5) == 3
    for _ in range(3):
        venue.result(1)
    assert venue.contracts() == 2
    for _ in range(2):
        venue.result(-1)
    assert venue.contracts(bonus=1) == 1
    assert isinstance(venue.sent[-1].events[-1], OrderCanceled)


def test_only_the_contract_of_the_tier_is_entered(venue: TieredVenue) -> None:
    venue.result(1_500)
    assert venue.enter() == Refusal.OTHER_CONTRACT
    assert venue.changes == []
    venue.result(-600)
    assert venue.enter() is None
    (change,) = venue.changes
    assert (change.from_tier, change.to_tier, change.from_root, change.to_root) == (
        2,
        1,
        "OTHER",
        OWN,
    )
    assert (change.balance, change.max_contracts, change.daily_loss_limit) == (2_900.0, 3, 100.0)
    (alert,) = venue.alerts
    assert (alert.kind, alert.value) == ("TIER_CHANGE", 2_900.0)


def test_a_start_in_a_higher_tier_is_silent() -> None:
    venue = TieredVenue(tiers=two_tiers(5_000))
    assert venue.enter() == Refusal.OTHER_CONTRACT
    assert (venue.changes, venue.alerts) == ([], [])


def test_another_contract_waits_for_the_trades_of_all_strategies(venue: TieredVenue) -> None:
    venue.open()
    venue.result(1_500)
    strategy = venue.strategy
    assert isinstance(strategy, TieredStrategy)
    assert strategy.tiers is not None
    assert strategy.tiers.trades(OWN)
    venue.close(ENTRY + 10)
    venue.other = RiskShare(trades=1, day_pnl=Decimal(0), currency="USDT")
    assert venue.enter() is None
    venue.cancel(venue.sent[-1])
    venue.other = RiskShare(trades=0, day_pnl=Decimal(0), currency="USDT")
    assert venue.enter() == Refusal.OTHER_CONTRACT


def test_a_balance_below_zero_halts(venue: TieredVenue) -> None:
    venue.result("-2000.01")
    assert venue.enter() == Refusal.CAPITAL_GONE
    venue.result(1)
    assert venue.enter() is None


def test_the_loss_of_all_strategies_ends_the_day_of_the_tier(venue: TieredVenue) -> None:
    venue.result("-99.99", "-99.99")
    assert venue.enter() is None
    venue.cancel(venue.sent[-1])
    venue.result("-0.01", "-100")
    assert venue.enter() == Refusal.DAY_LOSS
    # A limit that was reached ends the day, whatever comes after it.
    venue.result(50, "-50")
    assert venue.enter() == Refusal.DAY_LOSS
    venue.advance(DAY_NS)
    venue.quote(ENTRY - 1, ENTRY)
    venue.other = RiskShare(trades=0, day_pnl=Decimal(0), currency="USDT")
    assert venue.enter() is None


def test_the_end_of_the_day_of_a_tier_is_one_alert_when_it_is_booked(venue: TieredVenue) -> None:
    venue.result(-99, -99)
    assert venue.alerts == []
    venue.result(-1, -100)
    (alert,) = venue.alerts
    assert (alert.kind, alert.value) == ("KILL_SWITCH", -100.0)
    assert alert.text == "the result of the day, -100.00, has reached the limit of 100.00"
    venue.result(-50, -150)
    assert venue.enter() == Refusal.DAY_LOSS
    assert len(venue.alerts) == 1
    venue.advance(DAY_NS)
    venue.result(-100, -100)
    assert [alert.kind for alert in venue.alerts] == ["KILL_SWITCH"] * 2


def test_the_strategy_of_another_contract_does_not_repeat_the_alert(venue: TieredVenue) -> None:
    venue.result(1_500, 1_500)
    venue.alerts.clear()
    venue.result(-400, -400)
    assert venue.strategy._day.stop is Refusal.DAY_LOSS
    assert venue.alerts == []


def test_a_limit_that_the_trade_manager_has_reported_is_not_reported_again() -> None:
    venue = TieredVenue(tiers=None, max_daily_loss=Decimal(4), contracts=1)
    venue.open()
    venue.close(ENTRY - 100)
    venue.other = RiskShare(trades=0, day_pnl=Decimal(0), currency="USDT")
    assert venue.enter() == Refusal.KILL_SWITCH
    assert venue.strategy._day.stop is Refusal.DAY_LOSS
    assert [alert.kind for alert in venue.alerts] == ["KILL_SWITCH"]


def test_the_profit_of_all_strategies_ends_the_day() -> None:
    venue = TieredVenue(daily_profit_target=Decimal(200))
    venue.result(200, 200)
    assert venue.enter() == Refusal.DAY_TARGET
    assert [(alert.kind, alert.value) for alert in venue.alerts] == [("PROFIT_TARGET", 200.0)]


@pytest.mark.parametrize(("counts", "closed"), [(True, True), (False, False)])
def test_an_open_loss_counts_and_can_close_the_trade(counts: bool, closed: bool) -> None:
    venue = TieredVenue(count_open_loss=counts, kill_flatten=True)
    venue.result(-95, -95)
    venue.open()
    venue.print(ENTRY - 40)
    assert len(venue.working) == 1
    # Four USDT lost, the fee of the entry, and 95 before; then a whole one more.
    venue.print(ENTRY - 50)
    assert (venue.strategy.manager.trade.close_reason is not None) is closed
    venue.print(ENTRY - 51)
    assert len([o for o in venue.working if o.order_type.name == "MARKET"]) == closed


def test_a_loss_that_a_refused_entry_was_first_to_see_closes_the_trade() -> None:
    venue = TieredVenue(kill_flatten=True, max_trades=2)
    venue.result(-95, -95)
    venue.open()
    venue.quote(ENTRY - 51, ENTRY - 50)
    assert venue.enter(SECOND) == Refusal.DAY_LOSS
    assert venue.strategy.manager.trade.close_reason is None
    venue.print(ENTRY - 50)
    assert venue.strategy.manager.trade.close_reason == ExitReason.KILL_SWITCH
    venue.print(ENTRY - 51)
    assert len([o for o in venue.working if o.order_type.name == "MARKET"]) == 1


def test_a_loss_booked_by_another_strategy_closes_the_trade() -> None:
    venue = TieredVenue(kill_flatten=True, count_open_loss=False)
    venue.open()
    venue.result(-99, -99)
    assert venue.strategy.manager.trade.close_reason is None
    venue.result(-1, -100)
    assert venue.strategy.manager.trade.close_reason == ExitReason.KILL_SWITCH


@pytest.mark.parametrize(
    ("net", "day_pnl", "reason"),
    [
        (-100, -100, DropReason.KILL_SWITCH),
        (-2_001, -1, DropReason.KILL_SWITCH),
        (-99, -99, None),
        (200, 200, DropReason.PROFIT_TARGET),
        (199, 199, None),
    ],
)
def test_a_working_entry_is_canceled_once_the_day_or_the_capital_is_over(
    net: int, day_pnl: int, reason: DropReason | None
) -> None:
    venue = TieredVenue(daily_profit_target=Decimal(200))
    assert venue.enter() is None
    venue.accept(venue.sent[-1])
    venue.result(net, day_pnl)
    assert venue.strategy.manager.trade.drop_reason == reason
    assert venue.cancels == ([] if reason is None else [venue.sent[-1]])


def test_the_end_of_a_day_is_kept_at_once(
    venue: TieredVenue, monkeypatch: pytest.MonkeyPatch
) -> None:
    venue.open()
    kept: list[Any] = []
    strategy = venue.strategy
    monkeypatch.setattr(
        strategy, "keep_state", lambda cause: kept.append((cause, strategy.signal_state()["day"]))
    )
    venue.result(-99, -99)
    assert kept == []
    venue.result(-1, -100)
    assert kept == [("STATE", {"day": venue.now // DAY_NS, "stop": "DAY_LOSS"})]


def test_without_tiers_the_limit_of_the_configuration_holds_and_shares_size_trades() -> None:
    venue = TieredVenue(tiers=None, contracts=3, max_daily_loss=Decimal(60))
    assert venue.contracts() == 3
    assert venue.contracts(multiplier=Decimal("0.75")) == 2
    assert venue.contracts(multiplier=Decimal("0.1")) == 1
    venue.result(-60, -60)
    assert venue.enter() == Refusal.DAY_LOSS


def test_the_last_trade_fits_the_rest_of_the_day() -> None:
    venue = TieredVenue(fit_last_trade=True)
    venue.result(-75, -75)
    # A contract loses 10 USDT and its costs at the stop.
    assert venue.contracts(bonus=2) == 2
    venue.result(-20, -95)
    assert venue.enter(bonus=2) == Refusal.DAY_BUDGET
    assert TieredVenue().contracts(bonus=2) == 3


def test_a_high_margin_refuses_entries_with_one_alert_each_way(tmp_path: Path) -> None:
    margins = tmp_path / "margins.yaml"
    rows = (("2026-01-01", 40), ("2026-01-06", 41), ("2026-01-07", 39))
    margins.write_text(
        "known_until: 2026-01-07\nmargins:\n"
        + "".join(f"- {{root: {OWN}, from: {day}, margin: {m}, source: test}}\n" for day, m in rows)
    )
    venue = TieredVenue(
        margin_protection=MarginParams(limits={OWN: Decimal(40)}), margin_file=str(margins)
    )
    expected = [None, Refusal.MARGIN_HIGH, Refusal.MARGIN_HIGH, None, None]
    found = []
    for hours in (0, 24, 25, 48, 72):
        venue.clock.set_time(1_767_571_200_000_000_000 + hours * 3_600_000_000_000)
        venue.quote(ENTRY - 1, ENTRY)
        found.append(venue.enter())
        if found[-1] is None:
            venue.cancel(venue.sent[-1])
    assert found == expected
    kinds = [alert.kind for alert in venue.alerts]
    assert kinds == ["MARGIN_HIGH", "MARGIN_NORMAL", "MARGIN_UNKNOWN"]


def test_the_account_can_give_the_margin() -> None:
    def protection(limit: int) -> MarginParams:
        limits = {OWN: Decimal(limit)}
        return MarginParams(limits=limits, source=MarginSource.ACCOUNT, cache_seconds=0)

    # The whole value at the bid, 499.9 USDT: no leverage is set.
    assert TieredVenue(margin_protection=protection(500)).enter() is None
    assert TieredVenue(margin_protection=protection(499)).enter() == Refusal.MARGIN_HIGH


def test_a_kept_state_goes_on_with_balance_streaks_and_day(venue: TieredVenue) -> None:
    for net in (-50, 1_200, -60):
        venue.result(net, "-100")
    assert venue.enter() == Refusal.OTHER_CONTRACT
    venue.result(-200, "-100")
    assert venue.enter() == Refusal.DAY_LOSS
    text = venue.strategy.on_save()["trading"]
    again = TieredVenue(loaded=text)
    assert again.strategy.tiers.state == venue.strategy.tiers.state
    assert again.strategy.tiers.state == TierState(
        balance=Decimal(2_890), index=0, losses=2, results=4
    )
    assert again.enter() == Refusal.DAY_LOSS
    assert again.changes == []


@pytest.mark.parametrize(
    "state", [{"machine": None}, {"machine": None, "tiers": {"index": "x"}, "day": {}}, 1]
)
def test_a_damaged_state_is_refused(venue: TieredVenue, state: Any) -> None:
    with pytest.raises(AuctionError, match="state of the"):
        venue.strategy.check_signal_state(state)


def test_the_state_that_has_counted_most_results_is_taken_over(venue: TieredVenue) -> None:
    venue.result(10)
    further = TierState(balance=Decimal(2_500), index=0, wins=2, results=5)
    venue.msgbus.publish(TIER_STATES, further)
    assert venue.strategy.tiers.state == further
    venue.states.clear()
    behind = TierState(balance=Decimal(1), index=0, results=4)
    venue.msgbus.publish(TIER_STATES, behind)
    assert venue.states == [behind, further]


def test_a_balance_of_the_account_decides_the_tier_where_no_capital_is_assigned() -> None:
    tiers = two_tiers()
    venue = TieredVenue(tiers=TierParams(tiers=tiers.tiers, starting_balance=None))
    assert venue.strategy.tiers.state.balance == 10_000
    assert venue.enter() == Refusal.OTHER_CONTRACT


def test_a_contract_of_no_tier_is_refused() -> None:
    with pytest.raises(ParameterError, match="no tier trades BTCUSDT-LINEAR"):
        TieredVenue(tiers=TierParams())


def test_a_contract_has_the_root_of_its_symbol() -> None:
    assert [root_of(s) for s in ("ESZ5", "MESH6", "CLF26", OWN)] == ["ES", "MES", "CL", OWN]
