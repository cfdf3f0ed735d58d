"""API keys of an account, from a configuration or from the environment."""

from catalog.credentials import credential
from catalog.credentials import load_credential
from errors import UsageError


PREFIXES = {"Testnet": "BYBIT_TESTNET", "Demo": "BYBIT_DEMO"}


def resolve_keys(environment: str, api_key: str | None, api_secret: str | None) -> tuple[str, str]:
    """
    Return key and secret of an account.

    Parameters
    ----------
    environment : str
        The name of the venue's environment, such as `Mainnet`, `Demo` or `Testnet`.
    api_key, api_secret : str, optional
        The keys in the configuration; environment variables supply missing ones, or the files that
        they name.

    Raises
    ------
    UsageError
        If one of them is neither in the configuration nor in the environment, or its file cannot
        be read.

    """
    keys = []
    for given, variable in zip((api_key, api_secret), _variables(environment), strict=True):
        key = given or credential(variable)
        if not key:
            raise UsageError(f"{variable} is not set: set it to your Bybit key")
        keys.append(key)
    return keys[0], keys[1]


def load_keys(environment: str) -> None:
    """
    Move keys that files hold into the environment of this process: Nautilus's core reads it alone.

    Raises
    ------
    UsageError
        If a file cannot be read.

    """
    for variable in _variables(environment):
        load_credential(variable)


def _variables(environment: str) -> tuple[str, str]:
    prefix = PREFIXES.get(environment, "BYBIT")
    return f"{prefix}_API_KEY", f"{prefix}_API_SECRET"
