"""API keys of an account, from a configuration or from the environment."""

import os

from nautilus_trader.adapters.bybit.config import BybitExecClientConfig
from nautilus_trader.adapters.bybit.config import _resolve_environment
from nautilus_trader.core import nautilus_pyo3

from errors import UsageError


def key_of(config: object) -> str | None:
    """
    Return the API key of an execution client, None for a client of another venue.

    Parameters
    ----------
    config : object
        The configuration of an execution client.

    Raises
    ------
    UsageError
        If the key or its secret is neither in the configuration nor in the environment.

    """
    return keys_of(config)[0] if isinstance(config, BybitExecClientConfig) else None


def keys_of(config: BybitExecClientConfig) -> tuple[str, str]:
    """
    Return key and secret of an account.

    Raises
    ------
    UsageError
        If one of them is neither in the configuration nor in the environment.

    """
    environment = _resolve_environment(config.environment)
    prefix = {
        nautilus_pyo3.BybitEnvironment.TESTNET: "BYBIT_TESTNET",
        nautilus_pyo3.BybitEnvironment.DEMO: "BYBIT_DEMO",
    }.get(environment, "BYBIT")
    keys = []
    for given, name in ((config.api_key, "API_KEY"), (config.api_secret, "API_SECRET")):
        variable = f"{prefix}_{name}"
        key = given or os.environ.get(variable, "")
        if not key:
            raise UsageError(f"{variable} is not set: set it to your Bybit key")
        keys.append(key)
    return keys[0], keys[1]
