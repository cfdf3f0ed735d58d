"""Build what a node needs before it starts: the node, its run folder, the control token."""

import asyncio
import errno
import json
from datetime import UTC
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import msgspec
import yaml
from nautilus_trader.common.config import ActorFactory
from nautilus_trader.config import TradingNodeConfig
from nautilus_trader.live.node import TradingNode
from nautilus_trader.trading.config import StrategyFactory

from actors.private_files import make_private_folder
from actors.private_files import write_private
from backtests.results.run_hashes import file_hashes
from catalog.credentials import credential
from configs.documents import one_line
from configs.live import LiveConfig
from errors import AuctionError
from errors import UsageError
from live.client_protocols import DrivenByReplay
from live.replay_clock import ReplayClock


EVENTS = "ExecEngine.process"
COMMANDS = "ExecEngine.execute"
RISK = "RiskEngine.execute"
PASSING = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.ENOMEM)


def make_folder(runs: Path, config: LiveConfig) -> Path:
    """
    Create the folder of a node's run, with its configuration.

    Raises
    ------
    UsageError
        If it cannot be made.
    AuctionError
        If it cannot be created at the moment, for instance because the disk is full.

    """
    folder = runs / f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{config.system}-{config.mode}"
    try:
        make_private_folder(folder)
        write_private(folder / "config.yaml", _config_text(config))
    except OSError as error:
        # A supervisor retries transient errors and stops on permanent ones.
        kind = AuctionError if error.errno in PASSING else UsageError
        raise kind(f"--runs {runs}: {error.strerror}: name a folder to write to") from error
    return folder


def _config_text(config: LiveConfig) -> str:
    text: str = yaml.safe_dump(config.document, sort_keys=False, allow_unicode=True)
    return text


def _text_hash(config: LiveConfig) -> str:
    return sha256(_config_text(config).encode()).hexdigest()


def write_end(
    folder: Path,
    config: LiveConfig,
    rows: dict[str, int],
    *,
    is_replay: bool = False,
    evidence: dict[str, list[str]] | None = None,
) -> None:
    """
    Write the summary of a node's run when it has ended, with the number of rows recorded.

    The hashes of its files, and of the configuration that it has run with, show a later change.

    `evidence` explains a run without a trade: the history that was available and how far the rule
    progressed, as reported by actors and strategies.
    """
    document = {
        "mode": config.mode,
        "system": config.system,
        "replay": is_replay,
        "rows": rows,
        "files": {**file_hashes(folder), "config.yaml": _text_hash(config)},
        **(evidence or {}),
    }
    write_private(folder / "end.json", json.dumps(document, indent=2) + "\n")


def control_token(config: LiveConfig) -> str:
    """
    Return the token of the control channel from its environment variable, or the file it names.

    Raises
    ------
    UsageError
        If it is not set, or is not valid in an HTTP header.

    """
    variable = config.settings.control_token_variable
    token = credential(variable)
    if not token:
        raise UsageError(
            f"{variable} is not set: set it to a secret of your own; without it no operator could "
            "activate or stop the node"
        )
    if not token.isprintable() or token != token.strip():
        raise UsageError(f"{variable}: begins or ends with a space, or holds a control character")
    return token


def build_node(
    config: LiveConfig,
    loop: asyncio.AbstractEventLoop,
    replay_clock: ReplayClock | None = None,
) -> TradingNode:
    """
    Build a node with its clients.

    Parameters
    ----------
    config : LiveConfig
        The resolved configuration.
    loop : asyncio.AbstractEventLoop
        The event loop of the node.
    replay_clock : ReplayClock, optional
        The clock of actors, strategies and simulated venues in a replay; None is the system's.

    Raises
    ------
    UsageError
        If the configuration does not allow it.
    AuctionError
        If the Redis configured for the cache does not answer.

    """
    database = None if config.node.cache is None else config.node.cache.database
    try:
        node = _built(config.node, loop, replay_clock)
    except UsageError:
        raise
    except RuntimeError as e:
        if database is None:
            raise
        raise AuctionError(
            f"Redis at {database.host}:{database.port}: {one_line(e)}: start it, or set "
            "`cache: null`: a restart then recovers from the journal"
        ) from e
    except (ArithmeticError, AttributeError, ImportError, LookupError, TypeError, ValueError) as e:
        raise UsageError(f"{config.system}: the node cannot be built: {one_line(e)}") from e
    # Nautilus only logs a client that it could not build.
    wanted = len(config.node.data_clients), len(config.node.exec_clients)
    kernel = node.kernel
    built = len(kernel.data_engine._clients), len(kernel.exec_engine._clients)
    if wanted != built:
        raise UsageError(f"{config.system}: {wanted} clients are configured and {built} were built")
    return node


def _built(
    config: TradingNodeConfig,
    loop: asyncio.AbstractEventLoop,
    replay_clock: ReplayClock | None,
) -> TradingNode:
    if replay_clock is None:
        node = TradingNode(config, loop=loop)
    else:
        node = TradingNode(msgspec.structs.replace(config, actors=[], strategies=[]), loop=loop)
    node.build()
    kernel = node.kernel
    engine = kernel.exec_engine
    # Import lazily: loading the simulated venue takes time that a live node should not spend.
    venues = [c for c in engine._clients.values() if isinstance(c, DrivenByReplay)]
    if venues:
        # As in a backtest: with a queue the venue would run ahead of models that await its fills.
        kernel.msgbus.deregister(EVENTS, engine.process)
        kernel.msgbus.register(EVENTS, engine._handle_event_with_tracking)
    if any(venue.bar_spec is not None for venue in venues):
        # The stop sent on a fill must see the rest of its bar, so no queue may delay it.
        for endpoint, found in ((RISK, kernel.risk_engine), (COMMANDS, engine)):
            kernel.msgbus.deregister(endpoint, found.execute)
            kernel.msgbus.register(endpoint, found._execute_command)
    if replay_clock is not None:
        for venue in venues:
            venue.play(replay_clock.drive)
        for actor in config.actors:
            replay_clock.add_component(kernel.trader, ActorFactory.create(actor))
        for strategy in config.strategies:
            replay_clock.add_component(kernel.trader, StrategyFactory.create(strategy))
    return node
