"""Databento's side of a replay: a gateway in a thread, its host name redirected to loopback."""

import os
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from adapters.databento.live import KEY_VARIABLE
from adapters.databento.login import LIVE_PORT
from adapters.databento.login import live_host
from adapters.databento.loopback.catalog_source import BUILT_BARS
from adapters.databento.loopback.catalog_source import CatalogSource
from adapters.databento.loopback.gateway import LoopbackGateway
from adapters.databento.loopback.symbols import SymbolTable
from adapters.databento.records import BAR_STEPS
from catalog.bars import bar_rows
from catalog.credentials import drop_credential
from catalog.layout import BARS
from catalog.layout import bar_step_ns
from catalog.layout import instrument_of
from catalog.protocols import Bar
from catalog.protocols import Quote
from catalog.protocols import Trade
from catalog.reader import TRADE
from catalog.reader import read_ticks
from configs.data_types import BAR
from configs.data_types import bar_step
from configs.data_types import identifier_of
from configs.data_types import kind_of
from live.last_ticks import LastTicks
from live.node_calls import instrument_of_data


DATASET = "GLBX.MDP3"
VENUES = ("XCME", "XCBT", "XNYM", "XCEC")
# Nothing listens under the second of these names: the node must not reach the historical service.
HOSTS = (live_host(DATASET), "hist.databento.com")
KEY = "db-loopback-key-of-a-replay-0000"
NO_SUCH_BARS = "a replay of futures has bars of 1s and 1m alone"
# The bars that the loopback gateway has, by their length (ns).
SCHEMAS = {BAR_STEPS[schema]: schema for schema in BUILT_BARS}
# Longest silence (s) between two batches of a market that the replay drives.
HEARTBEAT_S = 5.0


@dataclass(frozen=True, slots=True)
class Played:
    """
    Represents a quote or a trade of a catalog.

    Attributes
    ----------
    ts_ns : int
        Its time in the catalog (`ts_init`, ns UTC), unique among the events of the instrument.
    kind : int
        `QUOTE` or `TRADE` of `catalog.reader`, or the length of a bar (ns).
    ts_event : int
        The venue's timestamp (ns UTC).
    instrument_id : str
        The instrument.

    """

    ts_ns: int
    kind: int
    ts_event: int
    instrument_id: str


class DatabentoStage:
    """
    Publish the events of a replay to a node over Databento's live protocol.

    Parameters
    ----------
    gateway : LoopbackGateway
        The gateway, which sends only what it is allowed to.
    instrument_ids : Sequence[str]
        The instruments.
    data : Sequence[str]
        The types of data that the node reads.

    Attributes
    ----------
    settings : list[str]
        `dotted.key=value` settings for the node.

    """

    def __init__(
        self, gateway: LoopbackGateway, instrument_ids: Sequence[str], data: Sequence[str]
    ) -> None:
        self._gateway = gateway
        self._batch: dict[tuple[str, bool, int], Played] = {}
        self._bar_types: dict[tuple[str, int], str] = {}
        self._count = len(instrument_ids)
        self._schemas = set() if all(kind_of(name) == BAR for name in data) else {"mbp-1"}
        for name in data:
            if kind_of(name) == BAR:
                for instrument_id in instrument_ids:
                    text = identifier_of(name, instrument_id)
                    self._bar_types[instrument_id, bar_step(name)] = text
                self._schemas.add(SCHEMAS[bar_step(name)])
        self.settings: list[str] = []

    def is_subscribed(self) -> bool:
        found = [each for session in self._gateway.sessions for each in session.subscriptions]
        return all(
            len({symbol for each in found if each.schema == schema for symbol in each.symbols})
            >= self._count
            for schema in self._schemas
        )

    def feed(self, batch: Sequence[Played]) -> None:
        self._batch = {
            (event.instrument_id, event.kind > TRADE, event.ts_ns): event for event in batch
        }
        self._gateway.allow(batch[-1].ts_ns)

    def times(self, tick: Quote | Trade | Bar, *, is_quote: bool) -> tuple[int, int] | None:
        # The client passes on the timestamp of receipt, which here is the catalog's `ts_init`.
        name, is_bar = str(instrument_of_data(tick)), hasattr(tick, "bar_type")
        event = self._batch[name, is_bar, tick.ts_event]
        # A trade record repeats the current quote, which the catalog does not.
        if event.kind == TRADE and is_quote:
            return None
        return event.ts_event, event.ts_ns

    def has_seen(self, last: LastTicks, event: Played) -> bool:
        if event.kind > TRADE:
            bar = last.bar(self._bar_types[event.instrument_id, event.kind])
            return bar is not None and bar.ts_init >= event.ts_ns
        find = last.trade if event.kind == TRADE else last.quote
        tick = find(event.instrument_id)
        return tick is not None and tick.ts_init >= event.ts_ns


def has_bars(step_ns: int) -> bool:
    """Return True if the loopback gateway has bars of a length (ns)."""
    return step_ns in SCHEMAS


def played_ticks(catalog: Path, instrument_id: str, start_ns: int, end_ns: int) -> Iterator[Played]:
    """Read quotes and trades (`ts_init` in ns UTC, both ends included)."""
    for part in read_ticks(catalog, instrument_id, start_ns, end_ns):
        columns = (part.ts_init, part.kind, part.ts_event)
        rows = zip(*(column.tolist() for column in columns), strict=True)
        for ts_init, kind, ts_event in rows:
            yield Played(ts_init, kind, ts_event, instrument_id)


def played_bars(catalog: Path, bar_type: str, start_ns: int, end_ns: int) -> Iterator[Played]:
    """Read bars (`ts_init` in ns UTC, both ends included)."""
    step, instrument_id = bar_step_ns(bar_type), instrument_of(BARS, bar_type)
    for ts_init, ts_event, *_ in bar_rows(catalog, bar_type, start_ns, end_ns):
        yield Played(ts_init, step, ts_event, instrument_id)


@contextmanager
def stage(
    catalog: Path,
    instrument_ids: Sequence[str],
    first_ns: int,
    address: str,
    data: Sequence[str],
) -> Iterator[DatabentoStage]:
    """
    Run a gateway while the context is open.

    Parameters
    ----------
    catalog : Path
        The catalog that is replayed.
    instrument_ids : Sequence[str]
        The futures.
    first_ns : int
        The time of the first event (ns UTC).
    address : str
        The loopback address to which the host name of the venue's gateway resolves.
    data : Sequence[str]
        The types of data that the node reads.

    """
    # The node must not find the key of a real account.
    drop_credential(KEY_VARIABLE)
    os.environ[KEY_VARIABLE] = KEY
    sources = [CatalogSource(catalog, name, i + 1) for i, name in enumerate(instrument_ids)]
    gateway = LoopbackGateway(
        sources,
        SymbolTable([source.span for source in sources]),
        KEY,
        dataset=DATASET,
        host=address,
        port=LIVE_PORT,
        speed=None,
        begin_ns=first_ns,
        heartbeat_s=HEARTBEAT_S,
    )
    with gateway:
        gateway.allow(first_ns - 1)
        yield DatabentoStage(gateway, instrument_ids, data)
