"""Funding paid and received by an account, over the private HTTP interface."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from adapters.bybit.answer_rows import FundingExecution
from adapters.bybit.answers import BadAnswer
from adapters.bybit.answers import decode
from adapters.bybit.execution_list import EXECUTIONS
from adapters.bybit.execution_list import NS_PER_MS
from adapters.bybit.execution_list import ExecutionList


FUNDING = "Funding"


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """
    Represents one funding settlement as booked by the venue.

    Attributes
    ----------
    exec_id : str
        The venue's identifier.
    ts_ns : int
        The time of settlement (ns UTC).
    rate : Decimal
        The rate of the interval, positive when longs pay.
    price : Decimal
        The price of the notional value.
    quantity : Decimal
        The size of the position, positive for a long one.
    paid : Decimal
        The amount paid, negative if received.

    """

    exec_id: str
    ts_ns: int
    rate: Decimal
    price: Decimal
    quantity: Decimal
    paid: Decimal


class FundingPayments:
    """
    Requests the funding payments of one account. It blocks: call it in a thread.

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
        self._source = ExecutionList(base_url, api_key, api_secret, proxy_url)

    def close(self) -> None:
        """Close the connections."""
        self._source.close()

    def between(self, category: str, symbol: str, after_ns: int, until_ns: int) -> list[Payment]:
        """
        Return the payments of a contract in a time range, in order of time.

        Parameters
        ----------
        category, symbol : str
            The contract, like `linear` and `BTCUSDT`.
        after_ns, until_ns : int
            The times (ns UTC), the first excluded, the second included.

        Raises
        ------
        AuctionError
            If the venue does not answer, or the answer is malformed: no payment is taken then.

        """
        # The times of the venue are whole milliseconds.
        rows = self._source.between(
            category,
            after_ns // NS_PER_MS + 1,
            until_ns // NS_PER_MS,
            symbol=symbol,
            execType=FUNDING,
        )
        found: dict[str, Payment] = {}
        for row in rows:
            if row.get("execType") == FUNDING:
                payment = _payment(row, symbol, after_ns, until_ns)
                found[payment.exec_id] = payment
        return sorted(found.values(), key=lambda payment: (payment.ts_ns, payment.exec_id))


def _payment(row: dict[str, Any], symbol: str, after_ns: int, until_ns: int) -> Payment:
    read = decode(EXECUTIONS, FundingExecution, row)
    ts_ns = read.exec_time * NS_PER_MS
    if read.symbol != symbol or not after_ns < ts_ns <= until_ns:
        raise BadAnswer(
            f"Bybit {EXECUTIONS}: funding of {read.symbol} at {read.exec_time} was not requested: "
            "the answer is refused"
        )
    is_long = read.side == "Buy"
    return Payment(
        exec_id=read.exec_id,
        ts_ns=ts_ns,
        # The venue's side is that of the position; its rate is what that side pays.
        rate=Decimal(read.fee_rate if is_long else -read.fee_rate),
        price=Decimal(read.exec_price),
        quantity=Decimal(read.exec_qty if is_long else -read.exec_qty),
        paid=Decimal(read.exec_fee),
    )
