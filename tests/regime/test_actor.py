"""The actor of regimes over a half day: order of messages, phases, news."""

from itertools import pairwise

import pytest
from nautilus_trader.backtest.config import BacktestEngineConfig
from nautilus_trader.backtest.engine import BacktestEngine
from nautilus_trader.common.config import LoggingConfig
from nautilus_trader.model.currencies import USD
from nautilus_trader.model.enums import AccountType
from nautilus_trader.model.enums import OmsType
from nautilus_trader.model.objects import Money

from actors.footprint.messages import FootprintBar
from actors.messages import Alert
from actors.regime.actor import NO_NEWS
from actors.regime.actor import RegimeActor
from actors.regime.config import RegimeActorConfig
from actors.regime.messages import RegimeBar
from actors.regime.messages import RegimePhase
from errors import AuctionError
from errors import ParameterError
from tests.checks import some
from tests.footprint.test_actor import ES
from tests.footprint.test_actor import MINUTE
from tests.footprint.test_actor import at
from tests.footprint.test_actor import events
from tests.footprint.test_actor import ticks


pytestmark = pytest.mark.filterwarnings("ignore:Timestamp.utcnow:DeprecationWarning")

NEWS = """# known_until: 2025-12-05
start,end,name
2025-11-28T10:40-05:00,,PMI
"""


def run(**settings):
    """Return the actor, and what it has published about a half day from 07:00 on."""
    actor = RegimeActor(RegimeActorConfig(instrument_id=ES.id, **settings))
    engine = BacktestEngine(BacktestEngineConfig(logging=LoggingConfig(log_level="ERROR")))
    engine.add_venue(ES.id.venue, OmsType.NETTING, AccountType.MARGIN, [Money(50_000, USD)])
    engine.add_instrument(ES)
    engine.add_actor(actor)
    found = []
    for cls in (RegimePhase, RegimeBar, FootprintBar, Alert):
        engine.kernel.msgbus.subscribe(topic=cls.topic(), handler=found.append)
    engine.add_data(list(ticks(events(at(7), at(13, 10)))))
    try:
        engine.run()
    finally:
        engine.dispose()
    return actor, found


@pytest.fixture(scope="module")
def half_day():
    return run()


def of(found, cls):
    return some(message for message in found if isinstance(message, cls))


def test_the_regime_of_a_bar_comes_before_the_bar(half_day):
    _, found = half_day
    bars, regimes = of(found, FootprintBar), of(found, RegimeBar)
    assert [regime.ts_end for regime in regimes] == [bar.ts_end for bar in bars]
    assert len(bars) == 73
    for regime, bar in zip(regimes, bars, strict=True):
        assert found.index(bar) == found.index(regime) + 1
        assert regime.ts_init < bar.ts_init


def test_minutes_are_those_of_the_half_day(half_day):
    _, found = half_day
    regimes = {regime.ts_end: regime for regime in of(found, RegimeBar)}
    assert (regimes[at(9, 35)].minutes_since_open, regimes[at(9, 35)].minutes_to_close) == (5, 205)
    codes = [regimes[at(*time)].no_trade for time in ((8, 30), (9, 30), (12, 50), (13, 0))]
    assert codes == ["WARM_UP", "SESSION_OPEN", "SESSION_CLOSE", "SESSION_CLOSE"]
    assert not regimes[at(8, 40)].warm
    assert regimes[at(8, 45)].warm


def test_phases_follow_one_another(half_day):
    _, found = half_day
    phases, regimes = of(found, RegimePhase), of(found, RegimeBar)
    assert [phase.event for phase in phases[::2]] == ["BEGIN"] * len(phases[::2])
    for begin, end in zip(phases[::2], phases[1::2], strict=False):
        assert (end.event, end.since, end.regime) == (begin.regime, begin.since, begin.regime)
        assert end.low <= begin.low <= begin.high <= end.high
    changes = sum(one.regime != other.regime for one, other in pairwise(regimes))
    assert len(phases) == 1 + 2 * changes
    assert sum(phase.bars for phase in phases[1::2]) == sum(
        regime.ts_end <= phases[-1].since - 5 * MINUTE for regime in regimes
    )


def test_a_run_without_a_calendar_of_news_says_so(half_day):
    actor, found = half_day
    assert actor.notices[NO_NEWS] == 1
    assert not any(isinstance(message, Alert) for message in found)


def test_news_are_not_traded_and_their_end_is_announced_once_a_day(tmp_path):
    path = tmp_path / "news.csv"
    path.write_text(NEWS)
    actor, found = run(news_file=str(path), news_buffer_minutes=10)
    regimes = {regime.ts_end: regime for regime in of(found, RegimeBar)}
    times = [at(10, minute) for minute in (25, 30, 35, 40, 45, 50, 55)]
    assert [regimes[time].no_trade == "NEWS" for time in times] == [False, *[True] * 5, False]
    (alert,) = of(found, Alert)
    assert alert.kind == "NEWS_CALENDAR"
    assert "2025-12-05" in alert.text
    assert NO_NEWS not in actor.notices


def test_a_calendar_that_cannot_be_trusted_stops_the_start(tmp_path):
    config = RegimeActorConfig(instrument_id=ES.id, news_file=str(tmp_path / "none.csv"))
    with pytest.raises(AuctionError, match=r"none\.csv"):
        config.news()


@pytest.mark.parametrize(
    "settings",
    [{"news_known_until": "2026-12-31"}, {"news_file": "x.csv", "news_known_until": "soon"}],
)
def test_a_date_without_a_meaning_is_refused(settings):
    with pytest.raises(ParameterError, match="news_known_until"):
        RegimeActorConfig(instrument_id=ES.id, **settings)
