"""A market of two contracts for the loopback gateway, and clients that collect what it sends."""

import ctypes.util
import os
import time
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import databento

from adapters.databento.loopback.catalog_source import CatalogSource
from adapters.databento.loopback.dbn_source import DbnSource
from adapters.databento.loopback.gateway import LoopbackGateway
from adapters.databento.loopback.symbols import Span
from adapters.databento.loopback.symbols import SymbolTable
from adapters.databento.loopback.tape import Source
from tests.adapters.dbn_files import IDS
from tests.adapters.dbn_files import records
from tests.adapters.dbn_files import write_dbn
from tests.markets import write_catalog


KEY = "db-0123456789abcdefghijklmnopqrs"
DATASET = "GLBX.MDP3"
NQZ5 = "NQZ5.XCME"
NQH6 = "NQH6.XCME"
MS = 1_000_000
# 2025-11-26 14:30 UTC; NQZ5 is the front month.
BEGIN = 1_764_167_400_000_000_000
BUYER, SELLER, NEITHER = 1, 2, 0

Row = tuple[int, ...]


def tick_rows(
    begin_ms: int, count: int, step_ms: int, base: int = 100_000, lots: int = 1
) -> list[Row]:
    """
    Return rows for a catalog: a quote, then a trade a moment later, on and on.

    Prices move by a tick each time; every third trade has no side.
    """
    rows: list[Row] = []
    for i in range(count):
        ts = BEGIN + (begin_ms + i * step_ms) * MS
        bid = base + i % 7
        side = (BUYER, SELLER, NEITHER)[i % 3]
        rows.append((0, ts, bid, 3 + i % 5, bid + 1, 4 + i % 5))
        rows.append((1, ts + MS // 2, bid + (side == BUYER), lots + i % 4, side))
    return rows


def catalog_sources(
    folder: Path, rows: list[Row], later: Sequence[Row] = ()
) -> list[CatalogSource]:
    """Return sources of NQZ5, and of NQH6 where it has rows."""
    write_catalog(folder, rows, NQZ5)
    sources = [CatalogSource(folder, NQZ5, IDS["NQZ5"])]
    if later:
        write_catalog(folder, list(later), NQH6)
        sources.append(CatalogSource(folder, NQH6, IDS["NQH6"]))
    return sources


def statistics_source(folder: Path, ts: int) -> DbnSource:
    """Return the settlement of NQZ5 as a DBN file."""
    row = {
        "ts_event": ts,
        "price": 25_001.25,
        "quantity": 2**63 - 1,
        "stat_type": 3,
        "update_action": 1,
        "ts_ref": BEGIN,
    }
    path = write_dbn(folder / "statistics.dbn", "statistics", records("statistics", [row]))
    return DbnSource(path)


def symbol_table() -> SymbolTable:
    return SymbolTable(Span(IDS[name], name) for name in ("NQZ5", "NQH6"))


@contextmanager
def gateway(
    sources: list[Source] | list[CatalogSource], **options: Any
) -> Iterator[LoopbackGateway]:
    """Serve sources as fast as the clients read, unless a speed is given."""
    symbols = options.pop("symbols", None) or symbol_table()
    with LoopbackGateway(sources, symbols, KEY, **{"speed": None, **options}) as served:
        yield served


class Client:
    """databento's own live client, with everything it receives."""

    def __init__(self, served: LoopbackGateway, key: str = KEY, **options: Any) -> None:
        self.live = databento.Live(key, gateway=served.host, port=served.port, **options)
        self.received: list[Any] = []

    def subscribe(self, schema: str, symbols: str = "NQZ5", **options: Any) -> "Client":
        self.live.subscribe(DATASET, schema, symbols, **options)
        return self

    def start(self) -> "Client":
        self.live.add_callback(self.received.append)
        self.live.start()
        return self

    def of(self, kind: type) -> list[Any]:
        return [record for record in self.received if type(record) is kind]

    def stop(self) -> None:
        self.live.terminate()


def wait_for(condition: Callable[[], object], seconds: float = 5.0) -> None:
    """Wait until a condition holds; fail if it does not."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "the condition did not come true in time"
        time.sleep(0.005)


def own_loopback_address() -> str:
    """Return an address no other process of this machine listens on, where ports are fixed."""
    number = os.getpid()
    return f"127.77.{number >> 8 & 255}.{number & 255 or 1}"


def wrapper_library() -> str | None:
    """Return the library that resolves names from a file, None if it is not installed."""
    return ctypes.util.find_library("nss_wrapper")
