"""What a round trip costs, the sizes that include it, and the trades that could not pay it."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nautilus_trader.cache.cache import Cache
from nautilus_trader.model.data import QuoteTick
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.model.instruments import CryptoPerpetual
from nautilus_trader.model.objects import Price
from nautilus_trader.model.objects import Quantity

from catalog.instruments import resolve_instrument
from strategies.common.costs import PARTS
from strategies.common.costs import CostLimits
from strategies.common.costs import RoundTrip
from strategies.common.costs import cost_refusal
from strategies.common.decisions import decide
from strategies.common.gate import Refusal
from strategies.common.intents import Action
from strategies.common.intents import Intent
from strategies.common.lot_budget import LotBudget
from strategies.common.nautilus.config import TradingConfig
from strategies.common.nautilus.costs import round_trip
from strategies.common.nautilus.quotes import quoted_spread
from strategies.common.nautilus.units import Units
from tests.strategies.trade_manager_desk import LONG
from tests.strategies.trade_manager_desk import Desk


BTC = "BTCUSDT-LINEAR.BYBIT"
NQ = "NQH6.XCME"


def costs_of(
    entry: str = "5",
    leave: str = "5",
    commission: str = "0",
    spreads: str = "1",
    tick_money: str = "0.1",
) -> RoundTrip:
    return RoundTrip.of(
        entry_fee_bps=Decimal(entry),
        exit_fee_bps=Decimal(leave),
        fee_per_contract=Decimal(commission),
        slippage_spreads=Decimal(spreads),
        tick_money=Decimal(tick_money),
    )


def intent(entry: int, stop: int, target: int | None = None) -> Intent:
    return Intent(is_long=entry > stop, entry=entry, stop=stop, tag="test", tp2=target)


def test_fees_are_those_of_both_prices_in_thousandths_of_a_tick_rounded_up() -> None:
    assert costs_of().fees(500_000, 490_000) == 495_000
    assert costs_of().fees(500_001, 490_000) == 495_001  # 495_000.5
    assert costs_of("-1", "5.5").fees(500_000, 490_000) == 219_500
    assert costs_of("-5", "1").fees(500_000, 490_000) == 0
    assert costs_of("0", "0", commission="2.25", tick_money="5").fees(-10, 4) == 900


def test_slippage_is_a_spread_on_each_side() -> None:
    costs = costs_of()
    assert costs.expected(500_000, 490_000, 3) - costs.fees(500_000, 490_000) == 2 * 3 * PARTS
    assert costs_of(spreads="0.25").expected(0, 0, 1) == PARTS // 2


TICKS = st.integers(1_000, 2_000_000)
RATES = st.decimals(Decimal(-3), Decimal(20), places=2)
SPREADS = st.integers(1, 50)


@given(
    margin=st.decimals(Decimal(100), Decimal(10**7), places=2),
    risk=st.decimals(Decimal("0.0001"), Decimal("0.2"), places=4),
    entry=TICKS,
    stop=TICKS,
    rates=st.tuples(RATES, RATES),
    commission=st.decimals(Decimal(0), Decimal(5), places=2),
    spread=SPREADS,
    units=st.sampled_from([("0.1", "0.001"), ("5", "1"), ("0.0001", "100")]),
)
def test_the_loss_at_the_stop_with_all_costs_stays_within_the_risk_and_wastes_no_lot(
    margin: Decimal,
    risk: Decimal,
    entry: int,
    stop: int,
    rates: tuple[Decimal, Decimal],
    commission: Decimal,
    spread: int,
    units: tuple[str, str],
) -> None:
    tick_money, lot = Decimal(units[0]), Decimal(units[1])
    costs = RoundTrip.of(
        entry_fee_bps=rates[0],
        exit_fee_bps=rates[1],
        fee_per_contract=commission,
        slippage_spreads=Decimal(1),
        tick_money=tick_money,
    )
    budget = LotBudget.of(
        margin=margin,
        risk_pct=risk,
        max_leverage=Decimal(10**6),
        tick_money=tick_money,
        lot_size=lot,
    )

    size = budget.size(entry=entry, stop=stop, costs=costs.expected(entry, stop, spread))

    def loss(lots: int) -> Fraction:
        """Return what leaving two spreads beyond the stop's distance costs, by its own account."""
        value = Fraction(tick_money) * Fraction(lot) * lots
        paid = Fraction(entry) * Fraction(rates[0]) + Fraction(stop) * Fraction(rates[1])
        fees = max(
            Fraction(0),
            value * paid / 10_000 + 2 * Fraction(commission) * Fraction(lot) * lots,
        )
        return value * (abs(entry - stop) + 2 * spread) + fees

    target = Fraction(margin) * Fraction(risk)
    if entry == stop:
        assert size.lots == 0
        return
    assert loss(size.lots) <= target
    # The next lot is beyond it, but for what the thousandth of a tick was rounded up by.
    rounding = Fraction(tick_money) * Fraction(lot) * (size.lots + 1) * Fraction(2, PARTS)
    assert loss(size.lots + 1) + rounding > target


def test_costs_make_a_size_smaller_by_their_share_of_the_loss() -> None:
    budget = LotBudget.of(
        margin=Decimal(10_000),
        risk_pct=Decimal("0.02"),
        max_leverage=Decimal(100),
        tick_money=Decimal("0.1"),
        lot_size=Decimal("0.001"),
    )
    # 500 to the stop, 25 + 24.75 of fees, two spreads of one tick.
    costs = costs_of().expected(500_000, 495_000, 1)
    assert budget.size(entry=500_000, stop=495_000).lots == 400
    assert budget.size(entry=500_000, stop=495_000, costs=costs).lots == int(200_000 / 549.95)


def refused(entry: int, stop: int, target: int | None = None, **limits: Fraction) -> str | None:
    return cost_refusal(intent(entry, stop, target), costs_of(), 2, CostLimits(**limits))


@pytest.mark.parametrize("side", [1, -1])
def test_a_stop_nearer_than_some_spreads_is_refused(side: int) -> None:
    entry = 500_000
    rule = {"min_stop_spreads": Fraction(5, 2)}
    assert refused(entry, entry - side * 4, **rule) is Refusal.STOP_IN_SPREAD
    assert refused(entry, entry - side * 5, **rule) is None


def test_a_stop_nearer_than_some_round_trips_is_refused() -> None:
    # The fees of a round trip to the stop are 250 + 249.5 ticks.
    rule = {"min_stop_fee_ratio": Fraction(2)}
    assert refused(500_000, 499_001, **rule) is Refusal.STOP_IN_FEES
    assert refused(500_000, 499_000, **rule) is None


def test_a_target_nearer_than_some_round_trips_is_refused() -> None:
    # The fees of a round trip to 50050 are 250 + 250.25 ticks.
    rule = {"min_reward_fee_ratio": Fraction(1)}
    assert refused(500_000, 490_000, 500_500, **rule) is Refusal.LOW_REWARD
    assert refused(500_000, 490_000, 500_501, **rule) is None
    assert refused(500_000, 510_000, 499_500, **rule) is None
    assert refused(500_000, 510_000, 499_501, **rule) is Refusal.LOW_REWARD
    assert refused(500_000, 490_000, None, **rule) is None


def test_rules_that_are_off_refuse_nothing_and_the_first_that_applies_names_the_refusal() -> None:
    assert refused(500_000, 499_999, 500_001) is None
    rules = dict.fromkeys(
        ("min_stop_spreads", "min_stop_fee_ratio", "min_reward_fee_ratio"), Fraction(2)
    )
    assert refused(500_000, 499_999, 500_001, **rules) is Refusal.STOP_IN_SPREAD
    assert refused(500_000, 499_990, 500_001, **rules) is Refusal.STOP_IN_FEES
    assert refused(500_000, 490_000, 500_001, **rules) is Refusal.LOW_REWARD


def trip(name: str = BTC, maker: str | None = None, **settings: Decimal) -> RoundTrip:
    instrument = resolve_instrument(name)
    if maker is not None:
        fields = CryptoPerpetual.to_dict(instrument)
        instrument = CryptoPerpetual.from_dict({**fields, "maker_fee": maker})
    return round_trip(instrument, TradingConfig(instrument_id=instrument.id, **settings))


def test_fees_are_the_instruments_unless_the_configuration_names_them() -> None:
    # 5.5 bp each way, whatever the maker's rate; unless that is the higher one.
    assert trip().fees(1_000_000, 1_000_000) == 1_100_000
    assert trip(maker="-0.0001") == trip()
    assert trip(maker="0.0007").fees(1_000_000, 1_000_000) == 1_250_000
    named = trip(maker="0.0007", taker_fee_bps=Decimal(1))
    assert named.fees(1_000_000, 1_000_000) == 200_000


def test_a_commission_counts_in_ticks_of_the_contract() -> None:
    assert trip(NQ).fees(100_000, 100_000) == 0
    # 4.50 USD of a tick of 5 USD.
    assert trip(NQ, fee_per_contract=Decimal("2.25")).fees(100_000, 100_000) == 900


def test_a_flip_that_could_not_pay_its_costs_leaves_the_open_trade_alone() -> None:
    desk = Desk()
    desk.open(LONG)
    short = Intent(is_long=False, entry=1_000, stop=1_001, tag="test")

    decision, commands = decide(
        desk.manager, desk.now, None, short, too_costly=Refusal.STOP_IN_FEES
    )

    assert (decision.action, decision.reason) == (Action.HOLD, Refusal.STOP_IN_FEES)
    assert list(commands) == []
    decision, commands = decide(desk.manager, desk.now, None, short)
    assert decision.action is Action.ENTER_SHORT
    assert list(commands) != []


def test_costs_are_not_negative() -> None:
    with pytest.raises(ValueError, match="costs were negative: -1"):
        Intent(is_long=True, entry=2, stop=1, tag="test", costs=-1)


def quoted(bid: str, ask: str) -> QuoteTick:
    size = Quantity.from_str("1.000")
    prices = Price.from_str(bid), Price.from_str(ask)
    return QuoteTick(InstrumentId.from_str(BTC), *prices, size, size, 0, 0)


def test_the_spread_is_the_quoted_one_and_a_tick_where_there_is_none() -> None:
    units, cache = Units(resolve_instrument(BTC)), Cache()
    instrument_id = InstrumentId.from_str(BTC)
    assert quoted_spread(cache, instrument_id, units) == 1
    cache.add_quote_tick(quoted("50000.0", "50000.4"))
    assert quoted_spread(cache, instrument_id, units) == 4
    cache.add_quote_tick(quoted("50000.4", "50000.0"))
    assert quoted_spread(cache, instrument_id, units) == 1
