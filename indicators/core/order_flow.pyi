import numpy as np
from numpy.typing import NDArray

SIDE_SOURCES: tuple[str, str, str, str]
RULES: tuple[str, str, str, str, str]

class OrderFlow:
    """
    Aggressor of each print, and the signed volume of a minute.

    Inference, print by print:

    - The quote in force is the latest one received before the print with a time at or before the
      print's, of any age, among the last 256 quotes. At or above the ask is a buyer, at or below
      the bid a seller. Inside the spread, under a locked or crossed quote (bid >= ask) and without
      a quote the print is ambiguous.
    - Consecutive prints with one `ts_event` are a group, and all of them are compared with the
      quote before the first: not with the quote that a sweep has itself moved. Every print
      keeps its own size, price and sign.
    - An ambiguous print falls back on the tick rule: above the price of the previous print a
      buyer, below it a seller, at it the last sign given to any print, unsigned before there is
      one. The previous print may belong to an earlier minute.
    - Ambiguous volume is counted before that fallback.

    Where the venue's side decides (`venue`, and `auto` once the feed has shown a side), a print
    without one, such as an auction print, has no aggressor: it is unsigned and ambiguous.

    Parameters
    ----------
    side_source : {'auto', 'venue', 'inferred', 'both'}, default 'auto'
        `venue` takes the venue's side. `inferred` ignores it. `auto` infers until the feed has
        shown its first side, and takes the venue's from that print on. `both` decides by
        inference, and records how often the venue's side agrees.
    use_tick_rule : bool, default True
        If an ambiguous print falls back on the tick rule; otherwise it is unsigned.
    max_quote_staleness_ms : int, default 250
        The age (ms) beyond which a quote counts as stale. A stale quote is still used.

    Attributes
    ----------
    buy, sell, unsigned_volume : int
        The volume of the minute by aggressor (lots).
    ambiguous : int
        The volume of the minute that the quote (or the venue) did not decide (lots).
    trade_count, group_count : int
        The prints and the groups of the minute.
    stale_trades : int
        The prints of the minute whose quote was stale.
    cvd : int
        The cumulative volume delta since the start (lots). It never resets with a minute, session
        or day.
    compared_volume, agreed_volume : int
        With `both`: the volume signed by both sources since the start, and that on which they
        agree (lots).

    Raises
    ------
    ParameterError
        If `side_source` is unknown or `max_quote_staleness_ms` is negative.

    References
    ----------
    Quote and tick rule after Lee and Ready, Journal of Finance 46(2), 1991, without their lag of
    the quote: strict order of arrival instead.

    """

    buy: int
    sell: int
    unsigned_volume: int
    ambiguous: int
    trade_count: int
    group_count: int
    stale_trades: int
    cvd: int
    compared_volume: int
    agreed_volume: int

    def __init__(
        self,
        side_source: str = "auto",
        use_tick_rule: bool = True,
        max_quote_staleness_ms: int = 250,
    ) -> None: ...
    def update_quote(self, ts_event: int, bid: int, ask: int) -> None:
        """
        Take in the best bid and ask.

        Parameters
        ----------
        ts_event : int
            The event time (ns UTC).
        bid, ask : int
            The prices (ticks).

        """

    def update_trade(self, ts_event: int, price: int, size: int, side: int = 0) -> int:
        """
        Take in one print.

        Parameters
        ----------
        ts_event : int
            The event time (ns UTC).
        price : int
            The price (ticks).
        size : int
            The size (lots).
        side : int, default 0
            The venue's aggressor as in Nautilus: 1 buyer, 2 seller, 0 none.

        Returns
        -------
        int
            The sign: 1 buyer, -1 seller, 0 unsigned.

        Raises
        ------
        ValueError
            If `size` is not positive.

        """

    def update_many(
        self,
        kinds: NDArray[np.uint8],
        ts_event: NDArray[np.int64],
        price: NDArray[np.int64],
        ask: NDArray[np.int64],
        size: NDArray[np.int64],
        side: NDArray[np.uint8],
    ) -> NDArray[np.int8]:
        """
        Take in quotes and prints in stream order, as one minute.

        Parameters
        ----------
        kinds : NDArray[np.uint8]
            0 for a quote, 1 for a print (contiguous like all columns, shape `n`).
        ts_event : NDArray[np.int64]
            The event times (ns UTC, shape `n`).
        price : NDArray[np.int64]
            The bid of a quote, the price of a print (ticks, shape `n`).
        ask : NDArray[np.int64]
            The ask of a quote (ticks, shape `n`); not read for a print.
        size : NDArray[np.int64]
            The size of a print (lots, shape `n`); not read for a quote.
        side : NDArray[np.uint8]
            The venue's aggressor of a print as in `update_trade` (shape `n`).

        Returns
        -------
        NDArray[np.int8]
            The sign of each print, 0 for a quote (shape `n`).

        Raises
        ------
        ValueError
            If the lengths differ or a print's size is not positive. Nothing is taken in.

        """

    def start_minute(self) -> None:
        """Set the sums of the minute to 0; CVD, quotes, previous price and sign stay."""

    def reset(self) -> None:
        """Forget everything."""

    @property
    def delta(self) -> int:
        """`buy - sell` of the minute (lots)."""

    @property
    def volume(self) -> int:
        """The volume of the minute (lots)."""

    @property
    def rule(self) -> str:
        """
        What judged the last print, before the tick rule.

        `QUOTE`, `INSIDE` the spread, `LOCKED` (or crossed) quote, `NO_QUOTE`, `VENUE`.
        """

    @property
    def quote_sign(self) -> int:
        """The sign of the last print by the quote alone; 0 where the quote cannot decide."""

    @property
    def quote_age_ns(self) -> int | None:
        """The age of the quote in force at the last print (ns); None without one."""

    @property
    def agreement(self) -> float | None:
        """`agreed_volume / compared_volume`; None before a volume is compared."""

def bulk_buy_fraction(changes: NDArray[np.float64]) -> float:
    """
    Return the bought share of a minute's volume by bulk volume classification.

    The share is Φ(d/s): d the last price change, s the sample deviation of all changes given, the
    last one included; 0.5 where s is 0 or with fewer than two changes.

    Parameters
    ----------
    changes : NDArray[np.float64]
        The close-to-close changes, oldest first, in any unit (contiguous, shape `n`).

    Returns
    -------
    float

    References
    ----------
    Easley, López de Prado, O'Hara, "Flow Toxicity and Liquidity in a High-frequency World",
    Review of Financial Studies 25(5), 2012.

    """
