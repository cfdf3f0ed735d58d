"""Keep, count and write to tables the messages of a run."""

from collections import Counter
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from typing import NamedTuple

from actors.messages import Alert
from actors.messages import DataGap
from actors.messages import Decision
from actors.messages import FundingPayment
from actors.messages import Message
from actors.messages import TradeEvent
from actors.messages import message_classes
from backtests.results.gaps import note_warm
from backtests.results.message_tables import MessageTable


NANOS_PER_MINUTE = 60_000_000_000
# The tables of every run.
ALWAYS = (Decision, TradeEvent, Alert)


class Mark(NamedTuple):
    """Represents the price of an instrument at the close of a minute (ns UTC), None without one."""

    instrument_id: str
    ts: int
    price: float | None


class Collector:
    """
    Collects what actors and strategies publish, in the order of publication.

    Parameters
    ----------
    folder : Path, optional
        The folder that gets the table of each class published.
    published : Iterable[type[Message]], default ()
        The classes that the actors and strategies of the run publish.
    kept : Iterable[type[Message]], default ()
        Further classes whose messages are kept, for `of`.

    Attributes
    ----------
    decisions, trade_events, alerts, payments, gaps : list
        The messages of a class.
    bars : Counter[str]
        The closed bars by their unit.
    warm_closes : dict[str, list[int]]
        The closes (ns UTC) of the bars whose window was complete, of each instrument whose bars say
        so.
    unclear : list[float]
        Of each closed bar with prints, where its message says so, the share of volume whose side is
        unclear.

    """

    def __init__(
        self,
        folder: Path | None = None,
        published: Iterable[type[Message]] = (),
        kept: Iterable[type[Message]] = (),
    ) -> None:
        self.decisions: list[Decision] = []
        self.trade_events: list[TradeEvent] = []
        self.alerts: list[Alert] = []
        self.payments: list[FundingPayment] = []
        self.gaps: list[DataGap] = []
        self.bars: Counter[str] = Counter()
        self.warm_closes: dict[str, list[int]] = {}
        self.unclear: list[float] = []
        self._prices: dict[tuple[str, int], float | None] = {}
        self._files = ExitStack()
        self._kept: dict[type[Message], list[Any]] = {
            **{cls: [] for cls in kept},
            Decision: self.decisions,
            TradeEvent: self.trade_events,
            Alert: self.alerts,
            FundingPayment: self.payments,
            DataGap: self.gaps,
        }
        self._tables: dict[type[Message], MessageTable] = {}
        if folder is None:
            return
        tables: list[type[Message]] = [*ALWAYS, *published]
        for cls in dict.fromkeys(tables):
            if cls.TABLE is not None and not cls.TABLE.of_nodes:
                table = MessageTable(cls, folder / f"{cls.TABLE.name}.parquet")
                self._tables[cls] = self._files.enter_context(table)

    def handlers(self) -> Iterator[tuple[type[Message], Callable[[Any], None]]]:
        """Yield the classes of the messages to take, each with what takes them."""
        for kind, messages in self._kept.items():
            yield kind, messages.append
        for kind in message_classes():
            if kind.TABLE is not None and kind.TABLE.bars:
                yield kind, self._see_bar
        for cls, table in self._tables.items():
            yield cls, table.add

    def close(self) -> None:
        """Finish the files."""
        self._files.close()

    def of(self, cls: type[Message]) -> list[Any]:
        """Return the messages of a class that is kept."""
        return self._kept[cls]

    def marks(self) -> list[Mark]:
        """
        Return the prices at the closed minutes, as the last bar in each of them has it.

        Where only bars with trades are closed, such a minute needs a trade.
        """
        return [Mark(name, ts, price) for (name, ts), price in self._prices.items()]

    def _see_bar(self, bar: Message) -> None:
        if bar.TABLE is None:
            return
        self.bars[bar.TABLE.bars] += 1
        minute = (bar.ts_event // NANOS_PER_MINUTE + 1) * NANOS_PER_MINUTE
        self._prices[bar.instrument_id.value, minute] = bar.mark
        if bar.WARM:
            note_warm(self.warm_closes, bar)
        if bar.UNCLEAR is not None:
            share, prints = map(bar.column, bar.UNCLEAR)
            if prints:
                self.unclear.append(share)
