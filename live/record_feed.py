"""What a recorder receives of one instrument: buffered in standby, recorded when it is active."""

from collections import deque

from catalog.increments import Increments
from catalog.protocols import Bar
from catalog.protocols import Fixed
from catalog.protocols import Quote
from catalog.protocols import Trade
from catalog.recording.recording import Recording
from catalog.recording.records import BAR
from catalog.recording.records import QUOTE
from catalog.recording.records import TRADE
from catalog.recording.records import Record


NS_PER_S = 1_000_000_000


class InstrumentFeed:
    """
    Converts the data of an instrument to records and passes them on.

    Parameters
    ----------
    increments : Increments
        The venue's tick and lot.
    standby_s : float
        How much is buffered before `start` (s, by the time of receipt).

    Attributes
    ----------
    recording : Recording or None
        Where records go; None in standby.
    recent : list[Record]
        The answer to a request for recent trades, until it is complete.
    off_grid : int
        The records left out because a value is no multiple of tick or lot.

    """

    def __init__(self, increments: Increments, standby_s: float) -> None:
        self._increments = increments
        self._standby_ns = int(standby_s * NS_PER_S)
        self._buffer: deque[Record] = deque()
        self.recording: Recording | None = None
        self.recent: list[Record] = []
        self.off_grid = 0

    @property
    def buffered(self) -> list[Record]:
        """Return what has been received in standby, in the order of arrival."""
        return list(self._buffer)

    def start(self, recording: Recording) -> None:
        """Pass everything on to a recording, which has taken over what was buffered."""
        self.recording = recording
        self._buffer.clear()

    def take_quote(self, quote: Quote) -> None:
        """Take a quote."""
        ticks = self._ticks(quote.bid_price, quote.ask_price)
        lots = self._lots(quote.bid_size, quote.ask_size)
        if ticks is None or lots is None:
            self.off_grid += 1
            return
        times = quote.ts_event, quote.ts_init
        self._add(Record(QUOTE, *times, ticks[0], ticks[1], lots[0], lots[1]))

    def take_trade(self, trade: Trade) -> None:
        """Take a trade."""
        self._add(self._trade(trade))

    def take_bar(self, bar: Bar) -> None:
        """Take a bar that has closed."""
        prices = self._ticks(bar.open, bar.high, bar.low, bar.close)
        volume = self._lots(bar.volume)
        if prices is None or volume is None:
            self.off_grid += 1
            return
        o, h, low, c = prices
        text = str(bar.bar_type)
        self._add(Record(BAR, bar.ts_event, bar.ts_init, o, h, low, c, volume[0], 0, text))

    def take_recent(self, trade: Trade) -> None:
        """Take a trade of an answer to a request for recent ones."""
        record = self._trade(trade)
        if record is not None:
            self.recent.append(record)

    def _trade(self, trade: Trade) -> Record | None:
        ticks, lots = self._ticks(trade.price), self._lots(trade.size)
        if ticks is None or lots is None:
            self.off_grid += 1
            return None
        side, text = int(trade.aggressor_side), trade.trade_id.value
        times = trade.ts_event, trade.ts_init
        return Record(TRADE, *times, ticks[0], 0, lots[0], 0, 0, side, text)

    def _add(self, record: Record | None) -> None:
        if record is None:
            return
        if self.recording is not None:
            self.recording.add(record)
            return
        buffer = self._buffer
        buffer.append(record)
        while buffer[0].ts_recv < record.ts_recv - self._standby_ns:
            buffer.popleft()

    def _ticks(self, *prices: Fixed) -> tuple[int, ...] | None:
        return _units(prices, self._increments.tick_raw)

    def _lots(self, *sizes: Fixed) -> tuple[int, ...] | None:
        return _units(sizes, self._increments.lot_raw)


def _units(values: tuple[Fixed, ...], unit_raw: int) -> tuple[int, ...] | None:
    raws = [value.raw for value in values]
    if any(raw % unit_raw for raw in raws):
        return None
    return tuple(raw // unit_raw for raw in raws)
