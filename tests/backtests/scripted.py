"""A strategy that sends market orders at given times, for tests of what a run leaves."""

from collections import Counter

from nautilus_trader.backtest.config import SimulationModuleConfig
from nautilus_trader.backtest.modules import SimulationModule
from nautilus_trader.model.enums import OrderSide
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.model.objects import Money
from nautilus_trader.model.objects import Quantity
from nautilus_trader.trading.config import StrategyConfig
from nautilus_trader.trading.strategy import Strategy

from actors.messages import Alert
from actors.messages import Decision
from actors.messages import FundingPayment
from actors.messages import TradeEvent
from actors.value_area.messages import ValueAreaMinute
from tests.blank_messages import blank


class ScriptedConfig(StrategyConfig, frozen=True):
    """
    Configures `ScriptedStrategy`.

    Parameters
    ----------
    instrument_id : InstrumentId
        The instrument.
    orders : tuple[tuple[int, str, str, str], ...]
        Time (ns UTC), side, quantity and role of each order; the role may carry a reason as in
        `EXIT/TP1`.
    plan : str
        The plan of each entry.
    enters : int
        How many of the first decisions are ENTER.
    refuses : int
        How many of the decisions after them are REFUSE.
    payments : tuple[tuple[int, float, float], ...]
        Time (ns UTC), signed size and amount of each payment of funding to publish.
    messages : int
        How many trade events and alerts to publish at the start.

    """

    instrument_id: InstrumentId
    orders: tuple[tuple[int, str, str, str], ...] = ()
    plan: str = "50000/49000/51000.05/52000"
    enters: int = 0
    refuses: int = 0
    payments: tuple[tuple[int, float, float], ...] = ()
    messages: int = 0


class ChargeConfig(SimulationModuleConfig, frozen=True):
    """
    Configures `Charge`.

    Parameters
    ----------
    amounts : tuple[tuple[int, str], ...]
        Time (ns UTC) and amount of each charge, such as `0.5 USDT`.

    """

    amounts: tuple[tuple[int, str], ...] = ()


class Charge(SimulationModule):
    """Takes given amounts from the account at given times."""

    def __init__(self, config):
        super().__init__(config)
        self._due = sorted(config.amounts)

    def process(self, ts_now):
        while self._due and self._due[0][0] <= ts_now:
            amount, code = self._due.pop(0)[1].split()
            self.exchange.adjust_account(Money.from_str(f"{-float(amount)} {code}"))

    def log_diagnostics(self, logger):
        """Report nothing."""

    def reset(self):
        """Keep nothing."""


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
        for number, (time, *payment) in enumerate(self.config.payments):
            self.clock.set_time_alert_ns(
                f"P{number}", time, lambda _, payment=payment: self._pay(*payment)
            )
        for number in range(self.config.messages):
            self._speak(number)

    def _pay(self, quantity, paid):
        instrument_id, now = self.config.instrument_id, self.clock.timestamp_ns()
        values = {"rate": 0.0001, "price": 50_000.0, "quantity": quantity, "paid": paid}
        payment = FundingPayment(instrument_id, now, now, strategy_id=self.id.value, **values)
        self.publish_data(payment.data_type, payment)

    def _speak(self, number):
        instrument_id, now = self.config.instrument_id, self.clock.timestamp_ns()
        values = blank(TradeEvent, strategy_id=self.id.value, kind="ENTRY_SUBMITTED")
        event = TradeEvent(instrument_id, now, now, **values)
        self.publish_data(event.data_type, event)
        values = {"strategy_id": self.id.value, "kind": "KILL_SWITCH", "text": "a text"}
        alert = Alert(instrument_id, now, now, **values, value=float(number))
        self.publish_data(alert.data_type, alert)

    def _send(self, side, quantity, role):
        role, _, reason = role.partition("/")
        plan = [f"plan={self.config.plan}"] if role == "ENTRY" else []
        reason = reason or ("SIGNAL" if role == "ENTRY" else "FLATTEN")
        self.submit_order(
            self.order_factory.market(
                self.config.instrument_id,
                OrderSide[side],
                Quantity.from_str(quantity),
                reduce_only=role != "ENTRY",
                tags=[role, "breakin", reason, *plan],
            )
        )

    def on_data(self, data):
        if data.instrument_id != self.config.instrument_id:
            return
        self.decided += 1
        action = "ENTER" if self.decided <= self.config.enters else "HOLD"
        values = blank(Decision, reason="NO_SETUP")
        values |= {"ts_min": data.ts_min, "action": action, "strategy_id": self.id.value}
        if self.config.enters < self.decided <= self.config.enters + self.config.refuses:
            values |= {"action": "REFUSE", "why": "COOLDOWN"}
        self.publish_data(
            Decision.type_for(data.instrument_id),
            Decision(data.instrument_id, data.ts_event, self.clock.timestamp_ns(), **values),
        )
