"""Checks of the machine and the environment: secrets, receivers, disk, journal, clock, calendar."""

import json
import os
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import timedelta
from pathlib import Path

from actors.alerts.delivery import Delivery
from actors.alerts.targets import notice_of
from actors.alerts.targets import targets_of
from actors.journal.reading import JournalReader
from actors.journal.store import Store
from adapters.bybit.live import account_key
from adapters.databento.continuous import other_front_month
from adapters.databento.continuous import require_contract
from adapters.databento.continuous import require_trading
from catalog.sessions import NEW_YORK
from configs.documents import class_of
from configs.live import LiveConfig
from errors import AuctionError
from errors import UsageError
from live.build import control_token
from live.control import HOST
from live.operations.days import days_of
from live.operations.days import session_from
from live.operations.digest_source import source_of_config
from live.operations.schedule import roll_of
from live.operations.state_files import DoneDates


DELIVERY_S = 10.0
OFFSETS_H = (-5, -4)
MINUTE_NS = 60_000_000_000
# The calendar must reach that far.
AHEAD = timedelta(days=30)


def check_credentials(config: LiveConfig) -> str:
    """Check the control token and the keys of accounts; data keys are checked by the clients."""
    control_token(config)
    found = [config.settings.control_token_variable]
    if config.mode == "live":
        for name, client in config.node.exec_clients.items():
            account_key(class_of(client.path).parse(json.dumps(client.config)))
            found.append(f"the account of {name}")
    return f"set: {', '.join(found)}"


def check_receivers(config: LiveConfig) -> str:
    """Send a test message to each receiver of alerts."""
    deliveries = [Delivery(t, 1, 0.0, 1) for t in targets_of(os.environ, DELIVERY_S)]
    if not deliveries:
        raise UsageError("no receiver: set ALERT_URLS or ALERT_WEBHOOK_URL")
    text = f"a test by `auction preflight` of {config.system}"
    notice = notice_of("PREFLIGHT", config.mode, config.system, text, {}, time.time_ns())
    for delivery in deliveries:
        delivery.start()
        delivery.put(notice)
    end = time.monotonic() + 2 * DELIVERY_S
    failed = [
        f"{d.target.name} {d.failure or 'timed out'}"
        for d in deliveries
        if not (d.stop(end) and d.delivered)
    ]
    if failed:
        raise AuctionError("; ".join(failed))
    return f"delivered to {', '.join(d.target.name for d in deliveries)}"


def check_journal(config: LiveConfig) -> str:
    """Check that the journal can be read, or that its folder can be made; nothing is written."""
    reader: JournalReader = source_of_config(config, Path()).reader
    url = reader.database
    path = Path(str(url.database))
    if url.get_backend_name() == "sqlite" and not path.exists():
        folder = next(p for p in path.resolve().parents if p.exists())
        if not os.access(folder, os.W_OK):
            raise UsageError(f"{folder}: cannot be written to: name another folder for the journal")
        return f"{path} will be made"
    now = time.time_ns()
    rows = reader.rows(now - 60 * MINUTE_NS, now, ("alerts",))
    waiting = f", {rows.waiting} rows wait in the fallback file" if rows.waiting else ""
    return f"{url.render_as_string()} can be read{waiting}"


def check_state() -> str:
    """Write, read and clear state in a temporary folder, as a node does beside its journal."""
    with tempfile.TemporaryDirectory() as folder:
        done = DoneDates(Path(folder) / "schedule.json")
        done.dates["DIGEST"] = date(2025, 1, 2)
        done.save()
        if done.failure or DoneDates(Path(folder) / "schedule.json").dates != done.dates:
            raise AuctionError(f"the schedule was not kept: {done.failure}")
        store = Store(f"sqlite:///{Path(folder) / 'journal.sqlite'}")
        row = {
            "session": "preflight",
            "seq": 1,
            "trader_id": "PREFLIGHT-001",
            "mode": "paper",
            "strategy_id": "S",
            "instrument_id": "I.V",
            "ts_event": 1,
            "ts_init": 1,
            "cause": "STATE",
            "state": "{}",
        }
        refused = store.write([("snapshots", row)])
        found = store.last_snapshot("PREFLIGHT-001", "paper", "S")
        store.close()
        if refused or found != (1, "{}"):
            raise AuctionError("a snapshot was not found again in a journal")
    return "saved, read and cleared in a temporary folder"


def check_control_port(config: LiveConfig) -> str:
    """Check that the control port is free, or a program listens there: a node may run."""
    port = config.settings.control_port
    with _listener() as probe:
        try:
            probe.bind((HOST, port))
        except OSError:
            return f"{port} is in use: a node may run (`auction control status --port {port}`)"
    return f"{port} is free"


def check_calendar(config: LiveConfig) -> str:
    """Check that the calendar reaches far enough, and name the next session and rolls."""
    days = days_of(config.instrument_ids)
    today = days.date_of(time.time_ns())
    session_from(days, today + AHEAD)
    following = session_from(days, today)
    hours = days.hours(following)
    assert hours is not None
    start, end = days.clock(hours[0]), days.clock(hours[1])
    text = f"session {start:%Y-%m-%d %H:%M} to {end:%H:%M} {days.zone}"
    rolls = [(name, roll_of(name, today)) for name in config.instrument_ids]
    return "; ".join([text, *(f"{name} rolls on {day}" for name, day in rolls if day is not None)])


def check_clock() -> str:
    """Check the offset of New York from UTC, by the time zone data of the machine."""
    offset = datetime.now(UTC).astimezone(NEW_YORK).utcoffset()
    assert offset is not None
    hours = offset.total_seconds() / 3600
    if hours not in OFFSETS_H:
        raise AuctionError(f"New York is {hours:+g} h from UTC: the time zone data are wrong")
    return f"New York is {hours:+g} h from UTC"


def check_contracts(config: LiveConfig) -> str:
    """Check that futures are contracts that trade, and name those that are not the front month."""
    today = datetime.now(UTC).date()
    notes = []
    for name in config.instrument_ids:
        require_contract(name, today)
        require_trading(name, today)
        front = other_front_month(name.rpartition(".")[0], today)
        if front is not None:
            notes.append(f"{name} is not the front month, {front} is")
    return "; ".join(notes) or f"{', '.join(config.instrument_ids)}: in force"


@contextmanager
def _listener() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        yield probe
