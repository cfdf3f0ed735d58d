"""A simulated venue inside a live node, with the models that a backtest's venue is made of."""

import asyncio
from decimal import Decimal

from nautilus_trader.adapters.sandbox.config import SandboxExecutionClientConfig
from nautilus_trader.adapters.sandbox.execution import SandboxExecutionClient
from nautilus_trader.adapters.sandbox.factory import SandboxLiveExecClientFactory
from nautilus_trader.backtest.config import FeeModelFactory
from nautilus_trader.backtest.config import FillModelFactory
from nautilus_trader.backtest.config import ImportableFeeModelConfig
from nautilus_trader.backtest.config import ImportableFillModelConfig
from nautilus_trader.backtest.engine import SimulatedExchange
from nautilus_trader.backtest.execution_client import BacktestExecClient
from nautilus_trader.backtest.models import LatencyModel
from nautilus_trader.cache.cache import Cache
from nautilus_trader.common.component import LiveClock
from nautilus_trader.common.component import MessageBus
from nautilus_trader.common.component import TestClock
from nautilus_trader.common.config import ActorFactory
from nautilus_trader.common.config import ImportableActorConfig
from nautilus_trader.common.providers import InstrumentProvider
from nautilus_trader.live.execution_client import LiveExecutionClient
from nautilus_trader.model.data import QuoteTick
from nautilus_trader.model.data import TradeTick
from nautilus_trader.model.enums import AccountType
from nautilus_trader.model.enums import BookType
from nautilus_trader.model.enums import OmsType
from nautilus_trader.model.identifiers import AccountId
from nautilus_trader.model.identifiers import ClientId
from nautilus_trader.model.identifiers import Venue
from nautilus_trader.model.objects import Money
from nautilus_trader.portfolio.base import PortfolioFacade


# The venue sees an event first, then its models, then actors and strategies.
BEFORE_ALL = 30


class PaperVenueConfig(SandboxExecutionClientConfig, frozen=True, kw_only=True):  # type: ignore[misc,call-arg]
    """
    Configures a simulated venue.

    Parameters
    ----------
    fill_model : ImportableFillModelConfig
        Decides fills, as in the backtest's environment.
    fee_model : ImportableFeeModelConfig
        Decides fees.
    modules : list[ImportableActorConfig]
        Funding and the rules of fills, in this order.

    """

    fill_model: ImportableFillModelConfig
    fee_model: ImportableFeeModelConfig
    modules: list[ImportableActorConfig]


class PaperExecutionClient(SandboxExecutionClient):  # type: ignore[misc]
    """
    Sends orders to a simulated venue in the node.

    Nautilus's sandbox fills with models of its own: at the price of any print, without a queue and
    without slippage. Here the models are those of the backtest, so that paper and backtest fill
    alike. An order reaches the venue at once, the way to it has been real.

    Parameters
    ----------
    loop, portfolio, msgbus, cache, clock
        Those of the node.
    config : PaperVenueConfig
        The configuration.

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
        # The sandbox builds its exchange where nobody can give it models.
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
            fill_model=FillModelFactory.create(config.fill_model),
            fee_model=FeeModelFactory.create(config.fee_model),
            latency_model=LatencyModel(0),
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

    def connect(self) -> None:
        """Take the market's events from now on."""
        for kind in ("quotes", "trades"):
            self._msgbus.subscribe(f"data.{kind}.{self.venue}.*", self.on_data, BEFORE_ALL)
        self._client._set_connected(True)
        self._set_connected(True)

    def on_data(self, data: QuoteTick | TradeTick) -> None:
        """Let the venue see an event."""
        if data.instrument_id not in self.exchange.instruments:
            # Definitions arrive after the connection.
            self.exchange.add_instrument(self._cache.instrument(data.instrument_id))
        self.test_clock.set_time(max(data.ts_init, self.test_clock.timestamp_ns()))
        if isinstance(data, QuoteTick):
            self.exchange.process_quote_tick(data)
        elif isinstance(data, TradeTick):
            self.exchange.process_trade_tick(data)
        self.exchange.process(self.test_clock.timestamp_ns())


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


# Nautilus gives the portfolio to the factory of this name alone.
PaperFactory.__name__ = "SandboxLiveExecClientFactory"


def paper_factory() -> type[PaperFactory]:
    """Return the factory of simulated venues."""
    return PaperFactory
