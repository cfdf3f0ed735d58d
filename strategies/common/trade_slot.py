"""One place of a trade book, with a trade manager of its own."""

from collections.abc import Callable
from functools import partial

from strategies.common.intents import Intent
from strategies.common.ledger import Ledger
from strategies.common.orders import OrderIds
from strategies.common.records import Record
from strategies.common.sizing import PositionSize
from strategies.common.trade import Trade
from strategies.common.trade_manager import TradeManager
from strategies.common.trade_params import TradeParams


class TradeSlot:
    """
    Holds one trade manager of a book and the id of its trade.

    Parameters
    ----------
    params : TradeParams
        The rules.
    size : Callable[[Intent], PositionSize]
        Sizes an intent.
    ledger : Ledger
        The account of all trades.
    record : Callable[[TradeSlot, Record], None]
        Receives what happens to its trade.
    ids : OrderIds
        Provides the order ids of all trades.

    Attributes
    ----------
    manager : TradeManager
        The manager.
    trade_id : int
        The id of its running trade, else of its last one; 0 before the first.

    """

    __slots__ = ("manager", "trade_id")

    def __init__(
        self,
        params: TradeParams,
        size: Callable[[Intent], PositionSize],
        ledger: Ledger,
        record: Callable[["TradeSlot", Record], None],
        ids: OrderIds,
    ) -> None:
        self.manager = TradeManager(params, size, ledger, partial(record, self), ids)
        self.trade_id = 0

    @property
    def trade(self) -> Trade | None:
        """Return its running trade."""
        return self.manager.trade

    @property
    def open_lots(self) -> int:
        """Return the open lots of its trade."""
        trade = self.manager.trade
        return 0 if trade is None else max(0, trade.open)

    @property
    def side(self) -> int:
        """Return +1 for a long trade, -1 for a short one, 0 without one."""
        trade = self.manager.trade
        return 0 if trade is None else trade.side
