"""Order requests with answers that do not match their real outcome."""

import asyncio
from collections.abc import Callable

from adapters.bybit.loopback.faults import FalseAnswer
from adapters.bybit.loopback.faults import Faults
from adapters.bybit.loopback.order_endpoints import Endpoint
from adapters.bybit.loopback.order_endpoints import create
from adapters.bybit.loopback.orders import VenueError
from adapters.bybit.loopback.payloads import Row
from adapters.bybit.loopback.requests import Fields
from adapters.bybit.loopback.venue import Venue


PURPOSES = ("E", "S", "X")


class HttpFailure(Exception):
    """
    Raised if a request gets an HTTP status instead of an answer.

    Parameters
    ----------
    status : int
        The status.

    """

    def __init__(self, status: int) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status


class AnswerLost(Exception):
    """Raised if an answer never reaches the client."""


class OrderRequests:
    """
    Carries out order requests, with false answers where a fault is switched on.

    Parameters
    ----------
    venue : Venue
        The venue.
    faults : Faults
        The switches.
    publish : Callable[[], None]
        Publishes the changes by a request that is carried out later.

    """

    def __init__(self, venue: Venue, faults: Faults, publish: Callable[[], None]) -> None:
        self._venue = venue
        self._faults = faults
        self._publish = publish

    def carry_out(self, operation: Endpoint, path: str, fields: Fields) -> Row:
        """
        Carry a request out and return its answer.

        Raises
        ------
        VenueError
            If the venue rejects it, or a fault says so.
        HttpFailure
            If the answer is an HTTP status.
        AnswerLost
            If the answer is lost.

        """
        fault = self._faults.false_answer(path, self._purpose(fields))
        if fault is None:
            return operation(self._venue, fields)
        if fault.after_s == 0:
            self._act(operation, fields, fault)
        elif fault.after_s is not None:
            asyncio.get_running_loop().call_later(
                fault.after_s, self._act_later, operation, fields, fault
            )
        if fault.error is not None:
            raise fault.error
        if fault.status:
            raise HttpFailure(fault.status)
        raise AnswerLost

    def _act(self, operation: Endpoint, fields: Fields, fault: FalseAnswer) -> None:
        try:
            operation(self._venue, fields)
        except (VenueError, ValueError):
            # A request that the venue rejects changes nothing: the answer is false either way.
            return
        if fault.fills and operation is create:
            order = self._venue.engine.find("", str(fields.get("orderLinkId") or ""))
            if order is not None:
                self._venue.engine.reach(order)

    def _act_later(self, operation: Endpoint, fields: Fields, fault: FalseAnswer) -> None:
        self._act(operation, fields, fault)
        self._publish()

    def _purpose(self, fields: Fields) -> str:
        order = self._venue.engine.find(
            str(fields.get("orderId") or ""), str(fields.get("orderLinkId") or "")
        )
        link_id = str(fields.get("orderLinkId") or "") if order is None else order.request.link_id
        mark = link_id.rpartition("-")[2]
        # A letter for the reason may precede the purpose.
        if len(mark) <= 2 and mark[-1:] in PURPOSES:
            return mark[-1]
        if order is not None:
            has_trigger, reduces = order.trigger_price is not None, order.reduce_only
        else:
            has_trigger, reduces = bool(fields.get("triggerPrice")), bool(fields.get("reduceOnly"))
        return "S" if has_trigger else "X" if reduces else "E"
