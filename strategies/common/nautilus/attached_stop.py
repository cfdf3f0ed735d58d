"""The stop that a venue keeps for a position, which stays when this process has died."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from nautilus_trader.model.events import OrderEvent
from nautilus_trader.model.events import OrderFilled
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.model.objects import Price

from strategies.common.book_status import farthest_stop
from strategies.common.commands import Purpose
from strategies.common.commands import Submit
from strategies.common.nautilus.host import StrategyHost
from strategies.common.nautilus.order_router import OrderRouter
from strategies.common.protection import attached_price
from strategies.common.trade import Trade


# The name of an execution client's endpoint, and of the parameter of an order.
ATTACHED_STOP = "attached_stop"
# So begin the identifiers of orders that the venue has made for the stop of a position.
ATTACHED_PREFIX = "O-ATTACHED-"
BASIS_POINT = Fraction(1, 10_000)

NO_TRADES: Mapping[int, Trade] = {}

type Terms = dict[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class WantedStop:
    """Represents the stop that a position should have at the venue; the client says if it fails."""

    strategy: StrategyHost
    instrument_id: InstrumentId
    is_long: bool
    price: Price

    def failed(self, reason: str) -> None:
        """Take the reason why it could not be set."""
        strategy = self.strategy
        text = f"the venue's own stop is not at {self.price}: {reason}"
        strategy.alert(strategy.clock.timestamp_ns(), "ATTACHED_STOP_FAILED", text)


class AttachedStop:
    """
    Attaches a stop to the entries of one strategy, and lets it follow the strategy's own.

    The execution client of a venue that keeps such stops offers it by an endpoint on the bus
    (`{venue}.attached_stop`). A simulated venue offers none and needs none: nothing changes there
    while no node lives.

    The attached stop lies beyond the trade's stop, so that it fills only where that one does not.
    It is moved once the trade's own stop works at its new price, and never back. The first price
    after a start is always sent: the client compares it with what the venue has.

    Parameters
    ----------
    strategy : StrategyHost
        The strategy, on its start.
    desk : OrderRouter
        Its orders.
    bps : Decimal
        The distance (basis points of the price) from the trade's stop.

    """

    def __init__(self, strategy: StrategyHost, desk: OrderRouter, bps: Decimal) -> None:
        self._strategy = strategy
        self._desk = desk
        self._share = Fraction(bps) * BASIS_POINT
        self._endpoint = f"{strategy.config.instrument_id.venue}.{ATTACHED_STOP}"
        self.is_offered = self._endpoint in strategy.msgbus.endpoints()
        self._trades: tuple[Trade, ...] = ()
        self._carried: int | None = None
        self._sent: tuple[int, int] | None = None

    def terms(
        self, command: Submit, trade: Trade, trades: Mapping[int, Trade] = NO_TRADES
    ) -> Terms | None:
        """
        Return the parameters with which an order is sent: an entry's carry the stop.

        Parameters
        ----------
        command : Submit
            The order.
        trade : Trade
            Its trade.
        trades : Mapping[int, Trade], optional
            All running trades: the stop closes the position of all of them, so that it lies beyond
            the farthest of their stops.

        """
        if not self.is_offered or command.purpose is not Purpose.ENTRY:
            return None
        if self._changes(tuple(trades.values()) or (trade,)):
            self._sent = None
        stops = [other.stop for other in self._trades if other.side == trade.side]
        stop = min(stops) if trade.side > 0 else max(stops)
        self._carried = attached_price(stop, trade.side, self._share)
        return {ATTACHED_STOP: str(self._strategy.units.price(self._carried))}

    def follow(self, trades: Mapping[int, Trade]) -> None:
        """Move the stop where those of the trades work at better prices."""
        if not self.is_offered:
            return
        stop = farthest_stop(trades.values())
        if stop is None:
            return
        if self._changes(tuple(trades.values())):
            self._carried, self._sent = None, None
        side = next(trade.side for trade in self._trades if trade.open > 0)
        price = attached_price(stop, side, self._share)
        # Each further fill of an entry brings the stop that it carries.
        wanted = price, sum(trade.entry_lots for trade in self._trades)
        if price == self._carried or wanted == self._sent:
            return
        self._sent = wanted
        strategy = self._strategy
        request = WantedStop(
            strategy,
            strategy.config.instrument_id,
            side > 0,
            strategy.units.price(price),
        )
        strategy.msgbus.send(self._endpoint, request)

    def _changes(self, trades: tuple[Trade, ...]) -> bool:
        known, self._trades = self._trades, trades
        return [id(trade) for trade in known] != [id(trade) for trade in trades]

    def take(self, event: OrderEvent) -> None:
        """Make a fill of the venue's own stop one of the trade's."""
        client_order_id = event.client_order_id
        if not isinstance(event, OrderFilled) or not is_attached(client_order_id.value):
            return
        if self._desk.order_id(client_order_id) is not None:
            return
        units = self._strategy.units
        lots, price = units.lots(event.last_qty), units.ticks(event.last_px)
        order_id = self._strategy.manager.allocation.adopt_stop(lots, price)
        self._desk.know(order_id, client_order_id)


def is_attached(client_order_id: str) -> bool:
    """Return True if the venue has made an order for the stop of a position."""
    return client_order_id.startswith(ATTACHED_PREFIX)
