"""One impulse: its bars, the five marks of its score, and the profile of its trades."""

from fractions import Fraction

from msgspec import Struct

from actors.impulse.bars import Second
from actors.impulse.levels import Direction
from actors.impulse.params import ImpulseParams
from indicators.core.bucket_profile import BucketProfile


UNIFORM_SHARE = Fraction(7, 10)
OVERLAP_SHARE = Fraction(1, 2)
VOLUME_MULTIPLE = Fraction(6, 5)


class Marks(Struct, frozen=True, kw_only=True):
    """
    Represents the five marks of an impulse.

    Parameters
    ----------
    broke_swing : bool
        If it broke a level or a swing.
    fast : bool
        If it took few bars.
    uniform : bool
        If at least 70 % of the bars go its way, and less than half of the bodies overlap the one
        before. A flat bar goes down.
    volume : bool
        If the mean volume is more than 1.2 times that of the bars before; False without such bars.
    size : bool
        If it is large enough.

    """

    broke_swing: bool
    fast: bool
    uniform: bool
    volume: bool
    size: bool

    @property
    def score(self) -> int:
        return self.broke_swing + self.fast + self.uniform + self.volume + self.size


class LowVolumeNode(Struct, frozen=True, kw_only=True):
    """
    Represents a thin bucket in the profile of an impulse.

    Parameters
    ----------
    impulse_id : int
        The impulse.
    direction : Direction
        Its direction.
    price : int
        The centre of the bucket in ticks.
    volume : int
        The volume in lots.
    average, ratio : float
        The average volume of the traded buckets, and the volume as a share of it.
    start, end : int
        The start of the first and of the last second of the impulse (UNIX nanoseconds).

    """

    impulse_id: int
    direction: Direction
    price: int
    volume: int
    average: float
    ratio: float
    start: int
    end: int


class ImpulseLeg:
    """
    Collects the bars of one impulse.

    Parameters
    ----------
    impulse_id : int
        The number of the impulse.
    direction : Direction
        Its direction.
    params : ImpulseParams
        The rules.
    base : Fraction or None
        The mean volume of the bars before it; None where there is none.
    level : str, default ''
        The level whose breakout started it.
    start_index : int, default 0
        The number of its first bar.
    broke_swing : bool, default True
        The first mark; a breakout has earned it.

    """

    def __init__(
        self,
        impulse_id: int,
        direction: Direction,
        params: ImpulseParams,
        base: Fraction | None,
        *,
        level: str = "",
        start_index: int = 0,
        broke_swing: bool = True,
    ) -> None:
        self.impulse_id = impulse_id
        self.direction = direction
        self.level = level
        self.start_index = start_index
        self.base = base
        self.broke_swing = broke_swing
        self.start = self.end = 0
        self.start_price = self.end_price = self.extreme = 0
        self.bars = 0
        self.volume = 0
        self._params = params
        self._in_direction = 0
        self._overlaps = 0
        self._body = (0, 0)
        self._profile = BucketProfile(params.lvn_bucket)

    def add(self, bar: Second) -> None:
        """Add the next bar, all its trades included."""
        body = (min(bar.open, bar.close), max(bar.open, bar.close))
        if self.bars == 0:
            self.start, self.start_price = bar.ts, bar.open
            self.extreme = bar.high if self.direction is Direction.UP else bar.low
        elif body[0] < self._body[1] and body[1] > self._body[0]:
            self._overlaps += 1
        if self.direction is Direction.UP:
            self.extreme = max(self.extreme, bar.high)
        else:
            self.extreme = min(self.extreme, bar.low)
        self._in_direction += (bar.close > bar.open) is (self.direction is Direction.UP)
        self._body = body
        self.bars += 1
        self.volume += bar.volume
        self.end, self.end_price = bar.ts, bar.close
        self._profile.add_prints(bar.ticks, bar.volumes)

    @property
    def extent(self) -> int:
        """Return the way from the first open to the extreme in ticks; it may be negative."""
        return self.direction.sign * (self.extreme - self.start_price)

    @property
    def is_large(self) -> bool:
        return self.extent >= self._params.min_impulse_size

    @property
    def is_retraced(self) -> bool:
        """Return whether the last close has given back more than the share allowed."""
        given_back = self.direction.sign * (self.extreme - self.end_price)
        return given_back > self._params.max_retrace_ratio * self.extent

    def marks(self) -> Marks:
        """Return the marks of the bars so far."""
        return Marks(
            broke_swing=self.broke_swing,
            fast=self.bars <= self._params.fast_bars,
            uniform=(
                self._in_direction >= UNIFORM_SHARE * self.bars
                and self._overlaps < OVERLAP_SHARE * max(self.bars - 1, 1)
            ),
            volume=self.base is not None and self.volume > VOLUME_MULTIPLE * self.base * self.bars,
            size=self.is_large,
        )

    def low_volume_nodes(self) -> list[LowVolumeNode]:
        """
        Return the thin buckets of all trades of all bars so far, by rising price.

        Buckets at the ends count as well, and neighbours are not merged.
        """
        return [
            LowVolumeNode(
                impulse_id=self.impulse_id,
                direction=self.direction,
                price=bucket.price,
                volume=bucket.volume,
                average=bucket.average,
                ratio=bucket.ratio,
                start=self.start,
                end=self.end,
            )
            for bucket in self._profile.thin_buckets(self._params.lvn_ratio)
        ]
