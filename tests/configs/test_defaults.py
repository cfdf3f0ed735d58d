"""The files of the systems show every parameter, and with them the defaults of the code."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from nautilus_trader.common.config import msgspec_decoding_hook
from nautilus_trader.common.config import resolve_path
from nautilus_trader.model.identifiers import InstrumentId

from configs.system_file import load_system
from errors import ParameterError
from strategies.common.book_params import BookParams
from strategies.common.book_params import CooldownScope
from strategies.common.book_params import PositionMode
from strategies.impulse_lvn.config import ImpulseLvnConfig
from strategies.impulse_lvn.params import SignalParams as ImpulseSignals
from strategies.impulse_lvn.params import TradeRules
from strategies.value_area.config import ValueAreaStrategyConfig
from strategies.value_area.params import SignalParams
from tests.checks import some


FOLDER = Path(__file__).parents[2] / "configs" / "systems"
NQ = InstrumentId.from_str("NQH6.XCME")
SYSTEMS = sorted(path.stem for path in FOLDER.glob("*.yaml"))
# What Nautilus gives every component, and what is named once for all of them.
COMMON = {"instrument_id", "external_order_claims"}
# A figure of the market of the file, which the code cannot know.
OF_THE_MARKET = {"fee_per_contract"}


def parts_of(system: str) -> list[tuple[dict[str, Any], type]]:
    document = load_system(system)
    return [
        (part["config"], resolve_path(part["config_path"]))
        for part in (*document["actors"], *document["strategies"])
    ]


def given_by_file(cls: Any) -> set[str]:
    return (COMMON | OF_THE_MARKET) & set(cls.__struct_fields__)


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_system_file_holds_the_defaults_of_the_code(system: str) -> None:
    for values, cls in some(parts_of(system)):
        typed = msgspec.convert(values, cls, dec_hook=msgspec_decoding_hook)
        given = {name: getattr(typed, name) for name in given_by_file(cls)}
        assert typed == cls(**given)


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_file_of_a_system_with_a_trading_strategy_shows_its_limits(system: str) -> None:
    for values, cls in some(parts_of(system)):
        if "max_daily_loss" in cls.__struct_fields__:
            assert {"max_daily_loss", "daily_profit_target"} <= set(values)


def test_a_configuration_of_signals_is_their_struct_in_size_units() -> None:
    config = ValueAreaStrategyConfig(instrument_id=NQ, of_entry_min=0.5, of_fail_min=None)
    params = config.signal_params(Decimal("0.25"))
    assert (params.of_entry_min, params.of_fail_min, params.of_breakout_min) == (2.0, None, 0.0)
    assert ValueAreaStrategyConfig(instrument_id=NQ).signal_params(Decimal(1)) == SignalParams()


def test_a_configuration_without_a_word_holds_one_trade_and_its_keys_reach_the_book() -> None:
    assert ValueAreaStrategyConfig(instrument_id=NQ).book_params() == BookParams()
    values = {
        "instrument_id": NQ.value,
        "max_trades": 3,
        "max_total_risk": "0.05",
        "one_trade_per_setup": True,
        "cooldown_scope": "SETUP",
        "position_mode": "BY_TRADE",
    }
    config = msgspec.convert(values, ValueAreaStrategyConfig, dec_hook=msgspec_decoding_hook)
    assert config.book_params() == BookParams(
        max_trades=3,
        max_total_risk=Decimal("0.05"),
        one_trade_per_setup=True,
        cooldown=CooldownScope.SETUP,
        positions=PositionMode.BY_TRADE,
    )


def test_points_and_ticks_have_the_same_defaults() -> None:
    config, tick = ImpulseLvnConfig(instrument_id=NQ), Decimal("0.25")
    assert config.signal_params(tick) == ImpulseSignals()
    assert config.trade_rules(tick) == TradeRules()


@pytest.mark.parametrize(
    ("make", "name", "reason"),
    [
        (lambda: SignalParams(accept_outside_k=0), "accept_outside_k", "at least 1"),
        (lambda: SignalParams(qimb_fail_min=2.0), "qimb_fail_min", "not within -1 to 1"),
        (lambda: ImpulseSignals(min_delta=0), "min_delta", "0 is below 1"),
        (lambda: TradeRules(stop_buffer=0), "stop_buffer", "0 is not positive"),
        (
            lambda: ImpulseLvnConfig(instrument_id=NQ, start_time="9"),
            "start_time",
            "no time",
        ),
        (
            lambda: ImpulseLvnConfig(instrument_id=NQ).trade_rules(Decimal("0.3")),
            "stop_buffer",
            "not a multiple of the tick",
        ),
        (
            lambda: ValueAreaStrategyConfig(instrument_id=NQ, risk_pct=Decimal(0)),
            "risk_pct",
            "not above 0",
        ),
        (
            lambda: ValueAreaStrategyConfig(instrument_id=NQ, daily_profit_target=Decimal(-1)),
            "daily_profit_target",
            "not positive",
        ),
        (
            lambda: ValueAreaStrategyConfig(instrument_id=NQ, max_trades=101),
            "max_trades",
            "above 100",
        ),
        (
            lambda: ValueAreaStrategyConfig(instrument_id=NQ, max_total_risk=Decimal("1.1")),
            "max_total_risk",
            "above 1",
        ),
        (
            lambda: ValueAreaStrategyConfig(instrument_id=NQ, position_mode=PositionMode.BY_SIDE),
            "position_mode",
            "no venue here",
        ),
        (
            lambda: ImpulseLvnConfig(instrument_id=NQ, max_trades=2),
            "max_trades",
            "one trade at a time",
        ),
    ],
)
def test_a_value_out_of_its_range_names_its_parameter(make: Any, name: str, reason: str) -> None:
    with pytest.raises(ParameterError) as raised:
        make()
    assert raised.value.name == name
    assert reason in raised.value.reason
    assert str(raised.value) == f"{name}: {raised.value.reason}"


def with_an_unknown_key(plain: Any) -> Any:
    """Yield copies of plain values, each with one mapping that has a key too many."""
    if isinstance(plain, dict):
        yield {**plain, "unknown_key": 1}
        for key, value in plain.items():
            yield from ({**plain, key: other} for other in with_an_unknown_key(value))
    elif isinstance(plain, list):
        for at, value in enumerate(plain):
            for other in with_an_unknown_key(value):
                yield [*plain[:at], other, *plain[at + 1 :]]


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_key_that_no_parameter_has_is_refused_at_every_depth(system: str) -> None:
    for values, cls in some(parts_of(system)):
        for changed in with_an_unknown_key(values):
            with pytest.raises(msgspec.ValidationError, match="unknown_key"):
                msgspec.convert(changed, cls, dec_hook=msgspec_decoding_hook)


def with_a_bad_value(plain: dict[str, Any], path: str = "") -> Any:
    """Yield the dotted key of each value within nested parameters, and a copy with a bad one."""
    for key, value in plain.items():
        if isinstance(value, dict):
            for name, other in with_a_bad_value(value, f"{path}{key}."):
                yield name, {**plain, key: other}
        elif path and not isinstance(value, bool | list):
            yield f"{path}{key}", {**plain, key: "nonsense" if isinstance(value, str) else -7}


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_bad_value_of_nested_parameters_is_refused_by_its_whole_key(system: str) -> None:
    named = []
    for values, cls in some(parts_of(system)):
        for name, changed in with_a_bad_value(values):
            try:
                msgspec.convert(changed, cls, dec_hook=msgspec_decoding_hook)
            except msgspec.ValidationError as error:
                if isinstance(error.__cause__, ParameterError):
                    named.append((name, error.__cause__.name))
            except ParameterError as error:
                named.append((name, error.name))
    assert {name: given for name, given in named if given != name} == {}
