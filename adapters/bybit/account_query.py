"""Position and open orders of one contract by the venue itself, asked over HTTP."""

import logging
import threading
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec
import requests
from pybit.exceptions import FailedRequestError
from pybit.exceptions import InvalidRequestError
from pybit.unified_trading import HTTP

from catalog.errors import AuctionError


TIMEOUT_S = 3.0
PER_PAGE = 50
MOST_PAGES = 20
SIDES = {"Buy": 1, "Sell": -1}


class PositionRow(msgspec.Struct, frozen=True, rename="camel"):
    """Represents one row of `/v5/position/list`."""

    symbol: str
    side: str
    size: Decimal
    avg_price: str


class OrderRow(msgspec.Struct, frozen=True, rename="camel"):
    """Represents one row of `/v5/order/realtime`."""

    symbol: str
    order_link_id: str
    side: str
    qty: Decimal
    cum_exec_qty: Decimal
    price: str
    trigger_price: str
    reduce_only: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenOrder:
    """
    Represents an order that can still be filled.

    Attributes
    ----------
    client_order_id : str
        Its link id; empty for one that nobody has given an id.
    is_buy, reduce_only : bool
        Its side, and if it can only reduce a position.
    quantity, filled : Decimal
        Its size, and what of it is filled.
    price, trigger : Decimal or None
        Its limit and its trigger price.

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
    Represents what the venue says of one contract.

    Attributes
    ----------
    position : Decimal
        The signed size; 0 for none.
    average : Decimal or None
        Its average price.
    orders : tuple[OpenOrder, ...]
        The open orders.

    """

    position: Decimal
    average: Decimal | None
    orders: tuple[OpenOrder, ...]


class AccountQuery:
    """
    Asks for position and open orders of one contract. It blocks; any thread may call it.

    Parameters
    ----------
    base_url : str
        The address of the HTTP interface.
    api_key, api_secret : str
        The keys.
    proxy_url : str, optional
        A proxy on the way.

    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        api_secret: str,
        proxy_url: str | None = None,
    ) -> None:
        self._http = HTTP(
            api_key=api_key,
            api_secret=api_secret,
            timeout=TIMEOUT_S,
            max_retries=1,
            retry_delay=0,
            logging_level=logging.CRITICAL,
        )
        self._http.endpoint = base_url.rstrip("/")
        if proxy_url is not None:
            self._http.client.proxies = {"http": proxy_url, "https": proxy_url}
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close the connections."""
        self._http.client.close()

    def ask(self, category: str, symbol: str) -> Account:
        """
        Return what the venue has now.

        Parameters
        ----------
        category, symbol : str
            The contract, like `linear` and `BTCUSDT`.

        Raises
        ------
        AuctionError
            If the venue does not answer, or not as it should: nothing is known then.

        """
        with self._lock:
            # The orders first: one that fills in between is missed, and not taken for open.
            orders = self._orders(category, symbol)
            position, average = self._position(category, symbol)
        return Account(position=position, average=average, orders=orders)

    def _position(self, category: str, symbol: str) -> tuple[Decimal, Decimal | None]:
        result = self._call("position/list", category=category, symbol=symbol)
        rows = _rows(result, PositionRow, "position/list", symbol)
        # The venue answers with a row also where there is no position.
        if not rows:
            raise AuctionError(f"Bybit position/list: no row of {symbol}")
        held, value = Decimal(0), Decimal(0)
        for row in rows:
            if not row.size:
                continue
            size = _number(row.size, "position/list") * _sign(row.side, "position/list")
            held += size
            value += size * _number(row.avg_price, "position/list")
        return held, value / held if held else None

    def _orders(self, category: str, symbol: str) -> tuple[OpenOrder, ...]:
        found: list[OpenOrder] = []
        cursor: str | None = None
        for _ in range(MOST_PAGES):
            result = self._call(
                "order/realtime",
                category=category,
                symbol=symbol,
                openOnly=0,
                limit=PER_PAGE,
                cursor=cursor,
            )
            rows = _rows(result, OrderRow, "order/realtime", symbol)
            found += [_open_order(row) for row in rows]
            following = result.get("nextPageCursor") or None
            if following is None or following == cursor or not rows:
                return tuple(found)
            cursor = following
        raise AuctionError(f"Bybit order/realtime: more than {MOST_PAGES} pages of open orders")

    def _call(self, path: str, **parameters: object) -> dict[str, Any]:
        methods = {
            "position/list": self._http.get_positions,
            "order/realtime": self._http.get_open_orders,
        }
        given = {name: value for name, value in parameters.items() if value is not None}
        try:
            answer = methods[path](**given)
        except InvalidRequestError as error:
            reason = f"{error.message} (code {error.status_code})"
        except FailedRequestError as error:
            reason = f"{error.message} (HTTP status {error.status_code})"
        except requests.RequestException as error:
            reason = f"{type(error).__name__}: no answer"
        else:
            result = answer.get("result") if isinstance(answer, dict) else None
            if isinstance(result, dict):
                return result
            reason = "the answer has no result"
        raise AuctionError(f"Bybit {path}: {reason}")


def _rows[Row: (PositionRow, OrderRow)](
    result: dict[str, Any], kind: type[Row], path: str, symbol: str
) -> list[Row]:
    rows = result.get("list")
    if not isinstance(rows, list):
        raise AuctionError(f"Bybit {path}: the answer has no list of rows")
    try:
        found = [msgspec.convert(row, kind) for row in rows]
    except msgspec.ValidationError as error:
        raise AuctionError(f"Bybit {path}: {error}") from error
    if any(row.symbol != symbol for row in found):
        raise AuctionError(f"Bybit {path}: rows of another symbol than {symbol}")
    return found


def _open_order(row: OrderRow) -> OpenOrder:
    path = "order/realtime"
    return OpenOrder(
        client_order_id=row.order_link_id,
        is_buy=_sign(row.side, path) > 0,
        reduce_only=row.reduce_only,
        quantity=_number(row.qty, path),
        filled=_number(row.cum_exec_qty, path),
        price=_price(row.price, path),
        trigger=_price(row.trigger_price, path),
    )


def _price(text: str, path: str) -> Decimal | None:
    return (_number(text, path) or None) if text else None


def _number(value: Decimal | str, path: str) -> Decimal:
    try:
        number = Decimal(value)
    except ArithmeticError:
        raise AuctionError(f"Bybit {path}: {value!r} is no number") from None
    if not number.is_finite() or number < 0:
        raise AuctionError(f"Bybit {path}: {value!r} is no size or price")
    return number


def _sign(side: str, path: str) -> int:
    sign = SIDES.get(side)
    if sign is None:
        raise AuctionError(f"Bybit {path}: {side!r} is no side")
    return sign
