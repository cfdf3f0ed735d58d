"""What the end of a client order id says about an order: venues forget tags."""

from strategies.common.commands import Purpose
from strategies.common.reasons import EntryReason
from strategies.common.reasons import ExitReason


PURPOSES = {Purpose.ENTRY: "E", Purpose.STOP: "S", Purpose.EXIT: "X"}
# An entry for a signal and a stop at its first price are marked by their purpose alone.
REASONS: dict[str, str] = {
    EntryReason.TIMEOUT: "M",
    ExitReason.STOP: "S",
    ExitReason.BREAKEVEN: "B",
    ExitReason.TRAIL: "R",
    ExitReason.TP1: "1",
    ExitReason.TP2: "2",
    ExitReason.TARGET: "T",
    ExitReason.CLOSE_INSIDE: "I",
    ExitReason.TIME: "H",
    ExitReason.SESSION_END: "D",
    ExitReason.FLIP: "F",
    ExitReason.FLATTEN: "O",
    ExitReason.KILL_SWITCH: "K",
    ExitReason.STOP_REJECTED: "J",
    ExitReason.STOP_LOST: "L",
    ExitReason.LATE_FILL: "N",
}
PLAIN = {Purpose.ENTRY: EntryReason.SIGNAL, Purpose.STOP: ExitReason.STOP}
# The longest identifier that Bybit takes.
LONGEST = 36


def marked(name: str, purpose: Purpose, reason: str) -> str:
    """
    Return an identifier that says what its order is for, and why it was sent.

    Where it would get too long for a venue, it says the purpose alone.

    Parameters
    ----------
    name : str
        The identifier without a mark.
    purpose : Purpose
        What the order is for.
    reason : str
        Why it is sent.

    """
    plain = f"{name}-{PURPOSES[purpose]}"
    if reason == PLAIN.get(purpose) or reason not in REASONS or len(plain) >= LONGEST:
        return plain
    return f"{name}-{REASONS[reason]}{PURPOSES[purpose]}"


def meaning(name: str) -> tuple[Purpose, str] | None:
    """
    Return purpose and reason of an order by its identifier; None where it has no mark.

    An exit whose reason is not known has that of its purpose, `EXIT`.
    """
    mark = name.rpartition("-")[2]
    purpose = next((key for key, value in PURPOSES.items() if value == mark[-1:]), None)
    if purpose is None:
        return None
    if len(mark) == 1:
        return purpose, str(PLAIN.get(purpose, purpose))
    reason = next((key for key, value in REASONS.items() if value == mark[:-1]), None)
    return None if reason is None else (purpose, str(reason))
