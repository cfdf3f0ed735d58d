"""In which portions a tape is played to a node, at what speed, and when it gives up."""

import asyncio
from types import SimpleNamespace

import pytest

from errors import AuctionError
from errors import UsageError
from live import replay
from live.replay_clock import ReplayClock
from live.replay_feed import FAR_AHEAD
from live.replay_feed import STALLED_S
from live.replay_feed import ReplayFeed
from tests.markets import BTC
from tests.virtual_time import run_virtually


T0 = 1_767_600_000_000_000_000
MS = 1_000_000


class Stage:
    """A server that shows events to a node, which takes them after a while or never."""

    def __init__(self, *, subscribes_at=0.0, takes_s=0.0, takes=True):
        self.subscribes_at, self.takes_s, self.takes = subscribes_at, takes_s, takes
        self.batches = []
        self.fed_at = 0.0

    @property
    def now(self):
        return asyncio.get_running_loop().time()

    def is_subscribed(self):
        return self.now >= self.subscribes_at

    def feed(self, batch):
        self.batches.append([event.number for event in batch])
        self.fed_at = None

    def has_seen(self, last, event):
        if self.fed_at is None:
            self.fed_at = self.now
        self.asked = event.number
        return self.takes and self.now >= self.fed_at + self.takes_s


def events(*times_ms, kinds=1):
    return [
        SimpleNamespace(ts_ns=T0 + at * MS, number=number, kind=number % kinds)
        for number, at in enumerate(times_ms)
    ]


def played(stage, found, *, speed=None, mode="paper"):
    """Play events, and return how long it took (s) and the tape."""
    run = SimpleNamespace(config=SimpleNamespace(mode=mode), node=SimpleNamespace(cache="cache"))
    tape = ReplayFeed(stage, iter(found), speed, ReplayClock(T0))

    async def timed():
        await tape.play(run)
        return stage.now

    return run_virtually(timed()), tape


def test_events_go_out_in_portions_that_the_node_has_taken():
    stage = Stage(takes_s=0.25)
    took_s, tape = played(stage, events(*range(2 * FAR_AHEAD + 5)))
    assert [len(batch) for batch in stage.batches] == [FAR_AHEAD, FAR_AHEAD, 5]
    numbers = [number for batch in stage.batches for number in batch]
    assert numbers == list(range(2 * FAR_AHEAD + 5))
    assert tape.count == 2 * FAR_AHEAD + 5
    assert took_s == pytest.approx(0.75, abs=0.01)
    assert stage.asked == 2 * FAR_AHEAD + 4


def test_where_orders_go_to_the_venue_it_knows_no_more_than_the_node():
    stage = Stage()
    played(stage, events(*range(4)), mode="live")
    assert stage.batches == [[0], [1], [2], [3]]


def test_the_last_event_of_each_kind_is_waited_for():
    asked = []
    stage = Stage()
    stage.has_seen = lambda cache, event: not asked.append(event.number)
    played(stage, events(0, 1, 2, 3, kinds=2))
    assert asked == [2, 3]


@pytest.mark.parametrize(("speed", "expected"), [(1.0, 10.0), (20.0, 0.5)])
def test_at_a_speed_events_come_at_their_times(speed, expected):
    stage = Stage(subscribes_at=2.0)
    took_s, _ = played(stage, events(0, 0, 4_000, 10_000), speed=speed)
    assert took_s == pytest.approx(2.0 + expected, abs=0.02)
    assert stage.batches == [[0, 1], [2], [3]]


def test_a_tape_without_events_is_over_at_once():
    stage = Stage()
    _, tape = played(stage, [])
    assert (tape.count, stage.batches) == (0, [])


@pytest.mark.parametrize(
    ("stage", "text"),
    [
        (Stage(subscribes_at=STALLED_S + 1), "did not subscribe within 30 s"),
        (Stage(takes=False), "does not keep up within 30 s"),
    ],
)
def test_a_node_that_does_not_follow_is_not_waited_for(stage, text):
    with pytest.raises(AuctionError, match=f"^replay: the node {text}$"):
        played(stage, events(0))


@pytest.mark.parametrize(
    ("instruments", "mode", "refusal"),
    [
        ((BTC,), "paper", None),
        ((BTC,), "live", None),
        (("NQZ6.XCME",), "paper", None),
        (("ZNZ6.XCBT",), "paper", None),
        (("NQZ6.XCME",), "live", "NQZ6.XCME: futures are traded on paper alone"),
        (("CLZ6.XNYM",), "live", "CLZ6.XNYM: futures are traded on paper alone"),
        (("EURUSD.SIM",), "paper", "EURUSD.SIM: a replay speaks the protocols of"),
        (("ESH6.XCME", "MESH6.XCME"), "paper", None),
        (("ESH6.XCME", "CLZ6.XNYM"), "paper", None),
        ((BTC, "NQZ6.XCME"), "paper", f"{BTC}, NQZ6.XCME: a replay speaks the protocols of"),
        ((BTC, "ETHUSDT-LINEAR.BYBIT"), "paper", "toy: a replay by Bybit's protocol plays one"),
    ],
)
def test_a_replay_takes_futures_on_paper_alone_or_one_perpetual(instruments, mode, refusal):
    config = SimpleNamespace(system="toy", instrument_ids=instruments, mode=mode)
    if refusal is None:
        assert replay._instruments(config) == (instruments, instruments[0] != BTC)
    else:
        with pytest.raises(UsageError, match=f"^{refusal}"):
            replay._instruments(config)


def test_events_of_one_time_are_not_parted():
    stage = Stage()
    times = [*range(FAR_AHEAD - 1), *[FAR_AHEAD] * 3, FAR_AHEAD + 1]
    played(stage, events(*times))
    assert [len(batch) for batch in stage.batches] == [FAR_AHEAD + 2, 1]


def test_the_last_event_of_each_instrument_is_waited_for():
    asked = []
    stage = Stage()
    stage.has_seen = lambda cache, event: not asked.append(event.number)
    found = events(0, 1, 2, 3)
    for event in found:
        event.instrument_id = "ES" if event.number % 2 else "MES"
    played(stage, found)
    assert asked == [2, 3]
