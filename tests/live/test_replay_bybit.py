"""The server on which a tape is played to a node."""

from pathlib import Path

from adapters.bybit.loopback.contract import BTCUSDT
from live import replay_bybit
from live.replay_bybit import KEYS
from live.replay_bybit import stage
from tests.markets import BTC


def test_a_quote_of_the_tape_that_changes_nothing_is_shown_as_well(monkeypatch):
    """A backtest has it: a server that keeps to changes would leave the node with fewer events."""
    for name in KEYS:
        monkeypatch.setenv(name, "another account's")
    monkeypatch.setattr(replay_bybit, "_contract", lambda *_: BTCUSDT)
    with stage(Path("no catalog"), BTC, 0, "paper", ["TradeTick"]) as found:
        assert found._server.call(lambda server: server._public.as_recorded)
