"""The nodes of the latency benchmark: one strategy each, which sends an order on a quote."""

import gc
from collections.abc import Callable
from decimal import Decimal
from enum import StrEnum
from multiprocessing.connection import Connection
from pathlib import Path

from nautilus_trader.common.config import InstrumentProviderConfig
from nautilus_trader.config import LiveRiskEngineConfig
from nautilus_trader.config import LoggingConfig
from nautilus_trader.config import TradingNodeConfig
from nautilus_trader.core.nautilus_pyo3 import BybitProductType
from nautilus_trader.live.node import TradingNode
from nautilus_trader.model.data import QuoteTick
from nautilus_trader.model.enums import OrderSide
from nautilus_trader.model.events import OrderEvent
from nautilus_trader.model.events import OrderInitialized
from nautilus_trader.model.events import OrderPendingCancel
from nautilus_trader.model.events import OrderSubmitted
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.model.objects import Price
from nautilus_trader.model.objects import Quantity
from nautilus_trader.trading.config import StrategyConfig
from nautilus_trader.trading.strategy import Strategy

from actors.journal import JournalActor
from actors.journal import JournalActorConfig
from adapters.bybit.live import LiveBybitDataClientConfig
from adapters.bybit.live import LiveBybitExecClientConfig
from adapters.bybit.live import bybit_data_client_factory
from adapters.bybit.live import bybit_exec_client_factory
from adapters.bybit.live import live_exec_engine
from benchmarks.tapes import INSTRUMENT_ID
from strategies.common.intents import Intent
from strategies.common.nautilus.attached_stop import ATTACHED_STOP
from strategies.common.nautilus.config import TradingConfig
from strategies.common.nautilus.strategy import TradingStrategy
from strategies.common.reasons import DropReason


VENUE = "BYBIT"
INSTRUMENT = InstrumentId.from_str(INSTRUMENT_ID)
QUANTITY = Quantity.from_str("0.100")
TICK = Decimal("0.1")
# An entry rests this far below the bid, where nothing fills it.
AWAY = 10_000  # ticks
STOP = 1_000  # ticks
BARE_STOP = "58900.0"
# Events that come before an order has left, when nothing else may take its time.
OnTheWay = OrderInitialized | OrderSubmitted | OrderPendingCancel
NO_LIMIT = "1000000/00:00:01"


class Variant(StrEnum):
    """What sends the orders of a node."""

    BARE = "bare strategy"
    BARE_AGAIN = "bare strategy again"
    BARE_STOP = "bare strategy with a stop attached"
    BASE = "TradingStrategy"
    JOURNALED = "TradingStrategy with journal"


def is_wanted(tick: QuoteTick) -> bool:
    """Return True if a quote triggers an order, False if it triggers its cancel."""
    return bool(tick.bid_size > tick.ask_size)


class BareStrategy(Strategy):  # type: ignore[misc]
    """Submits a limit order on a wanted quote, perhaps with a stop, and cancels it on the next."""

    def __init__(
        self, config: StrategyConfig, event_sink: Callable[[str], None], stop: str | None = None
    ) -> None:
        super().__init__(config)
        self._event_sink = event_sink
        self._params = None if stop is None else {ATTACHED_STOP: stop}

    def on_start(self) -> None:
        self.subscribe_quote_ticks(INSTRUMENT)

    def on_quote_tick(self, tick: QuoteTick) -> None:
        if not is_wanted(tick):
            for order in self.cache.orders_open(strategy_id=self.id):
                self.cancel_order(order)
            return
        price = Price(tick.bid_price - AWAY * TICK, 1)
        order = self.order_factory.limit(INSTRUMENT, OrderSide.BUY, QUANTITY, price)
        self.submit_order(order, params=self._params)

    def on_order_event(self, event: OrderEvent) -> None:
        if not isinstance(event, OnTheWay):
            self._event_sink(type(event).__name__)


class IntentStrategy(TradingStrategy):
    """Passes a prepared intent to `decide` on a wanted quote, and drops the entry on the next."""

    def __init__(self, config: TradingConfig, event_sink: Callable[[str], None]) -> None:
        super().__init__(config)
        self._event_sink = event_sink

    def on_start(self) -> None:
        super().on_start()
        self.active = True
        self.subscribe_quote_ticks(INSTRUMENT)

    def on_quote_tick(self, tick: QuoteTick) -> None:
        if not is_wanted(tick):
            self.stop_entries(DropReason.FLATTEN)
            return
        entry = self.units.ticks(tick.bid_price) - AWAY
        intent = Intent(
            is_long=True,
            entry=entry,
            stop=entry - STOP,
            tag="benchmark",
            tp1_half=2 * (entry + STOP),
            tp2=entry + 2 * STOP,
        )
        self.decide(self.clock.timestamp_ns(), entry, intent, warm=True)

    def on_order_event(self, event: OrderEvent) -> None:
        super().on_order_event(event)
        if not isinstance(event, OnTheWay):
            self._event_sink(type(event).__name__)


def run_node(
    variant: Variant,
    url: str,
    sockets: dict[str, str],
    folder: Path,
    pipe: Connection,
) -> None:
    """
    Run a node until it is terminated.

    Parameters
    ----------
    variant : Variant
        What sends the orders.
    url : str
        The address of the loopback server's REST interface.
    sockets : dict[str, str]
        The addresses of its sockets.
    folder : Path
        The folder for the journal.
    pipe : Connection
        Gets the name of each order event after the sending, once the strategy is done with it.

    """
    node = TradingNode(_config(url, sockets))
    node.add_data_client_factory(VENUE, bybit_data_client_factory())
    node.add_exec_client_factory(VENUE, bybit_exec_client_factory())
    if variant is Variant.JOURNALED:
        database = f"sqlite:///{folder / 'journal.sqlite'}"
        node.trader.add_actor(JournalActor(JournalActorConfig(database=database)))
    node.trader.add_strategy(_strategy(variant, pipe.send))
    node.build()
    # As in a live node once it runs.
    gc.collect()
    gc.freeze()
    node.run()
    node.dispose()


def _strategy(variant: Variant, event_sink: Callable[[str], None]) -> Strategy:
    if variant in (Variant.BARE, Variant.BARE_AGAIN, Variant.BARE_STOP):
        stop = BARE_STOP if variant is Variant.BARE_STOP else None
        return BareStrategy(
            StrategyConfig(strategy_id="BARE", order_id_tag="001"), event_sink, stop
        )
    strategy = IntentStrategy(
        TradingConfig(
            instrument_id=INSTRUMENT,
            strategy_id="INTENT",
            order_id_tag="001",
            external_order_claims=[INSTRUMENT],
            # Below what the stop and the largest leverage allow: the common case.
            risk_pct=Decimal("0.002"),
            max_leverage=Decimal(2),
            # Its stop is nearer than fees would have it.
            min_stop_fee_ratio=None,
            min_reward_fee_ratio=None,
            cooldown_minutes=0,
        ),
        event_sink,
    )
    # As at a real venue, which a node of the live environment has.
    strategy.holds_orders = False
    return strategy


def _config(url: str, sockets: dict[str, str]) -> TradingNodeConfig:
    shared = {
        "product_types": (BybitProductType.LINEAR,),
        "base_url_http": url,
        "api_key": "loopback-key",
        "api_secret": "loopback-secret",
        "instrument_provider": InstrumentProviderConfig(load_ids=frozenset({INSTRUMENT})),
    }
    data = LiveBybitDataClientConfig(
        **shared,
        base_url_ws_public=sockets["public"].replace("linear", "{product}"),
        instrument_status_poll_secs=None,
    )
    execution = LiveBybitExecClientConfig(
        **shared,
        base_url_ws_private=sockets["private"],
        base_url_ws_trade=sockets["trade"],
    )
    return TradingNodeConfig(
        trader_id="LATENCY-001",
        logging=LoggingConfig(log_level="ERROR", use_pyo3=True),
        exec_engine=live_exec_engine(),
        risk_engine=LiveRiskEngineConfig(
            max_order_submit_rate=NO_LIMIT,
            max_order_modify_rate=NO_LIMIT,
        ),
        data_clients={VENUE: data},
        exec_clients={VENUE: execution},
        timeout_connection=60.0,
        timeout_disconnection=2.0,
        timeout_post_stop=0.2,
    )
