"""The impulse actor inside the engine."""

from datetime import date
from decimal import Decimal

import pytest
from nautilus_trader.backtest.config import BacktestEngineConfig
from nautilus_trader.backtest.engine import BacktestEngine
from nautilus_trader.common.config import LoggingConfig
from nautilus_trader.model.currencies import USD
from nautilus_trader.model.data import TradeTick
from nautilus_trader.model.enums import AccountType
from nautilus_trader.model.enums import AggressorSide
from nautilus_trader.model.enums import OmsType
from nautilus_trader.model.identifiers import TradeId
from nautilus_trader.model.objects import Money
from nautilus_trader.model.objects import Price
from nautilus_trader.model.objects import Quantity
from nautilus_trader.persistence.catalog import ParquetDataCatalog
from nautilus_trader.trading.strategy import Strategy

from actors.impulse.actor import ImpulseActor
from actors.impulse.config import ImpulseActorConfig
from actors.impulse.machine import ImpulseMachine
from actors.impulse.messages import DailyLevelsUpdate
from actors.impulse.messages import ImpulseTransition
from actors.impulse.messages import LvnVisit
from actors.impulse.messages import MarketStateUpdate
from actors.impulse.messages import RegularSessionUpdate
from actors.impulse.messages import SecondBar
from actors.impulse.params import ImpulseParams
from catalog.instruments import resolve_instrument
from catalog.sessions import at_minute
from errors import UsageError
from indicators.core.market_state import MarketState
from tests.checks import some
from tests.impulse_vectors import TICK
from tests.impulse_vectors import named
from tests.impulse_vectors import seconds
from tests.strategies.impulse_lvn_desk import trades_of


# The engine's own call; raised in the name of whoever starts it.
pytestmark = pytest.mark.filterwarnings("ignore:Timestamp.utcnow:DeprecationWarning")

SECOND = 1_000_000_000
NQ = resolve_instrument("NQH5.XCME", date(2025, 1, 8))
MESSAGES = (
    RegularSessionUpdate,
    DailyLevelsUpdate,
    MarketStateUpdate,
    ImpulseTransition,
    LvnVisit,
    SecondBar,
)
SIDES = {1: AggressorSide.BUYER, -1: AggressorSide.SELLER, 0: AggressorSide.NO_AGGRESSOR}


def at(day, hour, minute=0):
    return at_minute(date(2025, 1, day), 60 * hour + minute)


def day_before():
    """The session of 7 January: from 21,380 to 21,500, with a value area of the same width."""
    return [
        (at(6, 18), 85_800, 1, 1),
        (at(7, 9, 30), 86_000, 40, 1),
        (at(7, 11), 85_520, 40, -1),
        (at(7, 12), 85_600, 5, -1),
        (at(7, 15), 85_800, 25, 0),
        (at(7, 17), 90_000, 7, 1),
    ]


def night():
    return [(at(7, 18), 86_000, 1, 1), (at(8, 2), 85_700, 2, -1)]


def session():
    """The tape of a vector that breaks 21,500 upward, without its empty prints."""
    return [row for row in trades_of(named("e2e")["up_trail"]["days"][0]) if row[2] > 0]


def tick_of(row, number):
    ts, tick, size, sign = row
    return TradeTick(
        NQ.id,
        Price(tick * TICK, 2),
        Quantity.from_int(size),
        SIDES[sign],
        TradeId(str(number)),
        ts,
        ts,
    )


class Listener(Strategy):
    """Subscribes when strategies do: after the actors have started."""

    def __init__(self, found):
        super().__init__()
        self.found = found

    def on_start(self):
        for cls in MESSAGES:
            self.msgbus.subscribe(topic=cls.topic(), handler=self.found.append)


def run(trades, **settings):
    """Return what a strategy hears of the actor, in its order, and the actor."""
    engine = BacktestEngine(BacktestEngineConfig(logging=LoggingConfig(log_level="ERROR")))
    engine.add_venue(NQ.id.venue, OmsType.NETTING, AccountType.MARGIN, [Money(50_000, USD)])
    engine.add_instrument(NQ)
    actor = ImpulseActor(ImpulseActorConfig(instrument_id=NQ.id, **settings))
    engine.add_actor(actor)
    found = []
    engine.add_strategy(Listener(found))
    engine.add_data([tick_of(row, number) for number, row in enumerate(trades)])
    # The end lies behind the last trade: the alert closes its second.
    engine.run(start=trades[0][0], end=trades[-1][0] + 2 * SECOND)
    engine.dispose()
    return found, actor


@pytest.fixture(scope="module")
def published():
    return run(day_before() + night() + session(), detect_impulses=True)


def of(found, cls):
    return [message for message in found if type(message) is cls]


def test_every_second_is_published_also_the_last(published):
    found, actor = published
    bars = [message.bar() for message in of(found, SecondBar)]
    assert bars == seconds(day_before() + night() + session())
    assert actor.notices == {}


def test_a_second_ends_one_nanosecond_before_the_next(published):
    for message in some(of(published[0], SecondBar)):
        assert message.ts_event == message.ts_init == message.ts_second + SECOND - 1


def test_times_rise_in_the_order_of_publication(published):
    times = [message.ts_init for message in published[0]]
    assert times == sorted(times)
    last = None
    for message in published[0]:
        if last is not None and type(message) is not type(last):
            assert message.ts_init > last.ts_init or {type(message), type(last)} == {
                ImpulseTransition,
                LvnVisit,
            }
        assert message.ts_event <= message.ts_init
        last = message


def test_a_state_that_has_changed_comes_before_the_bar_of_its_second(published):
    state, day = MarketState(), None
    pending, known, changes = None, None, 0
    for message in published[0]:
        if isinstance(message, DailyLevelsUpdate) and message.day != day:
            day, known = message.day, None
            state.reset()
        elif isinstance(message, MarketStateUpdate):
            pending = message
        elif isinstance(message, SecondBar):
            bar = message.bar()
            state.update(bar.open, bar.high, bar.low, bar.close, bar.volume, bar.delta)
            if known == (state.imbalanced, state.trend):
                assert pending is None
                continue
            known, changes = (state.imbalanced, state.trend), changes + 1
            assert pending is not None
            assert pending.ts_second == bar.ts
            assert (pending.imbalanced, pending.trend) == known
            assert pending.vwap == state.vwap * TICK
            assert pending.delta_sum == state.delta_sum
            pending = None
    assert changes > 3


def test_a_message_about_a_bar_reads_as_one_made_of_columns(published):
    for message in some(of(published[0], SecondBar)[:50]):
        again = SecondBar.from_dict(message.to_dict())
        assert again.to_dict() == message.to_dict()
        assert again.bar() == message.bar()
        assert (again.volumes, again.close) == (message.volumes, message.close)
        with pytest.raises(AttributeError, match="has no attribute 'price'"):
            _ = message.price


def test_sessions_and_levels_follow_the_clock(published):
    (closed,) = of(published[0], RegularSessionUpdate)
    assert (closed.day, closed.high, closed.low, closed.close) == (
        "2025-01-07",
        86_000,
        85_520,
        85_800,
    )
    assert (closed.volume, closed.ts_event) == (110, at(7, 16))
    levels = of(published[0], DailyLevelsUpdate)
    rolled, opened = (m for m in levels if m.day == "2025-01-08")
    assert rolled.ts_event == at(7, 18)
    assert (rolled.prior_day, rolled.onh, rolled.onl) == ("2025-01-07", None, None)
    assert opened.ts_event == at(8, 9, 30)
    assert (opened.onh, opened.onl) == (86_000, 85_700)
    assert (opened.pdh, opened.pdl, opened.pdc, opened.poc) == (86_000, 85_520, 85_800, 85_520)
    assert (opened.opens_at, opened.closes_at, opened.ends_at) == (at(8, 9, 30), at(8, 16), None)
    assert all(m.reason == "NO_SESSION" for m in levels if m.day == "2025-01-07")


def test_the_machine_that_never_trades_reports_its_impulses(published):
    found, _ = published
    machine, day, expected = ImpulseMachine(ImpulseParams()), None, []
    for message in found:
        if isinstance(message, DailyLevelsUpdate):
            machine.levels = message.breakout_levels()
            if message.day != day:
                day = message.day
                machine.new_day()
        elif isinstance(message, SecondBar):
            expected += machine.on_bar(message.bar())
    seen = of(found, ImpulseTransition)
    assert [(m.event, m.impulse_id, m.score, m.nodes) for m in seen] == [
        (t.event, t.impulse_id, t.marks.score, len(t.nodes)) for t in expected
    ]
    assert {m.event for m in seen} >= {"BREAKOUT", "COMPLETE"}
    nodes = [node.price for t in expected for node in t.nodes]
    assert [m.price for m in of(found, LvnVisit) if m.event == "FOUND"] == nodes
    assert {m.source for m in seen} == {"MARKET"}


def test_detection_is_off_unless_asked_for():
    found, _ = run(day_before() + night() + session())
    assert of(found, ImpulseTransition) == []
    assert of(found, SecondBar)


def test_a_restart_takes_the_session_from_the_cache(tmp_path, published):
    run(day_before(), level_cache=str(tmp_path))
    assert [file.name for file in (tmp_path / "NQH5.XCME").iterdir()] == ["20250107.json"]
    found, actor = run(night() + session(), level_cache=str(tmp_path))
    expected = [m for m in of(published[0], DailyLevelsUpdate) if m.day == "2025-01-08"]
    assert [m.to_dict() for m in of(found, DailyLevelsUpdate)] == [
        {**m.to_dict(), "ts_init": again.ts_init}
        for m, again in zip(expected, of(found, DailyLevelsUpdate), strict=True)
    ]
    assert of(found, RegularSessionUpdate) == []
    assert actor.notices == {}


def test_a_stale_cache_is_refused_and_noted(tmp_path):
    run(day_before(), level_cache=str(tmp_path))
    later = [(at(8, 18), 85_900, 1, 1), (at(9, 18), 85_900, 1, 1)]
    found, actor = run(later, level_cache=str(tmp_path))
    assert {m.reason for m in of(found, DailyLevelsUpdate)} == {"NO_SESSION"}
    assert any("no session of 2025-01-08, its newest" in text for text in actor.notices)


def test_messages_survive_the_catalog(tmp_path, published):
    catalog = ParquetDataCatalog(tmp_path)
    for cls in some(MESSAGES):
        sent = of(published[0], cls)
        assert sent
        catalog.write_data(sent)
        read = [wrapper.data.to_dict() for wrapper in catalog.query(cls)]
        assert read == [message.to_dict() for message in sent]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"min_impulse_score": 6}, "min_impulse_score: 6"),
        ({"va_fraction": Decimal(2)}, "va_fraction:"),
        ({"state_range_multiple": Decimal(0)}, "state_range_multiple:"),
        ({"lvn_ratio": Decimal("-0.1")}, "lvn_ratio:"),
        ({"breakout_threshold": Decimal(-2)}, "breakout_threshold:"),
    ],
)
def test_values_out_of_range_are_refused_by_name(changes, error):
    with pytest.raises(UsageError, match=error):
        ImpulseActorConfig(instrument_id=NQ.id, **changes)


def test_a_bucket_between_two_ticks_is_refused_by_name():
    config = ImpulseActorConfig(instrument_id=NQ.id, session_bucket=Decimal("1.1"))
    with pytest.raises(UsageError, match=r"session_bucket: 1.1 is not a multiple of the tick 0.25"):
        config.session_bucket_ticks(Decimal("0.25"))
