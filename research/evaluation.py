"""The result of a system over one window: decisions, fills, payments, trades and money."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from typing import NamedTuple
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


HOUR_NS = 3_600_000_000_000


class EvaluatedFill(NamedTuple):
    """
    Represents a fill.

    Attributes
    ----------
    ts_ns : int
        Its time (ns UTC).
    instrument_id : str
        The instrument.
    role, side, liquidity : str
        ENTRY, STOP or EXIT; BUY or SELL; MAKER or TAKER.
    lots, ticks : int
        Its size and its price.
    fee : Decimal
        The fee paid, negative for a rebate.

    """

    ts_ns: int
    instrument_id: str
    role: str
    side: str
    lots: int
    ticks: int
    liquidity: str
    fee: Decimal


class EvaluatedDecision(NamedTuple):
    """
    Represents a decision as its message is published.

    Attributes
    ----------
    ts_ns : int
        The end of its interval (ns UTC).
    instrument_id : str
        The instrument.
    reason, action : str
        What has brought it about; ENTER, FLIP, EXIT, REFUSE or HOLD.
    why : str or None
        The code of a refusal or of an exit.

    """

    ts_ns: int
    instrument_id: str
    reason: str
    action: str
    why: str | None


@dataclass(frozen=True, slots=True)
class EvaluatedTrade:
    """
    Represents a closed trade; money in the settlement currency.

    Attributes
    ----------
    instrument_id : str
        The instrument.
    setup, exit_reason : str
        The setup with its side, and the reason of the last exit.
    side : int
        +1 for a long trade, -1 for a short one.
    opened_ns, closed_ns : int
        The times of its first and its last fill (ns UTC).
    lots : int
        Its entered size.
    gross, fees, funding, net : Decimal
        The result before costs, the fees and the funding paid, and what is left.

    """

    instrument_id: str
    setup: str
    exit_reason: str
    side: int
    opened_ns: int
    closed_ns: int
    lots: int
    gross: Decimal
    fees: Decimal
    funding: Decimal
    net: Decimal


@dataclass(frozen=True, slots=True)
class Evaluation:
    """
    Represents what one point has done over one window.

    Attributes
    ----------
    start_ns, end_ns : int
        The window (ns UTC, the end excluded).
    currency : str
        The settlement currency.
    starting_balance, final_balance : Decimal
        The balances of all venues, without unrealised profit and loss.
    decisions : tuple[EvaluatedDecision, ...]
        All decisions.
    fills : tuple[EvaluatedFill, ...]
        All fills.
    payments : tuple[tuple[int, Decimal], ...]
        The times (ns UTC) and amounts of funding paid, negative if received.
    trades : tuple[EvaluatedTrade, ...]
        The closed trades, by their ends.
    evaluator : str
        What has made it: `fast` or `nautilus`.

    """

    start_ns: int
    end_ns: int
    currency: str
    starting_balance: Decimal
    final_balance: Decimal
    decisions: tuple[EvaluatedDecision, ...]
    fills: tuple[EvaluatedFill, ...]
    payments: tuple[tuple[int, Decimal], ...]
    trades: tuple[EvaluatedTrade, ...]
    evaluator: str

    def hourly_returns(self) -> NDArray[np.float64]:
        """Return the net results of trades by the hour they ended in, as shares of the start."""
        hours = np.zeros(max(1, -(-(self.end_ns - self.start_ns) // HOUR_NS)))
        for trade in self.trades:
            hour = (trade.closed_ns - self.start_ns) // HOUR_NS
            hours[min(max(hour, 0), len(hours) - 1)] += float(trade.net / self.starting_balance)
        return hours


class Evaluator(Protocol):
    """Evaluates points of one system: the evaluator over cached facts, or Nautilus."""

    def evaluate(
        self,
        overrides: Mapping[str, Any],
        window: tuple[int, int] | None = None,
        market: str = "default",
    ) -> Evaluation:
        """
        Evaluate one point.

        Parameters
        ----------
        overrides : Mapping[str, Any]
            The values of parameters by their full keys.
        window : tuple[int, int], optional
            The interval (ns UTC, the end excluded); all data by default.
        market : str, default 'default'
            The preset of market assumptions.

        """


def difference(mine: Evaluation, reference: Evaluation) -> str | None:
    """
    Return the first difference of two evaluations in words; None where they are equal.

    Compared are all decisions, all fills, the funding in all and the final balance.
    """
    for name in ("decisions", "fills"):
        pair = getattr(mine, name), getattr(reference, name)
        for number, (own, other) in enumerate(zip(*pair, strict=False), 1):
            if own != other:
                return f"{name} {number}: {own}, not {other}"
        if len(pair[0]) != len(pair[1]):
            return f"{len(pair[0]):,} {name}, not {len(pair[1]):,}"
    paid, other_paid = (sum(amount for _, amount in e.payments) for e in (mine, reference))
    if paid != other_paid:
        return f"funding {paid}, not {other_paid}"
    if mine.final_balance != reference.final_balance:
        return f"final balance {mine.final_balance}, not {reference.final_balance}"
    return None
