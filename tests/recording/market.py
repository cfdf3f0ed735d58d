"""Ticks for a recorder, and what it has made of them."""

from pathlib import Path

from catalog.increments import instrument_increments
from catalog.instruments import resolve_instrument
from catalog.recording.records import QUOTE
from catalog.recording.records import TRADE
from catalog.recording.records import Record
from catalog.recording.store import RecordingStore
from catalog.recording.store import prepare_catalog
from catalog.recording.tail import last_ticks
from tests.markets import BTC


S = 1_000_000_000
MINUTE = 60 * S
T0 = 1_767_600_000 * S
GB = 2**30
INSTRUMENT = resolve_instrument(BTC)
UNITS = instrument_increments(INSTRUMENT)


def quote(ts: int, bid: int = 600_000, size: int = 5, received: int | None = None) -> Record:
    return Record(QUOTE, ts, received or ts, bid, bid + 1, size, size + 1)


def trade(ts: int, trade_id: str, price: int = 600_000, received: int | None = None) -> Record:
    return Record(TRADE, ts, received or ts, price, 0, 3, 0, 0, 1, trade_id)


def ticks(start: int, count: int, step: int = S // 2) -> list[Record]:
    """Return quotes and trades in turn."""
    return [
        quote(start + i * step, 600_000 + i % 7)
        if i % 2
        else trade(start + i * step, f"t{start}-{i}", 600_000 + i % 5)
        for i in range(count)
    ]


def opened(catalog: Path, days: int = 30, most_bytes: int = GB, buffered=()):
    """Return a store, recovered, and the recording of one instrument in it."""
    prepare_catalog(catalog, [BTC])
    store = RecordingStore(catalog, days, most_bytes)
    store.recover()
    return store, store.open(INSTRUMENT, buffered)


def recorded(catalog: Path) -> list[Record]:
    """Return all ticks of a catalog as they were, whatever their time of receipt."""
    return [plain(record) for record in last_ticks(catalog, UNITS, 0)]


def plain(record: Record) -> Record:
    return record._replace(ts_recv=0, is_late=False)
