"""What the end of a client order id says about an order: venues forget tags."""

PURPOSES = {"ENTRY": "E", "STOP": "S", "EXIT": "X"}
# An entry for a signal and a stop at its first price are marked by their purpose alone.
REASONS = {
    "TIMEOUT": "M",
    "STOP": "S",
    "BREAKEVEN": "B",
    "TRAIL": "R",
    "TP1": "1",
    "TP2": "2",
    "TARGET": "T",
    "CLOSE_INSIDE": "I",
    "TIME": "H",
    "SESSION_END": "D",
    "FLIP": "F",
    "FLATTEN": "O",
    "KILL_SWITCH": "K",
    "STOP_REJECTED": "J",
    "STOP_LOST": "L",
    "LATE_FILL": "N",
}
PLAIN = {"ENTRY": "SIGNAL", "STOP": "STOP"}
# The longest identifier that Bybit takes.
LONGEST = 36


def marked(name: str, purpose: str, reason: str) -> str:
    """
    Return an identifier that says what its order is for, and why it was sent.

    Where it would get too long for a venue, it says the purpose alone.

    Parameters
    ----------
    name : str
        The identifier without a mark.
    purpose : str
        What the order is for: ENTRY, STOP or EXIT.
    reason : str
        Why it is sent.

    """
    plain = f"{name}-{PURPOSES[purpose]}"
    if reason == PLAIN.get(purpose) or reason not in REASONS or len(plain) >= LONGEST:
        return plain
    return f"{name}-{REASONS[reason]}{PURPOSES[purpose]}"


def meaning(name: str) -> tuple[str, str] | None:
    """
    Return purpose and reason of an order by its identifier; None where it has no mark.

    An exit whose reason is not known has that of its purpose, `EXIT`.
    """
    mark = name.rpartition("-")[2]
    purpose = next((key for key, value in PURPOSES.items() if value == mark[-1:]), None)
    if purpose is None:
        return None
    if len(mark) == 1:
        return purpose, PLAIN.get(purpose, purpose)
    reason = next((key for key, value in REASONS.items() if value == mark[:-1]), None)
    return None if reason is None else (purpose, reason)
