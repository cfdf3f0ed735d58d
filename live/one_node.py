"""
Permit one node for an account and an instrument, for a folder of runs, and for a journal.

Two nodes that trade one position would each set a stop for all of it and cancel the other's; two
that write one journal would resume from each other's state. On this machine and for this user, the
locks cover:

- the folder of runs, with the system and the mode;
- the journal's folder and its database, each with the trader id and the mode;
- for real orders, each instrument in each account, by the venue, its address and the hash of the
  key. Two keys of one account are two accounts here.
"""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from actors.journal import JournalActor
from actors.journal.database import journal_places
from adapters.bybit.live import account_key
from configs.documents import class_of
from configs.live import LiveConfig
from errors import UsageError
from live.locks import Owner
from live.locks import ProcessLock
from live.locks import lock_folder


@contextmanager
def only_node(config: LiveConfig, runs: Path) -> Iterator[None]:
    """
    Hold the locks of a configuration's node while the context is open.

    Parameters
    ----------
    config : LiveConfig
        The configuration.
    runs : Path
        The folder that gets the run's folder.

    Raises
    ------
    UsageError
        If another node runs, or a lock cannot be taken.

    """
    with ExitStack() as stack:
        for lock in _locks(config, runs):
            try:
                owner = lock.acquire()
            except OSError as error:
                raise UsageError(f"{lock.path}: {error.strerror}: no lock can be taken") from error
            if owner is not None:
                raise UsageError(_refusal(lock, owner, config))
            stack.callback(lock.release)
        yield


def _refusal(lock: ProcessLock, owner: Owner, config: LiveConfig) -> str:
    return (
        f"another node has {lock.what}: process {owner.pid} since {owner.since}: end it first "
        f"(`auction control shutdown --port {config.settings.control_port}`); the lock is "
        f"{lock.path}"
    )


def _locks(config: LiveConfig, runs: Path) -> list[ProcessLock]:
    folder = lock_folder()
    return [
        ProcessLock(folder, json.dumps(identity), what)
        for identity, what in [*_folders(config, runs), *_accounts(config)]
    ]


def _folders(config: LiveConfig, runs: Path) -> Iterator[tuple[list[str], str]]:
    yield (
        ["runs", str(runs.resolve()), config.system, config.mode],
        f"the folder {runs} for {config.system} {config.mode}",
    )
    trader_id = str(config.node.trader_id)
    for actor in config.node.actors:
        if class_of(actor.actor_path) is not JournalActor:
            continue
        database, fallback = journal_places(actor.config)
        journal = f"the journal of {trader_id} {config.mode}"
        yield (
            ["journal", str(fallback.resolve()), trader_id, config.mode],
            f"{journal} in {fallback}",
        )
        if database.drivername == "sqlite":
            path = Path(str(database.database)).resolve()
            yield ["database", str(path), trader_id, config.mode], f"{journal} in {path}"
        else:
            url = database.render_as_string(hide_password=True)
            yield ["database", url, trader_id, config.mode], f"{journal} in {url}"


def _accounts(config: LiveConfig) -> Iterator[tuple[list[str], str]]:
    if config.mode != "live":
        return
    for name, client in config.node.exec_clients.items():
        parsed = class_of(client.path).parse(json.dumps(client.config))
        environment = str(client.config.get("environment") or "MAINNET")
        try:
            key = account_key(parsed)
        except UsageError:
            # The client is not built without it, and reports that itself.
            continue
        if key is None:
            continue
        account = sha256(key.encode()).hexdigest()
        for instrument_id in config.instrument_ids:
            yield (
                ["account", name, environment, parsed.base_url_http or "", account, instrument_id],
                f"{instrument_id} in this account of {name}-{environment}",
            )
