"""The budget of a day: realised result, open loss, and what the next trade may still lose."""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import msgspec
from msgspec import Struct

from errors import AuctionError
from strategies.common.daily_limits import DayStop
from strategies.common.gate import Refusal
from strategies.common.intents import Intent
from strategies.common.sizing import CONTEXT
from strategies.common.trade import Trade


ZERO = Decimal(0)
STOPS = {DayStop.MAX_LOSS: Refusal.DAY_LOSS, DayStop.PROFIT_TARGET: Refusal.DAY_TARGET}


class BudgetState(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    Represents the state of a day's budget.

    Parameters
    ----------
    day : int or None, default None
        The day since the epoch.
    stop : Refusal or None, default None
        Why it is over.

    """

    day: int | None = None
    stop: Refusal | None = None


class DayBudget:
    """
    Ends a day for entries by its result net of costs, with the open loss or without.

    Open profit counts nothing: it is not earned yet. A limit that is reached ends the day until the
    next, whatever the open position still earns; a loss also ends a day whose target was reached.

    Parameters
    ----------
    profit_target : Decimal or None
        The profit at which the day is over; None for no target.
    counts_open_loss : bool
        If the loss of open positions counts.

    """

    __slots__ = ("_counts_open_loss", "_profit_target", "_state")

    def __init__(self, profit_target: Decimal | None, *, counts_open_loss: bool) -> None:
        self._profit_target = profit_target
        self._counts_open_loss = counts_open_loss
        self._state = BudgetState()

    @property
    def stop(self) -> Refusal | None:
        """Return why the running day is over."""
        return self._state.stop

    def check(
        self, day: int, loss_limit: Decimal | None, realised: Decimal, open_result: Decimal
    ) -> Refusal | None:
        """
        Return why a day is over for entries; None while it goes on.

        Parameters
        ----------
        day : int
            The day since the epoch. A later one than before starts afresh; an earlier one, whose
            boundary comes late, changes nothing of the running day.
        loss_limit : Decimal or None
            The loss in force at which it is over; None for no limit.
        realised : Decimal
            The realised result of the day, net of costs.
        open_result : Decimal
            The result of open positions at the present price.

        """
        state = self._state
        if state.day is None or day > state.day:
            state = BudgetState(day=day)
        result = realised + (min(ZERO, open_result) if self._counts_open_loss else ZERO)
        stop = state.stop
        if loss_limit is not None and result <= -loss_limit:
            stop = Refusal.DAY_LOSS
        elif stop is None and self._profit_target is not None and result >= self._profit_target:
            stop = Refusal.DAY_TARGET
        if day == state.day:
            self._state = BudgetState(day=day, stop=stop)
        return stop

    @property
    def ended(self) -> tuple[int, Refusal] | None:
        """Return the running day, and why it is over; None while it goes on."""
        state = self._state
        return None if state.day is None or state.stop is None else (state.day, state.stop)

    def alert(
        self,
        realised: Decimal,
        open_result: Decimal,
        loss_limit: Decimal | None,
        booked: DayStop | None,
    ) -> tuple[str, str, float] | None:
        """
        Return kind, text and value of the alert about the end of the day.

        None while it goes on, and where the realised result of the strategy alone has reached the
        same limit: the trade manager reports that.

        Parameters
        ----------
        realised, open_result, loss_limit
            As for `check`.
        booked : DayStop or None
            What the realised result of the strategy has reached.

        """
        stop = self._state.stop
        if stop is None or (booked is not None and STOPS.get(booked) is stop):
            return None
        opened = min(ZERO, open_result) if self._counts_open_loss else ZERO
        text = f"the result of the day, {realised + opened:+,.2f}"
        text += f" with {opened:+,.2f} of open positions" if opened else ""
        if stop is Refusal.DAY_TARGET or loss_limit is None:
            return "PROFIT_TARGET", f"{text}, has reached the target", float(realised + opened)
        limit = f"the limit of {loss_limit:,.2f}"
        return "KILL_SWITCH", f"{text}, has reached {limit}", float(realised + opened)

    def snapshot(self) -> dict[str, Any]:
        """Return the state as plain values, fit for JSON."""
        plain: dict[str, Any] = msgspec.to_builtins(self._state)
        return plain

    def restore(self, plain: Any) -> None:
        """
        Go on from a state.

        Raises
        ------
        AuctionError
            If it is damaged.

        """
        try:
            self._state = msgspec.convert(plain, BudgetState)
        except msgspec.ValidationError as e:
            raise AuctionError(f"state of the day's budget: {e}") from e


def affordable_contracts(
    intent: Intent, contracts: int, tick_money: Decimal, remaining: Decimal
) -> int:
    """
    Return how many contracts lose no more than the rest of the day's budget at their stop.

    Parameters
    ----------
    intent : Intent
        The entry, with the costs to expect.
    contracts : int
        The contracts by the other rules.
    tick_money : Decimal
        The money one contract earns per tick.
    remaining : Decimal
        What the day may still lose.

    """
    distance = 1000 * abs(intent.entry - intent.stop) + intent.costs
    loss = tick_money * distance / 1000
    if remaining <= 0:
        return 0
    return min(contracts, int(CONTEXT.divide_int(remaining, loss)))


def open_result(trades: Iterable[Trade], bid: int | None, ask: int | None) -> Decimal:
    """Return the result of open lots at the present quote (ticks); without one at their entry."""
    total = Fraction(0)
    for trade in trades:
        price = bid if trade.side > 0 else ask
        if trade.open > 0 and price is not None:
            ticks = trade.side * (price * trade.open - trade.open_cost)
            total += ticks * Fraction(trade.tick_value)
    return CONTEXT.divide(Decimal(total.numerator), Decimal(total.denominator))


def may_still_enter(trade: Trade) -> bool:
    """Return True if more of the entry of a trade, or a flip after it, may be filled."""
    if trade.flip_to is not None:
        return True
    return trade.drop_reason is None and trade.close_reason is None and not trade.is_entry_over
