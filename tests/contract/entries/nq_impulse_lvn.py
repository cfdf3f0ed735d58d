"""Impulses with loose rules, on the second session: the levels of the first are in a cache."""

from datetime import date
from pathlib import Path

from actors.impulse.cache import LevelCache
from actors.impulse.session_store import session_of
from catalog.instruments import resolve_instrument
from catalog.sample import MARKETS
from catalog.sessions import RegularSessions
from live.catalog_history import stretch
from tests.contract.entry import Entry
from tests.golden.cases import EAGER


MONDAY = date(2026, 1, 5)
GAP_NS = 600_000_000_000


def write_levels(catalog: Path, folder: Path) -> list[str]:
    """Write the levels of the first session; a run over both sessions takes ten times as long."""
    instrument_id = MARKETS["NQ"].instrument_id
    instrument = resolve_instrument(instrument_id, MONDAY)
    sessions = RegularSessions()
    opens_at, closes_at = sessions.hours(MONDAY)
    found = stretch(catalog, instrument, opens_at, GAP_NS, closes_at - 1, with_quotes=False)
    assert found is not None
    assert found.spans(opens_at, closes_at, GAP_NS)
    tick = instrument.price_increment.as_decimal()
    session = session_of(found.ticks(), MONDAY, sessions, 4, "0.7")
    LevelCache(folder, instrument_id, tick).save(session)
    return [f"actors.0.config.level_cache={folder}"]


ENTRY = Entry(
    start="2026-01-06T14:25",
    end="2026-01-06T15:15",
    change="2026-01-06T15:00",
    days=2,
    settings=tuple(f"strategies.0.config.{setting}" for setting in EAGER),
    prepare=write_levels,
    since="2026-01-05T14:30",
    mirror_bucket=4,
    # A node is named by the lower edge of its bucket of two ticks, and the stop lies behind that.
    mirror_ticks=1,
    not_resumed="a restart goes on with its day and its trade; impulses come again from history",
)
