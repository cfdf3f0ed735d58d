"""Position and open orders of one contract, requested from the venue over HTTP."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from adapters.bybit.answer_rows import HeldRow
from adapters.bybit.answer_rows import OpenOrderRow
from adapters.bybit.answer_rows import Rows
from adapters.bybit.answers import BadAnswer
from adapters.bybit.answers import decode
from adapters.bybit.queries import private_http
from adapters.bybit.queries import query


TIMEOUT_S = 3.0
PER_PAGE = 50
MOST_PAGES = 20
# Fields that the venue may leave empty are 0: a market order has no price.
MAY_BE_EMPTY = ("avgPrice", "price", "triggerPrice")


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenOrder:
    """
    Represents an order that can still be filled.

    Attributes
    ----------
    client_order_id : str
        The order link id; empty if the order has none.
    is_buy, reduce_only : bool
        The side, and if the order can only reduce a position.
    quantity, filled : Decimal
        The size and the filled size.
    price, trigger : Decimal or None
        The limit price and the trigger price.

    """

    client_order_id: str
    is_buy: bool
    reduce_only: bool
    quantity: Decimal
    filled: Decimal
    price: Decimal | None
    trigger: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """
    Represents position and open orders of one contract at the venue.

    Attributes
    ----------
    position : Decimal
        The signed size; 0 for none.
    average : Decimal or None
        The average entry price.
    orders : tuple[OpenOrder, ...]
        The open orders.

    """

    position: Decimal
    average: Decimal | None
    orders: tuple[OpenOrder, ...]


class AccountQuery:
    """
    Requests position and open orders of one contract. It blocks; any thread may call it.

    Parameters
    ----------
    base_url : str
        The address of the HTTP interface.
    api_key, api_secret : str
        The keys.
    proxy_url : str, optional
        The URL of an HTTP proxy.

    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        api_secret: str,
        proxy_url: str | None = None,
    ) -> None:
        self._http = private_http(base_url, api_key, api_secret, proxy_url, timeout_s=TIMEOUT_S)
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close the connections."""
        self._http.client.close()

    def fetch(self, category: str, symbol: str) -> Account:
        """
        Return position and open orders of a contract.

        Parameters
        ----------
        category, symbol : str
            The contract, like `linear` and `BTCUSDT`.

        Raises
        ------
        AuctionError
            If the venue does not answer, or the answer is malformed: nothing is known then.

        """
        with self._lock:
            # Orders first: one that fills in between is then missing, instead of taken for open.
            orders = self._orders(category, symbol)
            position, average = self._position(category, symbol)
        return Account(position=position, average=average, orders=orders)

    def _position(self, category: str, symbol: str) -> tuple[Decimal, Decimal | None]:
        path = "position/list"
        rows, _ = _rows(path, HeldRow, self._http.get_positions, symbol, category=category)
        # The venue returns a row even without a position.
        if not rows:
            raise BadAnswer(f"Bybit {path}: no row of {symbol}: the answer is refused")
        held, value = Decimal(0), Decimal(0)
        for row in rows:
            size = Decimal(row.size if row.side == "Buy" else -row.size)
            held += size
            value += size * row.avg_price
        return held, value / held if held else None

    def _orders(self, category: str, symbol: str) -> tuple[OpenOrder, ...]:
        path = "order/realtime"
        found: list[OpenOrder] = []
        cursor: dict[str, str] = {}
        for _ in range(MOST_PAGES):
            rows, following = _rows(
                path,
                OpenOrderRow,
                self._http.get_open_orders,
                symbol,
                category=category,
                openOnly=0,
                limit=PER_PAGE,
                **cursor,
            )
            found += [_open_order(row) for row in rows]
            if not following or following == cursor.get("cursor") or not rows:
                return tuple(found)
            cursor = {"cursor": following}
        raise BadAnswer(f"Bybit {path}: more than {MOST_PAGES} pages of open orders")


def _rows[Row: (HeldRow, OpenOrderRow)](
    path: str, kind: type[Row], call: Callable[..., Any], symbol: str, **parameters: object
) -> tuple[list[Row], str]:
    page = decode(path, Rows, query(path, call, symbol=symbol, **parameters).result)
    filled = [
        row | {name: "0" for name in MAY_BE_EMPTY if row.get(name) == ""} for row in page.rows
    ]
    found = [decode(path, kind, row) for row in filled]
    if any(row.symbol != symbol for row in found):
        raise BadAnswer(f"Bybit {path}: rows of another symbol than {symbol}")
    return found, page.next_page_cursor or ""


def _open_order(row: OpenOrderRow) -> OpenOrder:
    return OpenOrder(
        client_order_id=row.order_link_id,
        is_buy=row.side == "Buy",
        reduce_only=row.reduce_only,
        quantity=Decimal(row.qty),
        filled=Decimal(row.cum_exec_qty),
        price=Decimal(row.price) or None,
        trigger=Decimal(row.trigger_price) or None,
    )
