"""The risk of the playbook: its range, and the sizes of the reference."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from nautilus_trader.model.identifiers import InstrumentId

from configs.loader import load_backtest
from errors import ParameterError
from errors import UsageError
from strategies.common.sizing import size_position
from strategies.playbook.config import PlaybookConfig
from tests.markets import BTC
from tests.vectors import load


RISKS = load("003", "misc_cases.json")["risk"]
CONFIG = "strategies.0.config"


def config(**settings: Any) -> PlaybookConfig:
    return PlaybookConfig(instrument_id=InstrumentId.from_str(BTC), **settings)


@pytest.mark.parametrize("risk", ["0.0025", "0.004", "0.005"])
def test_a_quarter_to_a_half_per_cent_may_be_risked(risk: str) -> None:
    assert config(risk_pct=Decimal(risk)).risk_pct == Decimal(risk)


@pytest.mark.parametrize("risk", ["0.0024", "0.0051", "0.02"])
def test_another_risk_has_to_be_allowed(risk: str) -> None:
    with pytest.raises(ParameterError, match="set allow_any_risk"):
        config(risk_pct=Decimal(risk))
    assert config(risk_pct=Decimal(risk), allow_any_risk=True).risk_pct == Decimal(risk)


def test_a_system_file_is_refused_with_the_name_of_the_parameter() -> None:
    with pytest.raises(UsageError, match=r"strategies\.0\.config.*risk_pct: 0\.02 is not within"):
        load_backtest("playbook", overrides=[f"{CONFIG}.risk_pct=0.02"])
    with pytest.raises(UsageError, match="signals.*min_rr: -1 is below 0"):
        load_backtest("playbook", overrides=[f"{CONFIG}.signals.min_rr=-1"])


@pytest.mark.parametrize("case", RISKS, ids=lambda case: case["name"])
def test_sizes_are_those_of_the_reference(case: dict[str, Any]) -> None:
    given = {name: _exact(value) for name, value in case["input"].items()}
    multiplier = given.get("multiplier", Fraction(1))
    entry, stop, target = (given[name] for name in ("entry", "stop", "target"))
    lot = given.get("lot", Fraction(1))
    size = size_position(
        available_margin=_decimal(given["balance"]),
        risk_pct=_decimal(given.get("risk_pct", Fraction(1, 200))),
        entry=_decimal(entry * multiplier),
        stop=_decimal(stop * multiplier),
        max_leverage=Decimal(1_000_000),
        lot_size=_decimal(lot),
    )
    expected = case["expected"]
    assert size.lots * lot == _exact(expected["size"])
    assert (None if size.reason is None else size.reason.value) == expected["reason"]
    if size.lots:
        assert size.risk_target == _decimal(_exact(expected["risk_target"]))
        assert size.risk == _decimal(_exact(expected["risk_actual"]))
        assert abs(target - entry) / abs(entry - stop) == _exact(expected["rr"])


def _exact(value: Any) -> Fraction:
    return Fraction(*value) if isinstance(value, list) else Fraction(value)


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)
