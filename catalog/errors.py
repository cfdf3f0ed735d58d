"""The errors a user can cause: one line that names what is wrong and what to do."""


class AuctionError(Exception):
    """
    Represents a failure that the user can mend (exit code 1).

    The message is one line: which file, row, key or argument, what is wrong, what to do.
    """

    exit_code = 1


class UsageError(AuctionError):
    """Represents a wrong argument or configuration key (exit code 2)."""

    exit_code = 2
