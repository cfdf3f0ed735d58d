"""A shadow's minutes and those of the live node beside it, without a node."""

import asyncio
import json
import logging
import shutil
import time

import pytest
from nautilus_trader.model.identifiers import StrategyId

from actors.messages import Decision
from errors import AuctionError
from live import shadow
from live.live_recording import LiveRecording
from live.shadow import HERE
from live.shadow import LIVE
from live.shadow import PATIENCE_NS
from live.shadow import MinuteComparison
from live.shadow import ShadowWatch


MINUTE_NS = 60_000_000_000
T0 = 1_767_600_000_000_000_000
BTC = "BTCUSDT-LINEAR.BYBIT"


def row(number, **columns):
    ts_min = T0 + number * MINUTE_NS
    intent = {"action": "ENTER", "side": "BUY", "stop": 59_000.0, "quantity": 0.1, "why": None}
    found = {
        "instrument_id": BTC,
        "ts_event": ts_min + MINUTE_NS - 1,
        "ts_init": ts_min + MINUTE_NS + 250_000_000,
        "strategy_id": "S-001",
        "ts_min": ts_min,
        **dict.fromkeys(Decision.COLUMNS[2:]),
        "reason": "",
        "flags": "",
        "events": "",
        "tp1": 61_000.0,
        "tp2": 62_000.0,
        **intent,
    }
    return {**found, **columns}


def end_of(number):
    return T0 + (number + 1) * MINUTE_NS


@pytest.fixture
def comparison():
    return MinuteComparison(0.1)


def both(comparison, number, live=None, **here):
    now = end_of(number) + 300_000_000
    assert comparison.take(HERE, row(number, **here), now) is None
    return comparison.take(LIVE, row(number, **(live or {})), now + 1)


def test_minutes_that_agree_have_no_difference(comparison):
    assert both(comparison, 0).difference is None
    assert both(comparison, 1, {"quantity": 0.105}).difference is None
    assert comparison.unmatched(end_of(9)) == []


def test_a_difference_names_field_and_values(comparison):
    found = both(comparison, 0, {"action": "REFUSE", "why": "COOLDOWN"})
    assert found.difference == "action: ENTER here, REFUSE (COOLDOWN) live"
    assert found.ts == end_of(0)
    assert both(comparison, 1, quantity=0.2).difference == "quantity: 0.2 here, 0.1 live"


def test_either_node_may_be_the_later_one(comparison):
    now = end_of(0) + 1
    assert comparison.take(LIVE, row(0, stop=1.0), now) is None
    found = comparison.take(HERE, row(0), now + 1)
    assert found.difference == "stop: 59000.0 here, 1.0 live"


def test_a_minute_that_only_one_has_is_told_after_a_while(comparison):
    both(comparison, 0)
    now = end_of(1) + 1
    comparison.take(HERE, row(1), now)
    assert comparison.unmatched(now + PATIENCE_NS - 1) == []
    (found,) = comparison.unmatched(now + PATIENCE_NS)
    assert found.difference == "only here, with action ENTER"
    assert comparison.unmatched(now + 2 * PATIENCE_NS) == []
    comparison.take(LIVE, row(2, action="HOLD"), end_of(2))
    (found,) = comparison.unmatched(end_of(2) + PATIENCE_NS)
    assert found.difference == "only live, with action HOLD"


def test_nothing_is_missed_before_the_other_has_begun(comparison):
    for number in range(3):
        comparison.take(HERE, row(number), end_of(number))
    assert comparison.unmatched(end_of(5)) == []
    comparison.take(LIVE, row(6), end_of(6))
    comparison.take(HERE, row(6), end_of(6))
    comparison.take(HERE, row(7), end_of(7))
    assert len(comparison.unmatched(end_of(8))) == 1


def test_what_was_decided_long_ago_counts_for_neither(comparison):
    late = end_of(0) + PATIENCE_NS
    assert comparison.take(LIVE, row(0), late) is None
    assert comparison.take(HERE, row(0), late) is None
    assert comparison.unmatched(late + 2 * PATIENCE_NS) == []


def test_nothing_is_missed_of_a_live_node_that_has_ended(comparison):
    both(comparison, 0)
    comparison.end_live()
    comparison.take(HERE, row(1), end_of(1))
    assert comparison.unmatched(end_of(2)) == []


def test_two_decisions_of_one_second_are_compared_in_their_order(comparison):
    now = end_of(0)
    comparison.take(HERE, row(0, action="EXIT"), now)
    comparison.take(HERE, row(0, action="ENTER"), now)
    assert comparison.take(LIVE, row(0, action="EXIT"), now).difference is None
    assert comparison.take(LIVE, row(0, action="ENTER"), now).difference is None


def new_run(runs, name):
    folder = runs / name
    folder.mkdir()
    return folder


def write(folder, text):
    with (folder / "signals.jsonl").open("a") as file:
        file.write(text)


def test_a_recording_is_read_as_it_grows(tmp_path):
    recording = LiveRecording(tmp_path, "btc")
    assert recording.read() == []
    assert recording.folder is None
    for name in ("20260105T100000000000-btc-paper", "20260105T100000000000-my-btc-live", "notes"):
        write(new_run(tmp_path, name), '{"a": 0}\n')
    assert recording.read() == []
    folder = new_run(tmp_path, "20260105T100000000000-btc-live")
    assert recording.read() == []
    assert recording.folder == folder
    write(folder, '{"a": 1}\n{"a": 2}\n{"a"')
    assert recording.read() == [{"a": 1}, {"a": 2}]
    assert recording.read() == []
    write(folder, ": 3}\n")
    assert recording.read() == [{"a": 3}]


def test_a_restarted_node_is_followed_into_its_new_run(tmp_path):
    recording = LiveRecording(tmp_path, "btc")
    old = new_run(tmp_path, "20260105T100000000000-btc-live")
    write(old, '{"a": 1}\n')
    assert recording.read() == [{"a": 1}]
    write(old, '{"a": 2}\n{"a": ')
    new = new_run(tmp_path, "20260105T110000000000-btc-live")
    write(new, '{"a": 3}\n')
    assert recording.read() == [{"a": 2}, {"a": 3}]
    refused = new_run(tmp_path, "20260105T120000000000-btc-live")
    assert recording.read() == []
    shutil.rmtree(refused)
    write(new, '{"a": 4}\n')
    assert recording.read() == []
    assert not recording.is_over
    last = new_run(tmp_path, "20260105T130000000000-btc-live")
    write(last, '{"a": 5}\n')
    (last / "end.json").write_text("{}")
    assert recording.read() == [{"a": 5}]
    assert recording.is_over


def test_a_broken_line_is_told_once(tmp_path):
    recording = LiveRecording(tmp_path, "btc")
    folder = new_run(tmp_path, "20260105T100000000000-btc-live")
    write(folder, '{"a": 1\n')
    with pytest.raises(AuctionError, match="signals.jsonl: not readable"):
        recording.read()
    write(folder, '{"a": 2}\n')
    assert recording.read() == [{"a": 2}]


class Bus:
    def subscribe(self, topic, handler):
        self.handler = handler


class Strategy:
    def __init__(self, name="S-001"):
        self.id = StrategyId(name)
        self.alerts = []

    def alert(self, ts, kind, text):
        self.alerts.append((ts, kind, text))


class Pair:
    """A shadow and the recording of a live node, with a clock of their own."""

    def __init__(self, runs, monkeypatch):
        self.runs, self.now = runs, T0
        self.folder = None
        self.bus, self.strategy = Bus(), Strategy()
        self.log = logging.getLogger("shadow")
        recording = LiveRecording(runs, "btc")
        self.watch = ShadowWatch(self.bus, [self.strategy], recording, 0.1, self.log)
        monkeypatch.setattr(time, "time_ns", lambda: self.now)

    def start_live(self):
        name = f"{20260105100000 + self.now // MINUTE_NS - T0 // MINUTE_NS}"
        self.folder = new_run(self.runs, f"{name[:8]}T{name[8:]}-btc-live")

    def minute(self, number, live=None, *, is_here=True, is_live=True):
        self.now = end_of(number) + 300_000_000
        if is_here:
            self.bus.handler(Decision.from_dict(row(number)))
        if is_live:
            write(
                self.folder, json.dumps({"type": "Decision", **row(number, **(live or {}))}) + "\n"
            )
        self.check()
        self.now += PATIENCE_NS
        self.check()

    def check(self):
        asyncio.run(self.watch.check())

    def told(self):
        return [text for _, _, text in self.strategy.alerts]


@pytest.fixture
def pair(tmp_path, monkeypatch):
    return Pair(tmp_path, monkeypatch)


def test_without_a_live_run_there_is_one_line_and_no_alert(pair, caplog):
    for number in range(3):
        pair.minute(number, is_live=False)
    assert pair.told() == []
    assert [record.message for record in caplog.records] == [
        "There is no live run to compare with yet"
    ]
    pair.start_live()
    pair.minute(3)
    pair.minute(4, {"side": "SELL"})
    assert pair.told() == ["S-001 2026-01-05 08:04 side: BUY here, SELL live"]
    assert caplog.records[-1].message.startswith("Comparing with the live run 2026")


def test_a_difference_is_told_at_its_edge_and_every_quarter_of_an_hour(pair):
    pair.start_live()
    pair.minute(0)
    for number in range(1, 18):
        pair.minute(number, {"quantity": 0.2})
    assert [text[17:22] for text in pair.told()] == ["08:01", "08:16"]
    pair.minute(18)
    pair.minute(19, {"quantity": 0.2})
    assert [text[17:22] for text in pair.told()] == ["08:01", "08:16", "08:19"]
    assert {kind for _, kind, _ in pair.strategy.alerts} == {"SHADOW_DIVERGENCE"}


def test_a_decision_on_the_stroke_of_a_minute_is_reported_in_it(pair):
    pair.start_live()
    pair.now = T0
    here = row(0, ts_event=T0)
    pair.bus.handler(Decision.from_dict(here))
    write(pair.folder, json.dumps({"type": "Decision", **here, "side": "SELL"}) + "\n")
    pair.check()
    assert pair.told() == ["S-001 2026-01-05 08:00 side: BUY here, SELL live"]


def test_a_live_node_that_was_killed_is_missed_until_it_is_back(pair):
    pair.start_live()
    pair.minute(0)
    for number in (1, 2, 3):
        pair.minute(number, is_live=False)
    pair.start_live()
    pair.minute(4)
    pair.minute(5)
    assert pair.told() == ["S-001 2026-01-05 08:01 only here, with action ENTER"]


def test_an_old_run_misses_nothing(pair):
    pair.start_live()
    for number in range(3):
        write(pair.folder, json.dumps(row(number)) + "\n")
    for number in range(10, 13):
        pair.minute(number, is_live=False)
    assert pair.told() == []


def test_a_live_node_that_has_ended_in_order_is_not_missed(pair):
    pair.start_live()
    pair.minute(0)
    (pair.folder / "end.json").write_text("{}")
    for number in (1, 2, 3):
        pair.minute(number, is_live=False)
    pair.start_live()
    pair.minute(4)
    assert pair.told() == []


def test_a_strategy_that_only_the_live_node_has_is_told(pair):
    pair.start_live()
    pair.minute(0)
    pair.minute(1, {"strategy_id": "S-002"})
    assert pair.told() == [
        "S-001 2026-01-05 08:01 only here, with action ENTER",
        "S-002 2026-01-05 08:01 only live, with action ENTER",
    ]


def test_an_unreadable_recording_ends_nothing(pair, caplog):
    pair.start_live()
    pair.minute(0)
    write(pair.folder, "no line of a recording\n")
    pair.minute(1)
    write(pair.folder, '{"type": "Decision"}\n[]\n')
    assert any("cannot be read" in record.message for record in caplog.records)
    pair.minute(2)
    pair.minute(3)
    pair.minute(4, {"stop": 1.0})
    assert pair.told()[-1] == "S-001 2026-01-05 08:04 stop: 59000.0 here, 1.0 live"


def test_patience_is_shorter_than_a_minute():
    assert 0 < shadow.PATIENCE_NS < MINUTE_NS
