"""The total risk of a book's trades at their stops, and its limit."""

from collections.abc import Callable
from collections.abc import Iterable
from decimal import Decimal

from strategies.common.commands import Purpose
from strategies.common.intents import Intent
from strategies.common.sizing import PositionSize
from strategies.common.sizing import SizeRefusal
from strategies.common.trade import Trade


class TotalRiskLimit:
    """
    Refuses entries that would make all trades together lose too much at their stops.

    Parameters
    ----------
    share : Decimal or None
        The most of the equity that may be lost; None for no limit.
    equity : Callable[[], Decimal or None] or None
        Provides the equity; None where it is not known, and then nothing is entered.
    tick_value : Decimal
        The money one lot earns per tick.

    Raises
    ------
    ValueError
        If there is a share but nothing that gives the equity.

    """

    __slots__ = ("_equity", "_share", "_tick_value")

    def __init__(
        self,
        share: Decimal | None,
        equity: Callable[[], Decimal | None] | None,
        tick_value: Decimal,
    ) -> None:
        if share is not None and equity is None:
            raise ValueError("max_total_risk needs the equity")
        self._share = share
        self._equity = equity
        self._tick_value = tick_value

    def checked(self, size: PositionSize, intent: Intent, trades: Iterable[Trade]) -> PositionSize:
        """
        Return the size of an entry, or that there is none beside the trades that run.

        Parameters
        ----------
        size : PositionSize
            The size by the other rules.
        intent : Intent
            What is to be entered.
        trades : Iterable[Trade]
            The running trades, entries that wait for a fill included.

        """
        if size.reason is not None or self._share is None or self._equity is None:
            return size
        equity = self._equity()
        distance = intent.side * (intent.entry - intent.stop)
        risk = planned_risk(size.lots, distance, intent.costs, self._tick_value)
        if equity is None or total_risk(trades) + risk > self._share * equity:
            return PositionSize(lots=0, reason=SizeRefusal.TOTAL_RISK)
        return size


def total_risk(trades: Iterable[Trade]) -> Decimal:
    """Return the risk of trades at their stops, entries that wait for a fill included."""
    return sum((risk_at_stop(trade) for trade in trades), start=Decimal(0))


def risk_at_stop(trade: Trade) -> Decimal:
    """
    Return the risk of a trade at its stop: open lots and those still to be filled, with costs.

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
    Return the risk of an entry at its stop.

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
