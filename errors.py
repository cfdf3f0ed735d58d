"""Errors that a user can cause, each one line with the problem and the remedy."""

LONGEST_VALUE = 80
LONGEST_ROW = 200
LONGEST_LINE = 300


class AuctionError(Exception):
    """
    Represents a failure that the user can fix (exit code 1).

    The message is one line: the file, row, key or argument, the problem and the remedy.
    """

    exit_code = 1


def shortened(text: object, limit: int = LONGEST_VALUE) -> str:
    """
    Return a value of outside data as one line of bounded length, for a message.

    Parameters
    ----------
    text : object
        The value.
    limit : int, default 80
        The characters kept, from its begin and its end.

    """
    line = " ".join(str(text).split())
    if len(line) <= limit:
        return line
    head = limit * 2 // 3
    return f"{line[:head]} … {line[len(line) - (limit - head) + 3 :]}"


class UsageError(AuctionError):
    """Represents a wrong argument or configuration key (exit code 2)."""

    exit_code = 2


class ParameterError(UsageError):
    """
    Represents a parameter that is out of its range.

    Parameters
    ----------
    name : str
        The name of the parameter, as in a configuration.
    reason : str
        The problem with its value.

    """

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: {reason}")
        self.name = name
        self.reason = reason
