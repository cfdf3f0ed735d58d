import numpy as np
from numpy.typing import NDArray

class VolumeProfile:
    """
    Volume at price over any span of trades, one row per tick, split by aggressor.

    Ticks may be negative and far apart: the rows are laid anew around what is populated. One
    profile spans at most 67,108,864 ticks (1.6 GB), because a print beyond that is a bad price.

    Attributes
    ----------
    total_volume : int
        The volume of all rows (lots).

    """

    total_volume: int

    def __init__(self) -> None: ...
    def add(self, tick: int, size: int, sign: int = 0) -> None:
        """
        Add one print.

        Parameters
        ----------
        tick : int
            The price (ticks).
        size : int
            The size (lots).
        sign : int, default 0
            The aggressor: above 0 a buyer, below 0 a seller, 0 none known.

        Raises
        ------
        ValueError
            If `size` is not positive, or the tick lies too far from the others. The profile is
            then as it was.

        """

    def add_many(
        self,
        ticks: NDArray[np.int64],
        sizes: NDArray[np.int64],
        signs: NDArray[np.int8] | None = None,
    ) -> None:
        """
        Add prints.

        Parameters
        ----------
        ticks, sizes : NDArray[np.int64]
            The prices (ticks) and sizes (lots), contiguous, shape `n`.
        signs : NDArray[np.int8], optional
            The aggressors as in `add` (shape `n`).

        Raises
        ------
        ValueError
            If the lengths differ or a size is not positive (nothing is added), or a tick lies too
            far from the others (the prints before it are added).

        """

    def merge(self, other: VolumeProfile) -> None:
        """
        Add all volume of another profile.

        Raises
        ------
        ValueError
            If the two together span too many ticks.

        """

    def subtract(self, other: VolumeProfile) -> None:
        """
        Take away all volume of another profile.

        Raises
        ------
        ValueError
            If a row of `other` holds more of any aggressor than this profile. Nothing is taken.

        """

    def clear(self) -> None:
        """Take away all volume."""

    @property
    def low(self) -> int | None:
        """The lowest tick with volume; None without volume."""

    @property
    def high(self) -> int | None:
        """The highest tick with volume; None without volume."""

    def volume_at(self, tick: int) -> int:
        """Return the volume at one tick (lots)."""

    def columns(self) -> tuple[list[int], list[int], list[int], list[int]]:
        """Return tick, buy, sell and unsigned of the rows with volume, by rising price (lots)."""

    def levels(self) -> list[tuple[int, int, int, int]]:
        """Return (tick, buy, sell, unsigned) of each row with volume, by rising price (lots)."""

    def arrays(
        self,
    ) -> tuple[int | None, NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """
        Return the dense rows from the lowest to the highest tick with volume.

        Returns
        -------
        tuple
            The lowest tick (None without volume) and the buy, sell and unsigned volume of each
            tick (lots, shape `high - low + 1`, rows without volume are 0).

        """

class RollingProfile:
    """
    Volume at price over the last wall-clock minutes, the current one included.

    A minute without prints takes its place in the window, so that the window always covers the
    same time. A print of an earlier minute (late) is counted in that minute as long as the minute
    is in the window, and not at all afterwards. Removal is exact: after any history the window
    equals a new count of its prints.

    Parameters
    ----------
    minutes : int
        The length of the window (minutes).

    Attributes
    ----------
    window : VolumeProfile
        The prints of the window. Only to be read.
    minute : VolumeProfile
        The prints of the current minute, late ones of earlier minutes excluded. Only to be read.
    minutes : int
        The length of the window (minutes).
    current_minute : int
        The current minute (whole minutes since the epoch), 0 before the first event.

    Raises
    ------
    ParameterError
        If `minutes` is not positive.

    """

    window: VolumeProfile
    minute: VolumeProfile
    minutes: int
    current_minute: int

    def __init__(self, minutes: int) -> None: ...
    def update(self, ts_event: int, tick: int, size: int, sign: int = 0) -> None:
        """
        Add one print, after the window has moved to its minute.

        Parameters
        ----------
        ts_event : int
            The event time (ns UTC).
        tick, size, sign : int
            As in `VolumeProfile.add`.

        Raises
        ------
        ValueError
            If `size` is not positive, or the tick lies too far from the others.

        """

    def advance(self, ts_event: int) -> None:
        """Move the window to the minute of a time (ns UTC); an earlier minute changes nothing."""

    def reset(self) -> None:
        """Forget everything."""
