"""Maintain the stop that a venue keeps for a position, also while this process is down."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from catalog.protocols import Fixed
from catalog.protocols import InstrumentKey
from strategies.common.attached_stop import AttachedStopRule
from strategies.common.attached_stop import is_attached
from strategies.common.commands import Purpose
from strategies.common.commands import Submit
from strategies.common.foreign_fills import ForeignFill
from strategies.common.nautilus.host import StrategyHost
from strategies.common.nautilus.order_router import OrderRouter
from strategies.common.trade import Trade


# The name of an execution client's endpoint, and of the parameter of an order.
ATTACHED_STOP = "attached_stop"

NO_TRADES: Mapping[int, Trade] = {}

type Terms = dict[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class WantedStop:
    """Represents the stop a position should have at the venue; the client reports a failure."""

    strategy: StrategyHost
    instrument_id: InstrumentKey
    is_long: bool
    price: Fixed

    def failed(self, reason: str) -> None:
        """Handle the reason why it could not be set."""
        strategy = self.strategy
        text = f"the venue's own stop is not at {self.price}: {reason}"
        strategy.alert(strategy.clock.timestamp_ns(), "ATTACHED_STOP_FAILED", text)


class AttachedStop:
    """
    Attaches a stop to the entries of one strategy, and lets it follow the strategy's own.

    The execution client of a venue that keeps such stops offers it by an endpoint on the bus
    (`{venue}.attached_stop`). A simulated venue offers none and needs none: nothing changes there
    while no node runs. `AttachedStopRule` defines the price of the stop.

    Parameters
    ----------
    strategy : StrategyHost
        The strategy, on its start.
    router : OrderRouter
        Its orders.
    bps : Decimal
        The distance (basis points of the price) from the trade's stop.

    """

    def __init__(self, strategy: StrategyHost, router: OrderRouter, bps: Decimal) -> None:
        self._strategy = strategy
        self._router = router
        self._rule = AttachedStopRule(bps)
        self._endpoint = f"{strategy.config.instrument_id.venue}.{ATTACHED_STOP}"
        self.is_offered = self._endpoint in strategy.msgbus.endpoints()

    def terms(
        self, command: Submit, trade: Trade, trades: Mapping[int, Trade] = NO_TRADES
    ) -> Terms | None:
        """Return the parameters with which an order is sent: an entry's carry the stop."""
        if not self.is_offered or command.purpose is not Purpose.ENTRY:
            return None
        price = self._rule.carried_by_entry(trade, trades)
        return {ATTACHED_STOP: str(self._strategy.units.price(price))}

    def follow(self, trades: Mapping[int, Trade]) -> None:
        """Move the stop where those of the trades work at better prices."""
        wanted = self._rule.moved(trades) if self.is_offered else None
        if wanted is None:
            return
        (price, side), strategy = wanted, self._strategy
        request = WantedStop(
            strategy, strategy.config.instrument_id, side > 0, strategy.units.price(price)
        )
        strategy.msgbus.send(self._endpoint, request)

    def take(self, fill: ForeignFill) -> bool:
        """Attribute a fill of the attached stop to the trade; return False for any other fill."""
        if not is_attached(fill.client_order_id.value):
            return False
        order_id = self._strategy.manager.allocation.adopt_stop(fill.lots, fill.price)
        self._router.know(order_id, fill.client_order_id)
        return True
