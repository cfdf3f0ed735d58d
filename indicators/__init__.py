"""Numbers from market data: no input or output, no orders."""

from importlib.metadata import PackageNotFoundError
from importlib.metadata import version


NAUTILUS_VERSION = "1.231.0"

try:
    _installed = version("nautilus_trader")
except PackageNotFoundError:  # The cores work alone.
    _installed = NAUTILUS_VERSION

# Checked here because a binary module of another version would fail before its own first line.
if _installed != NAUTILUS_VERSION:
    raise ImportError(
        f"auction-trader is built for nautilus_trader {NAUTILUS_VERSION}, but {_installed} is "
        f"installed: install nautilus_trader=={NAUTILUS_VERSION}"
    )
