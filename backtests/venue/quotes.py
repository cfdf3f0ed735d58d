"""
Fills at the quote in force, whatever printed last.

Nautilus's level 1 book takes every print for a quote: after a sale at the bid, bid and ask of the
book are both that price, and an order that arrives then would buy at the bid. Nobody was offered
that price. Here an order that meets such a book pays the quote in force, or the print where that is
worse.

"""

from nautilus_trader.backtest.config import SimulationModuleConfig
from nautilus_trader.backtest.models import FillModel
from nautilus_trader.backtest.modules import SimulationModule
from nautilus_trader.cache.base import CacheFacade
from nautilus_trader.common.component import Logger
from nautilus_trader.model.book import OrderBook
from nautilus_trader.model.data import BookOrder
from nautilus_trader.model.enums import BookType
from nautilus_trader.model.enums import OrderSide
from nautilus_trader.model.instruments import Instrument
from nautilus_trader.model.objects import Price
from nautilus_trader.model.objects import Quantity
from nautilus_trader.model.orders import Order


DEEP = 10_000_000


class QuoteFillModel(FillModel):  # type: ignore[misc]
    """
    Fills at the top of the quote in force; what exceeds its size fills one tick worse.

    It needs `QuoteBook` among the venue's modules, which shows it the quotes.
    """

    cache: CacheFacade | None = None

    def get_orderbook_for_fill_simulation(
        self,
        instrument: Instrument,
        order: Order,
        best_bid: Price,
        best_ask: Price,
    ) -> OrderBook | None:
        # A book whose sides differ stands on a quote: Nautilus's own rules are right then.
        if best_bid < best_ask:
            return None
        if self.cache is None:
            raise RuntimeError("QuoteFillModel needs backtests.venue.quotes:QuoteBook as a module")
        quote = self.cache.quote_tick(instrument.id)
        if quote is None:
            return None
        tick = instrument.price_increment
        bid, ask = min(best_bid, quote.bid_price), max(best_ask, quote.ask_price)
        deep = Quantity(DEEP, instrument.size_precision)
        book = OrderBook(instrument.id, BookType.L2_MBP)
        levels = [
            (OrderSide.BUY, bid, quote.bid_size),
            (OrderSide.BUY, Price(bid - tick, instrument.price_precision), deep),
            (OrderSide.SELL, ask, quote.ask_size),
            (OrderSide.SELL, Price(ask + tick, instrument.price_precision), deep),
        ]
        for number, (side, price, size) in enumerate(levels, 1):
            if size > 0:
                book.add(BookOrder(side, price, size, number), 0, 0)
        return book


class QuoteBook(SimulationModule):  # type: ignore[misc]
    """
    Shows the venue's `QuoteFillModel` the quotes.

    Parameters
    ----------
    config : SimulationModuleConfig
        The configuration.

    """

    def __init__(self, config: SimulationModuleConfig) -> None:
        super().__init__(config)

    def register_venue(self, exchange: object) -> None:
        super().register_venue(exchange)
        self.exchange.fill_model.cache = self.exchange.cache

    def process(self, ts_now: int) -> None:
        """Do nothing: the cache holds the quotes."""

    def log_diagnostics(self, logger: Logger) -> None:
        """Report nothing."""

    def reset(self) -> None:
        """Keep nothing."""
