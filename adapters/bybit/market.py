"""Bybit's public market data over HTTP, in pages (no key needed)."""

import logging
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pybit.unified_trading import HTTP

from adapters.bybit.answer_rows import Definition
from adapters.bybit.answer_rows import FundingRate
from adapters.bybit.answer_rows import Klines
from adapters.bybit.answer_rows import Rows
from adapters.bybit.answers import BadAnswer
from adapters.bybit.answers import decode
from adapters.bybit.queries import NoAnswer
from adapters.bybit.queries import VenueRefusal
from adapters.bybit.queries import query
from errors import AuctionError
from errors import UsageError


MINUTE_MS = 60_000
KLINES_PER_PAGE = 1000
FUNDING_PER_PAGE = 200


class BybitMarket:
    """
    Reads the market endpoints for one linear perpetual.

    Parameters
    ----------
    symbol : str
        The venue's symbol (`BTCUSDT`).
    base_url : str, optional
        An address instead of Bybit's (`http://127.0.0.1:8080`).

    Attributes
    ----------
    server_ms : int
        The venue's time at its last answer (ms UTC).

    """

    def __init__(self, symbol: str, base_url: str | None = None) -> None:
        self._http = HTTP(force_retry=True, retry_delay=1, logging_level=logging.ERROR)
        if base_url is not None:
            self._http.endpoint = base_url.rstrip("/")
        self._symbol = symbol
        self.server_ms = 0

    @classmethod
    @contextmanager
    def connect(cls, symbol: str, base_url: str | None = None) -> Iterator["BybitMarket"]:
        """Return a reader whose connections are closed at the end of the context."""
        market = cls(symbol, base_url)
        try:
            yield market
        finally:
            market._http.client.close()

    def instrument(self) -> dict[str, Any]:
        """
        Return the definition of the instrument.

        Raises
        ------
        UsageError
            If the venue has no such symbol.
        AuctionError
            If the request fails.

        """
        name = "instruments-info"
        rows = decode(name, Rows, self._query(name, self._http.get_instruments_info)).rows
        found = [entry for entry in rows if entry.get("symbol") == self._symbol]
        if not found:
            raise UsageError(f"Bybit has no linear contract {self._symbol!r}")
        decode(name, Definition, found[0])
        return found[0]

    def klines(self, start_ms: int, end_ms: int) -> Iterator[list[list[str]]]:
        """
        Read the one-minute klines that opened in a window.

        Parameters
        ----------
        start_ms, end_ms : int
            The window (ms UTC), without its end.

        Yields
        ------
        list[list[str]]
            A page of `[start, open, high, low, close, volume, turnover]`, oldest first.

        Raises
        ------
        AuctionError
            If a request fails, or a bar is invalid: the whole page is refused then.

        """
        page_ms = KLINES_PER_PAGE * MINUTE_MS
        for page_start in range(start_ms, end_ms, page_ms):
            last_ms = min(page_start + page_ms, end_ms) - 1
            result = self._query(
                "kline",
                self._http.get_kline,
                interval="1",
                start=page_start,
                end=last_ms,
                limit=KLINES_PER_PAGE,
            )
            starts = [bar.start for bar in decode("kline", Klines, result).rows]
            if any(
                start % MINUTE_MS or not page_start <= start <= last_ms for start in starts
            ) or len(set(starts)) < len(starts):
                raise BadAnswer(
                    f"Bybit kline for {self._symbol}: bars twice, or of times that were not "
                    "requested: the answer is refused"
                )
            yield sorted(result["list"], key=lambda row: int(row[0]))

    def funding(self, start_ms: int, end_ms: int) -> list[dict[str, str]]:
        """
        Return the funding rates settled in a window, oldest first.

        Parameters
        ----------
        start_ms, end_ms : int
            The window (ms UTC), without its end.

        Returns
        -------
        list[dict[str, str]]
            `fundingRate` and `fundingRateTimestamp` (ms) of each settlement.

        Raises
        ------
        AuctionError
            If a request fails.

        """
        found: dict[int, dict[str, str]] = {}
        last_ms = end_ms - 1
        while last_ms >= start_ms:
            name = "funding/history"
            result = self._query(
                name,
                self._http.get_funding_rate_history,
                startTime=start_ms,
                endTime=last_ms,
                limit=FUNDING_PER_PAGE,
            )
            rows = decode(name, Rows, result).rows
            page = {}
            for row, read in zip(rows, decode(name, list[FundingRate], rows), strict=True):
                if read.symbol != self._symbol:
                    raise BadAnswer(f"Bybit {name}: {read.symbol}: the answer is refused")
                page[int(read.funding_rate_timestamp)] = row
            inside = {ms: row for ms, row in page.items() if start_ms <= ms <= last_ms}
            found |= inside
            if not inside or len(page) < FUNDING_PER_PAGE:
                break
            last_ms = min(inside) - 1
        return [found[ms] for ms in sorted(found)]

    def _query(self, name: str, call: Callable[..., Any], **parameters: object) -> dict[str, Any]:
        """Return the result of an answer."""
        endpoint = f"{name} for {self._symbol}"
        try:
            answer = query(endpoint, call, category="linear", symbol=self._symbol, **parameters)
        except (NoAnswer, VenueRefusal) as error:
            raise AuctionError(f"{error}: try again later") from None
        self.server_ms = answer.time
        return answer.result
