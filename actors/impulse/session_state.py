"""Update sessions, levels and market state by a closed second, in a fixed order."""

from collections.abc import Iterator
from datetime import date

from actors.impulse.bars import Second
from actors.impulse.daily import DailyBook
from actors.impulse.daily import DailyLevels
from actors.impulse.daily import RegularSession
from indicators.core.market_state import MarketState


class SessionState:
    """
    Keeps daily levels and market state from one bar to the next.

    The state's window begins anew with each trading day.

    Parameters
    ----------
    book : DailyBook
        The sessions and levels.
    state : MarketState
        The market state.

    """

    def __init__(self, book: DailyBook, state: MarketState) -> None:
        self.book = book
        self.state = state
        self._day: date | None = None
        self._session: RegularSession | None = None

    def advance(self, ts: int) -> Iterator[RegularSession | DailyLevels]:
        """
        Yield what changes when a time is reached: a session that has closed, then the levels.

        Parameters
        ----------
        ts : int
            The UNIX timestamp (nanoseconds).

        """
        if not self.book.advance(ts):
            return
        prior, levels = self.book.prior, self.book.levels
        if prior is not None and prior is not self._session:
            self._session = prior
            yield prior
        if levels is not None:
            if levels.day != self._day:
                self._day = levels.day
                self.state.reset()
            yield levels

    def restore(self, session: RegularSession) -> None:
        """Use the last session from a cache; it is not yielded again."""
        self.book.restore(session)
        self._session = self.book.prior

    def add(self, bar: Second) -> None:
        """Add a bar of the time reached by `advance`."""
        self.book.add(bar)
        self.state.update(bar.open, bar.high, bar.low, bar.close, bar.volume, bar.delta)
