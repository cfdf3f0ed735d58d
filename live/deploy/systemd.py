"""`auction deploy systemd`: units of a node, its watchdog, its digest timer and a recorder."""

import os
import pwd
import sys
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from configs.live import LiveConfig
from errors import UsageError
from live.deploy.secrets_folder import OF_ALERTS
from live.deploy.secrets_folder import SecretsFolder
from live.deploy.unit_files import HARDENING
from live.deploy.unit_files import SYSTEM_HARDENING
from live.deploy.unit_files import Settings
from live.deploy.unit_files import command_line
from live.deploy.unit_files import literal
from live.deploy.unit_files import unit_text
from live.operations.days import ExchangeDays
from live.operations.days import days_of


SYSTEM_FOLDER = Path("/etc/systemd/system")
# Five minutes after a close and half an hour later: a receiver may have been down.
EXCHANGE_TIMES = tuple(
    f"Mon..Fri {time} America/New_York" for time in ("13:05", "13:35", "16:05", "16:35")
)
UTC_TIMES = ("*-*-* 00:05 UTC", "*-*-* 00:35 UTC")
# Places that the journal and Redis are found at; they are no secrets.
PASSED = ("DATABASE_DIR", "REDIS_HOST", "REDIS_PORT")
ONLINE: Settings = (("Wants", "network-online.target"), ("After", "network-online.target"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """
    Represents a node to be deployed.

    Attributes
    ----------
    config : LiveConfig
        Its configuration, checked.
    system, environment : str
        As given to `auction live`.
    overrides : tuple[str, ...]
        Its settings.
    directory : Path
        The folder in which it runs, with catalog, journal and runs below it.
    runs : Path
        The folder of its runs.
    secrets : SecretsFolder
        Its secrets.
    confirmation : str
        The line with which the operator has confirmed real orders; empty on paper.
    recorder : str or None
        The recorder that is deployed as well.
    user : str or None
        The user of the services of the system's manager; None for the services of the own user.

    """

    config: LiveConfig
    system: str
    environment: str
    overrides: tuple[str, ...]
    directory: Path
    runs: Path
    secrets: SecretsFolder
    confirmation: str
    recorder: str | None
    user: str | None

    @property
    def name(self) -> str:
        """Return the part of the units' names that names the node."""
        return f"{self.config.system}-{self.config.mode}"


def unit_files(deployment: Deployment) -> dict[str, str]:
    """Return the units of a deployment by their file names."""
    node = f"auction-{deployment.name}"
    found = {
        f"{node}.service": _node(deployment),
        f"{node}-watchdog.service": _watchdog(deployment),
        f"{node}-digest.service": _digest(deployment),
        f"{node}-digest.timer": _timer(deployment),
    }
    if deployment.recorder is not None:
        found[f"auction-record-{Path(deployment.recorder).stem}.service"] = _recorder(deployment)
    return found


def unit_folder(user: str | None) -> Path:
    """Return the folder in which systemd finds units; `user` as in `Deployment`."""
    if user is not None:
        return SYSTEM_FOLDER
    home = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(home) / "systemd" / "user"


def write_units(files: dict[str, str], folder: Path, say: Callable[[str], None]) -> None:
    """
    Write units, each whole or not at all, and report which are new or have changed.

    Raises
    ------
    UsageError
        If the folder cannot be written to.

    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            path = folder / name
            before = path.read_text() if path.exists() else None
            if before == text:
                say(f"unchanged  {path}")
                continue
            temporary = folder / f".{name}.tmp"
            temporary.write_text(text)
            temporary.replace(path)
            say(f"{'written' if before is None else 'changed':10} {path}")
    except OSError as error:
        raise UsageError(
            f"{folder}: {error.strerror}: name another with --out, or use sudo"
        ) from None


def next_steps(deployment: Deployment, files: dict[str, str]) -> list[str]:
    """Return the commands that start the units."""
    manager = "systemctl" if deployment.user is not None else "systemctl --user"
    wanted = [name for name in files if not name.endswith("-digest.service")]
    lines = []
    if deployment.user is not None:
        folders = f"{deployment.directory} {locks_of(deployment.user)}"
        lines.append(f"install -d -m 700 -o {deployment.user} {folders}")
    lines += [f"{manager} daemon-reload", f"{manager} enable --now {' '.join(wanted)}"]
    if deployment.user is None:
        lines.append("loginctl enable-linger    # once: services outlive your session")
    return lines


def locks_of(user: str) -> Path:
    """Return the folder with the locks of a user's nodes."""
    return Path(pwd.getpwnam(user).pw_dir) / ".local" / "state" / "auction-trader"


def _node(deployment: Deployment) -> str:
    command = [*_auction(), "live", *_target(deployment), "--supervise"]
    command += ["--runs", str(deployment.runs)]
    service: list[tuple[str, str]] = [
        ("Type", "notify"),
        ("NotifyAccess", "main"),
        ("ExecStart", command_line(command)),
        ("WatchdogSec", "60"),
        ("TimeoutStartSec", "300"),
        # Entries are canceled first; the stop of a position stays at the venue.
        ("TimeoutStopSec", "60"),
        ("KillMode", "mixed"),
        # The supervisor restarts nodes; after NODE_GIVEN_UP systemd must not begin anew.
        ("Restart", "on-abnormal"),
        ("RestartSec", "5"),
    ]
    if deployment.confirmation:
        service.append(("StandardInput", "data"))
        service.append(("StandardInputText", literal(deployment.confirmation)))
    names = frozenset(deployment.secrets.names)
    return _service(deployment, f"Trading node {deployment.name}", service, names)


def _watchdog(deployment: Deployment) -> str:
    service = [
        ("Type", "notify"),
        ("NotifyAccess", "main"),
        ("ExecStart", command_line([*_auction(), "watchdog", *_target(deployment)])),
        ("WatchdogSec", "300"),
        ("Restart", "always"),
        ("RestartSec", "30"),
        # Wrong usage does not get better by itself.
        ("RestartPreventExitStatus", "2"),
    ]
    return _service(deployment, f"Watchdog of {deployment.name}", service, OF_ALERTS)


def _digest(deployment: Deployment) -> str:
    command = [*_auction(), "digest", *_target(deployment), "--send"]
    command += ["--runs", str(deployment.runs)]
    service = [
        ("Type", "oneshot"),
        ("ExecStart", command_line(command)),
        ("TimeoutStartSec", "300"),
        ("Nice", "10"),
    ]
    title = f"Digest of {deployment.name}"
    return _service(deployment, title, service, OF_ALERTS, is_started_by_timer=True)


def _timer(deployment: Deployment) -> str:
    days = days_of(deployment.config.instrument_ids)
    times = EXCHANGE_TIMES if isinstance(days, ExchangeDays) else UTC_TIMES
    timer = [("OnCalendar", time) for time in times]
    return unit_text(
        {
            "Unit": [("Description", f"Digest of {literal(deployment.name)} after each session")],
            "Timer": [*timer, ("Persistent", "true"), ("AccuracySec", "30")],
            "Install": [("WantedBy", "timers.target")],
        }
    )


def _recorder(deployment: Deployment) -> str:
    assert deployment.recorder is not None
    service = [
        ("Type", "exec"),
        ("ExecStart", command_line([*_auction(), "record", deployment.recorder])),
        ("TimeoutStopSec", "60"),
        ("Restart", "always"),
        ("RestartSec", "1"),
        ("RestartPreventExitStatus", "2"),
    ]
    token = deployment.config.settings.control_token_variable
    names = frozenset(deployment.secrets.names) - {token}
    return _service(deployment, f"Recorder {deployment.recorder}", service, names)


def _service(
    deployment: Deployment,
    title: str,
    service: Settings,
    secrets: frozenset[str],
    *,
    is_started_by_timer: bool = False,
) -> str:
    directory = literal(str(deployment.directory))
    settings = [*service, ("WorkingDirectory", directory), *deployment.secrets.settings(secrets)]
    settings += [("Environment", _path(f"{n}={os.environ[n]}")) for n in PASSED if n in os.environ]
    settings += HARDENING
    if deployment.user is not None:
        settings = [("User", deployment.user), *settings, *SYSTEM_HARDENING]
        settings.append(("ReadWritePaths", _path(deployment.directory)))
        if not deployment.runs.is_relative_to(deployment.directory):
            settings.append(("ReadWritePaths", f"-{_path(deployment.runs)}"))
        # The locks of nodes, shared with those that are started by hand.
        settings.append(("ReadWritePaths", f"-{_path(locks_of(deployment.user))}"))
    unit: list[tuple[str, str]] = [("Description", literal(title)), *ONLINE]
    if not is_started_by_timer:
        unit.append(("StartLimitIntervalSec", "0"))
    sections: dict[str, Settings] = {"Unit": unit, "Service": settings}
    if not is_started_by_timer:
        target = "default.target" if deployment.user is None else "multi-user.target"
        sections["Install"] = [("WantedBy", target)]
    return unit_text(sections)


def _path(path: str | Path) -> str:
    return command_line([path])


def _auction() -> list[str]:
    script = Path(sys.executable).with_name("auction")
    return [str(script)] if script.exists() else [sys.executable, "-m", "cli"]


def _target(deployment: Deployment) -> Sequence[str]:
    settings = [part for text in deployment.overrides for part in ("--set", text)]
    return [deployment.system, "--environment", deployment.environment, *settings]
