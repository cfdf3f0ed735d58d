"""The venue as the judge of a node: what was sent to it, and how long a position lay naked."""

import time
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from adapters.bybit.attached_stops import ATTACHED_ID
from adapters.bybit.executions import fill_of
from adapters.bybit.loopback.checks import NOTHING_TO_REDUCE
from adapters.bybit.loopback.orders import Execution
from adapters.bybit.loopback.orders import Side
from adapters.bybit.loopback.orders import Status
from adapters.bybit.loopback.payloads import execution_row
from adapters.bybit.loopback.server import BybitLoopback
from adapters.bybit.loopback.trade_socket import orders_in
from adapters.bybit.loopback.trade_socket import outcomes_in


ZERO = Decimal(0)


@dataclass(frozen=True)
class Moment:
    """Represents the account from a time (s, monotonic) on."""

    at: float
    size: Decimal
    stops: Decimal
    kept: Decimal

    @property
    def naked(self) -> Decimal:
        """Return what no stop of ours protects."""
        return max(ZERO, abs(self.size) - self.stops)

    @property
    def bare(self) -> Decimal:
        """Return what no stop at all protects, ours or the position's."""
        return max(ZERO, abs(self.size) - max(self.stops, self.kept))


class WatchedBybit(BybitLoopback):
    """Notes position and protective stops after everything that may change them."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.moments: list[Moment] = []

    def publish_private(self) -> None:
        self._note()
        super().publish_private()

    def change_position(self, size: Decimal, price: Decimal) -> None:
        super().change_position(size, price)
        self._note()

    def _note(self) -> None:
        size = self.venue.engine.account.size
        moment = Moment(
            time.monotonic(), size, protecting(self), protecting(self, of_position=True)
        )
        if not self.moments or _is_other(moment, self.moments[-1]):
            self.moments.append(moment)


def _is_other(moment: Moment, last: Moment) -> bool:
    return (moment.size, moment.stops, moment.kept) != (last.size, last.stops, last.kept)


def protecting(server: BybitLoopback, *, of_position: bool = False) -> Decimal:
    """Return the size of our stops that rest against the position, or of the position's own."""
    size = server.venue.engine.account.size
    side = Side.SELL if size > 0 else Side.BUY
    return sum(
        (
            order.leaves
            for order in server.venue.engine.open_orders
            if order.reduce_only
            and order.side is side
            and order.status is Status.UNTRIGGERED
            and order.is_position_stop is of_position
        ),
        ZERO,
    )


@dataclass(frozen=True)
class Sent:
    """Represents one request for a new order, and what the venue made of it."""

    link: str
    size: Decimal
    code: int
    filled: Decimal

    @property
    def role(self) -> str:
        return self.link[-1]

    @property
    def is_taken(self) -> bool:
        return self.code == 0


class Judge:
    """
    Reads a venue's own records.

    Parameters
    ----------
    server : WatchedBybit
        The venue; the judge belongs to its loop.

    """

    def __init__(self, server: WatchedBybit) -> None:
        self._server = server
        self._engine = server.venue.engine

    def sent(self) -> list[Sent]:
        """Return all requests for new orders, those by REST last."""
        found = []
        trade = self._server.trade
        for request, answer in zip(trade.requests, trade.answers, strict=True):
            if not request["op"].startswith("order.create"):
                continue
            for fields, code in zip(orders_in(request), outcomes_in(answer), strict=True):
                found.append(self._sent(str(fields["orderLinkId"]), Decimal(fields["qty"]), code))
        taken = {sent.link for sent in found if sent.is_taken}
        return found + [
            self._sent(order.request.link_id, order.size, 0)
            for order in self._engine.orders.values()
            if order.request.link_id and order.request.link_id not in taken
        ]

    def _sent(self, link: str, size: Decimal, code: int) -> Sent:
        order = self._engine.find("", link)
        return Sent(link, size, code, ZERO if order is None else order.filled)

    def twice(self, vain_exits: int = 0) -> list[str]:
        """
        Return what was sent more than once for one purpose, in words.

        So many exits as may be in vain are left out.
        """
        taken = [s for s in self.sent() if s.is_taken]
        entries = [s.link for s in taken if s.role == "E"]
        found = [f"entries {entries}"] if len(entries) > 1 else []
        # A reduce-only order beyond the position is cut or refused: less was there than was sent.
        vain = [
            f"exit {s.link} of {s.size} filled {s.filled}"
            for s in taken
            if s.role == "X" and s.filled != s.size
        ]
        vain += [f"{s.link} found no position" for s in self.sent() if s.code == NOTHING_TO_REDUCE]
        return found + (vain if len(vain) > vain_exits else [])

    def result(self) -> Decimal:
        """Return what the account has earned after all costs."""
        account = self._engine.account
        return account.realised - account.fees - account.funding

    def naked_s(self, since: float, *, is_bare: bool = False) -> float:
        """
        Return the longest time (s) without a full stop of a position that was left after it.

        Our stops count alone, or (`is_bare`) also the one that the venue keeps for the position.
        """
        moments = self._server.moments
        ends = [moment.at for moment in moments[1:]] + [time.monotonic()]
        longest, began = 0.0, None
        for moment, end in zip(moments, ends, strict=True):
            if not (moment.bare if is_bare else moment.naked):
                began = None
                continue
            began = max(since, moment.at) if began is None else began
            longest = max(longest, end - began)
        return longest

    def turned(self, sign: int) -> bool:
        """Return True if the position has ever been on the other side than its sign."""
        return any(sign * moment.size < 0 for moment in self._server.moments)

    def fills(self) -> dict[str, tuple[Decimal, Decimal]]:
        """Return size and value of the fills of each order of the node, and of the venue itself."""
        found: dict[str, tuple[Decimal, Decimal]] = {}
        for execution in self._engine.executions:
            fill = fill_of(execution_row(self._engine.contract, execution))
            if fill is None:
                continue
            name = fill.client_order_id
            if fill.is_position_stop:
                name = ATTACHED_ID.format(fill.order_id)
            if name is not None:
                size, value = found.get(name, (ZERO, ZERO))
                found[name] = (size + fill.quantity, value + _value(execution))
        return found


def _value(execution: Execution) -> Decimal:
    return execution.size * execution.price
