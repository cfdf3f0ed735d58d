"""The market-context actors inside the engine, and the sessions that they go by."""

from datetime import UTC
from datetime import date
from datetime import datetime
from decimal import Decimal

import numpy as np
import pytest
from nautilus_trader.backtest.config import BacktestEngineConfig
from nautilus_trader.backtest.engine import BacktestEngine
from nautilus_trader.common.config import LoggingConfig
from nautilus_trader.model.currencies import USD
from nautilus_trader.model.enums import AccountType
from nautilus_trader.model.enums import OmsType
from nautilus_trader.model.objects import Money

from actors.market_context.actor import CandleContextActor
from actors.market_context.actor import MarketContextActor
from actors.market_context.config import CandleContextConfig
from actors.market_context.config import MarketContextConfig
from actors.market_context.features import batch_core
from actors.market_context.market_sessions import MarketSessions
from actors.market_context.market_sessions import calendar_of
from actors.market_context.messages import LvnAlert
from actors.market_context.messages import MarketContextMinute
from actors.market_context.messages import SessionBalance
from actors.market_context.messages import VolumeNodeUpdate
from actors.market_context.profile_sessions import ProfileSessions
from actors.messages.schema import column_docs
from actors.protocols import notices_of
from backtests.features import catalog_features
from errors import AuctionError
from errors import UsageError
from indicators.core.context_row import COLUMNS
from indicators.core.market_context import MarketContext
from tests.actors.test_bar_actor import MINUTE
from tests.actors.test_bar_actor import NQ
from tests.actors.test_bar_actor import SECOND
from tests.actors.test_bar_actor import START
from tests.actors.test_bar_actor import bar
from tests.actors.test_bar_actor import trade
from tests.checks import some
from tests.markets import write_catalog
from tests.vectors import load


pytestmark = pytest.mark.filterwarnings("ignore:Timestamp.utcnow:DeprecationWarning")

DAY = 24 * 60 * MINUTE
# The trading day of the Wednesday begins on Tuesday at 18:00 in New York.
OPEN = 1_736_290_800 * SECOND
SHORT = {"state_lookback": 20, "mom_lookback": 5, "avg_lookback": 15, "warmup_minutes": 15}


def run(actor, data, start, end):
    """Return what the actor publishes in an engine's run, in its order."""
    engine = BacktestEngine(BacktestEngineConfig(logging=LoggingConfig(log_level="ERROR")))
    engine.add_venue(NQ.id.venue, OmsType.NETTING, AccountType.MARGIN, [Money(50_000, USD)])
    engine.add_instrument(NQ)
    engine.add_actor(actor)
    found = []
    for cls in type(actor).PUBLISHES:
        engine.kernel.msgbus.subscribe(topic=cls.topic(), handler=found.append)
    engine.add_data(data)
    try:
        engine.run(start=start, end=end)
    finally:
        engine.dispose()
    return found


def random_rows(first, minutes, seed=3):
    chance = np.random.default_rng(seed)
    count = 12 * minutes
    times = first + np.sort(chance.integers(0, minutes * MINUTE, count)) + np.arange(count)
    prices = 86_000 + np.cumsum(chance.integers(-2, 3, count))
    return list(
        zip(
            times.tolist(),
            prices.tolist(),
            chance.integers(1, 9, count).tolist(),
            chance.choice([-1, 1], count).tolist(),
            range(count),
            strict=True,
        )
    )


def batch(config, rows, end):
    parameters = {**config.feature_parameters(), "gaps": None}
    core = MarketContext("0.25", "1", **parameters)
    for ts, price, size, sign, _ in rows:
        core.update_trade(ts, price, size, 1 if sign > 0 else 2)
    core.close_until(end)
    return core.closed


@pytest.fixture(scope="module")
def published():
    config = MarketContextConfig(
        instrument_id=NQ.id, bin_ticks=2, alert_unit="ticks", alert_near=4, alert_rearm=8, **SHORT
    )
    rows = random_rows(OPEN, 90)
    end = OPEN + 90 * MINUTE
    found = run(MarketContextActor(config), [trade(*row) for row in rows], OPEN, end)
    return found, batch(config, rows, end)


def test_the_columns_are_those_of_the_core_and_described():
    assert MarketContextMinute.COLUMNS == COLUMNS
    for message in some(MarketContextActor.PUBLISHES):
        assert set(column_docs(message)) == set(message.COLUMNS), message


def test_the_engine_gives_the_minutes_of_one_pass(published):
    found, expected = published
    minutes = [m for m in found if isinstance(m, MarketContextMinute)]
    assert [tuple(m.columns().values()) for m in minutes] == [values for values, _ in expected]
    assert len(minutes) == 90
    assert [m.warm for m in minutes] == [number >= 15 for number in range(1, 91)]
    assert {m.market_session for m in minutes} == {"ASIAN"}
    assert {m.closes_at for m in minutes} == {OPEN + 23 * 60 * MINUTE}
    assert "IMBALANCE_UP" not in {m.state for m in minutes[:5]}


def test_the_context_is_the_last_message_of_its_minute(published):
    found, _ = published
    times = [m.ts_init for m in found]
    assert times == sorted(times)
    place = {
        name: i
        for i, name in enumerate(
            (
                "SessionBalance",
                "VolumeNodeUpdate",
                "LvnAlert",
                "MinuteFootprint",
                "MarketContextMinute",
            )
        )
    }
    order = [(m.ts_min, place[type(m).__name__]) for m in found]
    assert order == sorted(order)
    assert all(
        m.ts_event == m.ts_min + MINUTE - 1
        for m in some(m for m in found if isinstance(m, MarketContextMinute))
    )


def test_nodes_live_from_found_to_gone(published):
    found, expected = published
    alive = set()
    updates = [m for m in found if isinstance(m, VolumeNodeUpdate)]
    for values, details in expected:
        for m in updates:
            if m.ts_min == values[0]:
                key = m.kind, m.low, m.high
                assert (key in alive) == (m.event == "GONE")
                alive ^= {key}
        row = dict(zip(COLUMNS, values, strict=True))
        for kind, count in (("LVN", row["lvn_count"]), ("HVN", row["hvn_count"])):
            assert sum(key[0] == kind for key in alive) == count
        own = [m for m in updates if m.ts_min == values[0]]
        assert [(m.kind, m.low, m.high) for m in own] == [
            zone[:3] for zone in (*details.nodes_gone, *details.nodes_found)
        ]
    assert {m.event for m in updates} == {"FOUND", "GONE"}
    assert {m.kind for m in updates} == {"LVN", "HVN"}


def test_an_alert_is_published_where_its_minute_says_so(published):
    found, _ = published
    alerts = [m.ts_min for m in found if isinstance(m, LvnAlert)]
    minutes = [m.ts_min for m in found if isinstance(m, MarketContextMinute) and m.lvn_alert]
    assert alerts == minutes
    assert alerts


def test_the_balance_of_a_whole_day_is_published_with_the_first_minute_after_it():
    config = MarketContextConfig(instrument_id=NQ.id, publish_nodes=False, **SHORT)
    rows = random_rows(OPEN, 23 * 60, seed=8)[::40]
    after = OPEN + DAY + 5 * SECOND
    data = [trade(*row) for row in (*rows, (after, 86_000, 1, 1, 9_999))]
    actor = MarketContextActor(config)
    found = run(actor, data, OPEN, OPEN + DAY + 2 * MINUTE)
    balances = [m for m in found if isinstance(m, SessionBalance)]
    assert [(m.ts_min, m.session_start) for m in balances] == [(OPEN + DAY, OPEN)]
    minutes = [m for m in found if isinstance(m, MarketContextMinute)]
    # None from 17:00 to 18:00, when the market is closed.
    assert len(minutes) == 23 * 60 + 2 - (rows[0][0] - OPEN) // MINUTE
    assert minutes[-1].balance_poc == balances[0].poc
    assert {m.balance_poc for m in minutes[:-2]} == {None}
    assert "2 of them after a whole session" in actor.describe_history()[0]


def test_alerts_of_single_prints_come_as_they_fire():
    config = MarketContextConfig(
        instrument_id=NQ.id,
        alert_each_trade=True,
        alert_unit="ticks",
        alert_near=3,
        alert_rearm=6,
        publish_nodes=False,
    )
    prices = [(100, 50), (101, 50), (120, 50)]
    rows = [(OPEN + i, price, size, 1, i) for i, (price, size) in enumerate(prices)]
    rows += [
        (OPEN + MINUTE + i * SECOND, price, 1, -1, 9 + i) for i, price in enumerate((118, 112))
    ]
    found = run(MarketContextActor(config), [trade(*row) for row in rows], OPEN, OPEN + 2 * MINUTE)
    alerts = [m for m in found if isinstance(m, LvnAlert) and m.event == "TRADE"]
    assert [(m.ts_event, m.price, m.lvn, m.direction) for m in alerts] == [
        (OPEN + MINUTE + SECOND, 112, 110, "DOWN")
    ]


def test_candles_are_estimated_and_labelled():
    config = CandleContextConfig(instrument_id=NQ.id, **SHORT)
    data = [bar(START + n * MINUTE, 86_000 + n % 5) for n in (1, 2, 3, 5)]
    actor = CandleContextActor(config)
    found = run(actor, data, START, START + 6 * MINUTE)
    minutes = [m for m in found if isinstance(m, MarketContextMinute)]
    assert [(m.ts_min - START) // MINUTE for m in minutes] == [0, 1, 2, 3, 4]
    assert [m.estimated for m in minutes] == [True, True, True, False, True]
    assert [m.volume for m in minutes] == [7, 7, 7, 0, 7]
    assert minutes[3].close == minutes[2].close == 86_003
    notices = notices_of([actor])
    assert notices["minutes made of candles: volume by price and side is estimated"] == 4


def test_what_is_left_out_or_inferred_is_said():
    config = MarketContextConfig(instrument_id=NQ.id, profile_session="regular")
    # Half an hour before the regular session, and its first minute without sides.
    opens = START - 30 * MINUTE
    rows = [(opens - 30 * MINUTE, 86_000, 1, 1, 0)]
    rows += [(opens + n * SECOND, 86_000 + n, 2, 0, n + 1) for n in range(4)]
    actor = MarketContextActor(config)
    found = run(actor, [trade(*row) for row in rows], opens - 60 * MINUTE, opens + MINUTE)
    minutes = [m for m in found if isinstance(m, MarketContextMinute)]
    assert [m.unclear_share for m in minutes] == [1.0]
    assert (minutes[0].buy, minutes[0].unsigned) == (6, 2)
    notices = notices_of([actor])
    assert notices["prints outside of the sessions (profile_session): left out"] == 1
    assert "sides of prints: 100.0% of the volume without one of the venue" in notices


CASES = load("003", "misc_cases.json")["sessions"]


@pytest.mark.parametrize("calendar", ["equity", "futures", "crypto"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["et"])
def test_market_sessions(case, calendar):
    ts = int(datetime.fromisoformat(case["utc"]).timestamp()) * SECOND
    label, following, since, until = MarketSessions(calendar)(ts)
    expected = case[calendar]
    assert label == expected["session"]
    assert following == expected["next"]
    assert (until - ts) // MINUTE == expected["minutes_to_next"]
    # It is in force from its begin on, and another one before.
    assert since <= ts
    assert MarketSessions(calendar)(since)[0] == label
    assert MarketSessions(calendar)(since - 1)[0] != label
    core = MarketContext("1", "1", labels=MarketSessions(calendar))
    core.update_trade(ts - MINUTE, 1, 1)
    core.close_until(ts)
    row = dict(zip(COLUMNS, core.closed[0][0], strict=True))
    assert row["recommendation"] == expected["recommended"]
    assert row["minutes_to_next"] == expected["minutes_to_next"]


def test_a_holiday_is_closed():
    day = date(2026, 1, 6)
    noon = int(datetime(2026, 1, 6, 17, tzinfo=UTC).timestamp()) * SECOND
    assert MarketSessions("futures")(noon)[0] == "NEW_YORK"
    assert MarketSessions("futures", frozenset({day}))(noon)[0] == "CLOSED"
    assert MarketSessions("crypto", frozenset({day}))(noon)[0] == "NEW_YORK"


@pytest.mark.parametrize(
    ("venue", "calendar", "kind"),
    [
        ("XCME", "futures", "trading_day"),
        ("XNAS", "equity", "regular"),
        ("BYBIT", "crypto", "utc_day"),
    ],
)
def test_a_venue_has_its_calendar_and_its_sessions(venue, calendar, kind):
    assert calendar_of("auto", venue) == calendar
    assert calendar_of("crypto", venue) == "crypto"
    sessions = ProfileSessions("auto", venue)
    assert sessions.kind == kind
    assert sessions.is_closing is (kind != "utc_day")


@pytest.mark.parametrize(
    ("kind", "venue", "first", "last"),
    [
        ("utc_day", "BYBIT", "2025-01-08T00:00", "2025-01-09T00:00"),
        ("trading_day", "XCME", "2025-01-07T23:00", "2025-01-08T22:00"),
        ("trading_day", "BYBIT", "2025-01-07T23:00", "2025-01-08T23:00"),
        ("regular", "XNAS", "2025-01-08T14:30", "2025-01-08T21:00"),
    ],
)
def test_sessions_of_a_profile_follow_one_another(kind, venue, first, last):
    def ns(text):
        return int(datetime.fromisoformat(f"{text}+00:00").timestamp()) * SECOND

    sessions = ProfileSessions(kind, venue)
    assert sessions(START) == (ns(first), ns(last))
    assert sessions(ns(first)) == sessions(ns(last) - 1) == sessions(START)
    assert sessions.before(START)[1] <= ns(first)
    assert sessions(sessions.before(START)[1] - 1) == sessions.before(START)
    following = sessions(ns(last))
    assert following[0] >= ns(last)
    assert sessions.before(following[0]) == sessions(START)


def test_a_day_without_a_session_is_passed_over():
    # Friday 28 November 2025 ends at 13:00 in New York; Thursday was Thanksgiving.
    friday = int(datetime(2025, 11, 28, 15, tzinfo=UTC).timestamp()) * SECOND
    sessions = ProfileSessions("regular", "XNAS")
    assert (sessions(friday)[1] - sessions(friday)[0]) // MINUTE == 210
    wednesday = datetime.fromtimestamp(sessions.before(friday)[0] // SECOND, UTC)
    assert wednesday.date() == date(2025, 11, 26)
    closed = ProfileSessions("regular", "XNAS", frozenset({date(2025, 11, 26)}))
    assert datetime.fromtimestamp(closed.before(friday)[0] // SECOND, UTC).day == 25
    every = frozenset(date.fromordinal(date(2025, 10, 1).toordinal() + n) for n in range(120))
    with pytest.raises(AuctionError, match="no session within 40 days"):
        ProfileSessions("regular", "XNAS", every)(friday)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"alert_rearm": 0.2}, "alert_rearm: must not be below"),
        ({"va_fraction": 1.5}, "va_fraction:"),
        ({"pressure_min": 101.0}, "pressure_min:"),
        ({"holidays": ("6 January",)}, "holidays: '6 January' is no date: write YYYY-MM-DD"),
        ({"bin_ticks": 2**31}, "bin_ticks: 2147483648 is above"),
        ({"gap_after_s": 1e10}, "gap_after_s"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(values, text):
    with pytest.raises(UsageError, match=text):
        MarketContextConfig(instrument_id=NQ.id, **values)


def test_alerts_of_single_prints_need_prints():
    with pytest.raises(UsageError, match="alert_each_trade: candles have no single prints"):
        CandleContextConfig(instrument_id=NQ.id, alert_each_trade=True)


def test_a_catalog_without_quotes_gives_the_minutes_of_the_actor(tmp_path, published):
    rows = random_rows(OPEN, 90)
    ticks = [(1, ts, price, size, 1 if sign > 0 else 2) for ts, price, size, sign, _ in rows]
    catalog = write_catalog(tmp_path, ticks, instrument=NQ)
    config = MarketContextConfig(
        instrument_id=NQ.id, bin_ticks=2, alert_unit="ticks", alert_near=4, alert_rearm=8, **SHORT
    )
    core = batch_core(config, Decimal("0.25"), Decimal(1))
    message = MarketContextMinute
    window = None, OPEN + 90 * MINUTE
    table = catalog_features(catalog, str(NQ.id), core, message, *window, needs_quotes=False)
    minutes = [m for m in published[0] if isinstance(m, message)]
    for name in ("state", "confidence", "poc", "lvn", "flow_score", "lvn_alert", "buy_print"):
        assert table.column(name).to_pylist() == [getattr(m, name) for m in minutes]
    with pytest.raises(AuctionError, match="no quotes of"):
        catalog_features(catalog, str(NQ.id), core, message, *window)
