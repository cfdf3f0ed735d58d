"""What history an actor gets from a catalog and from the venue, and what is said where none is."""

import asyncio
import logging

import numpy as np
import pandas as pd
import pytest
from nautilus_trader.model.instruments import CryptoPerpetual

from actors.history import QUOTE
from actors.history import TRADE
from catalog.instruments import resolve_instrument
from errors import AuctionError
from live.catalog_history import stretch
from live.warm_up import ANSWER_S
from live.warm_up import warm_up
from tests.markets import BTC
from tests.markets import write_catalog
from tests.virtual_time import run_virtually


S = 1_000_000_000
GAP = 60 * S


def rows(first_ns, last_ns, step_ns=S):
    found = []
    for number, ts in enumerate(np.arange(first_ns, last_ns, step_ns).tolist()):
        price = 600_000 + number % 40
        found.append((0, ts, price, 1_000, price + 1, 1_500))
        found.append((1, ts + 1_000_000, price, 10 + number % 5, 1 + number % 2))
    return found


def test_the_last_stretch_without_a_gap_is_found(tmp_path):
    t0 = 1_767_600_000 * S
    write_catalog(tmp_path, [*rows(t0, t0 + 100 * S), *rows(t0 + 200 * S, t0 + 230 * S)])
    found = stretch(tmp_path, resolve_instrument(BTC), t0, GAP)
    ticks = list(found.ticks())
    assert found.last_ns == ticks[-1].ts == t0 + 229 * S + 1_000_000
    assert ticks[0].ts == t0 + 200 * S
    assert [tick.kind for tick in ticks[:2]] == [QUOTE, TRADE]
    assert (ticks[0].a, ticks[0].b, ticks[0].a_size, ticks[0].b_size) == (
        600_000,
        600_001,
        1000,
        1500,
    )
    assert (ticks[1].a, ticks[1].a_size, ticks[1].side) == (600_000, 10, 1)
    assert stretch(tmp_path, resolve_instrument(BTC), t0 + 300 * S, GAP) is None
    before = stretch(tmp_path, resolve_instrument(BTC), t0 + 10 * S, GAP, t0 + 99 * S)
    assert (before.first_ns, before.last_ns) == (t0 + 10 * S, t0 + 99 * S)
    assert [tick.ts for tick in before.ticks()][-1] == t0 + 99 * S


def test_a_catalog_of_another_tick_is_refused(tmp_path):
    here = resolve_instrument(BTC)
    other = CryptoPerpetual.from_dict({**CryptoPerpetual.to_dict(here), "price_increment": "0.50"})
    write_catalog(tmp_path, rows(S, 10 * S), instrument=other)
    with pytest.raises(AuctionError, match="another tick or lot"):
        stretch(tmp_path, here, 0, GAP)


def test_a_gap_of_exactly_the_limit_is_none(tmp_path):
    t0 = 1_767_600_000 * S
    later = t0 + GAP
    write_catalog(
        tmp_path,
        [(0, t0, 600_000, 1, 600_001, 1), (0, later, 600_000, 1, 600_001, 1)],
    )
    assert stretch(tmp_path, resolve_instrument(BTC), t0, GAP).first_ns == t0
    assert stretch(tmp_path, resolve_instrument(BTC), t0, GAP - 1).first_ns == t0 + GAP


def test_a_history_without_quotes_has_the_trades_alone(tmp_path):
    t0 = 1_767_600_000 * S
    write_catalog(tmp_path, rows(t0, t0 + 5 * S))
    found = stretch(tmp_path, resolve_instrument(BTC), t0, GAP, with_quotes=False)
    ticks = list(found.ticks())
    assert [tick.kind for tick in ticks] == 5 * [TRADE]
    assert [tick.ts for tick in ticks] == [t0 + n * S + 1_000_000 for n in range(5)]


class Actor:
    """Takes a history, and asks for recent trades that come or do not."""

    reads_quotes = True

    def __init__(self, *, session=None, answers=True):
        self.session, self.answers = session, answers
        self.since = 0
        self.clock = self
        self.asked, self.taken, self.sessions, self.turns = [], None, [], 0

    def utc_now(self):
        return pd.Timestamp("2026-01-05 12:00", tz="UTC")

    def missing_session(self, now):
        return self.session

    def take_session(self, stored):
        self.sessions.append((stored.first_ns, stored.last_ns))

    def history_since(self, now):
        return self.since

    def take_history(self, stored, gap_ns):
        for _ in range(3):
            self.turns += 1
            yield
        self.taken = (stored and (stored.first_ns, stored.last_ns), gap_ns)
        return "all of it"

    def request_trade_ticks(self, instrument_id, *, start, limit, callback):
        self.asked.append((instrument_id.value, self.utc_now() - start, limit))
        if self.answers:
            asyncio.get_running_loop().call_later(1.0, callback, None)


T0 = 1_767_600_000 * S


@pytest.fixture
def catalog(tmp_path):
    return write_catalog(tmp_path, [*rows(T0, T0 + 100 * S), *rows(T0 + 200 * S, T0 + 230 * S)])


def warmed(actor, catalog, caplog, *, has_recent_trades=False):
    """Warm an actor up, and return what was said and how long it took (s)."""

    async def timed():
        loop = asyncio.get_running_loop()
        instrument = resolve_instrument(BTC)
        log = logging.getLogger("warm-up")
        await warm_up(
            actor, instrument, catalog, 60.0, has_recent_trades=has_recent_trades, log=log
        )
        return loop.time()

    with caplog.at_level(logging.WARNING):
        took_s = run_virtually(timed())
    return [record.message for record in caplog.records], took_s


def test_an_actor_gets_the_last_stretch_bit_by_bit(catalog, caplog):
    actor = Actor()
    said, _ = warmed(actor, catalog, caplog)
    assert actor.taken == ((T0 + 200 * S, T0 + 229 * S + 1_000_000), GAP)
    assert actor.turns == 3
    assert actor.asked == actor.sessions == []
    assert said == [f"{BTC}: known now: all of it"]


def test_what_is_too_old_is_no_history(catalog, caplog):
    actor = Actor()
    actor.since = T0 + 300 * S
    warmed(actor, catalog, caplog)
    assert actor.taken == (None, GAP)


@pytest.mark.parametrize(("opens_s", "closes_s", "is_taken"), [(0, 100, True), (0, 200, False)])
def test_a_session_is_taken_where_the_catalog_has_all_of_it(
    catalog, caplog, opens_s, closes_s, is_taken
):
    actor = Actor(session=(T0 + opens_s * S, T0 + closes_s * S))
    warmed(actor, catalog, caplog)
    expected = [(T0, T0 + 99 * S + 1_000_000)] if is_taken else []
    assert actor.sessions == expected
    assert actor.taken is not None


def test_a_session_that_the_catalog_does_not_know_is_not_taken(catalog, caplog):
    actor = Actor(session=(T0 - 900 * S, T0 - 800 * S))
    warmed(actor, catalog, caplog)
    assert actor.sessions == []


def test_recent_trades_of_the_venue_are_waited_for(catalog, caplog):
    actor = Actor()
    said, took_s = warmed(actor, catalog, caplog, has_recent_trades=True)
    assert actor.asked == [(BTC, pd.Timedelta(minutes=59), 1000)]
    assert took_s == pytest.approx(1.0)
    assert len(said) == 1


def test_a_venue_that_has_none_is_said_and_keeps_nothing_from_going_on(catalog, caplog):
    actor = Actor(answers=False)
    said, took_s = warmed(actor, catalog, caplog, has_recent_trades=True)
    assert took_s == pytest.approx(ANSWER_S)
    assert said[0] == f"{BTC}: no recent trades from the venue within 15 s"
    assert actor.taken is not None


def test_a_catalog_that_cannot_be_read_is_said(tmp_path, caplog):
    actor = Actor()
    said, _ = warmed(actor, tmp_path / "none", caplog)
    assert said[0].startswith(f"No history of {BTC} from the catalog: ")
    assert actor.taken == (None, GAP)
