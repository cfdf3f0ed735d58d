"""The market of one instrument, and the fills it offers to orders."""

from nautilus_trader.backtest.engine import OrderMatchingEngine
from nautilus_trader.model.book import OrderBook
from nautilus_trader.model.data import QuoteTick
from nautilus_trader.model.data import TradeTick
from nautilus_trader.model.enums import BookType
from nautilus_trader.model.enums import LiquiditySide
from nautilus_trader.model.instruments import Instrument
from nautilus_trader.model.objects import Price
from nautilus_trader.model.objects import Quantity
from nautilus_trader.model.orders import Order

from adapters.simulated.rules import touch as rules
from adapters.simulated.rules.resting import RestingLimit
from adapters.simulated.rules.stops import NearestStops
from adapters.simulated.rules.taking import Slippage
from adapters.simulated.rules.taking import arriving_limit_fills
from adapters.simulated.rules.taking import market_fills
from adapters.simulated.rules.touch import Level
from adapters.simulated.rules.touch import PrintedRange
from adapters.simulated.rules.touch import Quote


Fill = tuple[Price, Quantity]


class DecidedFills(OrderBook):  # type: ignore[misc]
    """
    A book that returns fills decided elsewhere.

    Nautilus's engine walks down the book from a fill model, and fills the rest by its own rule. A
    fill of zero quantity at the end stops it.
    """

    fills: list[Fill]

    def simulate_fills(
        self,
        order: Order,
        price_prec: int,
        size_prec: int,
        is_aggressive: bool,
    ) -> list[Fill]:
        return self.fills


class Market:
    """
    Holds the current quote and the last print of one instrument, and derives fills from them.

    Raw prices and sizes are read from Nautilus's objects only when an order needs them, which is
    rare. In data without quotes the last print replaces both sides of the quote.

    Parameters
    ----------
    instrument : Instrument
        The instrument.
    engine : OrderMatchingEngine
        Nautilus's engine for it.
    prints_only : bool, default False
        If the data have no quotes.

    """

    def __init__(
        self,
        instrument: Instrument,
        engine: OrderMatchingEngine,
        *,
        prints_only: bool = False,
    ) -> None:
        self.engine = engine
        self.prints_only = prints_only
        self.quote: QuoteTick | None = None
        self.quotes_seen = 0
        self.last: TradeTick | None = None
        self.printed: PrintedRange | None = None
        self.print_shaped = False
        self.stops = NearestStops()
        self.tick = instrument.price_increment.raw
        self.lot = instrument.size_increment
        self._raw_quote: Quote | None = None
        self._book = engine.get_book()
        self._answer = DecidedFills(instrument.id, BookType.L2_MBP)
        self._instrument_id = instrument.id
        self._price_precision = instrument.price_precision
        self._size_precision = instrument.size_precision

    def see_quote(self, quote: QuoteTick) -> None:
        """Set the current quote."""
        self.quote = quote
        self.quotes_seen += 1
        self.printed = self._raw_quote = None
        self.print_shaped = False

    def see_print(self, trade: TradeTick, price: int) -> None:
        """Set the last print and its raw price."""
        self.last = trade
        self.printed = rules.widen(self.printed, price)

    @property
    def raw_quote(self) -> Quote | None:
        """The current quote, raw."""
        quote = self.quote
        if self._raw_quote is None and quote is not None:
            self._raw_quote = Quote(
                quote.bid_price.raw,
                quote.ask_price.raw,
                quote.bid_size.raw,
                quote.ask_size.raw,
            )
        return self._raw_quote

    def restore(self) -> None:
        """Send the quote to Nautilus's engine again if it has taken a print for one since."""
        quote, trade = self.quote, self.last
        if quote is None or trade is None or not self.print_shaped:
            return
        self.print_shaped = False
        # The book accepts nothing older than the print.
        self.show(
            QuoteTick(
                quote.instrument_id,
                quote.bid_price,
                quote.ask_price,
                quote.bid_size,
                quote.ask_size,
                trade.ts_event,
                trade.ts_init,
            )
        )

    def move_to(self, price: int, ts: int) -> None:
        """Move the market to a raw price, at a time (ns UTC), as a quote of both sides."""
        both = Price.from_raw(price, self._price_precision)
        self.show(QuoteTick(self._instrument_id, both, both, self.lot, self.lot, ts, ts))

    def show(self, quote: QuoteTick) -> None:
        """Send a quote to Nautilus's engine, which handles orders by it."""
        self._book.update_quote_tick(quote)
        self.engine.iterate(quote.ts_init)

    def touch(self, is_buy: bool) -> Level | None:
        """Return the best price for a taker, and the size offered at it."""
        if self.prints_only and self.last is not None:
            return self.last.price.raw, self.last.size.raw
        quote = self.raw_quote
        return None if quote is None else rules.touch(quote, self.printed, is_buy=is_buy)

    def own_side(self, is_buy: bool) -> Level | None:
        """Return the best price and size of an order's own side."""
        quote = self.raw_quote
        return None if quote is None else rules.own_side(quote, is_buy=is_buy)

    def hits(self, trade: TradeTick, is_buy: bool) -> bool:
        """Return True if a print traded against resting orders of a side."""
        return rules.hits(int(trade.aggressor_side), trade.price.raw, self.raw_quote, is_buy=is_buy)

    def taking_fills(self, order: Order, slippage: Slippage) -> list[Level]:
        """Return the fills of a market order or a triggered stop."""
        best = self.touch(order.is_buy)
        if best is None:
            return []
        worse = slippage.distance(best[0], self.tick, is_exit=order.is_reduce_only)
        return market_fills(order.leaves_qty.raw, best, worse, self.tick, is_buy=order.is_buy)

    def limit_fills(self, order: Order, resting: RestingLimit) -> list[Level]:
        """Return the fills of a limit order by the current quote, once for each quote."""
        best = self.touch(order.is_buy)
        # Nautilus's engine calls again for every command, on the same quote. A limit order takes
        # only from quotes: a past print offers nothing.
        if best is None or self.quote is None or resting.judged == self.quotes_seen:
            return []
        resting.judged = self.quotes_seen
        leaves = order.leaves_qty.raw
        if order.liquidity_side == LiquiditySide.MAKER:
            filled = resting.fill_by_quote(leaves, *best)
            return [(resting.price, filled)] if filled else []
        return arriving_limit_fills(resting, leaves, best, self.tick)

    def answer(self, fills: list[tuple[int, int]], *, then_stop: bool) -> OrderBook:
        """Return fills, as price and size, in the form of Nautilus's engine."""
        self._answer.fills = self.fills(fills, then_stop=then_stop)
        return self._answer

    def fills(self, fills: list[tuple[int, int]], *, then_stop: bool) -> list[Fill]:
        """Return fills as Nautilus's objects, `then_stop` if nothing more may be filled."""
        result = [
            (
                Price.from_raw(price, self._price_precision),
                Quantity.from_raw(size, self._size_precision),
            )
            for price, size in fills
        ]
        if then_stop:
            price = result[-1][0] if result else Price.from_raw(0, self._price_precision)
            nothing = (price, Quantity.from_raw(0, self._size_precision))
            # A single empty fill would reject an order that is not accepted yet.
            result += [nothing] if result else [nothing, nothing]
        return result
