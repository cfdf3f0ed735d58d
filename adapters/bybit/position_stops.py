"""The stop that the venue keeps for a position, over the private HTTP interface."""

import logging
from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from decimal import InvalidOperation
from typing import Any

import requests
from pybit.exceptions import FailedRequestError
from pybit.exceptions import InvalidRequestError
from pybit.unified_trading import HTTP

from catalog.errors import AuctionError


NOT_MODIFIED = 34040
ORDERS_PER_PAGE = 50
EXECUTIONS_PER_PAGE = 100
TIMEOUT_S = 5.0
STOP_LOSS = "StopLoss"
# Of the whole position, by the last price and at market, as the orders of a strategy.
TERMS = {"tpslMode": "Full", "slTriggerBy": "LastPrice", "slOrderType": "Market"}


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldPosition:
    """
    Represents a position and its stop.

    Attributes
    ----------
    size : Decimal
        The size, negative for a short position.
    stop : Decimal or None
        The trigger price of the stop.

    """

    size: Decimal
    stop: Decimal | None


class PositionStops:
    """
    Reads and sets the stops of an account's positions. It blocks: call it in a thread.

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

    def close(self) -> None:
        """Close the connections."""
        self._http.client.close()

    def position(self, category: str, symbol: str) -> HeldPosition:
        """
        Return the position in a contract (one-way mode) and its stop.

        Raises
        ------
        AuctionError
            If the venue does not answer, or not as it should.

        """
        rows = self._ask(self._http.get_positions, category=category, symbol=symbol)["list"]
        try:
            (row,) = [row for row in rows if row["symbol"] == symbol] or [None]
            if row is None:
                return HeldPosition(size=Decimal(0), stop=None)
            size = Decimal(row["size"])
            stop = Decimal(row["stopLoss"] or 0)
            side = row["side"]
        except (KeyError, TypeError, ValueError, InvalidOperation) as error:
            raise AuctionError(f"Bybit position/list: no position: {error!r}") from None
        if not (size.is_finite() and size >= 0 and stop.is_finite() and stop >= 0):
            raise AuctionError(f"Bybit position/list: size {size} and stop {stop} are no numbers")
        return HeldPosition(size=-size if side == "Sell" else size, stop=stop or None)

    def set_stop(self, category: str, symbol: str, price: str) -> None:
        """
        Set the stop of a position.

        Raises
        ------
        AuctionError
            If the venue does not answer, or does not take it.

        """
        self._ask(
            self._http.set_trading_stop,
            taken=(NOT_MODIFIED,),
            category=category,
            symbol=symbol,
            stopLoss=price,
            positionIdx=0,
            **TERMS,
        )

    def is_stop(self, category: str, symbol: str, order_id: str) -> bool | None:
        """
        Return True if the venue has made an order for a position's stop; None if it knows none.

        Raises
        ------
        AuctionError
            If the venue does not answer, or not as it should.

        """
        for look in (self._http.get_open_orders, self._http.get_order_history):
            rows = self._ask(look, category=category, symbol=symbol, orderId=order_id)["list"]
            for row in rows:
                if row.get("orderId") == order_id:
                    return bool(row.get("stopOrderType") == STOP_LOSS)
        return None

    def known_stops(self, category: str, symbol: str, since_ms: int) -> dict[str, bool]:
        """
        Return which orders the venue has made for a position's stop, by their ids.

        All open conditional orders are told, and those with executions since a time (ms UTC) that
        lies at most a week back.

        Raises
        ------
        AuctionError
            If the venue does not answer, or not as it should.

        """
        contract = {"category": category, "symbol": symbol}
        found: dict[str, bool] = {}
        for row in self._pages(
            self._http.get_open_orders,
            **contract,
            orderFilter="StopOrder",
            limit=ORDERS_PER_PAGE,
        ):
            found[str(row.get("orderId"))] = row.get("stopOrderType") == STOP_LOSS
        for row in self._pages(
            self._http.get_executions,
            **contract,
            startTime=since_ms,
            limit=EXECUTIONS_PER_PAGE,
        ):
            found[str(row.get("orderId"))] = row.get("stopOrderType") == STOP_LOSS
        return found

    def _pages(self, look: Callable[..., Any], **parameters: Any) -> Iterator[dict[str, Any]]:
        cursor = None
        while True:
            result = self._ask(look, **parameters, cursor=cursor)
            yield from result["list"]
            cursor = result.get("nextPageCursor") or None
            if cursor is None or not result["list"]:
                return

    def _ask(
        self, look: Callable[..., Any], taken: tuple[int, ...] = (), **parameters: Any
    ) -> dict[str, Any]:
        name = look.__name__
        try:
            result = look(**parameters)["result"]
        except InvalidRequestError as error:
            if error.status_code in taken:
                return {}
            reason = f"{error.message} (code {error.status_code})"
        except FailedRequestError as error:
            reason = f"{error.message} (HTTP status {error.status_code})"
        except (requests.RequestException, KeyError, TypeError, ValueError) as error:
            reason = f"{type(error).__name__}: no answer"
        else:
            if isinstance(result, dict) and isinstance(result.get("list", []), list):
                return result
            reason = "an answer without a result"
        raise AuctionError(f"Bybit {name}: {reason}")
