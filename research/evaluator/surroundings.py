"""What stands around a strategy in an evaluation: orders out, money, records, the last quote."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from research.evaluation import EvaluatedDecision
from research.evaluator.orders import VenueOrder
from research.evaluator.venue import ENDED
from research.evaluator.venue import InstrumentVenue
from strategies.common.commands import Submit
from strategies.common.events import Canceled
from strategies.common.events import Filled
from strategies.common.events import OrderEvent
from strategies.common.intents import Intent
from strategies.common.limits import Exposure
from strategies.common.nautilus.account import Account
from strategies.common.nautilus.decision_reports import DecisionReports
from strategies.common.records import Record
from strategies.common.sizing import ZERO


class EvaluatedRouter:
    """
    Sends the orders of one strategy to the venue of the evaluation.

    Parameters
    ----------
    owner : Any
        The strategy.
    venue : InstrumentVenue
        The venue.

    """

    def __init__(self, owner: Any, venue: InstrumentVenue) -> None:
        self._owner = owner
        self._venue = venue
        self._orders: dict[int, VenueOrder] = {}
        self.trade_id_of: Any = None
        self.position_id_of: Any = None

    def make(self, command: Submit, intent: Intent) -> VenueOrder:
        """Return an order that is still to be sent."""
        order = VenueOrder(command, self._owner, command.lots)
        self._orders[command.order_id] = order
        return order

    def submit(self, command: Submit, intent: Intent) -> None:
        """Send an order."""
        self._venue.submit(self.make(command, intent))

    def send(self, order: VenueOrder, order_id: int, params: Any = None) -> None:
        """Send an order that was made."""
        self._venue.submit(order)

    def cancel(self, order_id: int, ts: int) -> OrderEvent | None:
        """Send the cancel of an order; return its end if the venue has closed it already."""
        order = self._orders[order_id]
        if order.is_closed:
            return Canceled(order_id=order_id, ts=ts, message=ENDED)
        self._venue.cancel(order)
        return None

    def translate(self, event: tuple[VenueOrder, OrderEvent]) -> list[OrderEvent]:
        """Return an event for the manager, with the end of an order that a fill has closed."""
        order, found = event
        if isinstance(found, Filled) and order.is_closed:
            return [found, Canceled(order_id=found.order_id, ts=found.ts, message=ENDED)]
        return [found]

    def foreign_fill(self, event: Any) -> None:
        """Return None: all orders are the strategy's own."""
        return


class EvaluatedAccount(Account):
    """
    Sizes entries with the money of the evaluation's account.

    Parameters
    ----------
    venues : Sequence[InstrumentVenue]
        All instruments of the account's venue; that of the strategy first.
    units : Any
        The strategy's ticks and lots.
    config : Any
        Its limits.

    """

    def __init__(self, venues: Sequence[InstrumentVenue], units: Any, config: Any) -> None:
        super().__init__(None, None, venues[0].instrument, units, config)
        self._venues = venues
        self._wallet = venues[0].wallet

    def notionals(self) -> list[Decimal]:
        entries = [
            (venue.instrument, venue.units, order.leaves, price)
            for venue in self._venues
            for order in venue.open_orders()
            if not order.command.reduce_only and (price := _price(venue, order)) is not None
        ]
        return [*self.deferred_notionals(), *self._wallet.notionals(entries)]

    def exposure(self) -> Exposure:
        return Exposure(
            equity=self._wallet.balance,
            notional=sum(self.notionals(), ZERO),
            free_margin=self._wallet.free(),
        )

    def quoted_spread(self) -> int:
        bid, ask = self._venues[0].market.spread_prices
        return 1 if bid is None or ask is None else max(1, ask - bid)

    def initial_margin(self, lots: int, price: int) -> Decimal:
        venue = self._venues[0]
        return self._wallet.initial_margin(venue.instrument, venue.units, lots, price)


class EvaluatedPublisher:
    """Publishes nothing: a strategy's records and decisions are kept by itself."""

    def publish(self, message: Any) -> None:
        """Drop a message."""

    def alert(self, ts: int, kind: str, text: str, value: float | None) -> None:
        """Drop an alert."""

    def record(self, record: Record, intent: Intent | None, trade_id: int | None) -> None:
        """Drop a record."""

    def status(self, ts: int) -> None:
        """Drop a state."""


class EvaluatedReports(DecisionReports):
    """
    Keeps the decisions of one strategy.

    Parameters
    ----------
    host : Any
        The strategy.
    interval_ns : int
        The length of the interval that its machine decides on (ns).
    decisions : list[EvaluatedDecision]
        Receives them.

    """

    def __init__(self, host: Any, interval_ns: int, decisions: list[EvaluatedDecision]) -> None:
        super().__init__(host, interval_ns)
        self._instrument_id = str(host.config.instrument_id)
        self._decisions = decisions

    def decision(
        self, ts: int, reason: str, action: str, why: str | None, *_: Any, **__: Any
    ) -> None:
        """Keep a decision."""
        text = None if why is None else str(why)
        found = EvaluatedDecision(ts, self._instrument_id, str(reason), str(action), text)
        self._decisions.append(found)


class EvaluatedCache:
    """
    Offers the part of Nautilus's cache that strategies use.

    Parameters
    ----------
    venue : InstrumentVenue
        The venue of the strategy's instrument.
    owner : Any
        The strategy.

    """

    def __init__(self, venue: InstrumentVenue, owner: Any) -> None:
        self._venue = venue
        self._owner = owner

    def instrument(self, instrument_id: Any) -> Any:
        """Return the instrument."""
        return self._venue.instrument

    def quote_tick_count(self, instrument_id: Any) -> int:
        """Return zero while no quote has been seen."""
        return 0 if self._venue.market.quote is None else 1

    def positions_open(self, instrument_id: Any = None, **_: Any) -> list[int]:
        """Return the strategy's position, if it is open."""
        lots = self._venue.position_of(self._owner)
        return [lots] if lots else []


def _price(venue: InstrumentVenue, order: VenueOrder) -> int | None:
    if order.command.price is not None:
        return order.command.price
    last = venue.market.last_print
    return None if last is None else last[0]
