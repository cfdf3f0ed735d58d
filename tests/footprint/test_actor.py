"""The footprint actor over a half day: bars, sessions, gaps, order of messages, features."""

from datetime import date
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from nautilus_trader.backtest.config import BacktestEngineConfig
from nautilus_trader.backtest.engine import BacktestEngine
from nautilus_trader.common.component import TestClock
from nautilus_trader.common.config import LoggingConfig
from nautilus_trader.model.currencies import USD
from nautilus_trader.model.data import QuoteTick
from nautilus_trader.model.data import TradeTick
from nautilus_trader.model.enums import AccountType
from nautilus_trader.model.enums import AggressorSide
from nautilus_trader.model.enums import OmsType
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.model.identifiers import TradeId
from nautilus_trader.model.objects import Money
from nautilus_trader.model.objects import Price
from nautilus_trader.model.objects import Quantity

from actors.footprint.actor import FootprintActor
from actors.footprint.config import FootprintActorConfig
from actors.footprint.features import FootprintFeatures
from actors.footprint.messages import FootprintBar
from actors.footprint.messages import FootprintPattern
from actors.footprint.messages import FootprintZone
from actors.footprint.sessions import SessionSpans
from actors.history import Stored
from actors.history import Tick
from actors.market_context.profile_sessions import ProfileSessions
from actors.messages import DataGap
from backtests.results.message_tables import message_schema
from backtests.system_features import write_system_features
from catalog.instruments import resolve_instrument
from catalog.sessions import NEW_YORK
from errors import ParameterError
from tests.markets import write_catalog


pytestmark = pytest.mark.filterwarnings("ignore:Timestamp.utcnow:DeprecationWarning")

SECOND = 1_000_000_000
MINUTE = 60 * SECOND
BAR = 5 * MINUTE
ES = resolve_instrument("ESZ5.XCME", date(2025, 11, 28))
SYSTEM = str(Path(__file__).parent / "footprint.yaml")
LEVELS = FootprintBar.COLUMNS.index("levels")
OUR = (DataGap, FootprintZone, FootprintPattern, FootprintBar)


def at(hour: int, minute: int = 0) -> int:
    """Return a time of the half day after Thanksgiving in New York (ns UTC)."""
    moment = datetime(2025, 11, 28, hour, minute, tzinfo=NEW_YORK)
    return int(moment.timestamp()) * SECOND


OPEN, CLOSE = at(9, 30), at(13)


def events(begin: int, end: int, step_s: int = 11, seed: int = 5) -> list[tuple[int, ...]]:
    """Return quotes and trades (kind, ts, bid or price, ask, size, side) of a random walk."""
    rng = np.random.default_rng(seed)
    tick, rows = 27_000, []
    for ts in range(begin, end, step_s * SECOND):
        tick += int(rng.integers(-1, 2))
        rows.append((0, ts, tick, tick + 1, 1, 0))
        for _ in range(int(rng.integers(0, 4))):
            side = int(rng.choice([0, 1, 1, 2, 2]))
            rows.append((1, ts, tick + int(side == 1), 0, int(rng.integers(1, 60)), side))
    return [(kind, ts + number, *rest) for number, (kind, ts, *rest) in enumerate(rows)]


def ticks(rows):
    for kind, ts, bid, ask, size, side in rows:
        if kind == 0:
            one = Quantity.from_int(1)
            yield QuoteTick(ES.id, price(bid), price(ask), one, one, ts, ts)
        else:
            quantity, trade_id = Quantity.from_int(size), TradeId(str(ts))
            yield TradeTick(ES.id, price(bid), quantity, AggressorSide(side), trade_id, ts, ts)


def price(tick):
    return Price(Decimal(tick) / 4, 2)


def config(**settings):
    return FootprintActorConfig(instrument_id=ES.id, **{"session": "regular"} | settings)


def run(rows, end, **settings):
    """Return the actor, and what it has published in a run of an engine."""
    return run_actor(FootprintActor(config(**settings)), rows, end)


def run_actor(actor, rows, end):
    engine = BacktestEngine(BacktestEngineConfig(logging=LoggingConfig(log_level="ERROR")))
    engine.add_venue(ES.id.venue, OmsType.NETTING, AccountType.MARGIN, [Money(50_000, USD)])
    engine.add_instrument(ES)
    engine.add_actor(actor)
    found = []
    for cls in OUR:
        engine.kernel.msgbus.subscribe(topic=cls.topic(), handler=found.append)
    engine.add_data(list(ticks(rows)))
    try:
        engine.run(end=end)
    finally:
        engine.dispose()
    return actor, found


def of(cls, messages):
    return [message for message in messages if isinstance(message, cls)]


def batch(rows, end, cuts=(), **settings):
    """Return the rows of one pass over arrays that come in parts."""
    features = FootprintFeatures(config(**settings), ES.price_increment.as_decimal(), Decimal(1))
    for begin, until in zip((0, *cuts), (*cuts, len(rows)), strict=True):
        kind, ts, bid, ask, size, side = np.array(rows[begin:until] or np.empty((0, 6))).T
        wide = [np.ascontiguousarray(of, dtype=np.int64) for of in (ts, bid, ask, size)]
        kinds, sides = (np.ascontiguousarray(of, dtype=np.uint8) for of in (kind, side))
        features.update_many(kinds, *wide, wide[-1], sides)
    features.close_many(end)
    return features.values(features.take_rows())


@pytest.fixture(scope="module")
def tape():
    """Return the tape of the half day, without quotes and trades for ten minutes."""
    return [
        *events(at(9, 12), at(11, 2)),
        *events(at(11, 12), at(13, 13), seed=6),
    ]


@pytest.fixture(scope="module")
def half_day(tape):
    return run(tape, at(13, 20))


def test_every_interval_with_trades_has_one_bar_closed_by_the_clock(half_day, tape):
    _, found = half_day
    bars = of(FootprintBar, found)
    trades = {ts // BAR * BAR for kind, ts, *_ in tape if kind == 1}
    assert [bar.ts_start for bar in bars] == sorted(trades)
    assert sum(bar.volume for bar in bars) == sum(row[4] for row in tape if row[0] == 1)
    # Nothing follows the last one.
    assert (bars[-1].ts_start, bars[-1].ts_end) == (at(13, 10), at(13, 15))
    assert all(bar.ts_event == bar.ts_init == bar.ts_end - 1 for bar in bars)


def test_cumulative_delta_and_profile_begin_with_the_session_and_after_an_early_close(half_day):
    spans = {}
    for bar in of(FootprintBar, half_day[1]):
        spans.setdefault((bar.session_start, bar.session_end, bar.in_session), []).append(bar)
    before, session, after = sorted(spans)
    assert session == (OPEN, CLOSE, True)
    assert before[1:] == (OPEN, False)
    assert (after[0], after[2]) == (CLOSE, False)
    for bars in spans.values():
        delta = volume = 0
        for bar in bars:
            delta, volume = delta + bar.delta, volume + bar.volume
            assert (bar.cvd, bar.session_volume) == (delta, volume)
    # The session is whole until the gap.
    whole = [bar.session_whole for bar in spans[session]]
    assert whole == [bar.ts_start < at(11, 10) for bar in spans[session]]
    assert not any(bar.session_whole for bar in spans[before])


def test_a_gap_ends_zones_and_the_count_of_bars(half_day):
    actor, found = half_day
    (gap,) = of(DataGap, found)
    bars = of(FootprintBar, found)
    number = next(i for i, bar in enumerate(bars) if bar.ts_start == at(11, 10))
    before, bar = bars[number - 1], bars[number]
    assert (before.ts_start, before.bars) == (at(11), 23)
    # Silent at its end.
    assert [(b.warm, b.whole) for b in (bars[number - 2], before)] == [(True, True), (False, True)]
    assert (bar.bars, bar.warm, bar.whole) == (1, False, False)
    ended = [z for z in of(FootprintZone, found) if z.ts_event == gap.end]
    assert {zone.event for zone in ended} == {"EXPIRED"}
    assert len(ended) > 3
    live = set()
    for zone in of(FootprintZone, found):
        if zone.ts_event < gap.end:
            key = zone.created_ts, zone.pattern, zone.price
            (live.add if zone.event in ("CREATED", "TOUCHED") else live.discard)(key)
    assert live == {(zone.created_ts, zone.pattern, zone.price) for zone in ended}
    assert actor.series.gaps == 1
    (text,) = actor.describe_history()
    assert "21 footprint bars" in text


def test_zones_and_patterns_come_before_their_bar_and_are_part_of_it(half_day):
    waiting, seen = [], 0
    for message in half_day[1]:
        if isinstance(message, FootprintPattern):
            waiting.append(message)
        if isinstance(message, FootprintBar):
            assert [p.pattern for p in waiting] == message.patterns
            assert [p.price for p in waiting] == message.pattern_prices
            assert all(p.ts_end == message.ts_end for p in waiting)
            assert all(p.ts_init < message.ts_init for p in waiting)
            waiting, seen = [], seen + len(waiting)
    assert seen > 50
    assert waiting == []


def test_messages_of_bars_that_close_within_nanoseconds_keep_their_order_in_a_replay(tape):
    part = [row for row in tape if row[1] < at(9, 40)]
    _, found = run(part, at(9, 45), bar_kind="ticks", bar_size=1)
    bars = of(FootprintBar, found)
    assert len(bars) == sum(row[0] == 1 for row in part)
    assert any(b.ts_start - a.ts_start == 1 for a, b in pairwise(bars))
    times = [message.ts_init for message in found]
    assert times == sorted(times)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"bar_size": 420, "session": "trading_day", "tick_rule": True},
        {"bar_kind": "volume", "bar_size": 900},
        {"bar_kind": "range", "bar_size": 6},
    ],
    ids=str,
)
def test_features_are_the_bars_of_the_actor_in_any_parts(settings, tape, half_day):
    end = at(13, 20)
    messages = half_day[1] if not settings else run(tape, end, **settings)[1]
    expected = [tuple(bar.columns().values()) for bar in of(FootprintBar, messages)]
    assert len(expected) > 20
    assert batch(tape, end, **settings) == expected
    assert batch(tape, end, cuts=(1, 1, 700, 701, 1_500), **settings) == expected


def test_what_comes_after_a_close_changes_no_bar_before_it(tape):
    cut = at(10, 33)
    whole = batch(tape, at(13, 20))
    known = [row for row in tape if row[1] < cut]
    changed = [(k, ts, a + 50, b + 50, n, s) for k, ts, a, b, n, s in tape if ts >= cut]
    early = [row for row in whole if row[1] <= cut]
    assert len(early) > 10
    assert batch([*known, *changed], at(13, 20))[: len(early)] == early


def test_a_node_reads_back_to_the_start_of_its_session_at_least():
    actor = FootprintActor(config(lookback_minutes=60, warmup_bars=6))
    assert actor.history_minutes == 61
    assert actor.history_since(at(12, 30)) == OPEN
    assert actor.history_since(at(9, 40)) == at(8, 35)


class WarmedUp(FootprintActor):
    """Takes a history as a node gives it."""

    def __init__(self, config, stored, at):
        super().__init__(config)
        self.stored, self.at, self.said = stored, at, None

    def on_start(self):
        super().on_start()
        self.clock.set_time_alert_ns("WARM", self.at, self.warm_up)

    def warm_up(self, event):
        history = self.take_history(self.stored, MINUTE)
        try:
            while True:
                next(history)
        except StopIteration as end:
            self.said = end.value


@pytest.mark.parametrize("settings", [{}, {"bar_kind": "delta", "bar_size": 90}], ids=str)
def test_a_node_that_reads_back_publishes_the_bars_of_one_that_never_left(settings, monkeypatch):
    monkeypatch.setattr("actors.base.LiveClock", TestClock)
    rows, begins, end = events(at(9, 12), at(11, 2)), at(10, 31), at(11, 4)
    past = [
        Tick(kind, ts, bid, ask, size, size if kind == 0 else 0, side)
        for kind, ts, bid, ask, size, side in rows
        if ts < begins
    ]
    stored = Stored(past[0].ts, past[-1].ts, lambda: iter(past))
    actor = WarmedUp(config(**settings), stored, begins + 90 * SECOND)
    _, found = run_actor(actor, [row for row in rows if row[1] >= begins], end)
    bars = [tuple(bar.columns().values()) for bar in of(FootprintBar, found)]
    assert len(bars) > 20
    # The close of the last interval waits for trades still on the wire.
    assert bars == batch(rows, at(11), **settings)[: len(bars)]
    assert len(bars) == len(batch(rows, at(11), **settings))
    assert actor.said is not None
    assert not actor.is_collecting


def test_a_market_that_never_closes_has_days_of_utc():
    spans = SessionSpans(ProfileSessions("auto", "BYBIT"))
    day = 24 * 60 * MINUTE
    start = at(12) // day * day
    assert spans(at(12)) == (start, start + day, True)
    other = InstrumentId.from_str("BTCUSDT-LINEAR.BYBIT")
    with pytest.raises(ParameterError, match="has no profile: name a root"):
        FootprintActorConfig(instrument_id=other)
    settings = {"imbalance_min_volume": 500, "absorption_min_volume": 5_000}
    assert FootprintActorConfig(instrument_id=other, detectors=settings_of(settings))


def settings_of(values):
    return type(config().detectors)(**values)


def test_spans_leave_no_hole_over_a_half_day_and_a_weekend():
    spans = SessionSpans(ProfileSessions("regular", "XCME"))
    ts, found = at(9), []
    for _ in range(4):
        start, end, is_session = spans(ts)
        assert start <= ts < end
        found.append((start, end, is_session))
        ts = end
    assert [each[2] for each in found] == [False, True, False, True]
    assert found[1][:2] == (OPEN, CLOSE)
    assert all(a[1] == b[0] for a, b in pairwise(found))


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"bar_size": 0}, "bar_size"),
        ({"zone_bars": 0}, "zone_bars"),
        ({"va_fraction": 2.0}, "va_fraction"),
        ({"gap_after_s": 0.0}, "gap_after_s"),
    ],
)
def test_a_wrong_setting_is_named(settings, name):
    with pytest.raises(ParameterError) as caught:
        config(**settings)
    assert caught.value.name == name


def test_features_of_a_catalog_have_the_columns_of_the_table(tmp_path, tape):
    rows = [
        (0, ts, bid, size, ask, size) if kind == 0 else (1, ts, bid, size, side)
        for kind, ts, bid, ask, size, side in tape
    ]
    write_catalog(tmp_path, rows, str(ES.id), 0, ES)
    out = tmp_path / "features.parquet"
    settings = ["actors.0.config.session=regular"]
    count, notes = write_system_features(SYSTEM, tmp_path, out, overrides=settings)
    table = pq.read_table(out)
    assert table.schema == message_schema(FootprintBar)
    expected = batch(tape, at(13, 13))
    assert count == len(expected) > 40
    assert table.column("levels").to_pylist() == [row[LEVELS] for row in expected]
    (note,) = notes
    assert "the features start anew after each" in note
