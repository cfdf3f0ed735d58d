"""The base of actors that close bars, under two small actors: of trades and of given bars."""

from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from nautilus_trader.backtest.config import BacktestEngineConfig
from nautilus_trader.backtest.engine import BacktestEngine
from nautilus_trader.common.component import TestClock
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

from actors.base import BarActor
from actors.config import BarActorConfig
from actors.given_bars import given_bar
from actors.history import QUOTE
from actors.history import TRADE
from actors.history import Stored
from actors.history import Tick
from actors.messages import DataGap
from actors.messages.base import Message
from actors.messages.base import register
from actors.messages.schema import Lots
from actors.messages.schema import Ticks
from actors.messages.schema import Time
from actors.own_bars import own_bar_type
from actors.protocols import notices_of
from actors.protocols import published_by
from catalog.instruments import resolve_instrument
from errors import AuctionError
from errors import UsageError
from indicators.components import AggressorBars
from indicators.core.trade_bars import trade_bars
from tests.checks import some


# The engine's own call; raised in the name of whoever starts it.
pytestmark = pytest.mark.filterwarnings("ignore:Timestamp.utcnow:DeprecationWarning")

SECOND = 1_000_000_000
MINUTE = 60 * SECOND
FIVE_MINUTES = 300 * SECOND
# A Wednesday, 15:00 UTC: an open market of futures.
START = 1_736_348_400 * SECOND
NQ = resolve_instrument("NQH5.XCME", date(2025, 1, 8))
BARS = BarType.from_str(f"{NQ.id}-1-MINUTE-LAST-EXTERNAL")
RAW = NQ.price_increment.raw, NQ.size_increment.raw
SIDES = {1: AggressorSide.BUYER, -1: AggressorSide.SELLER, 0: AggressorSide.NO_AGGRESSOR}


@register
class ToyBar(Message):
    """
    Represents a bar.

    Attributes
    ----------
    start : int
        When it begins (ns UTC).
    close : int
        The last price (ticks).
    volume : int
        The volume (lots).

    """

    start: Time
    close: Ticks
    volume: Lots


class FiveMinutes(BarActor):
    """Publishes the close of every five minutes of trades."""

    INTERVAL_NS = FIVE_MINUTES
    PUBLISHES = (DataGap, ToyBar)

    def history_since(self, now):
        return now - now % FIVE_MINUTES

    def create_indicator(self):
        return AggressorBars(self.tick, self.lot, FIVE_MINUTES, self.on_closed, with_empty=True)

    def on_closed(self, values, prints):
        start, _, _, _, close, *_ = values
        ts_event = start + FIVE_MINUTES - 1
        ts_init = max(self.clock.timestamp_ns(), ts_event)
        self.publish(
            ToyBar(
                self.config.instrument_id,
                ts_event,
                ts_init,
                start=start,
                close=close,
                volume=sum(prints[1]),
            )
        )


class HighestConfig(BarActorConfig, frozen=True, kw_only=True):
    """Configures `Highest`."""

    bar_type: BarType


class Highest(BarActor):
    """Publishes every given bar that closes above all before it."""

    QUOTES = TRADES = False
    PUBLISHES = (DataGap, ToyBar)

    @property
    def bar_types(self):
        return (self.config.bar_type,)

    def history_since(self, now):
        return now

    def create_indicator(self):
        self.highest = None
        return

    def start_again(self, ts):
        super().start_again(ts)
        self.highest = None

    def on_given_bar(self, bar):
        if self.highest is None or bar.close > self.highest:
            self.highest = bar.close
            times = bar.ts_event, bar.ts_init
            start = bar.ts_event - MINUTE
            self.publish(
                ToyBar(
                    self.config.instrument_id,
                    *times,
                    start=start,
                    close=bar.close,
                    volume=bar.volume,
                )
            )


def trade(ts, tick, size=1, sign=1, number=0):
    return TradeTick(
        NQ.id,
        Price(tick / 4, 2),
        Quantity.from_int(size),
        SIDES[sign],
        TradeId(str(number)),
        ts,
        ts,
    )


def quote(ts, tick):
    size = Quantity.from_int(1)
    return QuoteTick(NQ.id, Price(tick / 4, 2), Price((tick + 1) / 4, 2), size, size, ts, ts)


def bar(ts, close, price=None):
    low, high = (Price(tick / 4, 2) for tick in (close - 2, close + 2))
    last = Price(close / 4, 2) if price is None else price
    return Bar(BARS, low, high, low, last, Quantity.from_int(7), ts, ts)


def run(actor, data, end, *others):
    """Return what is published in an engine's run, in its order."""
    engine = BacktestEngine(BacktestEngineConfig(logging=LoggingConfig(log_level="ERROR")))
    engine.add_venue(NQ.id.venue, OmsType.NETTING, AccountType.MARGIN, [Money(50_000, USD)])
    engine.add_instrument(NQ)
    engine.add_actor(actor)
    for other in others:
        engine.add_actor(other)
    found = []
    for cls in (ToyBar, DataGap):
        engine.kernel.msgbus.subscribe(topic=cls.topic(), handler=found.append)
    engine.add_data(data)
    try:
        engine.run(start=START, end=end)
    finally:
        engine.dispose()
    return found


def random_trades(count, last, seed=5):
    chance = np.random.default_rng(seed)
    times = START + np.sort(chance.integers(0, last, count))
    # No two of one time: those are another test's.
    times += np.arange(count)
    rows = zip(
        times.tolist(),
        chance.integers(86_000, 86_040, count).tolist(),
        chance.integers(1, 9, count).tolist(),
        chance.choice([-1, 0, 1], count).tolist(),
        strict=True,
    )
    return [(*row, number) for number, row in enumerate(rows)]


def columns(rows):
    arrays = [np.array([row[i] for row in rows], dtype=np.int64) for i in range(3)]
    return *arrays, np.array([row[3] for row in rows], dtype=np.int8)


def test_five_minutes_of_trades_are_those_of_a_pass_over_the_array():
    # Two of the intervals have no trade: their bars are empty.
    rows = [
        row
        for row in random_trades(400, 60 * MINUTE)
        if not 20 * MINUTE <= row[0] - START < 30 * MINUTE
    ]
    end = START + 60 * MINUTE
    actor = FiveMinutes(BarActorConfig(instrument_id=NQ.id, gap_after_s=3600))
    found = run(actor, [trade(*row) for row in rows], end + SECOND)
    batch = trade_bars(*columns(rows), FIVE_MINUTES, with_empty=True)
    assert [(m.start, m.close, m.volume) for m in found] == [
        (row[0], row[4], sum(row[5:8])) for row in batch.tolist()
    ]
    assert len(found) == 12
    assert [m.volume for m in found[4:6]] == [0, 0]
    assert found[3].close == found[4].close == found[5].close


def test_a_bar_closes_one_nanosecond_before_its_end_without_a_trade_that_does_it():
    actor = FiveMinutes(BarActorConfig(instrument_id=NQ.id))
    found = run(actor, [trade(START, 86_000)], START + 11 * MINUTE)
    assert [m.ts_event for m in found] == [
        START + FIVE_MINUTES - 1,
        START + 2 * FIVE_MINUTES - 1,
    ]
    assert [m.ts_init for m in found] == [m.ts_event for m in found]


def test_a_trade_at_the_end_of_a_bar_belongs_to_the_next():
    edge = START + FIVE_MINUTES
    data = [trade(START, 86_000), trade(edge - 1, 86_001), trade(edge, 86_002)]
    found = run(FiveMinutes(BarActorConfig(instrument_id=NQ.id)), data, START + 2 * FIVE_MINUTES)
    assert [(m.start, m.close, m.volume) for m in found] == [
        (START, 86_001, 2),
        (edge, 86_002, 1),
    ]


def test_a_gap_in_the_quotes_is_published_after_the_bars_before_it():
    times = [START + n * 10 * SECOND for n in range(24)]
    later = START + 17 * MINUTE
    data = [item for ts in times for item in (quote(ts, 86_000), trade(ts + 1, 86_000))]
    data += [quote(later, 86_000), trade(later + 1, 86_010)]
    found = run(FiveMinutes(BarActorConfig(instrument_id=NQ.id)), data, later + SECOND)
    assert [type(m) for m in found] == [ToyBar, ToyBar, ToyBar, DataGap]
    gap = found[-1]
    assert (gap.start, gap.end) == (times[-1], later)
    assert gap.silent_s == (later - times[-1]) / SECOND


def test_quotes_that_end_before_the_trades_are_a_gap_at_the_end():
    data = [quote(START + n * SECOND, 86_000) for n in range(10)]
    data += [trade(START + 10 * SECOND + n * MINUTE, 86_000) for n in range(4)]
    found = run(FiveMinutes(BarActorConfig(instrument_id=NQ.id)), data, START + 4 * MINUTE)
    assert [(type(m), m.start) for m in found] == [(DataGap, START + 9 * SECOND)]


def test_given_bars_reach_an_actor_in_ticks_and_lots():
    closes = [86_000, 86_004, 86_003, 86_004, 86_005]
    data = [bar(START + n * MINUTE, close) for n, close in enumerate(closes, 1)]
    config = HighestConfig(instrument_id=NQ.id, bar_type=BARS)
    found = run(Highest(config), data, START + 10 * MINUTE)
    assert [(m.start, m.close, m.volume) for m in found] == [
        (START, 86_000, 7),
        (START + MINUTE, 86_004, 7),
        (START + 4 * MINUTE, 86_005, 7),
    ]


def test_an_actor_of_given_bars_starts_again_after_a_gap_in_them():
    # The pace of a hundred bars says how long a silence is one.
    data = [bar(START + n * MINUTE, 86_100) for n in range(1, 104)]
    late = START + 204 * MINUTE
    data.append(bar(late, 86_000))
    config = HighestConfig(instrument_id=NQ.id, bar_type=BARS)
    found = run(Highest(config), data, late + MINUTE)
    assert [type(m) for m in found] == [ToyBar, DataGap, ToyBar]
    assert (found[1].start, found[1].end) == (START + 103 * MINUTE, late)
    assert found[2].close == 86_000


def test_bars_of_a_configuration_are_closed_from_trades_where_they_are_internal():
    # The third minute has no trade, and so no bar; the last is over at its alert.
    closes = {0: 86_000, 1: 86_004, 3: 86_005}
    data = [trade(START + n * MINUTE + SECOND, close) for n, close in closes.items()]
    own = BarType.from_str(f"{NQ.id}-1-MINUTE-LAST-INTERNAL")
    actor = Highest(HighestConfig(instrument_id=NQ.id, bar_type=own))
    found = run(actor, data, START + 5 * MINUTE)
    assert [(m.start, m.close, m.volume, m.ts_event) for m in found] == [
        (START + n * MINUTE, close, 1, START + (n + 1) * MINUTE) for n, close in closes.items()
    ]
    assert found[-1].ts_init == START + 4 * MINUTE - 1
    assert actor.takes_quotes
    assert actor.takes_trades
    assert actor.venue_bars == ()


def test_an_actor_closes_one_type_of_bars_itself():
    types = [BarType.from_str(f"{NQ.id}-{n}-MINUTE-LAST-INTERNAL") for n in (1, 5)]
    with pytest.raises(UsageError, match="takes this one type alone"):
        own_bar_type(types)


@pytest.mark.usefixtures("_live_clock")
def test_live_bars_wait_for_their_history_and_each_comes_once():
    late = START + 4 * MINUTE + SECOND
    stored = [given_bar(bar(START + n * MINUTE, 86_000 + n), *RAW) for n in (-1, 0)]

    class Warmed(Highest):
        def on_start(self):
            super().on_start()
            self.clock.set_time_alert_ns("WARM", late, self.warm_up)

        def warm_up(self, event):
            assert self.is_collecting
            for n in (4, 3, 2, 1):
                # The venue remembers a row of the minute that is still running, too.
                self.on_historical_data(bar(START + n * MINUTE, 86_000 + n if n < 4 else 90_000))
            self.said = self.take_bars(stored, late - 2 * SECOND)

    actor = Warmed(HighestConfig(instrument_id=NQ.id, bar_type=BARS))
    live = [bar(START + n * MINUTE, 86_000 + n) for n in (3, 3, 4, 5)]
    found = run(actor, live, START + 6 * MINUTE)
    assert [(m.start - START) // MINUTE for m in found] == [-2, -1, 0, 1, 2, 3, 4]
    assert [m.close - 86_000 for m in found] == [-1, 0, 1, 2, 3, 4, 5]
    assert actor.said == "6 bars"
    assert not actor.is_collecting


def test_a_given_bar_of_an_adjusted_price_is_refused():
    config = HighestConfig(instrument_id=NQ.id, bar_type=BARS)
    odd = bar(START + MINUTE, 86_000, Price.from_str("21500.10"))
    with pytest.raises(AuctionError, match=r"has 21500.10, which is no multiple"):
        run(Highest(config), [odd], START + 2 * MINUTE)


class Operator(FiveMinutes):
    """Takes a history as a node gives it."""

    def __init__(self, config, stored, at):
        super().__init__(config)
        self.stored, self.at, self.said = stored, at, None
        self.begun = []

    def on_start(self):
        super().on_start()
        self.clock.set_time_alert_ns("WARM", self.at, self.warm_up)

    def on_data_begin(self, ts):
        self.begun.append(ts)

    def warm_up(self, event):
        assert self.is_collecting
        history = self.take_history(self.stored, MINUTE)
        try:
            while True:
                next(history)
        except StopIteration as end:
            self.said = end.value


@pytest.fixture
def _live_clock(monkeypatch):
    monkeypatch.setattr("actors.base.LiveClock", TestClock)


@pytest.mark.usefixtures("_live_clock")
def test_a_history_and_the_ticks_since_the_start_close_the_bars_of_a_whole_run():
    rows = random_trades(200, 30 * MINUTE)
    # So that the catalog ends where the node starts, without a gap.
    quotes = [(START + n * 10 * SECOND + 5, 86_000) for n in range(180)]
    begins = START + 12 * MINUTE
    past = [
        Tick(TRADE, ts, tick, 0, size, 0, {1: 1, -1: 2, 0: 0}[sign])
        for ts, tick, size, sign, _ in rows
    ]
    past += [Tick(QUOTE, ts, tick, tick + 1, 1, 1) for ts, tick in quotes]
    past = sorted((tick for tick in past if tick.ts < begins), key=lambda tick: tick.ts)
    stored = Stored(past[0].ts, past[-1].ts, lambda: iter(past))
    live = [trade(*row) for row in rows if row[0] >= begins]
    live += [quote(*row) for row in quotes if row[0] >= begins]
    live.sort(key=lambda item: item.ts_init)
    config = BarActorConfig(instrument_id=NQ.id)
    actor = Operator(config, stored, begins + 30 * SECOND)
    found = run(actor, live, START + 30 * MINUTE + SECOND)
    batch = trade_bars(*columns(rows), FIVE_MINUTES, with_empty=True)
    assert [(m.start, m.close, m.volume) for m in some(found)] == [
        (row[0], row[4], sum(row[5:8])) for row in batch.tolist()
    ]
    assert actor.said is not None
    assert actor.begun == [START]
    assert not actor.is_collecting
    # The close waits for ticks on the wire, also where a trade would not do it.
    last = found[-1]
    assert last.ts_init - last.ts_event == config.close_delay_ms * 1_000_000


def test_what_components_publish_and_remark_is_read_in_one_place():
    actor = FiveMinutes(BarActorConfig(instrument_id=NQ.id))
    actor.notices["late"] = 2
    assert published_by([object(), actor]) == [DataGap, ToyBar]
    assert notices_of([object(), actor, actor]) == {"late": 4}


def test_a_limit_of_no_length_is_refused():
    with pytest.raises(UsageError, match="gap_after_s: must be positive"):
        BarActorConfig(instrument_id=NQ.id, gap_after_s=Decimal("1e10"))
