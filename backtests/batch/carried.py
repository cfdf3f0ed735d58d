"""What one run hands to the next: the balance of each venue, the state of each strategy."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from typing import Any


TRADING = "trading"


@dataclass(slots=True)
class Carried:
    """
    Represents what is carried from one run to the next.

    Attributes
    ----------
    balances : dict[str, list[str]]
        The balances of each venue, like `["10000 USD"]`.
    states : dict[str, dict[str, bytes]]
        The state of each strategy by its id, as Nautilus keeps it.
    notes : list[str]
        What could not be carried.

    """

    balances: dict[str, list[str]] = field(default_factory=dict)
    states: dict[str, dict[str, bytes]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def restore(engine: Any, states: Mapping[str, dict[str, bytes]]) -> None:
    """Give the strategies of an engine that has not run yet their states."""
    for strategy in engine.trader.strategies():
        if strategy.id.value in states:
            strategy.on_load(states[strategy.id.value])


def collect(engine: Any) -> Carried:
    """
    Return what an engine that has run hands to the next.

    A strategy that still holds a position loses it there: the next engine has a new venue. Its
    state is then not carried, but for what it keeps outside of its trades.
    """
    carried = Carried()
    for strategy in engine.trader.strategies():
        state = dict(strategy.on_save())
        if not strategy.is_flat:
            state.pop(TRADING, None)
            carried.notes.append(
                f"{strategy.id} was not flat at the end: its position is valued there, and the "
                "next range starts without it"
            )
        carried.states[strategy.id.value] = state
    for account in engine.cache.accounts():
        venue = account.id.get_issuer()
        totals = account.balances_total().values()
        carried.balances[venue] = [
            f"{total.as_decimal()} {total.currency.code}" for total in totals
        ]
    return carried
