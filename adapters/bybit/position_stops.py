"""The stop loss of a position (Bybit's trading stop), over the private HTTP API."""

from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from adapters.bybit.answer_rows import OrderOrigin
from adapters.bybit.answer_rows import Position
from adapters.bybit.answer_rows import Rows
from adapters.bybit.answers import BadAnswer
from adapters.bybit.answers import decode
from adapters.bybit.queries import VenueRefusal
from adapters.bybit.queries import private_http
from adapters.bybit.queries import query


NOT_MODIFIED = 34040
ORDERS_PER_PAGE = 50
EXECUTIONS_PER_PAGE = 100
MOST_PAGES = 1_000
STOP_LOSS = "StopLoss"
# For the whole position, by the last price and at market, like the orders of a strategy.
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
        The URL of an HTTP proxy.

    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        api_secret: str,
        proxy_url: str | None = None,
    ) -> None:
        self._http = private_http(base_url, api_key, api_secret, proxy_url)

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
        name = "position/list"
        answer = query(name, self._http.get_positions, category=category, symbol=symbol)
        rows = [
            row for row in decode(name, Rows, answer.result).rows if row.get("symbol") == symbol
        ]
        if not rows:
            return HeldPosition(size=Decimal(0), stop=None)
        if len(rows) > 1:
            raise BadAnswer(f"Bybit {name}: {symbol} twice: the answer is refused")
        held = decode(name, Position, {**rows[0], "stopLoss": rows[0].get("stopLoss") or "0"})
        size, stop = Decimal(held.size), Decimal(held.stop_loss)
        return HeldPosition(size=-size if held.side == "Sell" else size, stop=stop or None)

    def set_stop(self, category: str, symbol: str, price: str) -> None:
        """
        Set the stop of a position.

        Raises
        ------
        AuctionError
            If the venue does not answer, or rejects the stop.

        """
        try:
            query(
                "position/trading-stop",
                self._http.set_trading_stop,
                category=category,
                symbol=symbol,
                stopLoss=price,
                positionIdx=0,
                **TERMS,
            )
        except VenueRefusal as refusal:
            if refusal.code != NOT_MODIFIED:
                raise

    def is_stop(self, category: str, symbol: str, order_id: str) -> bool | None:
        """
        Return True if an order is the stop of a position, None if the venue does not have it.

        Raises
        ------
        AuctionError
            If the venue does not answer, or not as it should.

        """
        for name, call in (
            ("order/realtime", self._http.get_open_orders),
            ("order/history", self._http.get_order_history),
        ):
            answer = query(name, call, category=category, symbol=symbol, orderId=order_id)
            for origin in _origins(name, answer.result):
                if origin.order_id == order_id:
                    return origin.stop_order_type == STOP_LOSS
        return None

    def known_stops(self, category: str, symbol: str, since_ms: int) -> dict[str, bool]:
        """
        Return whether orders are stops of positions, by order id.

        All open conditional orders are included, and those with executions since a time (ms UTC)
        at most a week ago.

        Raises
        ------
        AuctionError
            If the venue does not answer, or not as it should.

        """
        contract = {"category": category, "symbol": symbol}
        found: dict[str, bool] = {}
        for origin in self._pages(
            "order/realtime",
            self._http.get_open_orders,
            **contract,
            orderFilter="StopOrder",
            limit=ORDERS_PER_PAGE,
        ):
            found[origin.order_id] = origin.stop_order_type == STOP_LOSS
        for origin in self._pages(
            "execution/list",
            self._http.get_executions,
            **contract,
            startTime=since_ms,
            limit=EXECUTIONS_PER_PAGE,
        ):
            found[origin.order_id] = origin.stop_order_type == STOP_LOSS
        return found

    def _pages(
        self, name: str, call: Callable[..., Any], **parameters: Any
    ) -> Iterator[OrderOrigin]:
        cursor = None
        for _ in range(MOST_PAGES):
            answer = query(name, call, **parameters, cursor=cursor)
            page = decode(name, Rows, answer.result)
            yield from _origins(name, answer.result)
            following = page.next_page_cursor or None
            if following is None or following == cursor or not page.rows:
                return
            cursor = following
        raise BadAnswer(f"Bybit {name}: more than {MOST_PAGES} pages")


def _origins(name: str, result: dict[str, Any]) -> list[OrderOrigin]:
    return decode(name, list[OrderOrigin], decode(name, Rows, result).rows)
