"""Bars that an actor closes itself from trades, for configurations with INTERNAL bars."""

from collections.abc import Callable
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from actors.given_bars import GivenBar
from catalog.layout import bar_step_ns
from errors import UsageError
from indicators.components import AggressorBars


def own_bar_type(bar_types: Sequence[Any]) -> Any:
    """
    Return the INTERNAL type among some bar types, None without one.

    Raises
    ------
    UsageError
        If it is not the only one.

    """
    own = [found for found in bar_types if found.is_internally_aggregated()]
    if own and len(bar_types) > 1:
        raise UsageError(f"{own[0]}: an actor that closes bars itself takes this one type alone")
    return own[0] if own else None


def own_bars(
    bar_type: str,
    tick: Decimal,
    lot: Decimal,
    now_ns: Callable[[], int],
    on_bar: Callable[[GivenBar], None],
) -> AggressorBars:
    """
    Return an indicator that closes bars of trades like a vendor's: none without a trade.

    Parameters
    ----------
    bar_type : str
        The type of the bars.
    tick, lot : Decimal
        The price and the size increment.
    now_ns : Callable[[], int]
        The clock (ns UTC).
    on_bar : Callable[[GivenBar], None]
        Receives each closed bar.

    """
    interval = bar_step_ns(bar_type)

    def on_close(values: tuple[int, ...], prints: tuple[list[int], list[int]]) -> None:
        start, open_, high, low, close, *_ = values
        end = start + interval
        on_bar(
            GivenBar(
                bar_type=bar_type,
                ts_event=end,
                ts_init=max(now_ns(), end - 1),
                open=open_,
                high=high,
                low=low,
                close=close,
                volume=sum(prints[1]),
            )
        )

    return AggressorBars(tick, lot, interval, on_close)
