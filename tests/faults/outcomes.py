"""What each fault comes to in each state; docs/reliability.md has the same table."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """
    Represents what is left when a fault is over.

    Parameters
    ----------
    text : str
        One word of `outcome`, or several that are as good, then after a colon the alerts.

    """

    text: str

    @property
    def words(self) -> list[str]:
        return self.text.partition(":")[0].split(" or ")

    @property
    def alerts(self) -> set[str]:
        return set(self.text.partition(":")[2].replace(",", " ").split())


STATES = ("flat", "entry_working", "partly_filled", "in_position", "after_tp1", "exit_sent")
PLAIN = ("working", "open", "open", "first target", "flat", "flat")
TABLE: dict[str, tuple[str, ...]] = {
    "socket_drop": (
        "flat or working: CONNECTION_LOST, CONNECTION_RESTORED",
        "open: CONNECTION_LOST, CONNECTION_RESTORED",
        "open: CONNECTION_LOST, CONNECTION_RESTORED",
        "first target: CONNECTION_LOST, CONNECTION_RESTORED",
        "flat: CONNECTION_LOST, CONNECTION_RESTORED",
        "flat: CONNECTION_LOST, CONNECTION_RESTORED",
    ),
    "frozen_socket": (*PLAIN[:3], "first target: DATA_STALE", *PLAIN[4:]),
    "rest_5xx": PLAIN,
    "rate_limit": ("flat: ENTRY_REJECTED", *PLAIN[1:]),
    "rejects": (
        "flat: ENTRY_REJECTED",
        "flat: STOP_REJECTED, EXIT_REJECTED",
        "flat: STOP_REJECTED, EXIT_REJECTED",
        "first target: EXIT_REJECTED",
        "flat",
        "flat: EXIT_REJECTED",
    ),
    "error_but_works": PLAIN,
    "error_works_later": PLAIN,
    "error_but_filled": ("open", *PLAIN[1:]),
    "error_not_taken": ("flat: ORDER_UNCONFIRMED", *PLAIN[1:]),
    "lost_ack": PLAIN,
    "disordered_fills": PLAIN,
    "stop_not_triggered": PLAIN,
    "changed_outside": tuple("halted: POSITION_MISMATCH" for _ in STATES),
    "kill": ("flat", *PLAIN[1:]),
    "snapshot_damaged": (
        "flat: STATE_REFUSED, OBSERVATION",
        "halted: STATE_REFUSED, POSITION_MISMATCH, OBSERVATION",
        "halted: STATE_REFUSED, POSITION_MISMATCH, OBSERVATION",
        "halted: STATE_REFUSED, POSITION_MISMATCH, OBSERVATION",
        "flat: STATE_REFUSED, OBSERVATION",
        "flat: STATE_REFUSED, OBSERVATION",
    ),
    "redis_lost": (
        *("flat", *PLAIN[1:3]),
        *(f"{word}: CACHE_REFUSED" for word in PLAIN[3:]),
    ),
    "redis_garbage": tuple("halted: CACHE_REFUSED" for _ in STATES),
    "hang": tuple(f"{word}: NODE_DOWN" for word in ("flat", *PLAIN[1:])),
    "funding_restart": ("flat", *PLAIN[1:]),
    "liquidation": tuple("halted: LIQUIDATED" for _ in STATES),
    "adl": (
        "reduced: ADL",
        "reduced: ADL",
        "reduced: ADL",
        "first target: ADL",
        "flat: ADL",
        "flat: ADL",
    ),
    "clock_ahead": (
        "flat: CLOCK_WRONG, CLOCK_STOPPED, ENTRY_REJECTED",
        "open or flat: CLOCK_WRONG, CLOCK_STOPPED, STOP_REJECTED",
        "open or flat: CLOCK_WRONG, CLOCK_STOPPED, STOP_REJECTED",
        "first target: CLOCK_WRONG, CLOCK_STOPPED, EXIT_REJECTED",
        "flat: CLOCK_WRONG, CLOCK_STOPPED",
        "flat: CLOCK_WRONG, CLOCK_STOPPED",
    ),
    "clock_behind": tuple(f"{word}: CLOCK_WRONG" for word in ("flat", *PLAIN[1:])),
    "disk_full": tuple(f"{word}: JOURNAL_STUCK, JOURNAL_RESTORED" for word in ("flat", *PLAIN[1:])),
    "journal_damaged": tuple(f"{word}: JOURNAL_DAMAGED" for word in ("flat", *PLAIN[1:])),
    "receiver_down": (
        "working",
        "open: TRADE_OPENED",
        "open",
        "first target",
        "flat: TRADE_CLOSED",
        "flat: TRADE_CLOSED",
    ),
}
OUTCOMES = {
    fault: {state: Outcome(text) for state, text in zip(STATES, row, strict=True)}
    for fault, row in TABLE.items()
}
