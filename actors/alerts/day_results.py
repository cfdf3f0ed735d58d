"""The realised result of the day of each strategy, for the alert of a closed trade."""

from actors.messages import TradeEvent
from actors.messages import TradingStatus


DAY_NS = 86_400_000_000_000


class DayResults:
    """
    Sums what the steps of trades earn on a UTC day, from what a strategy has last reported on.

    A fill takes its fee, a funding payment its money; the end of a trade only sums them up.
    """

    def __init__(self) -> None:
        self._known: dict[str, tuple[int, float]] = {}

    def take_status(self, status: TradingStatus) -> None:
        """Take the result that a strategy reports after a decision, also after a restart."""
        # It is dated one nanosecond before the boundary of its bar.
        self._known[status.strategy_id] = ((status.ts_event + 1) // DAY_NS, status.day_pnl)

    def take_event(self, event: TradeEvent) -> None:
        """Add what a step of a trade earns or costs."""
        if event.kind == "TRADE_CLOSED" or event.net is None:
            return
        day = event.ts_event // DAY_NS
        known, result = self._known.get(event.strategy_id, (day, 0.0))
        if day >= known:
            self._known[event.strategy_id] = (day, event.net + (result if day == known else 0.0))

    def result(self, strategy_id: str, ts: int) -> float:
        """Return the result of a strategy on the day of a time (ns UTC), to the cent."""
        day, result = self._known.get(strategy_id, (0, 0.0))
        return round(result, 2) if day == ts // DAY_NS else 0.0
