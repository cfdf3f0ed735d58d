"""The results of a finished run beside its messages, as plain values."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from actors.order_records import OrderRecord
from catalog.protocols import Instrument
from strategies.common.costs import RoundTrip


@dataclass(frozen=True, slots=True, kw_only=True)
class ReckonedCosts:
    """
    Represents the costs that a strategy reckons with.

    Attributes
    ----------
    instrument : Instrument
        What it trades.
    tick : float
        The price increment.
    round_trip : RoundTrip
        The costs of a trade, by its prices in ticks.
    taker_fee_bps, fee_per_contract : Decimal
        The fees (basis points of the value, money a contract and side).

    """

    instrument: Instrument
    tick: float
    round_trip: RoundTrip
    taker_fee_bps: Decimal
    fee_per_contract: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyOutcome:
    """
    Represents a strategy after a run.

    Attributes
    ----------
    id, instrument_id : str
        Its id and its instrument.
    closes_seen, closes_cold : int
        The closed bars that have reached it, and those since the first gap at which it was cold; 0
        for one of another kind than ours.
    progress : tuple[str, ...]
        How far its rule has come.
    costs : ReckonedCosts or None
        The costs that it reckons with; None for one that reckons none.
    max_trades : int, default 1
        How many trades it may hold at once.

    """

    id: str
    instrument_id: str
    closes_seen: int
    closes_cold: int
    progress: tuple[str, ...]
    costs: ReckonedCosts | None
    max_trades: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """
    Represents the state of a backtest's engine after its run.

    Attributes
    ----------
    start, end : str
        The times of the first and the last event (ISO 8601, UTC).
    end_ns : int
        The time of the last event (ns UTC).
    events : int
        The events.
    balance : Decimal
        The balance of the accounts, in the settlement currency.
    prices : Mapping[str, float]
        The middle of the last quote by instrument, else the last price; NaN without one.
    orders : tuple[OrderRecord, ...]
        The orders, in no particular order.
    strategies : tuple[StrategyOutcome, ...]
        The strategies.
    notices : Counter[str]
        What actors and strategies have noticed, and how often.
    history : tuple[str, ...]
        The reports of actors on the history that they needed and had.
    statistics : dict[str, Any]
        Nautilus's own statistics.

    """

    start: str
    end: str
    end_ns: int
    events: int
    balance: Decimal
    prices: Mapping[str, float]
    orders: tuple[OrderRecord, ...]
    strategies: tuple[StrategyOutcome, ...]
    notices: Counter[str]
    history: tuple[str, ...]
    statistics: dict[str, Any]
