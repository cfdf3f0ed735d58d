"""Footprint bars by a plain account of dictionaries, for comparison."""

from collections.abc import Callable
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from indicators.core.footprint_bars import COLUMNS


Trade = tuple[int, int, int, int]
Sessions = Callable[[int], tuple[int, int, bool]]


def middle_peak(volumes: dict[int, int]) -> int:
    """Return the price of most volume; of equal ones the nearest to the middle, then the lower."""
    middle = min(volumes) + max(volumes)
    return min(volumes, key=lambda tick: (-volumes[tick], abs(2 * tick - middle), tick))


def value_area(volumes: dict[int, int], share: Fraction = Fraction(7, 10)) -> tuple[int, int]:
    """Return the ends of the contiguous value area, grown by pairs of ticks."""
    low = high = middle_peak(volumes)
    bottom, top = min(volumes), max(volumes)
    held, needed = volumes[low], share * sum(volumes.values())
    while held < needed:
        below = [tick for tick in (low - 1, low - 2) if tick >= bottom]
        above = [tick for tick in (high + 1, high + 2) if tick <= top]
        down = sum(volumes.get(tick, 0) for tick in below) if below else -1
        up = sum(volumes.get(tick, 0) for tick in above) if above else -1
        held += max(down, up)
        low, high = (below[-1], high) if down >= up else (low, above[-1])
    return low, high


def slope(values: list[int]) -> Fraction:
    """Return the least-squares slope per bar."""
    n = len(values)
    if n < 2:
        return Fraction(0)
    x, y = Fraction(n - 1, 2), Fraction(sum(values), n)
    spread = sum((i - x) ** 2 for i in range(n))
    return sum(((i - x) * (value - y) for i, value in enumerate(values)), Fraction(0)) / spread


class Account:
    """Footprint bars of a stream in order; `rows` as `FootprintBars.closed` has them."""

    def __init__(self, kind: str, size: int, sessions: Sessions, *, tick_rule: bool) -> None:
        self.kind, self.size, self.sessions, self.tick_rule = kind, size, sessions, tick_rule
        self.rows: list[tuple[tuple[Any, ...], tuple[list[int], ...]]] = []
        self.bar: list[Trade] = []
        self.start = self.end = 0
        self.since: int | None = None
        self.last_end: int | None = None
        self.session: tuple[int, int, bool] | None = None
        self.profile: dict[int, int] = {}
        self.cvds: list[int] = []
        self.inferred = 0
        self.prices: list[int] = []

    def add(self, trade: Trade) -> None:
        ts, tick, size, sign = trade
        self.since = ts if self.since is None else self.since
        if self.bar and ts >= self.end:
            self.close(self.end, self._by_time())
        if not self.bar:
            self._open(ts)
        self.prices.append(tick)
        if sign == 0 and self.tick_rule:
            sign = self._moved()
            self.inferred += size if sign else 0
        self.bar.append((ts, tick, size, sign))
        measure = {
            "time": 0,
            "volume": sum(trade[2] for trade in self.bar),
            "ticks": len(self.bar),
            "delta": abs(sum(trade[2] * trade[3] for trade in self.bar)),
            "range": max(t[1] for t in self.bar) - min(t[1] for t in self.bar),
        }[self.kind]
        if self.kind != "time" and measure >= self.size:
            self.close(max(ts, self.start) + 1, self.kind.upper())

    def _moved(self) -> int:
        for before, after in zip(self.prices[-2::-1], self.prices[:0:-1], strict=True):
            if before != after:
                return 1 if after > before else -1
        return 0

    def _by_time(self) -> str:
        return "TIME" if self.kind == "time" and self.end % self.size == 0 else "SESSION"

    def _open(self, ts: int) -> None:
        earliest = ts if self.last_end is None else max(ts, self.last_end)
        if self.session is None or earliest >= self.session[1]:
            self.session = self.sessions(earliest)
            self.profile, self.cvds = {}, []
        self.start, self.end = earliest, self.session[1]
        if self.kind == "time":
            begin = earliest // self.size * self.size
            self.start = max(begin, self.session[0], self.last_end or self.session[0])
            self.end = min(begin + self.size, self.session[1])

    def close(self, end: int, closed_by: str) -> None:
        assert self.session is not None
        assert self.since is not None
        bar, self.bar = self.bar, []
        levels: dict[int, list[int]] = {}
        deltas = [0]
        for _, tick, size, sign in bar:
            levels.setdefault(tick, [0, 0, 0])[{1: 0, -1: 1, 0: 2}[sign]] += size
            deltas.append(deltas[-1] + size * sign)
            self.profile[tick] = self.profile.get(tick, 0) + size
        buy, sell, unsigned = (sum(sides) for sides in zip(*levels.values(), strict=True))
        self.cvds.append((self.cvds[-1] if self.cvds else 0) + buy - sell)
        ticks = [trade[1] for trade in bar]
        low, high = value_area(self.profile)
        values = {
            "ts_start": self.start,
            "ts_end": end,
            "open": ticks[0],
            "high": max(ticks),
            "low": min(ticks),
            "close": ticks[-1],
            "volume": buy + sell + unsigned,
            "buy": buy,
            "sell": sell,
            "unsigned": unsigned,
            "inferred": self.inferred,
            "delta": buy - sell,
            "min_delta": min(deltas),
            "max_delta": max(deltas),
            "trade_count": len(bar),
            "late_trades": 0,
            "poc": middle_peak({tick: sum(sides) for tick, sides in levels.items()}),
            "closed_by": closed_by,
            "cvd": self.cvds[-1],
            "cvd_slope": float(slope(self.cvds[-5:])),
            "session_start": self.session[0],
            "session_end": self.session[1],
            "in_session": self.session[2],
            "session_volume": sum(self.profile.values()),
            "session_poc": middle_peak(self.profile),
            "session_val": low,
            "session_vah": high,
            "whole": self.start >= self.since,
            "session_whole": self.session[0] >= self.since,
        }
        self.inferred = 0
        self.last_end = end
        prices = sorted(levels)
        sides = tuple([levels[tick][side] for tick in prices] for side in range(3))
        self.rows.append((tuple(values[name] for name in COLUMNS), (prices, *sides)))


def account(
    trades: Iterable[Trade],
    kind: str,
    size: int,
    sessions: Sessions,
    *,
    tick_rule: bool = False,
) -> list[tuple[tuple[Any, ...], tuple[list[int], ...]]]:
    """Return the bars of trades in order of time, the last one included."""
    found = Account(kind, size, sessions, tick_rule=tick_rule)
    for trade in trades:
        found.add(trade)
    if found.bar:
        found.close(found.end, found._by_time())
    return found.rows
