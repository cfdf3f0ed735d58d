"""What a row of the private list of executions says, and which rows change the position."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from decimal import InvalidOperation
from enum import StrEnum
from typing import Any

from adapters.bybit.execution_list import NS_PER_MS
from catalog.errors import AuctionError


# All other rows (Funding, Settle, CorporateAction, and what is still to come) move money alone.
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
# Booked from elsewhere, or already in the price of the position: nobody needs to be told.
CASH_KINDS = frozenset({"Funding", "Settle"})


class ForcedClose(StrEnum):
    """Represents why the venue closes a position itself; client order ids start with it."""

    LIQUIDATED = "LIQUIDATED"
    ADL = "ADL"
    DELIVERED = "DELIVERED"


FORCED_KINDS = {
    "BustTrade": ForcedClose.LIQUIDATED,
    "AdlTrade": ForcedClose.ADL,
    "Delivery": ForcedClose.DELIVERED,
}
# A position that is liquidated step by step leaves by plain trades of the venue's own orders.
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
        What was executed, both positive.
    order_quantity : Decimal
        The size of the order, 0 where there is none.
    fee : Decimal
        What the account paid, negative for a rebate.
    fee_currency : str
        Its currency, empty for the settlement coin.
    forced : ForcedClose or None
        Why the venue closed the position itself; None for other rows.
    is_position_stop : bool
        If it is a fill of the stop that the venue keeps for the position.
    ts_ns : int
        When it was executed (ns UTC).

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

        An order of the venue itself gets one that says what it was, the same after a restart.
        """
        if self.link_id:
            return self.link_id
        return None if self.forced is None else f"{self.forced}-{self.order_id}"


def fill_of(row: Mapping[str, Any]) -> VenueExecution | None:
    """
    Read a row that changes the position; None for one that does not, like a funding payment.

    Parameters
    ----------
    row : Mapping[str, Any]
        A row of the list of executions.

    Raises
    ------
    AuctionError
        If a field is missing, of another type, not finite or out of range: such a row is refused
        whole.

    """
    kind = row.get("execType")
    if not isinstance(kind, str) or not kind:
        raise AuctionError(f"Bybit execution/list: execType is {kind!r}: the row is refused")
    if kind not in FILL_KINDS:
        return None
    name = ""
    try:
        texts = {}
        for name in ("execId", "symbol", "orderId", "orderLinkId", "side"):
            texts[name] = _text(row[name], may_be_empty=name == "orderLinkId")
        numbers = {}
        for name in ("execPrice", "execQty", "execFee"):
            numbers[name] = _number(row[name])
        name = "execPrice, execQty"
        if numbers["execPrice"] <= 0 or numbers["execQty"] <= 0:
            raise ValueError("not positive")
        name = "side"
        is_buy = {"Buy": True, "Sell": False}[texts["side"]]
        name = "execTime"
        time_ms = int(_text(row["execTime"]))
        if time_ms <= 0:
            raise ValueError("not positive")
        name = "isMaker"
        is_maker = row["isMaker"]
        if not isinstance(is_maker, bool):
            raise TypeError("not a boolean")
        name = "orderQty"
        order_quantity = _number(row.get("orderQty") or "0")
    except (KeyError, TypeError, ValueError, InvalidOperation) as error:
        raise AuctionError(
            f"Bybit execution/list: {name} of a {kind} row: {error!r}: the row is refused"
        ) from None
    link_id = texts["orderLinkId"]
    origin = "" if link_id else str(row.get("createType"))
    forced = None if link_id else FORCED_KINDS.get(kind) or FORCED_ORIGINS.get(origin)
    return VenueExecution(
        exec_id=texts["execId"],
        symbol=texts["symbol"],
        order_id=texts["orderId"],
        link_id=link_id,
        kind=kind,
        is_buy=is_buy,
        price=numbers["execPrice"],
        quantity=numbers["execQty"],
        order_quantity=order_quantity,
        fee=numbers["execFee"],
        fee_currency=str(row.get("feeCurrency") or ""),
        is_maker=is_maker,
        forced=forced,
        is_position_stop=origin in POSITION_STOPS,
        ts_ns=time_ms * NS_PER_MS,
    )


def _text(value: object, *, may_be_empty: bool = False) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    if not value and not may_be_empty:
        raise ValueError("empty")
    return value


def _number(value: object) -> Decimal:
    number = Decimal(_text(value))
    if not number.is_finite():
        raise ValueError(f"{value!r} is not finite")
    return number
