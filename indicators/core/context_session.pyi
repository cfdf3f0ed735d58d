from collections.abc import Callable

class ContextSession:
    """
    Session of market context, and the balance before it, for other cores.

    It has no methods for Python.

    Parameters
    ----------
    source : Callable[[int], tuple[int, int]]
        As `sessions` of `MarketContext`.

    """

    def __init__(self, source: Callable[[int], tuple[int, int]]) -> None: ...
