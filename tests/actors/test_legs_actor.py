"""The actor of legs over given bars and over trades, and what becomes of its nodes."""

from datetime import date
from decimal import Decimal
from itertools import pairwise

import msgspec
import numpy as np
import pandas as pd
import pytest
from nautilus_trader.backtest.config import BacktestEngineConfig
from nautilus_trader.backtest.engine import BacktestEngine
from nautilus_trader.common.config import LoggingConfig
from nautilus_trader.model.currencies import USD
from nautilus_trader.model.data import Bar
from nautilus_trader.model.data import BarType
from nautilus_trader.model.data import QuoteTick
from nautilus_trader.model.data import TradeTick
from nautilus_trader.model.enums import AccountType
from nautilus_trader.model.enums import AggressorSide
from nautilus_trader.model.enums import OmsType
from nautilus_trader.model.identifiers import TradeId
from nautilus_trader.model.objects import Money
from nautilus_trader.model.objects import Price
from nautilus_trader.model.objects import Quantity

from actors.legs.actor import ESTIMATED
from actors.legs.actor import LegsActor
from actors.legs.config import LegsActorConfig
from actors.legs.features import LegFeatures
from actors.legs.messages import LegMinute
from actors.legs.messages import LegPivot
from actors.legs.messages import PriceLeg
from actors.legs.minutes import LegMinutes
from actors.legs.node_lives import NodeEvent
from actors.legs.node_lives import NodeLives
from actors.legs.node_messages import LegLvn
from actors.legs.params import LegParams
from actors.messages import DataGap
from actors.messages.schema import Kind
from backtests.features import bar_features
from backtests.features import catalog_features
from catalog.batches import BarBatch
from catalog.instruments import resolve_instrument
from catalog.market_hours import closed_ns
from catalog.writer import write_bars
from errors import AuctionError
from errors import ParameterError
from indicators.components import BarIndicator
from indicators.core.ema_trend import EmaTrend
from indicators.core.ema_trend import ema_trend
from indicators.core.leg_nodes import PRESETS
from indicators.core.leg_nodes import LegNode
from indicators.core.leg_nodes import LegNodes
from indicators.core.leg_profile import LegProfile
from indicators.core.legs import Leg
from indicators.core.legs import LegStructure
from indicators.core.legs import leg_structures
from tests.checks import some
from tests.indicators.leg_market import MINUTE
from tests.indicators.leg_market import TICK
from tests.indicators.leg_market import bars
from tests.markets import write_catalog


pytestmark = pytest.mark.filterwarnings("ignore:Timestamp.utcnow:DeprecationWarning")

CL = resolve_instrument("CLZ4.XNYM", date(2024, 10, 28))
BARS = BarType.from_str(f"{CL.id}-1-MINUTE-LAST-EXTERNAL")
SECOND = 1_000_000_000
COUNT = 1_400
OUR = (LegPivot, PriceLeg, LegLvn, LegMinute, DataGap)


def market(count=COUNT):
    """Return the first bars of the vectors as rows (start, high, low, close, volume)."""
    return list(zip(*(column[:count].tolist() for column in bars()), strict=True))


def price(tick):
    return Price(Decimal(tick) / 100, 2)


def given(row):
    ts, high, low, close, volume = row
    # The open changes nothing.
    prices = (price(tick) for tick in (close, high, low, close))
    end = ts + MINUTE
    return Bar(BARS, *prices, Quantity.from_int(volume), end, end)


def ticks(row):
    """Return a quote and the trades of a minute: high, low, close, each with a part of it."""
    ts, high, low, close, volume = row
    one = Quantity.from_int(1)
    yield QuoteTick(CL.id, price(low), price(low + 1), one, one, ts, ts)
    for number, (tick, lots) in enumerate(zip((high, low, close), parts(volume), strict=True), 1):
        at = ts + number * 15 * SECOND
        yield TradeTick(
            CL.id,
            price(tick),
            Quantity.from_int(lots),
            AggressorSide.BUYER,
            TradeId(f"{at}"),
            at,
            at,
        )


def parts(volume):
    return volume // 2 + 1, volume // 5 + 1, volume // 7 + 1


def run(data, end=None, **settings):
    """Return the actor and what it has published in a run of an engine."""
    legs = LegParams(**{"profile": "bars"} | settings.pop("legs", {}))
    actor = LegsActor(LegsActorConfig(instrument_id=CL.id, legs=legs, **settings))
    engine = BacktestEngine(BacktestEngineConfig(logging=LoggingConfig(log_level="ERROR")))
    engine.add_venue(CL.id.venue, OmsType.NETTING, AccountType.MARGIN, [Money(50_000, USD)])
    engine.add_instrument(CL)
    engine.add_actor(actor)
    found = []
    for cls in OUR:
        engine.kernel.msgbus.subscribe(topic=cls.topic(), handler=found.append)
    engine.add_data(data)
    try:
        engine.run(end=end or data[-1].ts_init + 2 * MINUTE)
    finally:
        engine.dispose()
    return actor, found


def of(cls, messages):
    return [message for message in messages if isinstance(message, cls)]


@pytest.fixture(scope="module")
def head():
    """Return a run over given bars with the preset of many nodes."""
    return run([given(row) for row in market()], legs={"preset": "head"})


def test_messages_are_the_structures_of_the_array(head):
    _, messages = head
    ts, high, low, close, volume = (column[:COUNT].copy() for column in bars())
    expected = leg_structures(ts, high, low, volume, TICK, LegNodes(**PRESETS["head"]))
    fast, slow, _ = ema_trend(close, TICK)

    minutes = of(LegMinute, messages)
    assert [m.ts_min for m in minutes] == ts.tolist()
    assert [m.close for m in minutes] == close.tolist()
    assert [(m.ema_fast, m.ema_slow) for m in minutes] == list(zip(fast, slow, strict=True))
    assert all(m.is_estimated for m in minutes)
    pivots = of(LegPivot, messages)
    assert [(m.pivot_ts, m.pivot_price, m.confirmed_ts) for m in pivots] == [
        tuple(row) for row in expected.pivots[["ts", "tick", "confirmed_ts"]].tolist()
    ]
    legs = of(PriceLeg, messages)
    assert [(m.leg_id, m.start_ts, m.end_ts, m.start_price, m.nodes) for m in legs] == [
        tuple(row)
        for row in expected.legs[["leg_id", "start_ts", "end_ts", "start_tick", "nodes"]].tolist()
    ]
    found = [m for m in of(LegLvn, messages) if m.event == "FOUND"]
    assert [(m.leg_id, m.lvn_rank, m.lvn_price) for m in found] == [
        tuple(row) for row in expected.nodes[["leg_id", "rank", "price"]].tolist()
    ]
    assert len(found) > 20


def test_a_minute_says_all_that_its_close_made_known(head):
    _, messages = head
    pivots = {m.confirmed_ts: m for m in of(LegPivot, messages)}
    legs = {m.confirmed_ts: m for m in of(PriceLeg, messages)}
    nodes = {}
    for m in of(LegLvn, messages):
        if m.event == "FOUND":
            nodes.setdefault(m.ts_min, []).append(m.lvn_price)
    for m in some(of(LegMinute, messages)):
        pivot, leg = pivots.get(m.ts_min), legs.get(m.ts_min)
        assert m.pivot_ts == (pivot and pivot.pivot_ts)
        assert m.pivot_structure == (pivot and pivot.structure)
        assert m.leg_id == (leg and leg.leg_id)
        assert (m.leg_start, m.leg_end) == (
            (leg.start_price, leg.end_price) if leg else (None,) * 2
        )
        assert m.lvn_prices == nodes.get(m.ts_min, [])


def test_the_minute_comes_last_and_nothing_before_it_was_known(head):
    _, messages = head
    order = [OUR.index(type(m)) for m in messages]
    last = [i for i, m in enumerate(messages) if isinstance(m, LegMinute)]
    for before, at in pairwise([-1, *last]):
        assert order[before + 1 : at + 1] == sorted(order[before + 1 : at + 1])
        end = messages[at].ts_min + MINUTE - 1
        assert {m.ts_event // MINUTE for m in messages[before + 1 : at + 1]} == {end // MINUTE}
    # A replay is sorted by the time of the message.
    times = [m.ts_init for m in messages]
    assert times == sorted(times)


def test_minutes_are_warm_after_their_bars(head):
    actor, messages = head
    warm = [m.warm for m in of(LegMinute, messages)]
    assert warm == [False] * 119 + [True] * (COUNT - 119)
    (text,) = actor.describe_history()
    assert "warm-up needs 120 one-minute bars" in text
    assert f"{COUNT - 119:,} of them" in text
    assert actor.notices[ESTIMATED] == 1


def test_too_few_bars_say_how_many_are_missing():
    actor, messages = run([given(row) for row in market(30)])
    assert not any(m.warm for m in some(of(LegMinute, messages)))
    (text,) = actor.describe_history()
    assert "there were 30: give 90 more" in text


def test_a_gap_begins_pivots_averages_and_nodes_anew():
    rows = market(1_200)
    cut = 700
    # On the same trading day: within the hours of the market.
    shifted = [(row[0] + 180 * MINUTE, *row[1:]) for row in rows[cut:]]
    whole = [given(row) for row in rows[:cut] + shifted]
    actor, messages = run(whole, legs={"preset": "head", "warmup_bars": 50})
    (gap,) = of(DataGap, messages)
    at = messages.index(gap)
    dropped = [m for m in messages[:at] if isinstance(m, LegLvn) and m.event == "DROPPED"]
    assert dropped
    assert {m.ts_min for m in dropped} == {rows[cut - 1][0]}
    after = messages[at + 1 :]
    alone, again = run([given(row) for row in shifted], legs={"preset": "head", "warmup_bars": 50})
    assert of(LegPivot, after)[0].is_seed
    for ours, theirs in zip(of(LegMinute, after), of(LegMinute, again), strict=True):
        for name in LegMinute.COLUMNS:
            if name != "leg_id":
                assert getattr(ours, name) == getattr(theirs, name), name
    assert [m.leg_id for m in of(PriceLeg, messages)] == [*range(len(of(PriceLeg, messages)))]
    assert actor.minutes.gaps == 1
    assert alone.minutes.gaps == 0


def test_trades_give_exact_profiles_of_the_same_legs():
    rows = market(900)
    data = [tick for row in rows for tick in ticks(row)]
    actor, messages = run(data, legs={"profile": "ticks", "preset": "head"})
    minutes = of(LegMinute, messages)
    assert [(m.ts_min, m.high, m.low, m.close) for m in minutes] == [row[:4] for row in rows]
    assert [m.volume for m in minutes] == [sum(parts(row[4])) for row in rows]
    assert not any(m.is_estimated for m in minutes)
    assert ESTIMATED not in actor.notices
    at = {row[0]: i for i, row in enumerate(rows)}
    checked = 0
    for leg in some(of(PriceLeg, messages)):
        span = rows[at[leg.start_ts] : at[leg.end_ts] + 1]
        nodes = [m for m in of(LegLvn, messages) if m.leg_id == leg.leg_id and m.event == "FOUND"]
        if leg.leg_bars < 5:
            assert nodes == []
            continue
        traded = [pair for r in span for pair in zip(r[1:4], parts(r[4]), strict=True)]
        columns = [[r[1] for r in span], [r[2] for r in span], *zip(*traded, strict=True)]
        bins = LegProfile(TICK).of_prints(*(np.array(c, dtype=np.int64) for c in columns))
        expected = LegNodes(**PRESETS["head"]).scan(bins)
        assert [m.lvn_price for m in nodes] == [node.price for node in expected]
        checked += len(nodes)
    assert checked > 5


def test_trades_and_their_bars_have_the_same_pivots():
    rows = market(500)
    by_trades = run([tick for row in rows for tick in ticks(row)], legs={"profile": "ticks"})[1]
    by_bars = run([given(row) for row in rows])[1]
    for cls in (LegPivot, PriceLeg):
        ours, theirs = of(cls, by_trades), of(cls, by_bars)
        names = {name for parity in cls.PARITY for name in (*parity.key, *parity.columns)}
        for name in names - {"nodes", "bin_size"}:
            assert [getattr(m, name) for m in some(ours)] == [getattr(m, name) for m in theirs]


def test_bars_without_volume_have_legs_and_say_why_they_have_no_nodes():
    rows = [(*row[:4], 0) for row in market(300)]
    actor, messages = run([given(row) for row in rows])
    assert of(PriceLeg, messages)
    assert of(LegLvn, messages) == []
    assert actor.notices["bars without volume: legs have no nodes"] == 300


def test_legs_too_short_for_nodes_are_counted_for_a_run_without_trades():
    actor, messages = run([given(row) for row in market(300)], legs={"min_bars": 299})
    count = len(some(of(PriceLeg, messages)))
    _, text = actor.describe_history()
    assert f"none in {count:,} legs, of which {count:,} were shorter than 299 minutes" in text
    assert "legs.reversal_pct" in text


def test_a_reversal_that_finds_no_leg_is_named_for_a_run_without_trades():
    actor, messages = run([given(row) for row in market(300)], legs={"reversal_pct": 50.0})
    assert of(PriceLeg, messages) == []
    _, text = actor.describe_history()
    assert text.startswith("Legs: none")
    assert "50.0 %" in text


LEG = Leg(0, 1, 0, 9, 12, 0, 9, 12, 7_000, 7_040, 9, 9, False, 0.5, 0.001)
NODE = LegNode(1, 70.2, 70.19, 70.21, 5.0, 5.0, 0.3, 0.7, 0.01, 0.1, 70.1, 70.0, 70.3)


def follow(lives, *ends):
    """Return the events of minutes (high, low)."""
    return [
        [(event.value, live.number) for event, live in lives.on_bar(h, x, h / 100.0, x / 100.0)]
        for h, x in ends
    ]


def test_a_node_is_touched_once_and_broken_below_the_start_of_its_leg():
    lives = NodeLives()
    lives.add(LEG, NODE)
    lives.add(LEG, NODE._replace(rank=2, price=70.105))
    assert follow(lives, (7_040, 7_021), (7_030, 7_020), (7_030, 7_011), (7_020, 7_010)) == [
        [],
        [("TOUCHED", 0)],
        [],
        [("TOUCHED", 1)],
    ]
    # The start itself is not yet through.
    assert follow(lives, (7_010, 7_000), (7_010, 6_999), (7_010, 6_900)) == [
        [],
        [("BROKEN", 0), ("BROKEN", 1)],
        [],
    ]
    assert lives.drop() == []


def test_a_node_of_a_falling_leg_lives_as_the_mirror_image():
    lives = NodeLives()
    down = LEG._replace(direction=-1, start_tick=7_040, end_tick=7_000)
    lives.add(down, NODE)
    assert follow(lives, (7_019, 7_000), (7_020, 7_010), (7_040, 7_030), (7_041, 7_030)) == [
        [],
        [("TOUCHED", 0)],
        [],
        [("BROKEN", 0)],
    ]


def test_a_minute_that_goes_through_everything_touches_and_breaks():
    lives = NodeLives()
    lives.add(LEG, NODE)
    lives.add(LEG._replace(direction=-1, start_tick=7_040), NODE)
    assert follow(lives, (7_100, 6_900)) == [
        [("TOUCHED", 0), ("BROKEN", 0), ("TOUCHED", 1), ("BROKEN", 1)]
    ]


def test_a_gap_drops_what_lives():
    lives = NodeLives()
    lives.add(LEG, NODE)
    lives.add(LEG._replace(start_tick=7_015), NODE)
    assert follow(lives, (7_030, 7_012)) == [[("TOUCHED", 0), ("TOUCHED", 1), ("BROKEN", 1)]]
    assert [(event, live.number) for event, live in lives.drop()] == [(NodeEvent.DROPPED, 0)]
    assert follow(lives, (7_030, 6_000)) == [[]]


def test_the_minute_that_confirms_a_leg_may_break_its_nodes():
    params = LegParams(profile="bars", preset="clean", min_bars=1, reversal_pct=0.6)
    minutes = LegMinutes(params, Decimal(TICK), Decimal(1))
    # A rise in two ranges with a void between them, then one bar down through its start.
    rows = [(7_004, 7_000), (7_006, 7_001), (7_005, 7_000), (7_016, 7_004), (7_040, 7_030)]
    rows += [(7_041, 7_031), (7_040, 7_030), (7_042, 7_033)]
    closed = [
        minutes.on_bar(i * MINUTE, (high, high, low, low), 50)
        for i, (high, low) in enumerate([*rows, (7_041, 6_990)])
    ]
    events = [(columns["event"], columns["lvn_rank"]) for columns in closed[-1].nodes]
    found = [rank for event, rank in events if event == "FOUND"]
    assert found
    assert events == [("FOUND", rank) for rank in found] + [("BROKEN", rank) for rank in found]


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"profile": "candles"}, "profile"),
        ({"preset": "old"}, "preset"),
        ({"warmup_bars": -1}, "warmup_bars"),
        ({"reversal_pct": 0.0}, "reversal_pct"),
        ({"ema_fast": 0}, "ema_fast"),
        ({"ema_slow": 9}, "ema_slow"),
        ({"smooth": 2}, "smooth"),
        ({"top": 0}, "top"),
        ({"edge": 0.6}, "edge"),
    ],
)
def test_a_parameter_out_of_its_range_is_named(values, name):
    with pytest.raises(ParameterError) as caught:
        LegParams(**values)
    assert caught.value.name == f"legs.{name}"
    assert "fast_bars" not in str(caught.value)


def test_own_values_replace_those_of_a_preset():
    rules = LegParams(preset="head", top=2, prominence=0.4).nodes()
    assert (rules.top, rules.prominence, rules.value_area, rules.min_bars) == (2, 0.4, 0.9, 5)
    assert LegParams(preset="clean").nodes().clean
    assert msgspec.convert({"preset": "clean"}, LegParams) == LegParams(preset="clean")


def test_its_configuration_says_which_data_it_needs():
    by_bars = LegsActorConfig(instrument_id=CL.id, legs=LegParams(profile="bars"))
    assert [str(kind) for kind in by_bars.bar_types] == [str(BARS)]
    by_trades = replace_legs(by_bars, profile="ticks")
    assert [kind.is_internally_aggregated() for kind in by_trades.bar_types] == [True]
    actor = LegsActor(by_trades)
    assert actor.takes_quotes
    assert actor.takes_trades
    assert actor.venue_bars == ()
    assert actor.history_minutes == 1_441


def replace_legs(config, **values):
    return msgspec.structs.replace(config, legs=msgspec.structs.replace(config.legs, **values))


def test_features_of_bars_are_the_minutes_of_the_actor(head, tmp_path):
    _, messages = head
    rows = market()
    ts, *prices = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    high, low, close, volume = prices
    batch = BarBatch(ts + MINUTE, close, high, low, close, volume)
    write_bars(tmp_path, CL, [batch], str(BARS), "synthetic")
    found = bar_features(tmp_path, str(BARS), features("head"), LegMinute, None, None)
    assert found.drop(["instrument_id"]).to_pylist() == [
        {name: stored(getattr(m, name), LegMinute, name) for name in LegMinute.COLUMNS}
        for m in of(LegMinute, messages)
    ]
    # A window of its own is another beginning.
    window = int(ts[100]), int(ts[200])
    part = bar_features(tmp_path, str(BARS), features("head"), LegMinute, *window)
    assert part.num_rows == 100
    assert part.column("ema_fast")[0].as_py() == rows[99][3] / 100.0
    with pytest.raises(AuctionError):
        bar_features(tmp_path, str(BARS), features("head"), LegMinute, window[1] * 2, None)


def test_features_of_trades_are_the_minutes_of_the_actor_through_a_gap(tmp_path):
    # Quotes come each minute, and are silent for a while on the same trading day.
    rows = market(400)
    rows = rows[:250] + [(row[0] + 40 * MINUTE, *row[1:]) for row in rows[250:]]
    data = [tick for row in rows for tick in ticks(row)]
    settings = {"profile": "ticks", "preset": "head", "warmup_bars": 20}
    actor, messages = run(data, legs=settings, gap_after_s=200)
    assert len(of(DataGap, messages)) == actor.minutes.gaps == 1
    events = [event_of(tick) for tick in data]
    write_catalog(tmp_path, events, str(CL.id), 1, CL)
    core = features("head", profile="ticks", warmup_bars=20, gap_after_s=200)
    window = None, rows[-1][0] + MINUTE
    found = catalog_features(tmp_path, str(CL.id), core, LegMinute, *window, needs_quotes=False)
    assert found.drop(["instrument_id"]).to_pylist() == [
        {name: stored(getattr(m, name), LegMinute, name) for name in LegMinute.COLUMNS}
        for m in of(LegMinute, messages)
    ]
    assert [gap[:2] for gap in core.gaps.found] == [(m.start, m.end) for m in of(DataGap, messages)]


@pytest.mark.parametrize(("minutes", "gaps"), [(4, 0), (5, 0), (6, 1)])
def test_a_quiet_night_keeps_legs_and_a_silence_beyond_five_minutes_does_not(minutes, gaps):
    assert LegsActorConfig(instrument_id=CL.id).gap_after_s == 300
    start = market(1)[0][0]
    # The last quote before the silence comes ten seconds before a minute, the next at one.
    rows = [(start + n * MINUTE, 7_000 + n % 9, 6_990, 6_995, 50) for n in range(120)]
    rows = rows[:80] + [(row[0] + (minutes - 1) * MINUTE, *row[1:]) for row in rows[80:]]
    data = []
    for row in rows:
        quote, *trades = ticks(row)
        times = range(row[0], row[0] + MINUTE, 10 * SECOND)
        sides = quote.bid_price, quote.ask_price, quote.bid_size, quote.ask_size
        data += [QuoteTick(CL.id, *sides, ts, ts) for ts in times] + trades
    data.sort(key=lambda tick: tick.ts_init)
    actor, messages = run(data, legs={"profile": "ticks"})
    assert len(of(DataGap, messages)) == actor.minutes.gaps == gaps
    pivots = of(LegPivot, messages)
    assert sum(pivot.is_seed for pivot in pivots) == 1 + gaps


def test_no_silence_of_real_crude_oil_is_a_gap(real_data):
    table = pd.read_parquet(real_data / "cl_minutes" / "cl_oct2024_1m_ohlc.parquet")
    labels = table["ts"].dt.tz_localize(None).dt.tz_localize("America/New_York")
    ends = labels.dt.tz_convert("UTC").astype("int64").to_numpy() + MINUTE
    silences = [
        end - start - closed_ns(CL.id.venue.value, start, end)
        for start, end in pairwise(ends.tolist())
    ]
    assert len(silences) > 30_000
    assert max(silences) == LegsActorConfig(instrument_id=CL.id).gap_finder().limit_ns
    assert sum(silence > 2 * MINUTE for silence in silences) == 30


def features(preset, gap_after_s=60, **values):
    config = LegsActorConfig(
        instrument_id=CL.id,
        legs=LegParams(**{"preset": preset, "profile": "bars"} | values),
        gap_after_s=gap_after_s,
    )
    return LegFeatures(config.legs, Decimal(TICK), Decimal(1), config.gap_finder())


def event_of(tick):
    if isinstance(tick, QuoteTick):
        return 0, tick.ts_event, tick_of(tick.bid_price), 1, tick_of(tick.ask_price), 1
    return 1, tick.ts_event, tick_of(tick.price), int(tick.size)


def tick_of(value):
    return int(value.as_decimal() * 100)


def stored(value, cls, name):
    is_time = value is not None and cls.TYPES[name].kind is Kind.TIME
    return pd.Timestamp(value, tz="UTC") if is_time else value


def test_the_indicator_of_nautilus_feeds_a_core_with_bars():
    rows = market(300)
    core = LegStructure(TICK, LegNodes(**PRESETS["head"]))
    indicator = BarIndicator(core, TICK, 1)
    trend = BarIndicator(EmaTrend(TICK), TICK, 1, "close")
    alone, other = LegStructure(TICK, LegNodes(**PRESETS["head"])), EmaTrend(TICK)
    assert not indicator.initialized
    for row in rows:
        indicator.handle_bar(given(row))
        trend.handle_bar(given(row))
        assert indicator.value == alone.update(row[0] + MINUTE, row[1], row[2], row[4])
        assert trend.value == other.update(row[3])
    assert indicator.initialized
    assert indicator.has_inputs
    assert core.leg_count > 3
    indicator.reset()
    assert (core.leg_count, indicator.value, indicator.initialized) == (0, None, False)
    with pytest.raises(ParameterError, match="fields"):
        BarIndicator(core, TICK, 1, "ts mid")
