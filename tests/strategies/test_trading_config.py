"""Every setting of a strategy reaches the rules that its trade manager goes by."""

from dataclasses import fields
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from nautilus_trader.model.identifiers import InstrumentId

from errors import UsageError
from strategies.common.nautilus.config import TradingConfig
from strategies.common.sizing_policy import RiskSizing
from strategies.common.trade_params import TradeParams
from tests.markets import BTC


MINUTE_NS = 60_000_000_000
TICK_VALUE, FEE_BPS = Decimal("0.25"), Decimal("5.5")
# Nothing of it is a default, so that what is not passed on is missed.
SETTINGS: dict[str, Any] = {
    "use_limit_for_entry": False,
    "limit_order_timeout_minutes": 7,
    "entry_timeout_cancels": True,
    "entry_drift_pct": Decimal("0.02"),
    "cancel_on_stop_touch": False,
    "tp1_pct": Decimal("0.25"),
    "move_stop_to_breakeven_after_tp1": False,
    "max_hold_minutes": 90,
    "extend_if_profitable": False,
    "cooldown_minutes": 11,
    "enable_flip_on_signal": False,
    "kill_flatten": True,
}
RULES = TradeParams(
    tick_value=TICK_VALUE,
    taker_fee_bps=FEE_BPS,
    limit_entry=False,
    entry_timeout_ns=7 * MINUTE_NS,
    timeout_cancels=True,
    entry_drift=Fraction(1, 50),
    cancel_on_stop_touch=False,
    tp1_share=Fraction(1, 4),
    breakeven_after_tp1=False,
    max_hold_ns=90 * MINUTE_NS,
    extend_if_profitable=False,
    cooldown_ns=11 * MINUTE_NS,
    flip=False,
    kill_flatten=True,
)
# What no setting of a strategy changes.
FIXED = {"cancel_on_target_touch", "trail_step", "retry_ns", "unprotected_retry_ns"}


def config(**settings: Any) -> TradingConfig:
    return TradingConfig(instrument_id=InstrumentId.from_str(BTC), **settings)


def rules(**settings: Any) -> TradeParams:
    return config(**settings).trade_params(TICK_VALUE, FEE_BPS)


def test_every_setting_reaches_the_rules() -> None:
    assert rules(**SETTINGS) == RULES
    defaults = rules()
    assert {f.name for f in fields(TradeParams) if f.name not in FIXED} == {
        "tick_value",
        "taker_fee_bps",
        *(
            f.name
            for f in fields(TradeParams)
            if getattr(defaults, f.name) != getattr(RULES, f.name)
        ),
    }


def test_settings_that_are_off_are_off_in_the_rules() -> None:
    assert rules(**SETTINGS | {"max_hold_minutes": None}) == replace(RULES, max_hold_ns=None)
    assert rules(**SETTINGS | {"cooldown_minutes": 0}) == replace(RULES, cooldown_ns=0)


def test_a_fee_of_the_configuration_comes_before_that_of_the_instrument() -> None:
    assert rules(taker_fee_bps=Decimal(3)).taker_fee_bps == 3
    assert rules(taker_fee_bps=Decimal(0)).taker_fee_bps == 0


def test_the_risk_and_what_it_includes_reach_the_sizing() -> None:
    settings = {"risk_pct": Decimal("0.005"), "risk_includes_costs": False}
    assert config(**settings).sizing() == RiskSizing(
        risk_pct=Decimal("0.005"), includes_costs=False
    )


YEAR = 366 * 1_440


@pytest.mark.parametrize(
    ("name", "most", "beyond"),
    [
        ("emergency_stop_pct", Decimal("0.999"), Decimal(1)),
        ("attached_stop_bps", Decimal(1_000), Decimal("1000.1")),
        ("slippage_spreads", Decimal(10_000), Decimal("10000.1")),
        ("fee_per_contract", Decimal(10_000), Decimal("10000.1")),
        ("max_leverage", Decimal(1_000_000), Decimal("1000000.1")),
        ("taker_fee_bps", Decimal(1_000), Decimal("1000.1")),
        ("taker_fee_bps", Decimal(-1_000), Decimal("-1000.1")),
        ("risk_pct", Decimal(1), Decimal("1.001")),
        ("tp1_pct", Decimal("0.999"), Decimal(1)),
        ("limit_order_timeout_minutes", YEAR, YEAR + 1),
        ("max_hold_minutes", YEAR, YEAR + 1),
        ("cooldown_minutes", YEAR, YEAR + 1),
        ("emergency_stop_pct", Decimal("0.001"), Decimal(0)),
        ("attached_stop_bps", Decimal("0.001"), Decimal(0)),
        ("slippage_spreads", Decimal(0), Decimal("-0.001")),
        ("fee_per_contract", Decimal(0), Decimal("-0.001")),
        ("risk_pct", Decimal("0.001"), Decimal(0)),
        ("tp1_pct", Decimal("0.001"), Decimal(0)),
        *(
            (name, Decimal("0.001"), Decimal(0))
            for name in (
                "max_leverage",
                "max_notional",
                "max_daily_loss",
                "daily_profit_target",
                "min_reward_fee_ratio",
                "min_stop_fee_ratio",
                "min_stop_spreads",
            )
        ),
        *(
            (name, Decimal("0.5"), Decimal("NaN"))
            for name in (
                "emergency_stop_pct",
                "attached_stop_bps",
                "slippage_spreads",
                "max_notional",
                "taker_fee_bps",
                "risk_pct",
                "tp1_pct",
            )
        ),
    ],
)
def test_a_setting_is_taken_up_to_its_bound_and_refused_beyond_it(
    name: str, most: Any, beyond: Any
) -> None:
    assert getattr(config(**{name: most}), name) == most
    with pytest.raises(UsageError, match=f"^{name}: "):
        config(**{name: beyond})
