"""The private list of executions over HTTP: pages, windows, and refusals in words."""

import logging
import time
from collections.abc import Iterator
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
MOST_PAGES = 1_000
TIMEOUT_S = 5.0
# Server timeout, too many visits, server error.
PASSING_CODES = (10000, 10006, 10016)
REFUSED = (400, 401, 403, 404)


class NoAnswer(AuctionError):
    """Represents a question that may be answered if it is put again."""


class ExecutionList:
    """
    Reads the executions of one account. It blocks: call it in a thread.

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

    def between(
        self, category: str, start_ms: int, end_ms: int | None, **filters: object
    ) -> Iterator[dict[str, Any]]:
        """
        Yield the rows of a span of time, week by week, within a week the newest first.

        Parameters
        ----------
        category : str
            The product, like `linear`.
        start_ms, end_ms : int
            The times (ms UTC), both included; None for no end.
        **filters : object
            Parameters of the request, like `symbol` or `execType`.

        Raises
        ------
        NoAnswer
            If the venue does not answer, or is too busy to.
        AuctionError
            If it refuses, or answers not as it should.

        """
        # Without an end the venue answers for a week from the start on, by its own clock.
        latest_ms = time.time_ns() // NS_PER_MS if end_ms is None else end_ms
        while start_ms <= latest_ms:
            last_ms = start_ms + WINDOW_MS - 1
            is_last = last_ms >= latest_ms
            yield from self._pages(
                category=category,
                startTime=start_ms,
                endTime=end_ms if is_last else last_ms,
                limit=PER_PAGE,
                **filters,
            )
            start_ms = last_ms + 1

    def of_order(self, category: str, order_id: str) -> list[dict[str, Any]]:
        """
        Return the rows of one order of the last week by the venue's identifier.

        Raises
        ------
        NoAnswer
            If the venue does not answer, or is too busy to.
        AuctionError
            If it refuses, or answers not as it should.

        """
        return list(self._pages(category=category, orderId=order_id, limit=PER_PAGE))

    def _pages(self, **parameters: object) -> Iterator[dict[str, Any]]:
        cursor: object = None
        for _ in range(MOST_PAGES):
            result = self._ask(**parameters, cursor=cursor)
            rows = result.get("list")
            if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
                raise AuctionError("Bybit execution/list: the answer has no list of rows")
            yield from rows
            following = result.get("nextPageCursor") or None
            if following is None or following == cursor or not rows:
                return
            cursor = following
        raise AuctionError(f"Bybit execution/list: more than {MOST_PAGES} pages of one week")

    def _ask(self, **parameters: object) -> dict[str, Any]:
        try:
            answer = self._http.get_executions(**parameters)
        except InvalidRequestError as error:
            reason = f"{error.message} (code {error.status_code})"
            is_passing = error.status_code in PASSING_CODES
        except FailedRequestError as error:
            reason = f"{error.message} (HTTP status {error.status_code})"
            is_passing = error.status_code not in REFUSED
        except requests.RequestException as error:
            reason, is_passing = f"{type(error).__name__}: no answer", True
        else:
            result = answer.get("result") if isinstance(answer, dict) else None
            if isinstance(result, dict):
                return result
            reason, is_passing = "the answer has no result", False
        kind = NoAnswer if is_passing else AuctionError
        raise kind(f"Bybit execution/list: {reason}")
