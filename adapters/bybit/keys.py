"""API keys of an account, from a configuration or from the environment."""

from catalog.credentials import credential
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
    prefix = PREFIXES.get(environment, "BYBIT")
    keys = []
    for given, name in ((api_key, "API_KEY"), (api_secret, "API_SECRET")):
        variable = f"{prefix}_{name}"
        key = given or credential(variable)
        if not key:
            raise UsageError(f"{variable} is not set: set it to your Bybit key")
        keys.append(key)
    return keys[0], keys[1]
