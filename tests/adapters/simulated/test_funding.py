"""Funding: what is paid, when, by whom, and that every book says the same."""

from decimal import Decimal

import pytest
from nautilus_trader.model.events import PositionAdjusted

from adapters.bybit.funding import funding_updates
from adapters.bybit.funding import write_funding
from adapters.simulated.nautilus.fees import VenueFeesConfig
from adapters.simulated.nautilus.fills import VenueFillsConfig
from adapters.simulated.nautilus.funding import VenueFunding
from adapters.simulated.nautilus.funding import VenueFundingConfig
from adapters.simulated.rules.funding import notional
from tests.adapters.simulated.desk import HOUR
from tests.adapters.simulated.desk import MS
from tests.adapters.simulated.desk import T0
from tests.adapters.simulated.desk import Maker
from tests.adapters.simulated.desk import Played
from tests.adapters.simulated.desk import build
from tests.adapters.simulated.desk import play
from tests.adapters.simulated.desk import run


H = HOUR // MS
PLAIN = {
    "fills": VenueFillsConfig(slippage_ticks_entry=0, slippage_ticks_exit=0),
    "fees": VenueFeesConfig(maker_bps=0.0, taker_bps=0.0),
}
FIXED = VenueFundingConfig()


def hourly(m, hours, start=0):
    return [m.quote(h * H, 500_000 + h, 500_002 + h, 9000, 9000) for h in range(start, hours + 1)]


def opened(side="BUY", lots=2000, ms=1):
    return (ms, lambda s: s.market(side, lots))


def closed(ms, side="SELL", lots=2000):
    return (ms, lambda s: s.market(side, lots, reduce_only=True))


def paid(result):
    return [Decimal(repr(payment.paid)) for payment in result.strategy.payments]


def times(result):
    return [(payment.ts_event - T0) / HOUR for payment in result.strategy.payments]


def at_mid(hour, bps="1"):
    """Return what two coins pay when the quote of an hour is in force."""
    middle = (Decimal(500_001) + hour) / 10
    return (2 * middle * Decimal(bps) / 10_000).quantize(Decimal("1e-8"))


@pytest.mark.parametrize(("side", "sign"), [("BUY", 1), ("SELL", -1)])
@pytest.mark.parametrize("rate", [1.0, -2.5])
def test_account_position_and_portfolio_agree_to_the_last_digit(side, sign, rate):
    m = Maker()
    config = VenueFundingConfig(rate_bps=rate)
    result = play(m, hourly(m, 20), [opened(side)], funding=config, **PLAIN)
    # The settlement comes before the event of its own time: the quote before is in force.
    expected = [sign * at_mid(7, repr(rate)), sign * at_mid(15, repr(rate))]
    assert paid(result) == expected
    assert times(result) == [8, 16]
    (position,) = result.engine.cache.positions_open()
    assert position.realized_pnl.as_decimal() == -sum(expected)
    assert result.balance == 10_000 - sum(expected)
    realised = result.engine.portfolio.realized_pnl(m.instrument.id)
    assert realised.as_decimal() == -sum(expected)
    adjustments = [a for a in position.adjustments if isinstance(a, PositionAdjusted)]
    assert [a.pnl_change.as_decimal() for a in adjustments] == [-amount for amount in expected]
    assert result.strategy.payments[0].quantity == sign * 2.0
    assert result.strategy.payments[0].rate == pytest.approx(rate / 10_000)


def test_books_agree_after_the_position_has_closed():
    m = Maker()
    result = play(
        m,
        hourly(m, 20),
        [opened(), closed(18.5 * H), opened("SELL", 1000, 19.5 * H)],
        funding=FIXED,
        **PLAIN,
    )
    gross = Decimal(2) * (500_018 - 500_002) / 10
    assert result.balance == 10_000 + gross - sum(paid(result))
    realised = result.engine.portfolio.realized_pnl(m.instrument.id)
    assert realised.as_decimal() == gross - sum(paid(result))


@pytest.mark.parametrize(
    ("opened_ms", "closed_ms", "payments"),
    [
        (7.5 * H, 9 * H, 1),
        (8 * H - 1, 8 * H + 1, 1),
        (8 * H, 9 * H, 0),
        (7.5 * H, 8 * H, 1),
        (8 * H + 1, 9 * H, 0),
        (7.2 * H, 7.5 * H, 0),
    ],
)
def test_the_position_held_at_the_settlement_pays(opened_ms, closed_ms, payments):
    # An order at the very time is filled after the settlement, whether opening or closing.
    m = Maker()
    actions = [opened(ms=opened_ms), closed(closed_ms)]
    assert len(paid(play(m, hourly(m, 12), actions, funding=FIXED, **PLAIN))) == payments


def test_a_fill_by_an_event_at_the_settlement_comes_after_it():
    m = Maker()
    ticks = [m.quote(0, 1000, 1010), m.trade(8 * H, 990, 1, "S"), m.quote(9 * H, 980, 990)]
    result = play(m, ticks, [(1, lambda s: s.limit("BUY", 5, 1000))], funding=FIXED, **PLAIN)
    assert result.fills == [(8 * H, "BUY", 5, 1000, "M")]
    assert paid(result) == []


def test_a_gap_in_the_data_pays_at_the_last_quote_in_time():
    m = Maker()
    ticks = [m.quote(0, 500_000, 500_002, 9000, 9000), m.quote(40 * H, 1, 3)]
    result = play(m, ticks, [opened()], funding=FIXED, **PLAIN)
    assert times(result) == [8, 16, 24, 32, 40]
    assert paid(result) == [at_mid(0)] * 5


def test_a_settlement_at_the_excluded_end_is_not_charged():
    m = Maker()
    ticks = [m.quote(0, 500_000, 500_002, 9000, 9000), m.quote(1, 500_000, 500_002)]
    inside = play(m, ticks, [opened(ms=2)], 8 * H, funding=FIXED, **PLAIN)
    outside = play(m, ticks, [opened(ms=2)], 8 * H - 1, funding=FIXED, **PLAIN)
    assert (len(paid(inside)), len(paid(outside))) == (1, 0)


def test_payments_and_receipts_have_their_own_factors():
    m = Maker()
    config = VenueFundingConfig(paid_factor=2.0, received_factor=0.0)
    long = play(m, hourly(m, 9), [opened()], funding=config, **PLAIN)
    short = play(m, hourly(m, 9), [opened("SELL")], funding=config, **PLAIN)
    assert paid(long) == [2 * at_mid(7)]
    assert paid(short) == [0]
    assert (long.balance, short.balance) == (10_000 - 2 * at_mid(7), 10_000)


def test_futures_are_never_charged():
    m = Maker("ESZ6.XCME")
    ticks = [m.quote(h * H, 10_000, 10_001, 9, 9) for h in range(20)]
    result = play(m, ticks, [opened(lots=1)], funding=FIXED, start=1_000_000, **PLAIN)
    assert len(result.fills) == 1
    assert paid(result) == []


RATES = [("0.0001", 8), ("-0.00035", 16), ("0.0002", 24), ("0.00001", 32)]


@pytest.fixture
def rates(tmp_path):
    m = Maker()
    settlements = [
        {"fundingRate": rate, "fundingRateTimestamp": str((T0 + hour * HOUR) // MS)}
        for rate, hour in RATES
    ]
    updates = funding_updates(settlements, 480)
    write_funding(tmp_path, str(m.instrument.id), updates)
    return VenueFundingConfig(schedule="catalog", catalog_path=str(tmp_path))


def test_the_rates_of_the_catalog_are_paid_with_their_signs(rates):
    m = Maker()
    result = play(m, hourly(m, 33), [opened()], funding=rates, **PLAIN)
    expected = [at_mid(hour - 1, str(Decimal(rate) * 10_000)) for rate, hour in RATES]
    assert paid(result) == expected
    assert [amount > 0 for amount in expected] == [True, False, True, True]
    assert result.balance == 10_000 - sum(expected)


@pytest.mark.parametrize("size", [1, 3, 100])
def test_chunks_give_the_payments_of_one_shot(rates, size):
    m = Maker()
    ticks = hourly(m, 33)
    actions = [opened(), closed(20.5 * H), opened("SELL", 1000, 23.5 * H)]
    whole = play(m, ticks, actions, funding=rates, **PLAIN)
    engine, strategy = build(m, actions, funding=rates, **PLAIN)
    chunks = [ticks[first : first + size] for first in range(0, len(ticks), size)]
    run(engine, end_ms=33 * H, chunks=chunks)
    chunked = Played(engine, strategy, m)
    assert len(paid(whole)) == 4
    assert paid(chunked) == paid(whole)
    assert times(chunked) == times(whole)
    assert chunked.balance == whole.balance


@pytest.mark.parametrize("source", ["fixed", "catalog"])
def test_a_second_run_of_one_engine_starts_the_schedule_anew(rates, source):
    m = Maker()
    config = rates if source == "catalog" else FIXED
    engine, strategy = build(m, [opened()], funding=config, **PLAIN)
    engine.add_data(hourly(m, 33))
    run(engine)
    first = [(p.ts_event, p.paid) for p in strategy.payments]
    strategy.payments.clear()
    engine.reset()
    run(engine)
    assert len(first) == 4
    assert [(p.ts_event, p.paid) for p in strategy.payments] == first


def test_rates_of_a_catalog_need_a_catalog():
    with pytest.raises(ValueError, match="`catalog_path` must name"):
        VenueFunding(VenueFundingConfig(schedule="catalog"))


def test_an_inverse_contract_is_worth_less_coins_at_a_higher_price():
    multiplier, contracts = Decimal(1), Decimal(-100)
    for price, value in ((50_000, "-0.002"), (25_000, "-0.004")):
        worth = notional(contracts, Decimal(price), multiplier, is_inverse=True)
        assert worth == Decimal(value)
