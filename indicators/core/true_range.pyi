from fractions import Fraction

class SessionTrueRange:
    """
    Average true range of the last bars of a session.

    The true range of a bar is the span of its high, its low and the close before it; the first bar
    of a session has none. The average is their plain mean.

    Parameters
    ----------
    period : int, default 14
        The true ranges in the average.

    Raises
    ------
    ParameterError
        If the period is not from 1 to 100,000.

    """

    period: int

    total: int
    """The sum of the last true ranges (ticks)."""

    def __init__(self, period: int = 14) -> None: ...
    def update(self, high: int, low: int, close: int) -> None:
        """Take in a closed bar (ticks)."""

    @property
    def value(self) -> Fraction | None:
        """The average (ticks); None before `period` true ranges."""

    def start_session(self) -> None:
        """Forget the bars before a session."""
