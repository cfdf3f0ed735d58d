"""Takes the messages of a run from the bus while it goes on."""

from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from typing import NamedTuple

from nautilus_trader.common.component import MessageBus

from actors.messages import TABLES
from actors.messages import Alert
from actors.messages import DataGap
from actors.messages import Decision
from actors.messages import FundingPayment
from actors.messages import Message
from actors.messages import SecondBar
from actors.messages import TradeEvent
from actors.messages import ValueAreaMinute
from backtests.results.message_tables import MessageTable


NANOS_PER_MINUTE = 60_000_000_000


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
    msgbus : MessageBus
        The bus of the engine, before its run.
    folder : Path, optional
        The folder that gets a file for each of the classes published.
    published : Iterable[type[Message]], default ()
        The classes that the actors and strategies of the run publish.

    Attributes
    ----------
    minutes, decisions, trade_events, alerts, payments, gaps : list
        The messages of a class.
    seconds_closed : int
        The closed seconds.

    """

    def __init__(
        self,
        msgbus: MessageBus,
        folder: Path | None = None,
        published: Iterable[type[Message]] = (),
    ) -> None:
        self.minutes: list[ValueAreaMinute] = []
        self.decisions: list[Decision] = []
        self.trade_events: list[TradeEvent] = []
        self.alerts: list[Alert] = []
        self.payments: list[FundingPayment] = []
        self.gaps: list[DataGap] = []
        self.seconds_closed = 0
        self._last_of_minute: dict[tuple[str, int], float] = {}
        self._files = ExitStack()
        kept: dict[type[Message], list[Any]] = {
            ValueAreaMinute: self.minutes,
            Decision: self.decisions,
            TradeEvent: self.trade_events,
            Alert: self.alerts,
            FundingPayment: self.payments,
            DataGap: self.gaps,
        }
        for kind, messages in kept.items():
            msgbus.subscribe(topic=kind.topic(), handler=messages.append)
        msgbus.subscribe(topic=SecondBar.topic(), handler=self._see_second)
        classes = dict.fromkeys(published)
        for kind, name in TABLES.items():
            if folder is not None and kind in classes:
                table = MessageTable(kind, folder / f"{name}.parquet")
                self._files.enter_context(table)
                msgbus.subscribe(topic=kind.topic(), handler=table.add)

    def close(self) -> None:
        """Finish the files."""
        self._files.close()

    def feature_rows(self) -> list[tuple[str, tuple[Any, ...]]]:
        """Return the minutes as instrument id and column values."""
        return [_row(message) for message in self.minutes]

    def marks(self) -> list[Mark]:
        """
        Return the prices at the closed minutes.

        The middle of the quote where minutes are closed (the last trade where there is no quote),
        the last trade where seconds are; such a minute needs a trade.
        """
        marks = [
            Mark(
                minute.instrument_id.value,
                minute.ts_min + NANOS_PER_MINUTE,
                minute.close if minute.mid_close is None else minute.mid_close,
            )
            for minute in self.minutes
        ]
        marks += [Mark(name, ts, price) for (name, ts), price in self._last_of_minute.items()]
        return marks

    def _see_second(self, second: SecondBar) -> None:
        self.seconds_closed += 1
        minute = (second.ts_second // NANOS_PER_MINUTE + 1) * NANOS_PER_MINUTE
        price = second.close * second.tick_size
        self._last_of_minute[second.instrument_id.value, minute] = price


def _row(message: Message) -> tuple[str, tuple[Any, ...]]:
    return message.instrument_id.value, tuple(message.columns().values())
