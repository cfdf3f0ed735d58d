"""What a watchdog does where data are silent, late or missing, and the clock is wrong."""

from types import SimpleNamespace

import pytest
from nautilus_trader.common.config import ActorConfig

from actors.base import BarActor
from actors.messages import Alert
from actors.messages import DataGap
from configs.node_settings import NodeSettings
from errors import AuctionError
from live import clock_watch
from live import gap_watch
from live import readiness
from live import watchdog
from live.readiness import Readiness
from live.watchdog import Watchdog
from strategies.common.reasons import DropReason
from tests.live.watched import BTC
from tests.live.watched import ETH
from tests.live.watched import NQ
from tests.live.watched import NS
from tests.live.watched import T0
from tests.live.watched import Client
from tests.live.watched import Kernel
from tests.live.watched import Strategy
from tests.virtual_time import run_virtually


SETTINGS = NodeSettings(stale_after_s=10.0, position_looks=2)
STALE = ("stop entries", str(DropReason.STALE))
QUARTER_S = 15 * 60


class Scene:
    def __init__(self, monkeypatch, *strategies):
        self.strategies = strategies
        self.client = Client()
        self.kernel = Kernel(strategies, self.client)
        for module in (clock_watch, gap_watch, readiness, watchdog):
            monkeypatch.setattr(module, "time", self.kernel.time)
        node = self.kernel.node
        self.watchdog = Watchdog(node, strategies, Readiness(node, "paper", 10.0), SETTINGS)

    def check(self, after_s=0.0, *quoted):
        self.kernel.wait(after_s)
        for instrument_id in quoted:
            self.kernel.quote(instrument_id)
        self.watchdog.check_feed()

    def look_at_positions(self, times=1):
        for _ in range(times):
            run_virtually(self.watchdog.positions.check())

    def publish(self, kind):
        now = self.kernel.time.time_ns()
        message = Alert(BTC, now, now, strategy_id="S-001", kind=kind, text="", value=None)
        self.kernel.msgbus.publish(f"data.{message.data_type.topic}", message)


@pytest.fixture
def btc():
    return Strategy("S-001", BTC)


@pytest.fixture
def eth():
    return Strategy("S-002", ETH)


@pytest.fixture
def scene(monkeypatch, btc, eth):
    return Scene(monkeypatch, btc, eth)


def test_an_instrument_without_a_quote_is_stale_and_nothing_has_been_lost(scene, btc, eth):
    scene.check()
    assert (btc.stale, eth.stale) == (True, True)
    assert btc.told == eth.told == [STALE]
    scene.check(QUARTER_S, BTC)
    assert (btc.stale, eth.stale) == (False, True)
    assert btc.alerts == eth.alerts == []
    assert eth.told == [STALE]


def test_silence_of_one_instrument_takes_back_the_entries_of_its_strategies_alone(scene, btc, eth):
    scene.check(0.0, BTC, ETH)
    scene.check(10.0, ETH)
    assert not btc.stale
    scene.check(0.5, ETH)
    assert (btc.stale, eth.stale) == (True, False)
    assert (btc.told, eth.told) == ([STALE], [])
    now = round((T0 + 10.5) * NS)
    text = f"no quote of {BTC} for 10 s: nothing is entered"
    assert btc.alerts == [(now, "DATA_STALE", text, 10.5)]
    scene.check(10.0, ETH)
    assert btc.told == [STALE]
    scene.check(1.0, BTC, ETH)
    assert not btc.stale
    assert eth.alerts == []


def test_silence_that_lasts_is_told_again_after_a_quarter_of_an_hour(scene, btc, eth):
    scene.check(0.0, BTC, ETH)
    scene.check(11.0, ETH)
    for _ in range(30):
        scene.check(QUARTER_S / 30 - 0.1, ETH)
    assert btc.kinds() == ["DATA_STALE"]
    scene.check(4.0, ETH)
    assert btc.kinds() == ["DATA_STALE", "DATA_STALE"]
    assert btc.told == [STALE]


def test_a_market_that_is_shut_is_silent_and_not_told(monkeypatch):
    nq = Strategy("S-001", NQ)
    scene = Scene(monkeypatch, nq)
    # Friday 22:00 UTC: Globex shuts until Sunday 23:00.
    scene.kernel.wait(4 * 86_400 + 14 * 3_600)
    scene.check(-5.0, NQ)
    scene.check(11.0)
    assert nq.stale
    assert nq.told == [STALE]
    assert nq.alerts == []
    scene.check(49 * 3_600.0)
    assert nq.kinds() == ["DATA_STALE"]


def test_a_venue_that_tells_no_positions_is_blind_after_two_looks(scene, btc, eth):
    scene.check(0.0, BTC, ETH)
    scene.client.answers = False
    scene.look_at_positions()
    scene.check(1.0, BTC, ETH)
    assert not btc.stale
    assert scene.watchdog.missing() == []
    scene.look_at_positions()
    scene.check(1.0, BTC, ETH)
    assert btc.stale
    assert eth.stale
    assert btc.told == eth.told == [STALE]
    text = "the positions at the venue are not known: nothing is entered"
    assert btc.alerts == eth.alerts == [(round((T0 + 2) * NS), "VENUE_SILENT", text, None)]
    assert scene.watchdog.missing() == ["the positions at the venue are not known"]
    scene.client.answers = True
    scene.look_at_positions()
    scene.check(1.0, BTC, ETH)
    assert not btc.stale
    assert scene.watchdog.missing() == []


def test_a_journal_that_takes_no_rows_lets_nothing_enter_until_it_does(scene, btc):
    scene.check(0.0, BTC, ETH)
    scene.publish("DATA_GAP")
    scene.check(0.5, BTC, ETH)
    assert not btc.stale
    scene.publish("JOURNAL_STUCK")
    scene.check(0.5, BTC, ETH)
    assert btc.stale
    assert btc.told == [STALE]
    assert scene.watchdog.missing() == ["the journal takes no rows: check disk and database"]
    scene.publish("DATA_GAP")
    scene.check(0.5, BTC, ETH)
    assert btc.stale
    scene.publish("JOURNAL_RESTORED")
    scene.check(0.5, BTC, ETH)
    assert not btc.stale
    assert scene.watchdog.missing() == []


@pytest.mark.parametrize("reason", ["is_cut_off", "is_account_unknown"])
def test_a_connection_or_account_in_doubt_makes_stale_and_takes_nothing_back(scene, btc, reason):
    scene.check(0.0, BTC, ETH)
    setattr(scene.watchdog, reason, True)
    scene.check(0.5, BTC, ETH)
    assert btc.stale
    assert btc.told == btc.alerts == []
    setattr(scene.watchdog, reason, False)
    scene.check(0.5, BTC, ETH)
    assert not btc.stale


def test_a_gap_deactivates_the_strategies_of_its_instrument(scene, btc, eth):
    scene.watchdog.gaps.set_window(BTC, 30)
    scene.watchdog.gaps.set_window(BTC, 20)
    scene.check(121.0, BTC, ETH)
    now = (T0 + 121) * NS
    alerts = len(btc.alerts)
    scene.watchdog.gaps.on_gap(DataGap(BTC, now, now, start=now - 61 * NS, end=now, silent_s=61.0))
    assert (btc.active, eth.active) == (False, True)
    text = f"61 s without data of {BTC}: deactivated"
    assert btc.alerts[alerts:] == [(now, "DATA_GAP", text, 61.0)]
    assert eth.alerts == []
    text = f"{BTC}: a gap in the data: the window is refilled in 30 min"
    assert scene.watchdog.missing() == [text]
    scene.kernel.wait(15 * 60)
    (text,) = scene.watchdog.missing()
    assert text.endswith("refilled in 15 min")
    scene.kernel.wait(15 * 60)
    assert scene.watchdog.missing() == []


class Source(BarActor):
    """An actor of a limit of its own that notes when it is to start anew."""

    def __init__(self, instrument_id, msgbus, *, is_collecting=False):
        super().__init__(ActorConfig())
        self._config = SimpleNamespace(instrument_id=instrument_id, gap_after_s=90.0)
        self._bus, self._collects = msgbus, is_collecting
        self.breaks = []

    @property
    def config(self):
        return self._config

    @property
    def is_collecting(self):
        return self._collects

    def on_data_gap(self, start, end, open_ns):
        self.breaks.append((start, end, open_ns))
        instrument_id = self.config.instrument_id
        gap = DataGap(instrument_id, end, end, start=start, end=end, silent_s=open_ns / NS)
        self._bus.publish(f"data.{gap.data_type.topic}", gap)

    def history_since(self, now):
        return now

    def on_history_tick(self, tick):
        pytest.fail("a watchdog gives no history")

    def on_history_end(self):
        return "nothing"


def test_quotes_that_come_too_late_are_a_gap_to_a_node(scene, btc, eth):
    source, other = Source(BTC, scene.kernel.msgbus), Source(ETH, scene.kernel.msgbus)
    scene.kernel.actors = [source, other]
    scene.kernel.msgbus.subscribe(DataGap.topic(), scene.watchdog.gaps.on_gap)
    for _ in range(8):
        scene.check(0.5, BTC, ETH)
    # Ninety seconds are no gap to an actor that allows them.
    for _ in range(3):
        scene.check(30.0, ETH)
    scene.check(0.0, BTC, ETH)
    assert source.breaks == []
    last = round(scene.kernel.now * NS)
    for _ in range(7):
        scene.check(13.0, ETH)
    scene.check(0.0, BTC, ETH)
    assert source.breaks == [(last, last + 91 * NS, 91 * NS)]
    assert (btc.active, eth.active) == (False, True)
    assert [kind for kind in btc.kinds() if kind == "DATA_GAP"] == ["DATA_GAP"]
    # One that an actor has found itself is not told it again.
    now = scene.kernel.now + 100
    ts = round(now * NS)
    gap = DataGap(BTC, ts, ts, start=ts - 100 * NS, end=ts, silent_s=100.0)
    scene.watchdog.gaps.on_gap(gap)
    scene.check(100.0, BTC, ETH)
    assert len(source.breaks) == 1
    assert other.breaks == [(last + 91 * NS, ts, 100 * NS)]


def test_a_gap_while_an_actor_waits_for_its_history_deactivates(scene, btc):
    source = Source(BTC, scene.kernel.msgbus, is_collecting=True)
    scene.kernel.actors = [source]
    scene.check(0.0, BTC, ETH)
    scene.check(91.0, BTC, ETH)
    assert source.breaks == []
    assert not btc.active


def test_a_gap_is_told_to_each_strategy_of_the_instrument_once(monkeypatch):
    first, second = Strategy("S-001"), Strategy("S-002")
    scene = Scene(monkeypatch, first, second)
    now = T0 * NS
    scene.watchdog.gaps.on_gap(DataGap(BTC, now, now, start=now - 61 * NS, end=now, silent_s=61.0))
    assert first.kinds() == second.kinds() == ["DATA_GAP"]
    # Nothing looks back.
    assert scene.watchdog.missing() == []


def test_a_market_that_is_closed_is_stale_without_an_alert(monkeypatch):
    nq = Strategy("S-001", NQ)
    scene = Scene(monkeypatch, nq)
    scene.kernel.wait(4 * 86_400 + 14 * 3_600)
    scene.check(-5.0, NQ)
    scene.check(49 * 3_600.0)
    assert nq.stale
    assert nq.alerts == []


@pytest.mark.parametrize(("off_s", "side"), [(90, "ahead of"), (-90, "behind")])
def test_a_wrong_clock_is_told_to_all_and_lets_nothing_enter(scene, btc, eth, off_s, side):
    for second in (1, 2):
        scene.kernel.quote(BTC, second - off_s)
        scene.kernel.quote(ETH, second - off_s)
        scene.check(1.0)
    assert (btc.stale, eth.stale) == (True, True)
    assert scene.watchdog.missing() == [f"the clock is {off_s:+d} s off the venue's: set it"]
    texts = [(ts, text) for ts, kind, text, _ in btc.alerts if kind == "CLOCK_WRONG"]
    text = f"the clock is 90 s {side} the venue's: nothing is entered"
    assert texts == [(scene.kernel.time.time_ns(), text)]
    assert eth.kinds().count("CLOCK_WRONG") == 1


def test_a_node_whose_clock_stands_still_tells_all_before_it_ends(scene, btc, eth):
    scene.check(0.0, BTC, ETH)

    def check(second):
        scene.kernel.now = float(T0 + second)
        scene.kernel.quote(BTC)
        scene.kernel.clock.set_time((T0 + 90 + second) * NS)
        scene.watchdog.check_feed()

    check(1)
    with pytest.raises(AuctionError, match="the node's is 90 s ahead"):
        check(2)
    assert btc.kinds() == eth.kinds() == ["CLOCK_STOPPED"]
    assert btc.alerts[0][2].startswith("the clock was set back")
