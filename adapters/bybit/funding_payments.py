"""What an account has paid and received as funding, over the private HTTP interface."""

import logging
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


NS_PER_MS = 1_000_000
# The venue answers for a week at most.
WINDOW_MS = 7 * 86_400_000
PER_PAGE = 100
TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """
    Represents one settlement of funding as the venue has booked it.

    Attributes
    ----------
    exec_id : str
        The venue's identifier.
    ts_ns : int
        When it was settled (ns UTC).
    rate : Decimal
        The rate of the interval, positive when longs pay.
    price : Decimal
        The price of the notional value.
    quantity : Decimal
        The size of the position, positive for a long one.
    paid : Decimal
        What the account paid, negative where it received.

    """

    exec_id: str
    ts_ns: int
    rate: Decimal
    price: Decimal
    quantity: Decimal
    paid: Decimal


class FundingPayments:
    """
    Asks for the funding of one account. It blocks: call it in a thread.

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

    def between(self, category: str, symbol: str, after_ns: int, until_ns: int) -> list[Payment]:
        """
        Return the payments of a contract after a time and until another, in their order.

        Parameters
        ----------
        category, symbol : str
            The contract, like `linear` and `BTCUSDT`.
        after_ns, until_ns : int
            The times (ns UTC), the first excluded, the second included.

        Raises
        ------
        AuctionError
            If the venue does not answer, or not as it should.

        """
        # The venue's times are whole milliseconds.
        start_ms, until_ms = after_ns // NS_PER_MS + 1, until_ns // NS_PER_MS
        found: dict[str, Payment] = {}
        while start_ms <= until_ms:
            end_ms = min(start_ms + WINDOW_MS - 1, until_ms)
            for row in self._rows(category, symbol, start_ms, end_ms):
                payment = _payment(row)
                found[payment.exec_id] = payment
            start_ms = end_ms + 1
        return sorted(found.values(), key=lambda payment: (payment.ts_ns, payment.exec_id))

    def _rows(
        self, category: str, symbol: str, start_ms: int, end_ms: int
    ) -> Iterator[dict[str, Any]]:
        cursor = None
        while True:
            result = self._ask(
                category=category,
                symbol=symbol,
                execType="Funding",
                startTime=start_ms,
                endTime=end_ms,
                limit=PER_PAGE,
                cursor=cursor,
            )
            yield from (row for row in result["list"] if row["execType"] == "Funding")
            cursor = result.get("nextPageCursor") or None
            if cursor is None or not result["list"]:
                return

    def _ask(self, **parameters: object) -> dict[str, Any]:
        try:
            answer = self._http.get_executions(**parameters)
        except InvalidRequestError as error:
            reason = f"{error.message} (code {error.status_code})"
        except FailedRequestError as error:
            reason = f"{error.message} (HTTP status {error.status_code})"
        except requests.RequestException as error:
            reason = f"{type(error).__name__}: no answer"
        else:
            result: dict[str, Any] = answer["result"]
            return result
        raise AuctionError(f"Bybit execution/list: {reason}")


def _payment(row: dict[str, Any]) -> Payment:
    try:
        is_long = {"Buy": True, "Sell": False}[row["side"]]
        size, rate = Decimal(row["execQty"]), Decimal(row["feeRate"])
        return Payment(
            exec_id=row["execId"],
            ts_ns=int(row["execTime"]) * NS_PER_MS,
            # The venue's side is that of the position, and its rate what that side pays.
            rate=rate if is_long else -rate,
            price=Decimal(row["execPrice"]),
            quantity=size if is_long else -size,
            paid=Decimal(row["execFee"]),
        )
    except (KeyError, TypeError, ValueError, InvalidOperation) as error:
        raise AuctionError(f"Bybit execution/list: no payment of funding: {error!r}") from None
