"""Fills and ends of orders that happened while the process was away."""

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field

from strategies.common.commands import Command
from strategies.common.commands import Purpose
from strategies.common.events import Accepted
from strategies.common.events import Canceled
from strategies.common.events import Filled
from strategies.common.orders import OrderState
from strategies.common.trade import Trade
from strategies.common.trade_manager import TradeManager
from strategies.common.venue_orders import VenueOrder


@dataclass(slots=True)
class Recovery:
    """
    Represents the result of restoring a state.

    Parameters
    ----------
    commands : list[Command]
        The commands to send, in order.
    mismatch : str or None
        What could not be explained; the manager is halted then.
    notes : list[str]
        What an operator should know.

    """

    commands: list[Command] = field(default_factory=list)
    mismatch: str | None = None
    notes: list[str] = field(default_factory=list)


def book_missed(
    manager: TradeManager,
    trade: Trade,
    ts: int,
    orders: Sequence[VenueOrder],
    result: Recovery,
) -> None:
    """Book the fills that the manager has missed, and end the orders that the venue has no more."""
    reports = {order.command.order_id: order for order in orders}
    missed = [fill for report in orders for fill in _missed_fills(manager, ts, report, result)]
    for fill in sorted(missed, key=lambda fill: fill.ts):
        manager.take_missed(fill)
    if missed:
        result.notes.append(f"{len(missed)} fills of the time away booked")
    for order in trade.orders.all():
        order_id = order.command.order_id
        report = reports.get(order_id)
        if order.state is OrderState.DONE:
            continue
        # A cancel that was on its way may never have left.
        order.cancel_sent = order.cancel_in_doubt = False
        if report is not None and report.is_open:
            manager.take_missed(Accepted(order_id=order_id, ts=ts))
        elif order.command.purpose is Purpose.ENTRY:
            manager.take_missed(Canceled(order_id=order_id, ts=ts, message="over at the venue"))
        else:
            # What is missing is sent anew; it is no refusal that would close the position.
            order.state = OrderState.DONE
            result.notes.append(f"{order.command.purpose} order {order_id} is over at the venue")


def _missed_fills(
    manager: TradeManager,
    ts: int,
    report: VenueOrder,
    result: Recovery,
) -> list[Filled]:
    order_id = report.command.order_id
    order = manager.order(order_id)
    known = 0 if order is None else order.filled
    missing = report.filled - known
    if missing <= 0:
        return []
    # The venue's fills come first; one made up for older fills comes after them.
    new: list[Filled] = []
    for fill in report.fills:
        if sum(other.lots for other in new) < missing and not manager.has_seen(fill):
            new.append(fill)
    if sum(fill.lots for fill in new) == missing or report.average is None:
        return new
    result.notes.append(f"{missing} lots of order {order_id} booked at its average price")
    return [
        Filled(
            order_id=order_id,
            ts=max((fill.ts for fill in report.fills), default=ts),
            fill_id=f"RECOVERED-{report.filled}",
            lots=missing,
            price=round(report.average),
            is_maker=False,
            fee=sum((fill.fee for fill in new), start=type(manager.ledger.cash)(0)),
        ),
    ]
