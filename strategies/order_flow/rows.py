"""What the order flow machine decides on, and what it reports about each pattern."""

from msgspec import Struct

from actors.regime.classification import Regime
from strategies.order_flow.reasons import Route
from strategies.order_flow.router import Signal


class OrderFlowRow(Struct, frozen=True, kw_only=True):
    """
    Represents one closed bar with its patterns, and the regime at its end.

    Parameters
    ----------
    start, end : int
        Its start and the first nanosecond after it (ns UTC).
    close : int
        Its last price (ticks).
    regime : Regime
        The regime in force.
    confidence : float
        How sure it is (0.5 to 1).
    signals : tuple[Signal, ...], default ()
        Its patterns, in the order of their publication.
    warm : bool, default True
        If enough bars have closed since the start or the last gap.

    """

    start: int
    end: int
    close: int
    regime: Regime
    confidence: float
    signals: tuple[Signal, ...] = ()
    warm: bool = True


class RoutedSignal(Struct, frozen=True, kw_only=True):
    """
    Represents what the router has made of one pattern.

    Parameters
    ----------
    row : OrderFlowRow
        The bar.
    signal : Signal
        The pattern.
    route : Route
        What becomes of it.
    is_chosen : bool
        If it is the one that the bar trades.
    stack : int
        The distinct patterns of the bar in its direction.

    """

    row: OrderFlowRow
    signal: Signal
    route: Route
    is_chosen: bool
    stack: int
