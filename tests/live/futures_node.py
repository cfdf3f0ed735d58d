"""`auction live` of the impulse system in a process of its own, on a gateway in real time."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import Any

from adapters.databento.continuous import contract_on
from adapters.databento.live import KEY_VARIABLE
from adapters.databento.login import LIVE_PORT
from adapters.databento.login import live_host
from adapters.databento.loopback.catalog_source import CatalogSource
from adapters.databento.loopback.gateway import LoopbackGateway
from adapters.databento.loopback.symbols import SymbolTable
from catalog.instruments import resolve_instrument
from catalog.sessions import REGULAR_CLOSE
from catalog.sessions import REGULAR_OPEN
from catalog.sessions import NewYorkClock
from catalog.sessions import RegularSessions
from catalog.sessions import at_minute
from catalog.sessions import trade_day
from tests.adapters.databento_market import DATASET
from tests.adapters.databento_market import KEY
from tests.adapters.databento_market import own_loopback_address
from tests.adapters.databento_market import wrapper_library
from tests.engines import REPOSITORY
from tests.live.live_node import VARIABLE
from tests.live.live_node import LiveNode
from tests.live.live_node import started
from tests.markets import write_catalog
from tests.seed_rules import NO_COST_RULES
from tests.strategies.test_impulse_lvn_properties import CENTRE
from tests.strategies.test_impulse_lvn_properties import trades
from tests.strategies.test_impulse_lvn_properties import walk_of
from tests.strategies.test_impulse_lvn_strategy import loose
from tests.strategies.test_impulse_lvn_strategy import quoted


S = 1_000_000_000
STEP = 20 * S
LIFETIME_S = 150.0
# Each of these walks leads to a trade within half a minute.
SEEDS = (18, 10, 21, 1, 23)
QUIET_S = 12


def contract() -> str:
    """Return the contract that trades now."""
    return f"{contract_on('NQ.FUT', datetime.now(UTC).date())}.XCME"


def prior_session(now: int) -> tuple[int, int]:
    """Return the hours of the session that the levels of the running day come from."""
    sessions = RegularSessions()
    hours = sessions.hours(sessions.before(NewYorkClock().trade_date(now)))
    assert hours is not None
    return hours


def may_trade(now: int) -> bool:
    """Return whether entries are allowed for some minutes: not on a holiday or at the roll."""
    clock, later = NewYorkClock(), now + int(LIFETIME_S) * S
    day = clock.trade_date(now)
    hours = RegularSessions().hours(day)
    ends_at = at_minute(day, REGULAR_OPEN) if hours is None else hours[1]
    is_short = ends_at < at_minute(day, REGULAR_CLOSE)
    return clock.trade_date(later) == day and not (is_short and later >= ends_at)


def past(now: int) -> list[tuple[int, int, int, int]]:
    """Return prints of the session before, 20 ticks around the centre, and of a quiet day."""
    opens_at, closes_at = prior_session(now)
    rows = [
        (ts, CENTRE + (20, 0, -20, 0)[number % 4], 5, 1 - number % 2 * 2)
        for number, ts in enumerate(range(opens_at, closes_at, STEP))
    ]
    day_began = trade_day(NewYorkClock().trade_date(now))[0]
    return rows + [(ts, CENTRE, 1, 1) for ts in range(day_began, now, STEP)]


def write_past(folder: Path, now: int) -> Path:
    """Write the catalog that a node warms up from."""
    instrument_id = contract()
    instrument = resolve_instrument(instrument_id, datetime.now(UTC).date())
    return write_catalog(folder, quoted(past(now)), instrument_id, instrument=instrument)


def write_market(folder: Path, begin: int) -> Path:
    """Write what the gateway plays: some quiet seconds, and walks that lead to trades."""
    quiet = [(begin + number * S, CENTRE, 1, 1) for number in range(QUIET_S)]
    steps = [step for seed in SEEDS for step in walk_of(seed)]
    walk = trades(steps)
    shift = begin + QUIET_S * S - walk[0][0]
    rows = quiet + [(ts + shift, tick, size, sign) for ts, tick, size, sign in walk]
    instrument_id = contract()
    instrument = resolve_instrument(instrument_id, datetime.now(UTC).date())
    return write_catalog(folder, quoted(rows), instrument_id, instrument=instrument)


def environment(folder: Path, host: str) -> dict[str, str]:
    """Return the variables of a process in which Databento's names lead to a loopback address."""
    hosts = folder / "hosts"
    hosts.write_text(f"{host} {live_host(DATASET)}\n{host} hist.databento.com\n")
    return {
        "LD_PRELOAD": wrapper_library() or "",
        "NSS_WRAPPER_HOSTS": str(hosts),
        "PYTHONPATH": str(REPOSITORY),
        KEY_VARIABLE: KEY,
    }


def command(folder: Path, catalog: Path, port: int, *settings: str) -> list[str]:
    """Return the command line of a node that may trade at any hour."""
    found = [
        f"instrument_id={contract()}",
        f"catalog={catalog}",
        f"settings.control_port={port}",
        f"settings.control_token_variable={VARIABLE}",
        "node.timeout_connection=20.0",
        "node.timeout_post_stop=0.1",
        "strategies.0.config.start_time='00:00'",
        "strategies.0.config.end_time='24:00'",
        "strategies.0.config.max_leverage=1000",
        *NO_COST_RULES,
        *loose(),
        *settings,
    ]
    line = [sys.executable, "-m", "cli", "live", "nq_impulse_lvn"]
    line += ["--environment", "paper", "--runs", str(folder / "runs")]
    return line + [part for setting in found for part in ("--set", setting)]


@contextmanager
def futures_gateway(folder: Path) -> Iterator[LoopbackGateway]:
    """Serve the market from the moment on in which a node subscribes."""
    market = write_market(folder / "market", time.time_ns())
    source = CatalogSource(market, contract(), 7)
    with LoopbackGateway(
        [source],
        SymbolTable([source.span]),
        KEY,
        host=own_loopback_address(),
        port=LIVE_PORT,
        speed=1.0,
        shift_to_now=True,
    ) as served:
        yield served


@contextmanager
def futures_node(
    served: LoopbackGateway, folder: Path, catalog: Path, port: int, *settings: str, **more: Any
) -> Iterator[LiveNode]:
    """Run a node on a gateway; it is killed after its time at the latest."""
    variables = {**environment(folder, served.host), **more}
    process = started(command(folder, catalog, port, *settings), **variables)
    limit = threading.Timer(LIFETIME_S, process.kill)
    limit.start()
    node = LiveNode(process, port, folder / "runs")
    try:
        node.wait_for_answer()
        yield node
    finally:
        limit.cancel()
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
