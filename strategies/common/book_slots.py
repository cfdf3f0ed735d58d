"""The places of a trade book, each with a trade manager of its own."""

from collections.abc import Callable
from collections.abc import Iterable
from decimal import Decimal
from functools import partial

from strategies.common.commands import Purpose
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
        Gives the order ids of all trades.

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


def reducible(slots: Iterable[TradeSlot], *, is_buy: bool) -> list[TradeSlot]:
    """Return the slots whose open lots an order of a side reduces, oldest trade first."""
    side = -1 if is_buy else 1
    found = [slot for slot in slots if slot.open_lots and slot.side == side]
    return sorted(found, key=lambda slot: slot.trade_id)


def risk_at_stop(trade: Trade) -> Decimal:
    """
    Return what a trade loses at its stop: its open lots and what may still be filled, with costs.

    Parameters
    ----------
    trade : Trade
        The trade. Open lots count from break-even on as 0. What may still be filled counts at the
        price of the intent, with the costs the intent was given.

    """
    waiting = trade.orders.remaining(Purpose.ENTRY)
    intent = trade.intent
    return max(Decimal(0), trade.risk if trade.open > 0 else Decimal(0)) + planned_risk(
        waiting, intent.side * (intent.entry - trade.stop), intent.costs, trade.tick_value
    )


def planned_risk(lots: int, distance: int, costs: int, tick_value: Decimal) -> Decimal:
    """
    Return what an entry would lose at its stop.

    Parameters
    ----------
    lots : int
        Its lots.
    distance : int
        The way from entry to stop in ticks; a negative one counts as 0.
    costs : int
        The costs per lot in thousandths of a tick.
    tick_value : Decimal
        The money one lot earns per tick.

    """
    return tick_value * lots * (1000 * max(0, distance) + costs) / 1000
