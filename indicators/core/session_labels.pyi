from collections.abc import Callable

from indicators.core.context_row import LABELS as LABELS

class SessionLabels:
    """
    Label of the market session in force, for other cores; it has no methods for Python.

    Parameters
    ----------
    source : Callable[[int], tuple[str, str, int, int]], optional
        As `labels` of `MarketContext`.

    """

    def __init__(
        self, source: Callable[[int], tuple[str, str, int, int]] | None = None
    ) -> None: ...
