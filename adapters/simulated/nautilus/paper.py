"""A simulated venue inside a live node, with the models of a backtest's venue."""

import asyncio
from collections.abc import Callable
from collections.abc import Sequence
from decimal import Decimal
from heapq import heappop
from heapq import heappush
from itertools import count
from typing import Any

from nautilus_trader.adapters.sandbox.config import SandboxExecutionClientConfig
from nautilus_trader.adapters.sandbox.execution import SandboxExecutionClient
from nautilus_trader.adapters.sandbox.factory import SandboxLiveExecClientFactory
from nautilus_trader.backtest.config import FeeModelFactory
from nautilus_trader.backtest.config import FillModelFactory
from nautilus_trader.backtest.config import ImportableFeeModelConfig
from nautilus_trader.backtest.config import ImportableFillModelConfig
from nautilus_trader.backtest.config import ImportableLatencyModelConfig
from nautilus_trader.backtest.config import LatencyModelFactory
from nautilus_trader.backtest.engine import SimulatedExchange
from nautilus_trader.backtest.execution_client import BacktestExecClient
from nautilus_trader.cache.cache import Cache
from nautilus_trader.common.component import LiveClock
from nautilus_trader.common.component import MessageBus
from nautilus_trader.common.component import TestClock
from nautilus_trader.common.config import ActorFactory
from nautilus_trader.common.config import ImportableActorConfig
from nautilus_trader.common.providers import InstrumentProvider
from nautilus_trader.execution.messages import BatchCancelOrders
from nautilus_trader.execution.messages import CancelAllOrders
from nautilus_trader.execution.messages import CancelOrder
from nautilus_trader.execution.messages import ModifyOrder
from nautilus_trader.execution.messages import SubmitOrder
from nautilus_trader.execution.messages import SubmitOrderList
from nautilus_trader.execution.messages import TradingCommand
from nautilus_trader.live.execution_client import LiveExecutionClient
from nautilus_trader.model.data import Bar
from nautilus_trader.model.data import QuoteTick
from nautilus_trader.model.data import TradeTick
from nautilus_trader.model.enums import AccountType
from nautilus_trader.model.enums import BookType
from nautilus_trader.model.enums import OmsType
from nautilus_trader.model.identifiers import AccountId
from nautilus_trader.model.identifiers import ClientId
from nautilus_trader.model.identifiers import Venue
from nautilus_trader.model.objects import Money
from nautilus_trader.model.orders import Order
from nautilus_trader.portfolio.base import PortfolioFacade

from adapters.simulated.nautilus.fees import PaperMargins
from adapters.simulated.nautilus.fills import VenueFills
from adapters.simulated.rules.latency import arrives_at


# The venue processes an event first, then its models, then actors and strategies.
BEFORE_ALL = 30
NS_PER_S = 1_000_000_000
# An order meets the first event after the latency, or the current market after this time without
# an event: less than the time a strategy waits for the acknowledgement of a stop.
SILENT_S = 0.1


class PaperVenueConfig(SandboxExecutionClientConfig, frozen=True, kw_only=True):  # type: ignore[misc,call-arg]
    """
    Configures a simulated venue.

    Parameters
    ----------
    fill_model : ImportableFillModelConfig
        Decides fills, as in the backtest's environment.
    fee_model : ImportableFeeModelConfig
        Decides fees.
    latency_model : ImportableLatencyModelConfig
        The latency of orders.
    modules : list[ImportableActorConfig]
        Funding and the rules of fills, in this order.

    Raises
    ------
    ValueError
        If bars fill orders and the node reads quotes and trades.

    """

    fill_model: ImportableFillModelConfig
    fee_model: ImportableFeeModelConfig
    latency_model: ImportableLatencyModelConfig
    modules: list[ImportableActorConfig]

    def __post_init__(self) -> None:
        if any(rules.get("touch") == "bar" and not rules.get("bar_spec") for rules in self._rules):
            raise ValueError("`touch: bar` fills where the `data` of a node are bars alone")

    @property
    def bar_spec(self) -> str | None:
        """Return the bars that fill, like ``1-MINUTE-LAST-EXTERNAL``; None if ticks do."""
        bars = (rules["bar_spec"] for rules in self._rules if rules.get("touch") == "bar")
        return next(bars, None)

    @property
    def _rules(self) -> list[dict[str, Any]]:
        return [module.config for module in self.modules]


class PaperExecutionClient(SandboxExecutionClient):  # type: ignore[misc]
    """
    Sends orders to a simulated venue in the node.

    Nautilus's sandbox fills with its own models: at the price of any print, without a queue and
    without slippage. Here the models are those of the backtest, so that paper and backtest fill
    alike. A command reaches the venue after the latency of the backtest, from the time at which it
    was sent, and meets the first event from then on, or the current market after a tenth of a
    second without one. In a replay the time is that of the tape, which delivers the events.

    Where only bars fill (`bar_spec`), the time of the venue is that of the bars: a command sent
    while a bar is handled was sent at its close, and meets the open of the next, as in a backtest.

    Parameters
    ----------
    loop, portfolio, msgbus, cache, clock
        Those of the node.
    config : PaperVenueConfig
        The configuration.

    Attributes
    ----------
    bar_spec : str or None
        The bars that fill, like ``1-MINUTE-LAST-EXTERNAL``; None if quotes and trades do.

    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        portfolio: PortfolioFacade,
        msgbus: MessageBus,
        cache: Cache,
        clock: LiveClock,
        config: PaperVenueConfig,
    ) -> None:
        venue = Venue(config.venue)
        self.test_clock = TestClock()
        self._is_played = False
        self._latency = LatencyModelFactory.create(config.latency_model)
        self._numbers = count()
        # Commands in flight, with the time of their arrival.
        self._commands: list[tuple[int, int, TradingCommand]] = []
        # The sandbox builds its exchange in a constructor that takes no models.
        LiveExecutionClient.__init__(
            self,
            loop=loop,
            client_id=ClientId(config.venue),
            venue=venue,
            oms_type=OmsType.NETTING,
            account_type=AccountType.MARGIN,
            base_currency=None,
            instrument_provider=InstrumentProvider(),
            msgbus=msgbus,
            cache=cache,
            clock=clock,
            config=None,
        )
        self._set_account_id(AccountId(f"{config.venue}-001"))
        self.exchange = SimulatedExchange(
            venue=venue,
            oms_type=OmsType.NETTING,
            account_type=AccountType.MARGIN,
            starting_balances=[Money.from_str(text) for text in config.starting_balances],
            base_currency=None,
            default_leverage=Decimal(config.default_leverage),
            leverages={},
            modules=[ActorFactory.create(module) for module in config.modules],
            portfolio=portfolio,
            msgbus=msgbus,
            cache=cache,
            clock=self.test_clock,
            margin_model=PaperMargins(),
            fill_model=FillModelFactory.create(config.fill_model),
            fee_model=FeeModelFactory.create(config.fee_model),
            # Latency is applied here: the exchange's queue has no time but that of its events.
            latency_model=None,
            book_type=BookType.L1_MBP,
            bar_execution=False,
            trade_execution=False,
            reject_stop_orders=True,
            use_reduce_only=True,
            use_message_queue=False,
        )
        self._client = BacktestExecClient(
            exchange=self.exchange,
            msgbus=msgbus,
            cache=cache,
            clock=self.test_clock,
        )
        self.exchange.register_client(self._client)
        self.exchange.initialize_account()
        self.bar_spec = config.bar_spec
        self._is_in_bar = False
        for module in self.exchange.modules:
            if isinstance(module, VenueFills):
                module.settle = self._settle_in_bar

    def play(self, drive: Callable[[TestClock], None]) -> None:
        """Let a replay drive the clock; its tape delivers the events."""
        self._is_played = True
        drive(self.test_clock)

    def connect(self) -> None:
        """Subscribe to the events of the market."""
        if not self._is_played:
            topics = [f"data.{kind}.{self.venue}.*" for kind in ("quotes", "trades")]
            if self.bar_spec is not None:
                topics = [f"data.bars.*.{self.venue}-{self.bar_spec}"]
            for topic in topics:
                self._msgbus.subscribe(topic, self._take, BEFORE_ALL)
        self._client._set_connected(True)
        self._set_connected(True)

    def on_data(self, data: QuoteTick | TradeTick | Bar) -> None:
        """Pass an event to the venue."""
        is_bar = isinstance(data, Bar)
        instrument_id = data.bar_type.instrument_id if is_bar else data.instrument_id
        if instrument_id not in self.exchange.instruments:
            # Definitions arrive after the connection.
            self.exchange.add_instrument(self._cache.instrument(instrument_id))
        self._go_to(data.ts_event if is_bar else data.ts_init)
        if is_bar:
            self._on_bar(data)
        elif isinstance(data, QuoteTick):
            self.exchange.process_quote_tick(data)
        elif isinstance(data, TradeTick):
            self.exchange.process_trade_tick(data)

    def settle(self, ts: int) -> bool:
        """Process the commands that arrived by a time (ns UTC); return True if there were any."""
        self._go_to(ts)
        has_arrived = False
        while self._commands and self._commands[0][0] <= ts:
            has_arrived = True
            self.exchange.send(heappop(self._commands)[2])
        if has_arrived:
            for instrument_id in self.exchange.instruments:
                self.exchange.get_matching_engine(instrument_id).iterate(ts)
        self.exchange.process(self.test_clock.timestamp_ns())
        return has_arrived

    def _on_bar(self, bar: Bar) -> None:
        if not self._is_played:
            self._is_in_bar = True
            self._loop.call_soon(self._leave_bar)
        # Known at its close, regardless of the time of receipt.
        values = {**Bar.to_dict(bar), "ts_init": bar.ts_event}
        self.exchange.process_bar(Bar.from_dict(values))

    def _leave_bar(self) -> None:
        self._is_in_bar = False

    def _settle_in_bar(self, ts: int) -> None:
        """Process commands sent in reaction to a fill, before the bar goes on."""
        while self._commands and self._commands[0][0] <= max(ts, self.test_clock.timestamp_ns()):
            self.exchange.send(heappop(self._commands)[2])

    def submit_order(self, command: SubmitOrder) -> None:
        self._submit(command, [command.order])

    def submit_order_list(self, command: SubmitOrderList) -> None:
        self._submit(command, command.order_list.orders)

    def modify_order(self, command: ModifyOrder) -> None:
        self._send(command, self._latency.update_latency_nanos)

    def cancel_order(self, command: CancelOrder) -> None:
        self._send(command, self._latency.cancel_latency_nanos)

    def cancel_all_orders(self, command: CancelAllOrders) -> None:
        self._send(command, self._latency.cancel_latency_nanos)

    def batch_cancel_orders(self, command: BatchCancelOrders) -> None:
        self._send(command, self._latency.cancel_latency_nanos)

    def _take(self, data: QuoteTick | TradeTick | Bar) -> None:
        self.on_data(data)
        self.settle(data.ts_event if isinstance(data, Bar) else data.ts_init)

    def _submit(self, command: TradingCommand, orders: Sequence[Order]) -> None:
        if not self._is_in_bar:
            self._go_to(command.ts_init)
        for order in orders:
            self._client.generate_order_submitted(
                strategy_id=order.strategy_id,
                instrument_id=order.instrument_id,
                client_order_id=order.client_order_id,
                ts_event=self.test_clock.timestamp_ns(),
            )
        self._send(command, self._latency.insert_latency_nanos)

    def _send(self, command: TradingCommand, latency_ns: int) -> None:
        sent = self.test_clock.timestamp_ns() if self._is_in_bar else command.ts_init
        arrival = arrives_at(sent, latency_ns)
        heappush(self._commands, (arrival, next(self._numbers), command))
        if not self._is_played:
            silent_s = SILENT_S if latency_ns else 0.0
            self._loop.call_later(latency_ns / NS_PER_S + silent_s, self._settle_by_clock)

    def _settle_by_clock(self) -> None:
        self.settle(self._clock.timestamp_ns())

    def _go_to(self, ts: int) -> None:
        # Events received and commands sent at one moment may be stamped in either order.
        self.test_clock.set_time(max(ts, self.test_clock.timestamp_ns()))


class PaperFactory(SandboxLiveExecClientFactory):  # type: ignore[misc]
    """Builds `PaperExecutionClient`."""

    @staticmethod
    def create(
        loop: asyncio.AbstractEventLoop,
        name: str,
        config: PaperVenueConfig,
        portfolio: PortfolioFacade,
        msgbus: MessageBus,
        cache: Cache,
        clock: LiveClock,
    ) -> PaperExecutionClient:
        """Return an execution client; Nautilus calls this."""
        return PaperExecutionClient(
            loop=loop,
            portfolio=portfolio,
            msgbus=msgbus,
            cache=cache,
            clock=clock,
            config=config,
        )


# Nautilus passes the portfolio only to the factory of this name.
PaperFactory.__name__ = "SandboxLiveExecClientFactory"


def paper_factory() -> type[PaperFactory]:
    """Return the factory of simulated venues."""
    return PaperFactory
