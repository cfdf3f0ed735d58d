"""`auction live`: run one node, or supervise one that is restarted when it dies."""

import sys
from collections.abc import Callable
from collections.abc import Sequence
from datetime import UTC
from datetime import datetime
from functools import partial
from pathlib import Path

from adapters.databento.continuous import require_contract
from adapters.databento.continuous import require_trading
from configs.live import LiveConfig
from configs.live import load_live
from live.build import control_token
from live.build import write_end
from live.confirmation import confirm
from live.one_node import only_node
from live.runner import prepare
from live.supervisor import Supervisor


OBSERVING = (
    "observation only: `auction control status` lists what is missing, `activate` permits entries"
)


def run_live(
    system: str,
    environment: str,
    overrides: Sequence[str],
    runs: Path,
    say: Callable[[str], None],
    *,
    supervise: bool = False,
    heartbeat: Path | None = None,
    standby: bool = False,
) -> None:
    """
    Run a system live until it is stopped.

    Parameters
    ----------
    system, environment : str
        The names of files in `configs/systems` and `configs/environments`, or paths of files.
    overrides : Sequence[str]
        `dotted.key=value` settings.
    runs : Path
        The folder that gets the run's folder.
    say : Callable[[str], None]
        Shows a line to the operator.
    supervise : bool, default False
        If the node runs in a process of its own that is started again when it dies.
    heartbeat : Path, optional
        The heartbeat file of the node, read by a supervisor.
    standby : bool, default False
        Load everything a node needs, then wait for the operator's confirmation, a line on
        standard input. If the input ends first, the process ends.

    Raises
    ------
    UsageError
        If the configuration, a key or the confirmation is wrong, or another node runs.
    AuctionError
        If the node did not start or a component failed.

    """
    config = load_live(system, environment, overrides)
    read = sys.stdin.readline
    if standby:
        line = sys.stdin.readline()
        if not line:
            return
        read = partial(str, line)
    today = datetime.now(UTC).date()
    for instrument_id in config.instrument_ids:
        require_contract(instrument_id, today)
        require_trading(instrument_id, today)
    token = control_token(config)
    if supervise:
        # Each node that it starts takes the locks; a second operator is refused here at once.
        with only_node(config, runs):
            typed = _confirmed(config, read, say)
        supervisor = Supervisor(
            system, environment, overrides, runs, config.mode, config.settings, typed, say
        )
        supervisor.run()
        return
    with only_node(config, runs):
        _confirmed(config, read, say)
        run, folder = prepare(config, runs, token, heartbeat)
        say(f"{config.system} {config.mode}: {folder}")
        say(OBSERVING)
        try:
            run.run()
        finally:
            write_end(folder, run.config, run.recorder.counts, evidence=run.evidence)


def _confirmed(config: LiveConfig, read: Callable[[], str], say: Callable[[str], None]) -> str:
    return confirm(config, read, say) if config.mode == "live" else ""
