"""Redirect host names to loopback, in a restarted process with its own name resolution."""

import ctypes.util
import os
import signal
import socket
import subprocess
from collections.abc import Iterable
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from errors import AuctionError
from errors import UsageError


# Passes the address to the restarted process.
VARIABLE = "AUCTION_LOOPBACK_ADDRESS"
LIBRARY = "nss_wrapper"
PACKAGE = "libnss-wrapper"


def redirected_address(names: Iterable[str]) -> str | None:
    """
    Return the loopback address of names redirected in this process, None without redirection.

    Raises
    ------
    AuctionError
        If a redirection is configured but not effective.

    """
    address = os.environ.get(VARIABLE)
    if address is None:
        return None
    for name in names:
        try:
            found = socket.gethostbyname(name)
        except OSError as error:
            found = str(error)
        if found != address or not address.startswith("127."):
            raise AuctionError(f"{name} leads to {found} and not to {address}: see {PACKAGE}")
    return address


def run_redirected(command: Sequence[str], names: Iterable[str]) -> int:
    """
    Run a command in a process that resolves names to a loopback address; return its exit code.

    Parameters
    ----------
    command : Sequence[str]
        The command; termination signals are forwarded to it.
    names : Iterable[str]
        The names of the hosts.

    Raises
    ------
    UsageError
        If the library that resolves names from a file is not installed.

    """
    library = ctypes.util.find_library(LIBRARY)
    if library is None:
        raise UsageError(
            f"lib{LIBRARY} is not installed, and the client of the venue accepts no address "
            f"but its host name: apt-get install {PACKAGE}"
        )
    # Ports are fixed, and several of these may run at a time.
    number = os.getpid()
    address = f"127.77.{number >> 8 & 255}.{number & 255 or 1}"
    with TemporaryDirectory(prefix="auction-hosts-") as folder:
        hosts = Path(folder, "hosts")
        hosts.write_text("".join(f"{address} {name}\n" for name in names))
        preloaded = " ".join(filter(None, [library, os.environ.get("LD_PRELOAD")]))
        environment = {
            **os.environ,
            "LD_PRELOAD": preloaded,
            "NSS_WRAPPER_HOSTS": str(hosts),
            VARIABLE: address,
        }
        with subprocess.Popen(command, env=environment) as process:
            before = {
                sig: signal.signal(sig, lambda *_: process.terminate())
                for sig in (signal.SIGINT, signal.SIGTERM)
            }
            try:
                return process.wait()
            finally:
                for sig, handler in before.items():
                    signal.signal(sig, handler)
