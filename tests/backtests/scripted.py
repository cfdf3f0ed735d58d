"""A strategy that sends market orders at given times, for tests of what a run leaves."""

from collections import Counter

from nautilus_trader.model.enums import OrderSide
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.model.objects import Quantity
from nautilus_trader.trading.config import StrategyConfig
from nautilus_trader.trading.strategy import Strategy

from actors.messages import Decision
from actors.messages import ValueAreaMinute


class ScriptedConfig(StrategyConfig, frozen=True):
    """
    Configures `ScriptedStrategy`.

    Parameters
    ----------
    instrument_id : InstrumentId
        The instrument.
    orders : tuple[tuple[int, str, str, str], ...]
        Time (ns UTC), side, quantity and role of each order.
    plan : str
        The plan of each entry.
    enters : int
        How many of the first decisions are ENTER.

    """

    instrument_id: InstrumentId
    orders: tuple[tuple[int, str, str, str], ...] = ()
    plan: str = "50000/49000/52000"
    enters: int = 0


class ScriptedStrategy(Strategy):
    """Sends the orders of its configuration and decides at every minute."""

    def __init__(self, config):
        super().__init__(config)
        self.notices = Counter({"once": 1, "often": 3})
        self.decided = 0

    def on_start(self):
        self.msgbus.subscribe(topic=ValueAreaMinute.topic(), handler=self.handle_data)
        for number, (time, *order) in enumerate(self.config.orders):
            self.clock.set_time_alert_ns(
                f"{number}", time, lambda _, order=order: self._send(*order)
            )

    def _send(self, side, quantity, role):
        plan = [f"plan={self.config.plan}"] if role == "ENTRY" else []
        self.submit_order(
            self.order_factory.market(
                self.config.instrument_id,
                OrderSide[side],
                Quantity.from_str(quantity),
                reduce_only=role != "ENTRY",
                tags=[role, "breakin", *plan],
            )
        )

    def on_data(self, data):
        if data.instrument_id != self.config.instrument_id:
            return
        self.decided += 1
        action = "ENTER" if self.decided <= self.config.enters else "HOLD"
        values = dict.fromkeys(Decision.COLUMNS) | {"reason": "NO_SETUP", "flags": ""}
        values |= {"ts_min": data.ts_min, "action": action}
        self.publish_data(
            Decision.type_for(data.instrument_id),
            Decision(data.instrument_id, data.ts_event, self.clock.timestamp_ns(), **values),
        )
