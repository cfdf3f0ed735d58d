"""The private list of executions over HTTP, in pages and time windows."""

import time
from collections.abc import Iterator
from typing import Any

from adapters.bybit.answer_rows import Rows
from adapters.bybit.answers import BadAnswer
from adapters.bybit.answers import decode
from adapters.bybit.queries import private_http
from adapters.bybit.queries import query


NS_PER_MS = 1_000_000
# The venue's limit for one query.
WINDOW_MS = 7 * 86_400_000
PER_PAGE = 100
MOST_PAGES = 1_000
EXECUTIONS = "execution/list"


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

    def between(
        self, category: str, start_ms: int, end_ms: int | None, **filters: object
    ) -> Iterator[dict[str, Any]]:
        """
        Yield the rows of a time range, week by week, within a week the newest first.

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
            If the venue does not answer or is too busy.
        AuctionError
            If the venue rejects the query, or the answer is malformed.

        """
        # Without an end the venue returns one week from the start, by its own clock.
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
            If the venue does not answer or is too busy.
        AuctionError
            If the venue rejects the query, or the answer is malformed.

        """
        return list(self._pages(category=category, orderId=order_id, limit=PER_PAGE))

    def _pages(self, **parameters: object) -> Iterator[dict[str, Any]]:
        cursor: object = None
        for _ in range(MOST_PAGES):
            answer = query(EXECUTIONS, self._http.get_executions, **parameters, cursor=cursor)
            page = decode(EXECUTIONS, Rows, answer.result)
            yield from page.rows
            following = page.next_page_cursor or None
            if following is None or following == cursor or not page.rows:
                return
            cursor = following
        raise BadAnswer(f"Bybit {EXECUTIONS}: more than {MOST_PAGES} pages of one week")
