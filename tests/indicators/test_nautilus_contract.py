"""The Nautilus indicators keep the engine's contract: flags, reset, names, errors, versions."""

import subprocess
import sys
from pathlib import Path

import pytest
from nautilus_trader.model.data import QuoteTick
from nautilus_trader.model.data import TradeTick

from errors import ParameterError
from indicators.nautilus import AggressorBars
from indicators.nautilus import AggressorFlow
from indicators.nautilus import BestQuoteImbalance
from indicators.nautilus import Footprints
from indicators.nautilus import RollingVolumeProfile
from indicators.nautilus import SpanVolumeProfile
from indicators.nautilus import ValueAreaMinutes
from tests.indicators.market import START
from tests.indicators.reference import MINUTE
from tests.indicators.ticks import market
from tests.indicators.ticks import quote
from tests.indicators.ticks import trade


SECOND = 1_000_000_000


def test_flags_follow_the_inputs():
    quoted, printed = quote(START, "10.0", "10.1", 1, 2), trade(START + 1, "10.0", 1)
    rolling = RollingVolumeProfile("0.1", "0.001", 3)
    span = SpanVolumeProfile("0.1", "0.001")
    flow = AggressorFlow("0.1", "0.001")
    imbalance = BestQuoteImbalance("0.001")
    minutes = ValueAreaMinutes("0.1", "0.001", warmup_minutes=2)
    seconds = AggressorBars("0.1", "0.001", SECOND)
    everything = (rolling, span, flow, imbalance, minutes, seconds)

    assert not any(each.has_inputs or each.initialized for each in everything)
    assert flow.delta is flow.cvd is imbalance.value is imbalance.average is None
    for each in (flow, imbalance, minutes):
        each.handle_quote_tick(quoted)
        assert each.has_inputs
    assert not flow.initialized
    assert imbalance.initialized
    for each in (rolling, span, flow, minutes, seconds):
        each.handle_trade_tick(printed)
        assert each.has_inputs
    assert flow.initialized
    assert span.initialized
    assert not rolling.initialized
    assert not minutes.initialized
    for ts, ready in ((START + SECOND - 1, False), (START + SECOND, True)):
        seconds.close_until(ts)
        assert seconds.initialized is ready
    for ts, ready in ((START + 3 * MINUTE - 1, False), (START + 3 * MINUTE, True)):
        rolling.handle_trade_tick(trade(ts, "10.0", 1))
        assert rolling.initialized is ready
    for ts, ready in ((START + 2 * MINUTE - 1, False), (START + 2 * MINUTE, True)):
        minutes.close_until(ts)
        assert minutes.initialized is ready
    for each in everything:
        each.reset()
    assert not any(each.has_inputs or each.initialized for each in everything)
    assert flow.delta is flow.cvd is imbalance.value is imbalance.average is None
    assert rolling.levels().reason == span.levels().reason == "EMPTY"


@pytest.mark.parametrize(
    "build",
    [
        lambda: RollingVolumeProfile("0.1", "0.001", 5),
        lambda: SpanVolumeProfile("0.1", "0.001"),
        lambda: AggressorFlow("0.1", "0.001", "both"),
        lambda: BestQuoteImbalance("0.001"),
        lambda: ValueAreaMinutes("0.1", "0.001", window_minutes=5),
        lambda: AggressorBars("0.1", "0.001", SECOND),
        lambda: Footprints("0.1", "0.001", "ticks", 50),
    ],
)
def test_a_reset_indicator_is_as_new(build):
    objects, _ = market("60000.6", "0.1")
    used, new = build(), build()

    def state(indicator):
        for each in objects[300:]:
            if isinstance(each, TradeTick) and not isinstance(indicator, BestQuoteImbalance):
                indicator.handle_trade_tick(each)
            elif isinstance(each, QuoteTick) and not isinstance(
                indicator, RollingVolumeProfile | SpanVolumeProfile | AggressorBars | Footprints
            ):
                indicator.handle_quote_tick(each)
        if isinstance(indicator, RollingVolumeProfile):
            return indicator.core.window.levels(), indicator.initialized
        if isinstance(indicator, SpanVolumeProfile):
            return indicator.core.levels()
        if isinstance(indicator, AggressorFlow):
            return indicator.delta, indicator.cvd, indicator.core.group_count
        if isinstance(indicator, BestQuoteImbalance):
            return indicator.value, indicator.average
        if isinstance(indicator, AggressorBars):
            indicator.core.close_until(2**62)
            return indicator.core.take(), indicator.core.late_trades
        if isinstance(indicator, Footprints):
            indicator.core.close_until(2**62)
            return indicator.core.take(), indicator.core.session.levels()
        return indicator.core.row.tobytes(), indicator.core.profile.window.levels()

    state(used)
    used.reset()
    assert state(used) == state(new)


def test_the_parameters_are_shown():
    assert repr(RollingVolumeProfile("0.1", "0.001", 60)) == (
        "RollingVolumeProfile(0.1, 0.001, 60, 0.7, 20, one_row)"
    )
    assert repr(SpanVolumeProfile("0.1", "0.001")) == (
        "SpanVolumeProfile(0.1, 0.001, 0.7, 1, one_row)"
    )
    assert repr(AggressorFlow("0.1", "0.001")) == "AggressorFlow(0.1, 0.001, auto, True, 250)"
    assert repr(AggressorBars("0.1", "0.001", SECOND)) == "AggressorBars(0.1, 0.001, 1000000000)"
    assert repr(BestQuoteImbalance("0.001", 30)) == "BestQuoteImbalance(0.001, 30)"
    assert repr(ValueAreaMinutes("0.1", "0.001", window_minutes=60, va_fraction="0.68")) == (
        "ValueAreaMinutes(0.1, 0.001, window_minutes=60, va_fraction=0.68)"
    )


@pytest.mark.parametrize(
    ("build", "name"),
    [
        (lambda: RollingVolumeProfile("0", "0.001"), "tick_size"),
        (lambda: SpanVolumeProfile("0.1", "-1"), "lot_size"),
        (lambda: AggressorFlow("x", "0.001"), "tick_size"),
        (lambda: BestQuoteImbalance("0"), "lot_size"),
        (lambda: AggressorBars("0.1", "0", SECOND), "lot_size"),
        (lambda: ValueAreaMinutes("0.1", "0.001", window_minutes=0), "window_minutes"),
        (lambda: RollingVolumeProfile("0.1", "0.001", 0), "minutes"),
    ],
)
def test_a_wrong_parameter_is_named(build, name):
    with pytest.raises(ParameterError) as caught:
        build()
    assert caught.value.name == name


def test_a_failing_handler_is_reported():
    rolling = RollingVolumeProfile("0.0000001", "0.001")
    rolling.handle_trade_tick(trade(START, "1.0", 1))
    with pytest.raises(ValueError, match="tick 1000000000000 "):
        rolling.handle_trade_tick(trade(START, "100000.0", 1))

    def refuse(values, levels):
        raise LookupError("no room for the row")

    minutes = ValueAreaMinutes("0.1", "0.001", on_close=refuse)
    minutes.handle_trade_tick(trade(START, "1.0", 1))
    with pytest.raises(LookupError, match="no room"):
        minutes.handle_trade_tick(trade(START + MINUTE, "1.0", 1))


def run(code):
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_another_version_of_nautilus_is_refused_by_name():
    result = run(
        "import importlib.metadata as m\n"
        "m.version = lambda name: '1.230.0'\n"
        "import indicators.components\n",
    )
    assert result.returncode == 1
    assert result.stderr.splitlines()[-1] == (
        "ImportError: auction-trader is built for nautilus_trader 1.231.0, but 1.230.0 is "
        "installed: install nautilus_trader==1.231.0"
    )


def test_the_cores_work_without_nautilus():
    result = run(
        "import importlib.metadata as m, sys\n"
        "def version(name):\n"
        "    raise m.PackageNotFoundError(name)\n"
        "m.version = version\n"
        "sys.modules['nautilus_trader'] = None\n"
        "import indicators.core.minute, indicators.core.nodes\n",
    )
    assert result.returncode == 0, result.stderr


def test_an_indicator_that_fails_stops_the_engine():
    result = run(ENGINE)
    assert result.returncode == 1
    assert "ValueError: tick 1000000000000 " in result.stderr
    assert "ran to its end" not in result.stdout


ENGINE = """
import warnings
warnings.simplefilter("ignore")
from nautilus_trader.backtest.engine import BacktestEngine
from nautilus_trader.common.actor import Actor
from nautilus_trader.config import BacktestEngineConfig, LoggingConfig
from nautilus_trader.model.currencies import USDT
from nautilus_trader.model.data import TradeTick
from nautilus_trader.model.enums import AccountType, AggressorSide, OmsType
from nautilus_trader.model.identifiers import TradeId
from nautilus_trader.model.objects import Money, Price, Quantity
from nautilus_trader.test_kit.providers import TestInstrumentProvider
from indicators.nautilus import RollingVolumeProfile

instrument = TestInstrumentProvider.btcusdt_perp_binance()

class Profile(Actor):
    def on_start(self):
        indicator = RollingVolumeProfile("0.0000001", "0.001")
        self.register_indicator_for_trade_ticks(instrument.id, indicator)
        self.subscribe_trade_ticks(instrument.id)

engine = BacktestEngine(BacktestEngineConfig(logging=LoggingConfig(bypass_logging=True)))
engine.add_venue(instrument.venue, OmsType.NETTING, AccountType.MARGIN, [Money(1000, USDT)])
engine.add_instrument(instrument)
engine.add_actor(Profile())
engine.add_data([
    TradeTick(instrument.id, Price.from_str(price), Quantity.from_str("0.001"),
              AggressorSide.BUYER, TradeId("1"), ts, ts)
    for ts, price in enumerate(("1.0", "100000.0", "2.0"))
])
engine.run()
print("ran to its end")
"""
