"""
Credentials: from an environment variable, or from a file that a variable names.

Every secret NAME (a key, a token, a password, the address of a receiver or of a database) is read
here. `NAME` holds it, or `NAME_FILE` the path of a file with it: the way of systemd's
`LoadCredential=` and of container secrets, which keeps it out of the environment of the process.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from errors import UsageError


SUFFIX = "_FILE"
# More than any key or list of addresses; a wrong path may name a device or a recording.
LARGEST_BYTES = 65_536


def credential(name: str, environment: Mapping[str, str] | None = None) -> str:
    """
    Return a secret, empty if it is not set; line breaks at the end of a file are no part of it.

    Parameters
    ----------
    name : str
        The environment variable that holds it; with `_FILE` appended, the one that names its file.
    environment : Mapping[str, str], optional
        The environment variables, by default those of the process.

    Raises
    ------
    UsageError
        If both variables are set, or the file cannot be read, is empty, is not text, or is larger
        than 64 KiB. The message never holds what was read.

    """
    variables = os.environ if environment is None else environment
    given, place = variables.get(name, ""), variables.get(name + SUFFIX, "")
    if given and place:
        raise UsageError(f"{name} and {name}{SUFFIX} are both set: keep one of them")
    return _content(name + SUFFIX, place) if place else given


def load_credential(name: str) -> None:
    """
    Move a secret from its file into the environment of this process, for libraries that read it.

    Nothing happens if no file is named. The initial environment, which the system shows in
    `/proc`, is not changed.

    Raises
    ------
    UsageError
        As `credential`.

    """
    if os.environ.get(name + SUFFIX):
        os.environ[name] = credential(name)
        del os.environ[name + SUFFIX]


def drop_credential(name: str) -> None:
    """Remove a secret from the environment of this process, in both forms."""
    for variable in (name, name + SUFFIX):
        os.environ.pop(variable, None)


def _content(variable: str, place: str) -> str:
    try:
        with Path(place).open("rb") as file:
            content = file.read(LARGEST_BYTES + 1)
        text = content.decode().rstrip("\r\n")
    except OSError as error:
        raise UsageError(f"{variable}: {place}: {error.strerror or error}") from None
    except ValueError:
        raise UsageError(f"{variable}: {place}: is no UTF-8 text") from None
    if len(content) > LARGEST_BYTES:
        raise UsageError(f"{variable}: {place}: is larger than 64 KiB: is it the right file?")
    if not text.strip():
        raise UsageError(f"{variable}: {place}: is empty")
    return text
