from decimal import Decimal
from fractions import Fraction

REBUCKETS: tuple[None, str, str, str]

class MinuteVolatility:
    """
    Sample deviation of the last log returns of the mid at the closes of traded minutes.

    The return of a traded minute goes from the mid at the last traded close to its own. A minute
    without a print returns 0 and leaves the reference, so that the whole move falls on the next
    traded minute. There is no return before the first traded minute with a quote. The deviation
    divides by n - 1.

    Parameters
    ----------
    lookback : int, default 240
        The returns in the deviation: 240 returns, that is 241 closes.

    Attributes
    ----------
    lookback : int
        The returns in the deviation.
    count : int
        The returns known, at most `lookback`.

    Raises
    ------
    ParameterError
        If `lookback` is below 2.

    """

    lookback: int
    count: int

    def __init__(self, lookback: int = 240) -> None: ...
    def close(self, mid2: int | None) -> None:
        """
        Close a minute.

        Parameters
        ----------
        mid2 : int or None
            Twice the mid, bid + ask (ticks); None for a minute without a print or quote.

        Raises
        ------
        ValueError
            If `mid2` is not positive: it has no logarithm. Close such a minute with None.

        """

    def reset(self) -> None:
        """Forget everything."""

    @property
    def last_return(self) -> float | None:
        """The log return of the last minute; None before the first."""

    @property
    def value(self) -> float | None:
        """The deviation of the returns; None with fewer than two."""

class BinWidth:
    """
    Width of the bins of a profile, from price and volatility.

    The proposed width is alpha * mid * sigma in ticks, rounded half up (62.5 is 63, where
    Python's `round` gives 62), from 1 to `max_ticks`. With base bins of more than one tick it is
    the nearest whole number of them (half up, at least one) that stays within `max_ticks`.

    A proposed width is adopted (rebucket) if there is none yet (`INITIAL`), if it differs from the
    present one by at least the share `change` of it (`CHANGE`), or in a minute whose number since
    the epoch is a multiple of `interval_minutes` (`INTERVAL`), tested in this order.

    Parameters
    ----------
    alpha : float, default 0.25
        The width as a share of price times sigma.
    base_ticks : int, default 1
        The unit of the width (ticks).
    max_ticks : int, default 200
        The largest width (ticks).
    interval_minutes : int, default 15
        The interval at which any width is adopted (minutes).
    change : str, float, Decimal or Fraction, default '0.25'
        The relative change that is adopted at once, up to six decimals, compared exactly.

    Attributes
    ----------
    base_ticks, max_ticks, interval_minutes : int
        As the parameters.

    Raises
    ------
    ParameterError
        If a parameter is out of its range.

    """

    base_ticks: int
    max_ticks: int
    interval_minutes: int

    def __init__(
        self,
        alpha: float = 0.25,
        base_ticks: int = 1,
        max_ticks: int = 200,
        interval_minutes: int = 15,
        change: str | float | Decimal | Fraction = "0.25",
    ) -> None: ...
    def propose(self, mid2: int, sigma: float) -> int:
        """
        Return the width that follows from price and volatility.

        Parameters
        ----------
        mid2 : int
            Twice the mid, bid + ask (ticks).
        sigma : float
            The deviation of the minute returns.

        Returns
        -------
        int
            The proposed width (ticks).

        Raises
        ------
        ValueError
            If `mid2` is not positive or `sigma` is negative or not a number.

        """

    def decide(self, proposed: int, minute: int) -> str | None:
        """
        Adopt a proposed width or keep the present one.

        Parameters
        ----------
        proposed : int
            The proposed width (ticks).
        minute : int
            The minute that closes (whole minutes since the epoch).

        Returns
        -------
        str or None
            `INITIAL`, `CHANGE` or `INTERVAL`; None where the present width stays.

        """

    def reset(self) -> None:
        """Forget the width."""

    @property
    def value(self) -> int | None:
        """The present width (ticks), None before the first; it may be set, as after a restart."""

    @value.setter
    def value(self, width: int) -> None: ...
    @property
    def raw(self) -> float | None:
        """The last proposal before rounding and limits (ticks); None before the first."""
