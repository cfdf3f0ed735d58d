"""The folder with a file for each secret, and which service gets which."""

from dataclasses import dataclass
from pathlib import Path

from actors.private_files import is_open_to_others
from errors import UsageError
from live.deploy.unit_files import Settings
from live.deploy.unit_files import literal


# What the processes beside a node need: receivers of alerts, and the journal.
OF_ALERTS = frozenset({"ALERT_URLS", "ALERT_WEBHOOK_URL", "JOURNAL_URL"})


@dataclass(frozen=True, slots=True)
class SecretsFolder:
    """
    Represents a folder whose files are named after the variables that they hold.

    Parameters
    ----------
    folder : Path
        The folder.
    names : tuple[str, ...]
        The variables.

    """

    folder: Path
    names: tuple[str, ...]

    def settings(self, names: frozenset[str]) -> Settings:
        """Return the settings that hand secrets to a service, as files that it alone can read."""
        given = [name for name in self.names if name in names]
        found = [("LoadCredential", f"{n}:{literal(str(self.folder / n))}") for n in given]
        return [*found, *(("Environment", f"{name}_FILE=%d/{name}") for name in given)]


def read_secrets_folder(folder: Path, required: str) -> SecretsFolder:
    """
    Return the secrets of a folder; their content is not read.

    Parameters
    ----------
    folder : Path
        The folder.
    required : str
        The variable without which a node does not start.

    Raises
    ------
    UsageError
        If there is no such folder, the required file is missing, or other users can read one.

    """
    if not folder.is_dir():
        raise UsageError(f"--secrets {folder}: is no folder: make it with a file for each secret")
    files = sorted(file for file in folder.iterdir() if file.name.isupper() and file.is_file())
    for path in (folder, *files):
        if is_open_to_others(path):
            mode = "700" if path is folder else "600"
            raise UsageError(f"--secrets: {path} is open to other users: chmod {mode} {path}")
    names = tuple(file.name for file in files)
    if required not in names:
        raise UsageError(
            f"--secrets {folder}: {required} is missing: put the token of the control channel there"
        )
    return SecretsFolder(folder.resolve(), names)
