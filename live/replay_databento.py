"""Databento's side of a replay: a gateway in a thread, in a process where its name leads here."""

import os
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from adapters.databento.live import KEY_VARIABLE
from adapters.databento.login import LIVE_PORT
from adapters.databento.login import live_host
from adapters.databento.loopback.catalog_source import CatalogSource
from adapters.databento.loopback.gateway import LoopbackGateway
from adapters.databento.loopback.symbols import SymbolTable
from catalog.protocols import Quote
from catalog.protocols import Trade
from catalog.reader import TRADE
from catalog.reader import read_ticks
from live.last_ticks import LastTicks


DATASET = "GLBX.MDP3"
VENUES = ("XCME", "XCBT", "XNYM", "XCEC")
# Nobody answers by the second of these names: the node must not reach the historical service.
HOSTS = (live_host(DATASET), "hist.databento.com")
KEY = "db-loopback-key-of-a-replay-0000"
NUMBER = 1
# A market that the tape moves by itself is silent between two batches for no longer.
HEARTBEAT_S = 5.0


@dataclass(frozen=True, slots=True)
class Played:
    """
    Represents a quote or a trade of a catalog.

    Attributes
    ----------
    ts_ns : int
        Its time in the catalog (`ts_init`, ns UTC), which no other event of the instrument has.
    kind : int
        `QUOTE` or `TRADE` of `catalog.reader`.
    ts_event : int
        The venue's time (ns UTC).

    """

    ts_ns: int
    kind: int
    ts_event: int


class DatabentoStage:
    """
    Shows a node the events of a tape by Databento's live protocol.

    Parameters
    ----------
    gateway : LoopbackGateway
        The gateway, which goes no further than it is let.
    instrument_id : str
        The instrument.

    Attributes
    ----------
    settings : list[str]
        `dotted.key=value` settings for the node.

    """

    def __init__(self, gateway: LoopbackGateway, instrument_id: str) -> None:
        self._gateway = gateway
        self._instrument_id = instrument_id
        self._batch: dict[int, Played] = {}
        self.settings: list[str] = []

    def is_subscribed(self) -> bool:
        return any(
            asked.schema == "mbp-1"
            for session in self._gateway.sessions
            for asked in session.subscriptions
        )

    def feed(self, batch: Sequence[Played]) -> None:
        self._batch = {event.ts_ns: event for event in batch}
        self._gateway.allow(batch[-1].ts_ns)

    def times(self, tick: Quote | Trade, *, is_quote: bool) -> tuple[int, int] | None:
        # Of its times the client tells that of receipt, which here is that of the catalog.
        event = self._batch[tick.ts_event]
        # A record of a trade repeats the quote in force, which the catalog does not.
        if event.kind == TRADE and is_quote:
            return None
        return event.ts_event, event.ts_ns

    def has_seen(self, last: LastTicks, event: Played) -> bool:
        find = last.trade if event.kind == TRADE else last.quote
        tick = find(self._instrument_id)
        return tick is not None and tick.ts_init >= event.ts_ns


def read_events(
    catalog: Path,
    instrument_id: str,
    start_ns: int,
    end_ns: int,
) -> Iterator[Played]:
    """
    Read what is played.

    Parameters
    ----------
    catalog : Path
        The catalog.
    instrument_id : str
        The instrument.
    start_ns, end_ns : int
        The interval of `ts_init` (ns UTC), both ends included.

    """
    for part in read_ticks(catalog, instrument_id, start_ns, end_ns):
        columns = (part.ts_init, part.kind, part.ts_event)
        for row in zip(*(column.tolist() for column in columns), strict=True):
            yield Played(*row)


@contextmanager
def stage(
    catalog: Path,
    instrument_id: str,
    first_ns: int,
    address: str,
) -> Iterator[DatabentoStage]:
    """
    Run a gateway for the time of the context.

    Parameters
    ----------
    catalog : Path
        The catalog that is played.
    instrument_id : str
        The future.
    first_ns : int
        The time of the first event (ns UTC).
    address : str
        The loopback address that the name of the venue's gateway leads to.

    """
    # The node must not find the key of a real account.
    os.environ[KEY_VARIABLE] = KEY
    source = CatalogSource(catalog, instrument_id, NUMBER)
    gateway = LoopbackGateway(
        [source],
        SymbolTable([source.span]),
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
        yield DatabentoStage(gateway, instrument_id)
