"""The digest of a date from journal rows: money, trades, refusals, market states, health."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field
from datetime import date
from typing import Any

from actors.journal.reading import JournalRows
from actors.journal.reading import Row
from actors.messages import Decision


TABLES = ("decisions", "trade_events", "fills", "alerts", "statuses")
# Steps that move money; a closed trade repeats the sum of its steps.
MONEY = ("ENTRY_FILLED", "EXIT_FILLED", "FUNDING_PAID")
# Columns of a decision whose values divide the day, where a system fills them.
STATES = tuple(name for name in ("regime", "tier") if name in Decision.TYPES)
RECONNECTED, GAP = "CONNECTION_RESTORED", "DATA_GAP"
PROFIT_TARGET = "PROFIT_TARGET"


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """Represents the result of a strategy in a digest's time; what was paid is positive."""

    gross: float
    fees: float
    funding: float
    net: float
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """
    Represents the summary of one date of a node.

    Attributes
    ----------
    day : date
        The date of the session.
    start, end : int
        The time covered (ns UTC), the end excluded.
    status : str
        `COMPLETED`, or `STOPPED EARLY` with the reason.
    money : dict[str, Money]
        The realised results by strategy, net of fees and funding.
    trades : list[dict[str, Any]]
        The closed trades, oldest first: ts, strategy_id, instrument_id, side, setup, quantity,
        entry, reason, net.
    refusals : dict[str, int]
        The refused candidates by reason code, the most frequent first.
    states : dict[str, dict[str, int]]
        Decisions by the values of `STATES`; columns that the system does not fill are left out.
    entries : dict[str, dict[str, int]]
        The entries among them.
    positions : list[dict[str, Any]]
        The last known position of each strategy that was not flat: ts, strategy_id,
        instrument_id, quantity (signed), entry, stop.
    alerts : dict[str, int]
        The alerts by kind.
    starts, reconnects, gaps : int
        How often the node started, reconnected, and found a gap in its data.
    waiting : int
        The rows that the database has not taken yet; they are included.

    """

    day: date
    start: int
    end: int
    status: str
    money: dict[str, Money]
    trades: list[dict[str, Any]]
    refusals: dict[str, int]
    states: dict[str, dict[str, int]]
    entries: dict[str, dict[str, int]]
    positions: list[dict[str, Any]]
    alerts: dict[str, int]
    starts: int
    reconnects: int
    gaps: int
    waiting: int
    notes: list[str] = field(default_factory=list)

    @property
    def wins(self) -> int:
        """Return the number of trades with a positive net result."""
        return sum(trade["net"] > 0 for trade in self.trades)

    @property
    def losses(self) -> int:
        """Return the number of trades with a negative net result."""
        return sum(trade["net"] < 0 for trade in self.trades)

    def totals(self) -> dict[str, float]:
        """Return the net results by currency."""
        found: Counter[str] = Counter()
        for money in self.money.values():
            found[money.currency] += money.net  # type: ignore[assignment]
        return dict(found)


def digest_of(day: date, start: int, end: int, rows: JournalRows) -> Digest:
    """
    Return the digest of a date.

    Decisions that a restart repeated while it warmed up count once, as they were made first.

    Parameters
    ----------
    day : date
        The date.
    start, end : int
        The time it covers (ns UTC), the end excluded.
    rows : JournalRows
        The rows of `TABLES` within that time.

    """
    tables = rows.tables
    decisions = list(_once(tables["decisions"]))
    events, alerts = tables["trade_events"], tables["alerts"]
    kinds = Counter(row["kind"] for row in alerts)
    refused = Counter(row["why"] for row in decisions if row["action"] == "REFUSE")
    refused.update(row["reason"] for row in events if row["kind"] == "ENTRY_REFUSED")
    entered = [row for row in decisions if row["action"] in ("ENTER", "FLIP")]
    all_rows = [row for found in tables.values() for row in found]
    return Digest(
        day=day,
        start=start,
        end=end,
        status=_status(tables["statuses"], alerts),
        money=_money(events, tables["fills"]),
        trades=[_trade(row) for row in events if row["kind"] == "TRADE_CLOSED"],
        refusals={str(reason): count for reason, count in refused.most_common()},
        states=_by_state(decisions),
        entries=_by_state(entered),
        positions=_positions(tables["statuses"]),
        alerts=dict(sorted(kinds.items())),
        starts=len({row["session"] for row in all_rows}),
        reconnects=kinds[RECONNECTED],
        gaps=kinds[GAP],
        waiting=rows.waiting,
    )


def _once(decisions: Iterable[Row]) -> Iterable[Row]:
    seen = set()
    for row in decisions:
        key = (row["strategy_id"], row["instrument_id"], row["ts_min"], row["setup"], row["side"])
        if key not in seen:
            seen.add(key)
            yield row


def _money(events: list[Row], fills: list[Row]) -> dict[str, Money]:
    currencies = {row["strategy_id"]: row["currency"] for row in fills if row["currency"]}
    found: dict[str, Money] = {}
    for strategy_id in dict.fromkeys(row["strategy_id"] for row in events):
        steps = [r for r in events if r["strategy_id"] == strategy_id and r["kind"] in MONEY]
        sums = {
            name: sum(row[name] or 0.0 for row in steps)
            for name in ("gross", "fees", "funding", "net")
        }
        found[strategy_id] = Money(**sums, currency=currencies.get(strategy_id, ""))
    return found


def _trade(row: Row) -> dict[str, Any]:
    names = ("strategy_id", "instrument_id", "side", "setup", "quantity", "reason")
    return {
        "ts": row["ts_event"],
        **{name: row[name] for name in names},
        "entry": row["price"],
        "net": row["net"] or 0.0,
    }


def _by_state(decisions: list[Row]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for name in STATES:
        counts = Counter(row[name] for row in decisions if row[name] is not None)
        if counts:
            # In the order in which they came: the way from tier to tier.
            found[name] = dict(counts)
    return found


def _positions(rows: list[Row]) -> list[dict[str, Any]]:
    latest = {row["strategy_id"]: row for row in rows}
    names = ("strategy_id", "instrument_id", "quantity", "entry", "stop")
    return [
        {"ts": row["ts_event"], **{name: row[name] for name in names}}
        for row in latest.values()
        if row["quantity"]
    ]


def _status(statuses: list[Row], alerts: list[Row]) -> str:
    last = {row["strategy_id"]: row for row in statuses}
    reasons = []
    if any(row["halted"] for row in last.values()):
        reasons.append("halted: position or orders in doubt")
    if any(row["killed"] for row in last.values()):
        reasons.append("the loss of the day reached its limit")
    if any(row["kind"] == PROFIT_TARGET for row in alerts):
        reasons.append("the profit target of the day was reached")
    return f"STOPPED EARLY ({'; '.join(reasons)})" if reasons else "COMPLETED"
