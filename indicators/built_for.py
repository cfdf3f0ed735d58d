"""The version of NautilusTrader that `indicators.nautilus` is built for."""

from importlib.metadata import version


NAUTILUS_VERSION = "1.231.0"


def check_version(installed: str) -> None:
    """
    Refuse a version of NautilusTrader that the indicators were not built for.

    Raises
    ------
    ImportError
        If the installed version is another one.

    """
    if installed != NAUTILUS_VERSION:
        raise ImportError(
            f"auction-trader is built for nautilus_trader {NAUTILUS_VERSION}, but {installed} is "
            f"installed: install nautilus_trader=={NAUTILUS_VERSION}"
        )


# A binary module of another version would fail before its own first line.
check_version(version("nautilus_trader"))
