"""The position of a strategy as its decision machine sees it."""

from fractions import Fraction

from msgspec import Struct

from strategies.common.trade import Trade


class TradeView(Struct, frozen=True, kw_only=True):
    """
    Represents a trade as a machine sees it, from the entry on its way to flat.

    Parameters
    ----------
    trade_id : int
        Its id, unique in its strategy: exits, moved stops and the hooks of a machine name it.
    tag : str
        The tag of its intent.
    side : int
        +1 long, -1 short.
    stop : int
        Its stop in ticks.
    first_stop : int
        The stop that it was decided with.
    lots : int, default 0
        The open lots; 0 while nothing of the entry is filled.
    average : Fraction or None, default None
        The average entry price in ticks; None without a fill.
    since : int or None, default None
        When the entry began to fill (ns UTC).
    is_leaving : bool, default False
        If it is being closed.
    is_given_up : bool, default False
        If the unfilled rest of its entry is being canceled.

    """

    trade_id: int
    tag: str
    side: int
    stop: int
    first_stop: int
    lots: int = 0
    average: Fraction | None = None
    since: int | None = None
    is_leaving: bool = False
    is_given_up: bool = False


class Position(Struct, frozen=True, kw_only=True):
    """
    Represents the position of a strategy at a decision, and the present quote.

    Parameters
    ----------
    trades : tuple[TradeView, ...], default ()
        Its trades, oldest first.
    bid, ask : int or None, default None
        The quote in ticks; None without one, and for a row of the past.

    """

    trades: tuple[TradeView, ...] = ()
    bid: int | None = None
    ask: int | None = None

    @property
    def is_flat(self) -> bool:
        """Return True if there is neither a position nor an entry on its way."""
        return not self.trades

    @property
    def trade(self) -> TradeView | None:
        """Return the oldest trade; None where it is flat."""
        return self.trades[0] if self.trades else None

    def entry_price(self, *, is_long: bool) -> int | None:
        """Return the price of a market entry in ticks; None without a quote."""
        return self.ask if is_long else self.bid


FLAT = Position()


def view_of(trade_id: int, trade: Trade) -> TradeView:
    """Return a trade as a machine sees it."""
    return TradeView(
        trade_id=trade_id,
        tag=trade.intent.tag,
        side=trade.side,
        stop=trade.stop,
        first_stop=trade.intent.stop,
        lots=trade.open,
        average=trade.average_entry if trade.entry_lots else None,
        since=trade.ts_open,
        is_leaving=trade.close_reason is not None,
        is_given_up=trade.drop_reason is not None,
    )
