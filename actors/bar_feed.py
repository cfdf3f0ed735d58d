"""Forward given bars: each once, in the order of time, historical ones before live ones."""

from collections import Counter
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence

from actors.given_bars import GivenBar
from indicators.core.gaps import GapFinder


REPEATED = "bar repeated with other values: the first one counts"
LATE = "bar earlier than one that came before it: left out"


class BarFeed:
    """
    Orders the bars of an actor, and forwards those that are new.

    A venue repeats rows and may send one late. A bar that is not later than the last one of its
    type is left out; it is counted if its values differ.

    Parameters
    ----------
    names : Sequence[str]
        The bar types; of bars that end together the first named comes first.
    take : Callable[[GivenBar], None]
        Receives each bar.
    notices : Counter[str]
        Counts bars left out although their values were new.
    is_holding : bool
        If bars are kept until `release` puts a history before them.

    """

    def __init__(
        self,
        names: Sequence[str],
        take: Callable[[GivenBar], None],
        notices: Counter[str],
        *,
        is_holding: bool,
    ) -> None:
        self._ranks = {name: rank for rank, name in enumerate(names)}
        self._take = take
        self._notices = notices
        self._last: dict[str, GivenBar] = {}
        self._held: list[GivenBar] = []
        self._past: list[GivenBar] = []
        self.is_holding = is_holding

    def last_end(self, name: str) -> int | None:
        """Return the end (ns UTC) of the last forwarded bar of a type, None before the first."""
        last = self._last.get(name)
        return None if last is None else last.ts_event

    def first_held(self, name: str) -> int | None:
        """Return the end (ns UTC) of the first kept bar of a type, None without one."""
        return min((bar.ts_event for bar in self._held if bar.bar_type == name), default=None)

    def add_live(self, bar: GivenBar) -> None:
        """Add a bar that has just closed."""
        if self.is_holding:
            self._held.append(bar)
        else:
            self._hand_on(bar)

    def add_past(self, bars: Iterable[GivenBar]) -> None:
        """Add historical bars of the venue, in any order."""
        self._past += bars

    def past_end(self, name: str, until_ns: int) -> int | None:
        """Return the end (ns UTC) of the last historical bar of a type up to a time."""
        ends = (bar.ts_event for bar in self._past if bar.bar_type == name)
        return max((end for end in ends if end <= until_ns), default=None)

    def hold(self) -> None:
        """Start keeping bars until `release`."""
        self.is_holding = True

    def release(
        self, stored: Iterable[GivenBar], until_ns: int, finder: GapFinder | None
    ) -> list[GivenBar]:
        """
        Stop keeping; return the history and the kept bars, each once, in the order of time.

        The caller forwards them by `add_live`. If sources differ in a bar, the venue takes
        precedence over a catalog, and its live bar over its historical one.

        Parameters
        ----------
        stored : Iterable[GivenBar]
            The bars of a catalog.
        until_ns : int
            The time (ns UTC) up to which a historical bar is certain to be complete: one that ends
            later may have been read while it was forming, and is never used.
        finder : GapFinder, optional
            The rule for gaps, unused so far: data before the last gap are left out.

        """
        found: dict[tuple[int, int], GivenBar] = {}
        past = [bar for source in (stored, self._past) for bar in source]
        for bar in [*(b for b in past if b.ts_event <= until_ns), *self._held]:
            found[bar.ts_event, self._ranks.get(bar.bar_type, 0)] = bar
        self._past, self._held, self.is_holding = [], [], False
        bars = [found[key] for key in sorted(found)]
        cut = 0
        for number, bar in enumerate(bars if finder is not None else []):
            if finder is not None and finder.on_trade(bar.ts_event):
                cut = number
        return bars[cut:]

    def _hand_on(self, bar: GivenBar) -> None:
        last = self._last.get(bar.bar_type)
        if last is not None and bar.ts_event <= last.ts_event:
            if bar.ts_event < last.ts_event:
                self._notices[LATE] += 1
            elif bar.values != last.values:
                self._notices[REPEATED] += 1
            return
        self._last[bar.bar_type] = bar
        self._take(bar)
