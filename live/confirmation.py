"""The line an operator must type before real orders can be sent."""

from collections.abc import Callable

from configs.live import LiveConfig
from errors import UsageError


SHOWN = 200


def expected_confirmation(config: LiveConfig) -> str:
    """
    Return the line that confirms a live run: instruments, accounts and loss limits.

    The account is named by its execution client and the venue's environment, like BYBIT-MAINNET.
    """
    parts = [*config.instrument_ids]
    for name, client in config.node.exec_clients.items():
        environment = client.config.get("environment") or "MAINNET"
        parts.append(f"{name}-{environment}")
    parts += [str(entry["config"]["max_daily_loss"]) for entry in config.document["strategies"]]
    return " ".join(parts)


def confirm(config: LiveConfig, read: Callable[[], str], say: Callable[[str], None]) -> str:
    """
    Prompt for the confirmation of a live run and return it.

    Parameters
    ----------
    config : LiveConfig
        The configuration.
    read : Callable[[], str]
        Reads a line from the operator.
    say : Callable[[str], None]
        Shows a line to the operator.

    Raises
    ------
    UsageError
        If the typed line differs.

    """
    expected = expected_confirmation(config)
    say(f"{config.system}: REAL ORDERS. Type instrument, account and limit of loss to start:")
    say(f"  {expected}")
    try:
        typed = " ".join(read().split())
    except UnicodeDecodeError:
        typed = "no text"
    if typed != expected:
        raise UsageError(f"not confirmed: {typed[:SHOWN]!r} was typed: nothing is started")
    return typed
