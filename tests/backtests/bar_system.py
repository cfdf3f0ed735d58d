"""A toy system over minute bars: enters where a bar says so, with a stop and a target."""

from typing import ClassVar

from nautilus_trader.common.actor import Actor
from nautilus_trader.common.config import ActorConfig
from nautilus_trader.model.data import BarType
from nautilus_trader.model.enums import OrderSide
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.trading.config import StrategyConfig
from nautilus_trader.trading.strategy import Strategy

from strategies.common.system import System
from tests.backtests.other_systems import PLAIN


# No report of it is drawn.
SYSTEM = System(
    name="bars", title="A toy over minute bars", messages=PLAIN.messages, views=PLAIN.views
)


class SilentConfig(ActorConfig, frozen=True):
    instrument_id: InstrumentId


class Silent(Actor):
    """Publishes none of the messages of the views: the strategy takes the bars themselves."""

    PUBLISHES = PLAIN.messages


class BarToyConfig(StrategyConfig, frozen=True):
    instrument_id: InstrumentId
    enter_at: int
    side: str
    stop: int
    target: int


class BarToy(Strategy):
    """Enters at the close of a bar of a number, stop and target at distances in ticks."""

    fills: ClassVar[list[tuple[str, int]]] = []

    def on_start(self):
        type(self).fills = []
        self.bars = 0
        self.instrument = self.cache.instrument(self.config.instrument_id)
        spec = "1-MINUTE-LAST-EXTERNAL"
        self.subscribe_bars(BarType.from_str(f"{self.config.instrument_id}-{spec}"))

    def on_bar(self, bar):
        self.bars += 1
        if self.bars == self.config.enter_at:
            side = OrderSide[self.config.side]
            self.submit_order(
                self.order_factory.market(self.instrument.id, side, self.instrument.make_qty(1))
            )

    def on_order_filled(self, event):
        tick = self.instrument.price_increment.as_decimal()
        self.fills.append((event.order_side.name, int(event.last_px.as_decimal() / tick)))
        if self.cache.order(event.client_order_id).is_reduce_only:
            return
        is_buy = event.order_side == OrderSide.BUY
        sign, exit_side = (1, OrderSide.SELL) if is_buy else (-1, OrderSide.BUY)
        entry = event.last_px.as_decimal()
        orders = self.order_factory
        self.submit_order(
            orders.stop_market(
                self.instrument.id,
                exit_side,
                event.last_qty,
                self.instrument.make_price(entry - sign * self.config.stop * tick),
                reduce_only=True,
            )
        )
        self.submit_order(
            orders.limit(
                self.instrument.id,
                exit_side,
                event.last_qty,
                self.instrument.make_price(entry + sign * self.config.target * tick),
                reduce_only=True,
            )
        )
