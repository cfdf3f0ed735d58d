"""Checks of single rows that all sources share, and conversion to ticks and lots."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from adapters.report import LOT
from adapters.report import TICK
from adapters.report import FileReport
from catalog.instruments import is_future
from catalog.instruments import trading_life
from catalog.instruments import underlying_of
from catalog.layout import EARLIEST_NS
from catalog.layout import END_OF_TIME
from catalog.layout import latest_ns
from catalog.layout import utc_text
from catalog.protocols import Instrument


NO_TIME = "no valid time"
IMPOSSIBLE_TIME = "time before 1980 or in the future"
NO_PRICE = "no valid price"
PRICE_NOT_POSITIVE = "price not above zero"
NO_SIZE = "no valid size"
SIZE_NOT_POSITIVE = "size not above zero"
SIGNED_SIZE = "size is negative in a file without sides"
ONE_SIDED = "one side of the book is empty"
CROSSED = "bid above ask by more than 1 %"
BAD_ID = "trade id is longer than 36 characters or not ASCII"
BLANK_ID = "trade id is blank or has characters that cannot be printed"
BAD_SEQ = "seq is not an integer"
AFTER_LAST_DAY = "time after the contract's last day"
BAD_BAR = "open or close outside of low to high"

# Energy futures have settled below zero (CL at -37.63 USD on 20 April 2020).
BELOW_ZERO_ROOTS = frozenset({"CL", "MCL", "QM", "BZ", "HO", "RB", "NG", "QG", "MNG"})

# What the binary form of a decimal and one division may leave, in relation to the value.
BINARY_TOLERANCE = 1e-12
FIXED_PRICE_SCALE = 10**9
LARGEST_COUNT = 1e11
# The parts of a step that an earlier step may have been.
FINER_STEPS = (2, 4, 5, 8, 10, 20, 25, 40, 50, 100, 125, 200, 250, 500, 1000)
CROSSED_SHARE = 0.01


@dataclass(frozen=True, slots=True)
class Units:
    """
    Represents the price and size grid of one instrument.

    Attributes
    ----------
    tick, lot : Decimal
        The price and size increments.
    below_zero : bool
        Whether prices of zero and less are possible.
    whole_lots : bool
        Whether nothing less than a lot was ever traded.
    begin_ns, end_ns : int
        When the instrument trades (ns UTC, the end excluded), as far as is known.

    """

    tick: Decimal
    lot: Decimal
    below_zero: bool
    whole_lots: bool = False
    begin_ns: int = 0
    end_ns: int = END_OF_TIME

    @property
    def off_tick(self) -> str:
        """Return the reason for a price between ticks."""
        return f"price is not a multiple of the tick {self.tick.normalize():f}"

    @property
    def off_lot(self) -> str:
        """Return the reason for a size between lots."""
        return f"size is not a multiple of the lot {self.lot.normalize():f}"

    @property
    def too_early(self) -> str:
        """Return the reason for a time before the instrument's first."""
        return f"time before the instrument's launch ({utc_text(self.begin_ns)} UTC)"

    @property
    def too_late(self) -> str:
        """Return the reason for a time after the instrument's last."""
        return f"{AFTER_LAST_DAY} ({utc_text(self.end_ns - 1)} UTC)"


def units_of(instrument: Instrument) -> Units:
    """
    Return the price and size grid of an instrument.

    Only energy futures (CL, NG and their kin) may trade at or below zero; for everything else
    such a price is a bad row.

    Parameters
    ----------
    instrument : Instrument
        The instrument.

    Returns
    -------
    Units

    """
    future = is_future(instrument)
    begin_ns, end_ns = trading_life(instrument)
    return Units(
        tick=instrument.price_increment.as_decimal(),
        lot=instrument.size_increment.as_decimal(),
        below_zero=future and underlying_of(instrument) in BELOW_ZERO_ROOTS,
        whole_lots=future,
        begin_ns=begin_ns,
        end_ns=end_ns,
    )


class RowCheck:
    """
    Collects the rejections of the rows of one block; the first reason of a row counts.

    Parameters
    ----------
    report : FileReport
        Counts the rejected rows.
    rows : NDArray[np.int64]
        The row numbers in the file (shape `n`).
    text : Callable[[int], str]
        Returns the values of a row of the block, for examples of rejected rows.
    units : Units
        The grid of the instrument.

    Attributes
    ----------
    good : NDArray[np.bool_]
        The rows not rejected so far (shape `n`).

    """

    def __init__(
        self,
        report: FileReport,
        rows: NDArray[np.int64],
        text: Callable[[int], str],
        units: Units,
    ) -> None:
        self._report = report
        self._rows = rows
        self._text = text
        self._units = units
        self.good = np.ones(len(rows), dtype=np.bool_)

    def reject(self, bad: NDArray[np.bool_], reason: str) -> None:
        """Reject the rows of a mask (shape `n`) that are still good."""
        positions = np.flatnonzero(bad & self.good)
        if len(positions) == 0:
            return
        self.good[positions] = False
        shown = positions[:10]
        self._report.reject(
            reason,
            self._rows[shown].tolist(),
            lambda index: self._text(int(shown[index])),
            count=len(positions),
        )

    def times(self, ts: NDArray[np.int64], valid: NDArray[np.bool_]) -> None:
        """Reject rows without a time, or with one (ns UTC) outside of trading."""
        self.reject(~valid, NO_TIME)
        self.reject((ts < EARLIEST_NS) | (ts > latest_ns()), IMPOSSIBLE_TIME)
        self.reject(ts < self._units.begin_ns, self._units.too_early)
        self.reject(ts >= self._units.end_ns, self._units.too_late)

    def prices(self, values: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return prices (NaN: not a number) in ticks, rejecting impossible ones."""
        self.reject(~np.isfinite(values), NO_PRICE)
        if not self._units.below_zero:
            self.reject(values <= 0, PRICE_NOT_POSITIVE)
        ticks, off = _to_units(values, self._units.tick)
        self._count_finer(TICK, values, off, self._units.tick)
        self.reject(off, self._units.off_tick)
        return ticks

    def fixed_prices(
        self,
        values: NDArray[np.int64],
        valid: NDArray[np.bool_],
    ) -> NDArray[np.int64]:
        """Return prices given in units of 1e-9 in ticks, like `prices`, without rounding."""
        self.reject(~valid, NO_PRICE)
        if not self._units.below_zero:
            self.reject(values <= 0, PRICE_NOT_POSITIVE)
        ticks, rest = np.divmod(values, int(self._units.tick * FIXED_PRICE_SCALE))
        self._count_finer(TICK, values / FIXED_PRICE_SCALE, rest != 0, self._units.tick)
        self.reject(rest != 0, self._units.off_tick)
        return ticks

    def sizes(self, values: NDArray[np.float64], *, zero: bool = False) -> NDArray[np.int64]:
        """Return sizes (NaN: not a number) in lots; zero is rejected unless allowed."""
        self.reject(~np.isfinite(values), NO_SIZE)
        self.reject(values < 0 if zero else values <= 0, SIZE_NOT_POSITIVE)
        lots, off = _to_units(values, self._units.lot)
        if not self._units.whole_lots:
            self._count_finer(LOT, values, off, self._units.lot)
        self.reject(off, self._units.off_lot)
        return lots

    def signs(self, values: NDArray[np.float64]) -> None:
        """Reject negative sizes of a file without sides, in which the sign may be the side."""
        self.reject(values < 0, SIGNED_SIZE)

    def sides(self, values: NDArray[np.uint8]) -> None:
        """Count the rejected trades by side (shape `n`), after all other checks."""
        counts = np.bincount(values[~self.good]).tolist()
        self._report.rejected_sides.update(dict(enumerate(counts)))

    def crossed(self, bid: NDArray[np.int64], ask: NDArray[np.int64]) -> None:
        """Reject quotes (ticks) whose bid is above the ask by more than 1 % of the ask."""
        self.reject(bid - ask > CROSSED_SHARE * np.abs(ask), CROSSED)

    def bars(
        self,
        opens: NDArray[np.int64],
        highs: NDArray[np.int64],
        lows: NDArray[np.int64],
        closes: NDArray[np.int64],
    ) -> None:
        """Reject bars (ticks) whose open or close is outside of their range."""
        inside = (lows <= np.minimum(opens, closes)) & (highs >= np.maximum(opens, closes))
        self.reject(~inside, BAD_BAR)

    def _count_finer(
        self, step: str, values: NDArray[np.float64], off: NDArray[np.bool_], unit: Decimal
    ) -> None:
        odd = values[off & self.good]
        for divisor in FINER_STEPS:
            if len(odd) == 0:
                return
            still_off = _to_units(odd, unit / divisor)[1]
            if count := int(np.count_nonzero(~still_off)):
                self._report.finer[step][divisor] += count
            odd = odd[still_off]


def _to_units(
    values: NDArray[np.float64],
    unit: Decimal,
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    with np.errstate(over="ignore", invalid="ignore"):
        ratio = values / float(unit)
        count = np.rint(ratio)
        # A value below half a unit is off the grid, and not zero.
        on_grid = (np.abs(ratio - count) <= BINARY_TOLERANCE * np.abs(ratio)) | (values == 0)
        off = ~(on_grid & (np.abs(count) <= LARGEST_COUNT))
    return np.where(off, 0.0, count).astype(np.int64), off
