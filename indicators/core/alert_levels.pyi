class AlertLevels:
    """Levels of an alert by rising price, for other cores; it has no methods for Python."""

    def __init__(self) -> None: ...
