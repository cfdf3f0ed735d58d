"""The server on which a tape is played to a node."""

from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest

from adapters.bybit.loopback.contract import BTCUSDT
from adapters.bybit.loopback.orders import Side
from adapters.bybit.loopback.tape import Kline
from adapters.bybit.loopback.tape import Quote
from adapters.bybit.loopback.tape import Trade
from live import replay_bybit
from live.replay_bybit import KEYS
from live.replay_bybit import LEVERAGE
from live.replay_bybit import BybitStage
from live.replay_bybit import Played
from live.replay_bybit import stage
from tests.markets import BTC


def no_real_account(monkeypatch):
    for name in KEYS:
        monkeypatch.setenv(name, "another account's")
    monkeypatch.setattr(replay_bybit, "_contract", lambda *_: BTCUSDT)


def test_the_account_of_a_replay_has_the_leverage_that_strategies_need(monkeypatch):
    """That of a new account would refuse entries which the backtest makes."""
    no_real_account(monkeypatch)
    with stage(Path("no catalog"), [BTC], 0, "live", ["TradeTick"]) as found:
        leverage = found._server.call(lambda server: server.venue.engine.account.leverage)
    assert leverage == LEVERAGE


def test_a_quote_of_the_tape_that_changes_nothing_is_shown_as_well(monkeypatch):
    """A backtest has it: a server that keeps to changes would leave the node with fewer events."""
    no_real_account(monkeypatch)
    with stage(Path("no catalog"), [BTC], 0, "paper", ["TradeTick"]) as found:
        assert found._server.call(lambda server: server._public.as_recorded)


T0_NS = 1_767_600_000_123_456_789
D = Decimal
QUOTED = Quote(T0_NS, D("60000.1"), D("1.5"), D("60000.2"), D("2.5"))
TRADED = Trade(T0_NS, D("60000.1"), D("0.5"), Side.BUY, "trade 1")
CANDLE = Kline(T0_NS, 1, D("10.1"), D("10.4"), D("10.0"), D("10.3"), D("7.5"))


def heard(**fields):
    """Return what a node hears of the events, each value as Nautilus has it."""
    found = {
        "ts_event": T0_NS // 1_000_000 * 1_000_000,
        "bid_price": "60000.1",
        "ask_price": "60000.2",
        "bid_size": "1.50",
        "ask_size": "2.5",
        "trade_id": "trade 1",
        "open": "10.1",
        "high": "10.4",
        "low": "10.0",
        "close": "10.3",
        "volume": "7.5",
        **fields,
    }
    ts_event, trade_id = found.pop("ts_event"), found.pop("trade_id")
    return SimpleNamespace(
        ts_event=ts_event,
        trade_id=SimpleNamespace(value=trade_id),
        **{
            name: SimpleNamespace(as_decimal=lambda text=text: D(text))
            for name, text in found.items()
        },
    )


@pytest.mark.parametrize(
    ("event", "fields"),
    [
        (QUOTED, ["bid_price", "ask_price", "bid_size", "ask_size"]),
        (TRADED, ["trade_id"]),
        (CANDLE, ["open", "high", "low", "close", "volume"]),
    ],
    ids=["quote", "trade", "candle"],
)
def test_what_a_node_hears_is_of_an_event_if_each_value_is(event, fields):
    assert replay_bybit._matches(event, heard())
    for field in fields:
        assert not replay_bybit._matches(event, heard(**{field: "10.2"}))
    # The venue's timestamps are in milliseconds.
    ms = T0_NS // 1_000_000
    assert replay_bybit._matches(event, heard(ts_event=(ms + 1) * 1_000_000 - 1))
    for other in (ms - 1, ms + 1):
        assert not replay_bybit._matches(event, heard(ts_event=other * 1_000_000))


class Server:
    """Runs what is called at once, and takes every event."""

    url = "http://127.0.0.1:9"

    def socket_url(self, kind):
        return f"ws://127.0.0.1:9/{kind}/linear"

    def call(self, step):
        return step(self)

    def feed(self, event):
        """Take an event."""


def test_a_candle_has_the_times_of_the_tape_by_the_length_of_its_bars():
    found = BybitStage(Server(), BTC, "paper", ["Bar", "Bar 5m"])
    tick = heard(ts_event=T0_NS)
    tick.bar_type = f"{BTC}-5-MINUTE-LAST-EXTERNAL"
    found.feed([Played(T0_NS + 7, CANDLE)])
    # The candle of a minute is none of five.
    assert found.times(tick, is_quote=False) is None

    tick.bar_type = f"{BTC}-1-MINUTE-LAST-EXTERNAL"
    assert found.times(tick, is_quote=False) == (T0_NS, T0_NS + 7)
    assert found.times(tick, is_quote=False) is None
