"""The text of systemd units: sections, quoting, hardening."""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from pathlib import Path


type Settings = Sequence[tuple[str, str]]

# What a user's own service manager can apply as well as that of the system.
HARDENING: Settings = (
    ("NoNewPrivileges", "yes"),
    ("UMask", "0077"),
    ("LimitCORE", "0"),
    ("LockPersonality", "yes"),
    ("RestrictRealtime", "yes"),
    ("RestrictSUIDSGID", "yes"),
    ("RestrictAddressFamilies", "AF_INET AF_INET6 AF_UNIX AF_NETLINK"),
    ("SystemCallArchitectures", "native"),
    ("SystemCallFilter", "@system-service"),
    ("SystemCallErrorNumber", "EPERM"),
)
# These need the privileges of the system's manager.
SYSTEM_HARDENING: Settings = (
    ("ProtectSystem", "strict"),
    ("ProtectHome", "read-only"),
    ("PrivateTmp", "yes"),
    ("PrivateDevices", "yes"),
    ("ProtectClock", "yes"),
    ("ProtectControlGroups", "yes"),
    ("ProtectHostname", "yes"),
    ("ProtectKernelLogs", "yes"),
    ("ProtectKernelModules", "yes"),
    ("ProtectKernelTunables", "yes"),
    ("RestrictNamespaces", "yes"),
    ("CapabilityBoundingSet", ""),
    ("AmbientCapabilities", ""),
    ("RemoveIPC", "yes"),
)


def unit_text(sections: Mapping[str, Settings]) -> str:
    """Return the text of a unit file."""
    return "\n".join(
        f"[{name}]\n" + "".join(f"{key}={value}\n" for key, value in settings)
        for name, settings in sections.items()
    )


def command_line(arguments: Iterable[str | Path]) -> str:
    """Return a command as the value of `ExecStart`, each argument taken literally."""
    return " ".join(_quoted(str(argument)) for argument in arguments)


def literal(text: str) -> str:
    """Return a text in which systemd replaces no specifier."""
    return text.replace("%", "%%")


def _quoted(text: str) -> str:
    found = literal(text).replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$")
    is_plain = found and all(c.isalnum() or c in "-_./=:@,+%" for c in found)
    return found if is_plain else f'"{found}"'
