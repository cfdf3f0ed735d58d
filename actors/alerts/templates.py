"""Templates of alerts: title, severity, fields and cooldown of each kind."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


# A condition that comes and goes: the first one, then a count.
FLAPPING_S = 600.0
DEFAULT_S = 60.0
EVERY_ONE_S = 0.0


class Severity(StrEnum):
    """Represents how urgent an alert is, in the words of Apprise."""

    INFO = "info"
    SUCCESS = "success"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class Template:
    """
    Represents how alerts of one kind are shown.

    Attributes
    ----------
    title : str
        What has happened.
    severity : Severity
        How urgent it is.
    fields : tuple[tuple[str, str], ...], default ()
        The keys of the data that are shown, each with its label.
    cooldown_s : float, default 60
        For how long further alerts of the kind are counted and not delivered (s).

    """

    title: str
    severity: Severity
    fields: tuple[tuple[str, str], ...] = ()
    cooldown_s: float = DEFAULT_S

    def shown(self, data: Mapping[str, Any]) -> dict[str, str]:
        """Return the fields of an alert by their labels; those without a value are left out."""
        found = {label: data.get(key) for key, label in self.fields}
        return {label: _text(value) for label, value in found.items() if value not in (None, "")}


_STRATEGY = ("strategy_id", "Strategy")
_RESULT = (_STRATEGY, ("value", "Result of the day"))
_TRADE = (
    _STRATEGY,
    ("side", "Side"),
    ("quantity", "Size"),
    ("price", "Entry"),
    ("stop", "Planned stop"),
    ("target", "Planned target"),
    ("setup", "Setup"),
)
_CLOSED = (
    _STRATEGY,
    ("side", "Side"),
    ("quantity", "Size"),
    ("price", "Entry"),
    ("reason", "Reason"),
    ("gross", "Gross"),
    ("fees", "Fees"),
    ("funding", "Funding"),
    ("net", "Net"),
    ("day_pnl", "Result of the day"),
)
_ONE = (_STRATEGY, ("value", "Value"))
_INFO, _GOOD = Severity.INFO, Severity.SUCCESS
_WARN, _FAIL = Severity.WARNING, Severity.FAILURE

TEMPLATES = {
    # The node and its session
    "NODE_STARTED": Template("Node started", _INFO, cooldown_s=EVERY_ONE_S),
    "NODE_STOPPED": Template("Node stopped", _INFO, cooldown_s=EVERY_ONE_S),
    "NODE_DOWN": Template("Node down: started again", _FAIL),
    "NODE_GIVEN_UP": Template("Node down: not started again", _FAIL, cooldown_s=EVERY_ONE_S),
    "SYSTEM_REBOOTED": Template("System rebooted", _WARN),
    "NO_TRADING_TODAY": Template("No trading today", _INFO),
    "WAITING_FOR_OPEN": Template("Waiting for the open", _INFO),
    "SESSION_STARTED": Template("Session started", _INFO),
    "ROLL_DUE": Template("Contract rolls", _WARN),
    "OPERATIONS_FAILED": Template("System error", _FAIL),
    "MESSAGE_LOST": Template("System error: message lost", _FAIL),
    "DIGEST": Template("Daily summary", _INFO, cooldown_s=EVERY_ONE_S),
    "DIGEST_FAILED": Template("Daily summary failed", _FAIL),
    # Trades
    "TRADE_OPENED": Template("Position opened", _INFO, _TRADE, EVERY_ONE_S),
    "TRADE_CLOSED": Template("Trade closed", _GOOD, _CLOSED, EVERY_ONE_S),
    "FLATTEN_DONE": Template("Flattened, verified", _GOOD, (_STRATEGY,)),
    "FLATTEN_UNVERIFIED": Template("Flattened, not verified", _WARN, (_STRATEGY,)),
    "FLATTEN_FAILED": Template("Flatten failed", _FAIL, (_STRATEGY,), EVERY_ONE_S),
    "ENTRY_REJECTED": Template("Order rejected: entry", _WARN, (_STRATEGY,)),
    "EXIT_REJECTED": Template("Order rejected: exit", _FAIL, (_STRATEGY,)),
    "STOP_REJECTED": Template("Order rejected: stop", _FAIL, (_STRATEGY,), EVERY_ONE_S),
    "STOP_LOST": Template("Stop lost", _FAIL, (_STRATEGY,), EVERY_ONE_S),
    "ATTACHED_STOP_FAILED": Template("Stop at the venue not set", _FAIL, (_STRATEGY,)),
    "ORDER_UNCONFIRMED": Template("Order unconfirmed", _FAIL, (_STRATEGY,)),
    "LIQUIDATED": Template("Liquidated by the venue", _FAIL, _ONE, EVERY_ONE_S),
    "ADL": Template("Reduced by the venue", _FAIL, _ONE, EVERY_ONE_S),
    "DELIVERED": Template("Contract delivered", _WARN, _ONE, EVERY_ONE_S),
    # Limits
    "KILL_SWITCH": Template("Session halted: daily loss limit", _FAIL, _RESULT, EVERY_ONE_S),
    "PROFIT_TARGET": Template("Session complete: profit target", _GOOD, _RESULT, EVERY_ONE_S),
    "POSITION_MISMATCH": Template("Session halted: position", _FAIL, (_STRATEGY,), EVERY_ONE_S),
    "MARGIN_HIGH": Template("High margin: no entries", _WARN, _ONE),
    "MARGIN_NORMAL": Template("Margin normal", _GOOD, _ONE),
    "MARGIN_UNKNOWN": Template("Margin unknown", _WARN, _ONE),
    "TIER_CHANGE": Template("Tier change", _INFO, (_STRATEGY, ("value", "Balance")), EVERY_ONE_S),
    "LEVERAGE_CAP": Template("Size cut by leverage", _WARN, _ONE, FLAPPING_S),
    # Data and connections
    "CONNECTION_LOST": Template("Data feed or venue disconnected", _FAIL, (), FLAPPING_S),
    "CONNECTION_RESTORED": Template(
        "Data feed or venue restored", _GOOD, (("value", "Gone for (s)"),), FLAPPING_S
    ),
    "DATA_STALE": Template("No quotes", _WARN, (("value", "Silent for (s)"),), FLAPPING_S),
    "DATA_GAP": Template("Gap in the data", _WARN, (("value", "Silent for (s)"),), FLAPPING_S),
    "DATA_REFUSED": Template("Data refused", _WARN, (("value", "Refused"),), FLAPPING_S),
    "VENUE_SILENT": Template("Venue does not answer", _FAIL, (), FLAPPING_S),
    "CLOCK_WRONG": Template("Clock wrong", _FAIL, (), FLAPPING_S),
    # The watchdog process
    "WATCHDOG_STATUS": Template("Watchdog: morning status", _INFO, cooldown_s=EVERY_ONE_S),
    "WATCHDOG_SUMMARY": Template("Watchdog: end of day", _INFO, cooldown_s=EVERY_ONE_S),
    "WATCHDOG_WARNING": Template("Watchdog: warning", _WARN, cooldown_s=EVERY_ONE_S),
    "WATCHDOG_CRITICAL": Template("Watchdog: critical", _FAIL, cooldown_s=EVERY_ONE_S),
    "WATCHDOG_RESTORED": Template("Watchdog: restored", _GOOD, cooldown_s=EVERY_ONE_S),
    "PREFLIGHT": Template("Test message", _INFO, cooldown_s=EVERY_ONE_S),
}
_ENDINGS = {"_RESTORED": _GOOD, "_FAILED": _FAIL, "_LOST": _FAIL, "_STUCK": _FAIL}


def template_of(kind: str) -> Template:
    """
    Return the template of a kind of alerts.

    A kind without one, such as that of a system, is shown by its name as a warning, with strategy
    and value; the endings `_RESTORED`, `_FAILED`, `_LOST` and `_STUCK` have their severity.
    """
    found = TEMPLATES.get(kind)
    if found is not None:
        return found
    ending = next((e for e in _ENDINGS if kind.endswith(e)), None)
    severity = _WARN if ending is None else _ENDINGS[ending]
    return Template(kind.replace("_", " ").capitalize(), severity, _ONE)


def severity_of(kind: str, data: Mapping[str, Any]) -> Severity:
    """Return the severity of an alert; a trade closed with a loss is a warning."""
    net = data.get("net")
    if kind == "TRADE_CLOSED" and net is not None and net < 0:
        return Severity.WARNING
    return template_of(kind).severity


def _text(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
