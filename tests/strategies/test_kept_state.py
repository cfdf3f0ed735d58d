"""What a backtest makes of the state that Nautilus gives a strategy."""

from actors.messages import Alert
from tests.strategies.silent_venue import SilentVenue


class Loaded(SilentVenue):
    """A strategy of a backtest that Nautilus has given a kept state."""

    def __init__(self, text: bytes) -> None:
        self._text = text
        self.kinds: list[str] = []
        super().__init__()

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
