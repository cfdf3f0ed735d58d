"""The private list of executions over HTTP: pages, windows, and refusals in words."""

import time
from collections.abc import Iterator
from typing import Any

from adapters.bybit.answer_rows import Rows
from adapters.bybit.answers import BadAnswer
from adapters.bybit.answers import decode
from adapters.bybit.questions import ask
from adapters.bybit.questions import private_http


NS_PER_MS = 1_000_000
# The venue answers for a week at most.
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
        A proxy on the way.

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
            answer = ask(EXECUTIONS, self._http.get_executions, **parameters, cursor=cursor)
            page = decode(EXECUTIONS, Rows, answer.result)
            yield from page.rows
            following = page.next_page_cursor or None
            if following is None or following == cursor or not page.rows:
                return
            cursor = following
        raise BadAnswer(f"Bybit {EXECUTIONS}: more than {MOST_PAGES} pages of one week")
