"""Sends an operator's command to a running node."""

import json
import os
import urllib.error
import urllib.request
from typing import Any
from typing import cast

from adapters.node.control import COMMANDS
from adapters.node.control import HOST
from catalog.errors import AuctionError
from catalog.errors import UsageError


TIMEOUT_S = 60.0


def send(command: str, port: int, token_variable: str) -> dict[str, Any]:
    """
    Send a command and return the state of the node after it.

    Parameters
    ----------
    command : str
        `status`, `activate`, `deactivate`, `flatten`, `halt`, `resume` or `shutdown`.
    port : int
        The port of the control channel.
    token_variable : str
        The environment variable that holds its token.

    Raises
    ------
    UsageError
        If there is no such command, or no token.
    AuctionError
        If the node does not answer or refuses.

    """
    known = ("status", *COMMANDS)
    if command not in known:
        raise UsageError(f"{command}: no such command; there are {', '.join(known)}")
    token = os.environ.get(token_variable, "")
    if not token:
        raise UsageError(f"{token_variable} is not set: set it to the token of the node")
    request = urllib.request.Request(
        f"http://{HOST}:{port}/{command}",
        method="GET" if command == "status" else "POST",
        headers={"Authorization": f"Bearer {token}"},
    )
    # A proxy of the environment has no business on the loopback interface.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=TIMEOUT_S) as response:
            return cast("dict[str, Any]", json.load(response))
    except urllib.error.HTTPError as error:
        with error:
            text = error.read()
        is_told = error.headers.get_content_type() == "application/json"
        reason = json.loads(text)["refused"] if is_told else f"it answered {error.code}"
        raise AuctionError(f"the node refuses: {reason}") from None
    except OSError as error:
        raise AuctionError(
            f"no node answers on port {port} ({error}): is it running, and is it this port?"
        ) from None
