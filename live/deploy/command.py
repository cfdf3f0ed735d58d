"""Write the units of a node, from its system and environment files."""

from collections.abc import Callable
from collections.abc import Sequence
from pathlib import Path
from pwd import getpwnam

from configs.live import load_live
from errors import UsageError
from live.confirmation import confirm
from live.deploy.secrets_folder import read_secrets_folder
from live.deploy.systemd import Deployment
from live.deploy.systemd import next_steps
from live.deploy.systemd import unit_files
from live.deploy.systemd import unit_folder
from live.deploy.systemd import write_units


def deploy_systemd(
    system: str,
    environment: str,
    overrides: Sequence[str],
    say: Callable[[str], None],
    read: Callable[[], str],
    *,
    directory: Path,
    runs: Path,
    secrets: Path,
    recorder: str | None,
    user: str | None,
    out: Path | None,
) -> None:
    """
    Check the configuration of a node, write its units, and show how to start them.

    Units that are there are replaced: this updates a deployment as well. For real orders the
    operator types the line that `auction live` requires; the unit holds it, so that the node starts
    after a reboot.

    Parameters
    ----------
    system, environment : str
        The names of files in `configs/systems` and `configs/environments`, or paths of files.
    overrides : Sequence[str]
        `dotted.key=value` settings of the node.
    say : Callable[[str], None]
        Shows a line.
    read : Callable[[], str]
        Reads a line from the operator.
    directory : Path
        The folder in which the node runs.
    runs : Path
        The folder of its runs.
    secrets : Path
        The folder with a file for each secret.
    recorder : str or None
        A recorder to deploy as well.
    user : str or None
        The user of services of the system's manager; None for services of the own user.
    out : Path or None
        The folder for the units; None is where systemd finds them.

    Raises
    ------
    UsageError
        If the configuration, a folder or the confirmation is wrong, or a folder is not writable.

    """
    config = load_live(system, environment, overrides)
    if not directory.is_dir():
        raise UsageError(f"--directory {directory}: is no folder: name the one of catalog and runs")
    if user is not None:
        _check_user(user)
    directory = directory.resolve()
    deployment = Deployment(
        config=config,
        system=_absolute(system),
        environment=_absolute(environment),
        overrides=tuple(overrides),
        directory=directory,
        runs=(directory / runs).resolve(),
        secrets=read_secrets_folder(secrets, config.settings.control_token_variable),
        confirmation=confirm(config, read, say) if config.mode == "live" else "",
        recorder=None if recorder is None else _absolute(recorder),
        user=user,
    )
    files = unit_files(deployment)
    write_units(files, out or unit_folder(user), say)
    say("then:")
    for line in next_steps(deployment, files):
        say(f"  {line}")


def _check_user(user: str) -> None:
    try:
        getpwnam(user)
    except KeyError:
        raise UsageError(
            f"--run-as {user}: no such user: make one, like `useradd --system --create-home {user}`"
        ) from None


def _absolute(name: str) -> str:
    path = Path(name)
    return str(path.resolve()) if path.suffix == ".yaml" else name
