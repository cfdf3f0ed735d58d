"""What a backtest makes of the state that Nautilus gives a strategy."""

from typing import Any

import pytest

from actors.messages import Alert
from strategies.common.book_params import CooldownScope
from strategies.common.gate import Refusal
from strategies.common.trade_params import MINUTE_NS
from tests.strategies.silent_venue import ENTRY
from tests.strategies.silent_venue import LONG
from tests.strategies.silent_venue import SilentVenue


class Loaded(SilentVenue):
    """A strategy of a backtest that Nautilus has given a kept state."""

    def __init__(self, text: bytes, **config: Any) -> None:
        self._text = text
        self.kinds: list[str] = []
        super().__init__(**config)

    def before_start(self) -> None:
        self.msgbus.subscribe(Alert.topic(), lambda alert: self.kinds.append(alert.kind))
        self.strategy.on_load({"trading": self._text})


def test_a_backtest_goes_on_from_a_kept_state_and_refuses_a_damaged_one() -> None:
    before = SilentVenue()
    before.strategy.active = False
    before.strategy.halt_entries()
    text = before.strategy.on_save()["trading"]
    good = Loaded(text)
    assert (good.strategy.manager.halted, good.kinds) == (True, [])
    bad = Loaded(text[:-5])
    assert (bad.strategy.manager.halted, bad.kinds) == (False, ["STATE_REFUSED"])


@pytest.mark.parametrize("scope", ["BOOK", "SETUP"])
def test_a_setup_still_waits_after_a_restart(scope: str) -> None:
    config = {"cooldown_scope": CooldownScope(scope), "cooldown_minutes": 3}
    before = SilentVenue(**config)
    before.quote(ENTRY - 1, ENTRY)
    stop = before.open_trade()
    before.fill(stop, ENTRY - 1000)
    assert before.strategy.is_flat
    after = Loaded(before.strategy.on_save()["trading"], **config)
    after.quote(ENTRY - 1, ENTRY)
    decision, _ = after.strategy.decide(after.now, ENTRY, LONG, warm=True)
    assert decision.reason == Refusal.COOLDOWN
    assert after.strategy.manager.state() == before.strategy.manager.state()


def test_the_ids_of_trades_go_on_after_a_restart() -> None:
    before = SilentVenue(cooldown_minutes=0)
    for _ in range(3):
        before.quote(ENTRY - 1, ENTRY)
        stop = before.open_trade()
        before.fill(stop, ENTRY - 1000)
        before.advance(MINUTE_NS)
    before.quote(ENTRY - 1, ENTRY)
    before.open_trade()
    after = Loaded(before.strategy.on_save()["trading"], cooldown_minutes=0)
    # A machine keeps what it knows of a trade by its id.
    assert list(after.strategy.manager.trades) == list(before.strategy.manager.trades) == [4]
    assert after.strategy.manager.state() == before.strategy.manager.state()
