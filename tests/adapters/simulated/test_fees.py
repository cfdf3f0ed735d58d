"""Fees of a fill: the instrument's rates, rates of the environment, a commission a contract."""

from decimal import Decimal

import pytest

from adapters.simulated.nautilus.fees import VenueFees
from adapters.simulated.nautilus.fees import VenueFeesConfig
from adapters.simulated.nautilus.fills import VenueFillsConfig
from tests.adapters.simulated.desk import Maker
from tests.adapters.simulated.desk import play


PLAIN = VenueFillsConfig(slippage_ticks_entry=0, slippage_ticks_exit=0)


def fees_of(config, instrument_id="BTCUSDT-LINEAR.BYBIT"):
    """Return the fees of a taken entry of 2 lots at 100,001 and a made exit at 100,100 ticks."""
    m = Maker(instrument_id)
    ticks = [m.quote(0, 100_000, 100_001), m.trade(5, 100_101, 9, "B")]
    actions = [
        (1, lambda s: s.market("BUY", 2)),
        (2, lambda s: s.limit("SELL", 2, 100_100, reduce_only=True)),
    ]
    result = play(m, ticks, actions, fills=PLAIN, fees=config, start=1_000_000)
    assert [fill[4] for fill in result.fills] == ["T", "M"]
    return result


TAKEN, MADE = Decimal("10000.1") * 2 / 1000, Decimal("10010.0") * 2 / 1000


@pytest.mark.parametrize(
    ("config", "taker_bps", "maker_bps"),
    [
        (VenueFeesConfig(), "5.5", "2"),
        (VenueFeesConfig(taker_bps=5.0, maker_bps=-1.0), "5", "-1"),
        (VenueFeesConfig(taker_bps=5.0, maker_bps=-1.0, maker_rebate=False), "5", "0"),
        (VenueFeesConfig(taker_bps=0.0, maker_bps=0.0), "0", "0"),
    ],
)
def test_fees_are_rates_of_the_notional_value(config, taker_bps, maker_bps):
    result = fees_of(config)
    expected = [
        (TAKEN * Decimal(taker_bps) / 10_000).quantize(Decimal("1e-8")),
        (MADE * Decimal(maker_bps) / 10_000).quantize(Decimal("1e-8")),
    ]
    assert result.fees == expected
    assert result.balance == 1_000_000 + MADE - TAKEN - sum(expected)


def test_futures_pay_a_commission_for_each_contract():
    result = fees_of(VenueFeesConfig(per_contract="2.25 USD"), "ESZ6.XCME")
    assert result.fees == [Decimal("4.50"), Decimal("4.50")]
    # 99 ticks of 12.50 dollars on two contracts.
    assert result.balance == 1_000_000 + 99 * Decimal("12.50") * 2 - 9


def test_a_share_may_cost_less_than_a_cent():
    result = fees_of(VenueFeesConfig(per_contract="0.035 USD"), "AAPL.XNAS")
    assert result.fees == [Decimal("0.07"), Decimal("0.07")]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"per_contract": "2 USD", "taker_bps": 5.0}, "exclude each other"),
        ({"per_contract": "-2 USD"}, "is negative"),
        ({"per_contract": "two"}, "two"),
    ],
)
def test_fees_that_contradict_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        VenueFees(VenueFeesConfig(**options))
