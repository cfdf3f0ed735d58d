class ZoneChanges:
    """The zones that end and begin from one call to the next, for other cores.

    It has no methods for Python.
    """

    def __init__(self) -> None: ...
