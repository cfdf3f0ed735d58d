"""Rows of the private list of executions, and which of them change the position."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from adapters.bybit.answer_rows import FillExecution
from adapters.bybit.answers import BadAnswer
from adapters.bybit.answers import decode
from adapters.bybit.execution_list import EXECUTIONS
from adapters.bybit.execution_list import NS_PER_MS


# All other rows (Funding, Settle, CorporateAction, future kinds) move only cash.
FILL_KINDS = frozenset(
    {
        "Trade",
        "AdlTrade",
        "BustTrade",
        "Delivery",
        "BlockTrade",
        "MovePosition",
        "FutureSpread",
    }
)
# Booked from another source, or already in the price of the position: no warning needed.
CASH_KINDS = frozenset({"Funding", "Settle"})


class ForcedClose(StrEnum):
    """Represents the reason of a forced close by the venue; client order ids start with it."""

    LIQUIDATED = "LIQUIDATED"
    ADL = "ADL"
    DELIVERED = "DELIVERED"


FORCED_KINDS = {
    "BustTrade": ForcedClose.LIQUIDATED,
    "AdlTrade": ForcedClose.ADL,
    "Delivery": ForcedClose.DELIVERED,
}
# A gradual liquidation closes by plain trades of orders that the venue creates.
FORCED_ORIGINS = {
    "CreateByLiq": ForcedClose.LIQUIDATED,
    "CreateByTakeOver_PassThrough": ForcedClose.LIQUIDATED,
    "CreateByAdl_PassThrough": ForcedClose.ADL,
    "CreateBySettle": ForcedClose.DELIVERED,
}

POSITION_STOPS = frozenset({"CreateByStopLoss", "CreateByPartialStopLoss"})


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueExecution:
    """
    Represents one row of the list of executions.

    Attributes
    ----------
    kind : str
        The venue's `execType`.
    is_buy : bool
        The side; of a funding payment that of the position.
    price, quantity : Decimal
        The executed price and size, both positive.
    order_quantity : Decimal
        The size of the order, 0 if the row has none.
    fee : Decimal
        The fee paid, negative for a rebate.
    fee_currency : str
        Its currency, empty for the settlement coin.
    forced : ForcedClose or None
        The reason of a forced close by the venue; None for other rows.
    is_position_stop : bool
        If it is a fill of the position's stop.
    ts_ns : int
        The time of execution (ns UTC).

    """

    exec_id: str
    symbol: str
    order_id: str
    link_id: str
    kind: str
    is_buy: bool
    price: Decimal
    quantity: Decimal
    order_quantity: Decimal
    fee: Decimal
    fee_currency: str
    is_maker: bool
    forced: ForcedClose | None
    is_position_stop: bool
    ts_ns: int

    @property
    def client_order_id(self) -> str | None:
        """
        Return the client's identifier of the order; None for another client's order.

        A forced close gets an identifier with its reason, the same after a restart.
        """
        if self.link_id:
            return self.link_id
        return None if self.forced is None else f"{self.forced}-{self.order_id}"


def fill_of(row: Mapping[str, Any]) -> VenueExecution | None:
    """
    Return the fill of a row, None for a row that does not change the position, like funding.

    Parameters
    ----------
    row : Mapping[str, Any]
        A row of the list of executions.

    Raises
    ------
    BadAnswer
        If a field is missing, of another type, not finite or out of range.

    """
    kind = row.get("execType")
    if not isinstance(kind, str) or not kind:
        raise BadAnswer(f"Bybit {EXECUTIONS}: execType is {kind!r}: the answer is refused")
    if kind not in FILL_KINDS:
        return None
    # An order that the venue created may have no size.
    read = decode(EXECUTIONS, FillExecution, {**row, "orderQty": row.get("orderQty") or "0"})
    origin = "" if read.order_link_id else str(read.create_type)
    forced = FORCED_KINDS.get(kind) or FORCED_ORIGINS.get(origin)
    return VenueExecution(
        exec_id=read.exec_id,
        symbol=read.symbol,
        order_id=read.order_id,
        link_id=read.order_link_id,
        kind=kind,
        is_buy=read.side == "Buy",
        price=Decimal(read.exec_price),
        quantity=Decimal(read.exec_qty),
        order_quantity=Decimal(read.order_qty),
        fee=Decimal(read.exec_fee),
        fee_currency=read.fee_currency or "",
        is_maker=read.is_maker,
        forced=None if read.order_link_id else forced,
        is_position_stop=origin in POSITION_STOPS,
        ts_ns=read.exec_time * NS_PER_MS,
    )
