"""The mid price of a sample market, second by second."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.sample.noise import slow_noise


MILLI = 1000
GOLDEN = 0.6180339887498949
CHUNK = 512  # seconds drawn at once in a race


@dataclass(frozen=True, slots=True)
class PricePath:
    """
    Represents the finished path of one stretch of trading.

    Attributes
    ----------
    start_ns : int
        The first moment (ns UTC, a whole minute).
    price : NDArray[np.int64], shape (n + 1,)
        The mid price at each full second (thousandths of a tick).
    sigma : NDArray[np.float64], shape (n,)
        The standard deviation of the noise in each second's move (ticks).
    intensity : NDArray[np.float64], shape (n,)
        The expected number of aggressive orders in each second.
    imbalance : NDArray[np.float64], shape (n,)
        The slow part of the tilt of the best bid's size against the best ask's (standard normal).
    blocks : tuple[tuple[int, int, int], ...]
        Large orders filled at one price: second, sign (+1 buy, -1 sell), prints.
    scenes : tuple[tuple[str, int], ...]
        What was played, with the second at which it began.

    """

    start_ns: int
    price: NDArray[np.int64]
    sigma: NDArray[np.float64]
    intensity: NDArray[np.float64]
    imbalance: NDArray[np.float64]
    blocks: tuple[tuple[int, int, int], ...]
    scenes: tuple[tuple[str, int], ...]


class PriceWalk:
    """
    Writes a price path piece by piece.

    `wander` and `race` write a martingale: the move of each second is normal with mean zero,
    independent of the past, and its deviation is known before it. A race ends at the barrier that
    the price reaches.

    `leg` and `travel` go to an end that is drawn beforehand, by `turn` or `outcome`. Their chances
    are those of a driftless walk between two barriers, so a position held over a whole leg has no
    expected gain; within a leg, though, the price drifts to its end.

    Parameters
    ----------
    rng : np.random.Generator
        The source of all chance.
    start : int
        The first price (ticks).
    volatility : NDArray[np.float64], shape (n,)
        The usual standard deviation of one second's move (ticks).
    intensity : NDArray[np.float64], shape (n,)
        The usual number of aggressive orders per second.

    """

    def __init__(
        self,
        rng: np.random.Generator,
        start: int,
        volatility: NDArray[np.float64],
        intensity: NDArray[np.float64],
    ) -> None:
        self._rng = rng
        self._volatility = volatility
        self._intensity = intensity.copy()
        self._sigma = volatility.copy()
        self._price = np.full(len(volatility) + 1, start * MILLI, dtype=np.int64)
        self._outcomes: dict[str, float] = {}
        self._blocks: list[tuple[int, int, int]] = []
        self._scenes: list[tuple[str, int]] = []
        self.now = 0
        self.limit = len(volatility)

    @property
    def running(self) -> bool:
        """Return whether the present limit (seconds from the start) has not been reached."""
        return self.now < self.limit

    @property
    def position(self) -> int:
        """Return the present price (ticks)."""
        return int(self._price[self.now]) // MILLI

    def scene(self, name: str, since: int | None = None) -> None:
        """Record a scene that begins now, or began at an earlier second."""
        self._scenes.append((name, self.now if since is None else since))

    def turn(self, up: int, down: int) -> int:
        """Return +1 or -1 with the chances of a driftless walk between two barriers (ticks)."""
        return 1 if self._rng.random() * (up + down) < down else -1

    def outcome(self, name: str, gain: int = 1, loss: int = 1) -> int:
        """
        Return +1 or -1 with the chances of `turn`, spread evenly over the draws of one name.

        A golden-ratio sequence with a random start gives a short sample both outcomes in about
        their right shares. Use it only for outcomes relative to the side of a scene: directions
        that alternate would make the price revert to its mean.

        Parameters
        ----------
        name : str
            The kind of decision.
        gain, loss : int
            The distances travelled on +1 and on -1.

        """
        last = self._outcomes.get(name)
        draw = self._rng.random() if last is None else (last + GOLDEN) % 1.0
        self._outcomes[name] = draw
        return 1 if draw * (gain + loss) < loss else -1

    def seconds_for(self, move: int, speed: float) -> int:
        """Return the duration of a move; speed 1 is the usual time of a driftless walk."""
        sigma = float(self._volatility[min(self.now, len(self._volatility) - 1)])
        return max(6, min(7200, int((move / (speed * sigma)) ** 2)))

    def leg(self, move: int, seconds: int, noise: float = 1.0, activity: float = 1.0) -> None:
        """
        Go to a given distance along a Brownian bridge.

        Parameters
        ----------
        move : int
            The distance at the end of the leg (ticks).
        seconds : int
            The length of the leg; the limit cuts it.
        noise, activity : float
            The factors on the usual volatility and the usual number of orders.

        """
        walk = self._noise(seconds, noise)
        ramp = np.arange(1, seconds + 1, dtype=np.int64)
        self._append(walk + (move * MILLI - walk[-1]) * ramp // seconds, activity, noise)

    def travel(self, move: int, speed: float, noise: float = 1.0, activity: float = 1.0) -> None:
        """Go a distance in the time that belongs to the speed (see `seconds_for`)."""
        self.leg(move, self.seconds_for(move, speed), noise, activity)

    def wander(self, seconds: int, noise: float = 1.0, activity: float = 1.0) -> None:
        """Walk without aim for a number of seconds."""
        self._append(self._noise(seconds, noise), activity, noise)

    def race(
        self,
        up: int,
        down: int,
        seconds: int,
        noise: float = 1.0,
        activity: float = 1.0,
    ) -> int:
        """
        Walk without aim until one of two barriers is reached.

        Parameters
        ----------
        up, down : int
            The distances of the barriers (ticks, more than 0).
        seconds : int
            The longest time; the limit cuts it.
        noise, activity : float
            The factors on the usual volatility and the usual number of orders.

        Returns
        -------
        int
            +1 or -1 for the barrier that was reached, 0 if the time was over before.

        """
        above, below = self._price[self.now] + up * MILLI, self._price[self.now] - down * MILLI
        end = min(self.limit, self.now + seconds)
        while self.now < end:
            offsets = self._noise(min(CHUNK, end - self.now), noise)
            price = self._price[self.now] + offsets
            reached = np.flatnonzero((price >= above) | (price <= below))
            if len(reached):
                self._append(offsets[: reached[0] + 1], activity, noise)
                return 1 if price[reached[0]] >= above else -1
            self._append(offsets, activity, noise)
        return 0

    def block(self, sign: int, prints: int) -> None:
        """Let a large order be filled at the best price in the present second."""
        if self.running:
            self._blocks.append((self.now, sign, prints))

    def value_area(self, start: int, stop: int, row: int) -> tuple[int, int, int]:
        """
        Return the value area of a stretch, orders counted as volume (70 %, ties to the lower row).

        Parameters
        ----------
        start, stop : int
            The seconds, from inclusive to exclusive.
        row : int
            The height of a row (ticks).

        Returns
        -------
        tuple[int, int, int]
            Lower edge, point of control and upper edge (ticks).

        """
        rows = self._price[max(0, start) : stop] // (row * MILLI)
        base = int(rows.min())
        weights = np.rint(self._intensity[max(0, start) : stop] * MILLI)
        volume = [int(v) for v in np.bincount(rows - base, weights=weights)]
        low = high = volume.index(max(volume))
        poc, held, target = low, volume[low], sum(volume) * 7 // 10
        while held < target:
            below = volume[low - 1] if low > 0 else -1
            above = volume[high + 1] if high + 1 < len(volume) else -1
            if above > below:
                high += 1
                held += above
            else:
                low -= 1
                held += below
        return (base + low) * row, (base + poc) * row + row // 2, (base + high + 1) * row

    def extremes(self, start: int, stop: int) -> tuple[int, int]:
        """Return the lowest and the highest price (ticks) between two seconds."""
        part = self._price[start:stop]
        return int(part.min()) // MILLI, int(part.max()) // MILLI

    def finish(self, start_ns: int) -> PricePath:
        """
        Return the path; orders follow fast seconds, and the book leans with the last moves.

        Neither predicts later moves: both depend only on the time before the second.
        """
        self._price[self.now + 1 :] = self._price[self.now]
        moves = np.abs(np.diff(self._price[:-1], prepend=self._price[0])) / MILLI
        moves[1:] /= self._volatility[:-1]
        recent = np.concatenate((np.repeat(self._price[:1], 30), self._price))
        trend = (recent[30:-1] - recent[:-31]) / (MILLI * self._volatility * math.sqrt(30.0))
        slow = slow_noise(self._rng, len(moves), 60)
        return PricePath(
            start_ns=start_ns,
            price=self._price,
            sigma=self._sigma,
            intensity=self._intensity * (0.5 + 0.6 * np.minimum(moves, 6.0)),
            imbalance=0.8 * slow + 0.5 * np.clip(trend, -2.0, 2.0),
            blocks=tuple(self._blocks),
            scenes=tuple(sorted(self._scenes, key=lambda scene: scene[1])),
        )

    def _noise(self, seconds: int, noise: float) -> NDArray[np.int64]:
        sigma = np.full(seconds, self._volatility[-1])
        known = self._volatility[self.now : self.now + seconds]
        sigma[: len(known)] = known
        steps = np.rint(self._rng.standard_normal(seconds) * sigma * (noise * MILLI))
        return np.cumsum(steps.astype(np.int64))

    def _append(self, offsets: NDArray[np.int64], activity: float, noise: float) -> None:
        stop = min(self.limit, self.now + len(offsets))
        start = self._price[self.now]
        self._price[self.now + 1 : stop + 1] = start + offsets[: stop - self.now]
        self._intensity[self.now : stop] *= activity
        self._sigma[self.now : stop] *= noise
        self.now = stop
