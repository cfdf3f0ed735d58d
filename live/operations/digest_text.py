"""The text of a digest, as it is delivered and printed."""

from dataclasses import asdict
from typing import Any

from live.operations.days import Days
from live.operations.digest import Digest


LAST_TRADES = 10
MOST_REFUSALS = 8


def digest_lines(digest: Digest, days: Days) -> list[str]:
    """Return a digest as lines, with times on the clock of its calendar."""
    hours = f"{days.clock(digest.start):%Y-%m-%d %H:%M} to {days.clock(digest.end):%Y-%m-%d %H:%M}"
    lines = [f"Status: {digest.status}", f"Time: {hours} {days.zone}"]
    lines += _money(digest)
    lines += _trades(digest, days)
    if digest.refusals:
        shown = list(digest.refusals.items())
        rest = sum(count for _, count in shown[MOST_REFUSALS:])
        text = ", ".join(f"{reason} {count}" for reason, count in shown[:MOST_REFUSALS])
        lines.append(f"Refused: {text}{f', others {rest}' if rest else ''}")
    for name, counts in digest.states.items():
        entered = digest.entries.get(name, {})
        parts = [
            f"{value} {count}" + (f" ({entered[value]} entered)" if value in entered else "")
            for value, count in counts.items()
        ]
        lines.append(f"Decisions by {name}: {', '.join(parts)}")
    lines += [
        f"Open: {p['strategy_id']} {p['quantity']:+g} {p['instrument_id']} from {p['entry']}, "
        f"stop {p['stop']} ({days.clock(p['ts']):%H:%M})"
        for p in digest.positions
    ] or ["Open: no position in the last known states"]
    lines.append(
        f"Health: {digest.starts} starts with rows, {digest.reconnects} reconnects, "
        f"{digest.gaps} gaps in the data"
    )
    if digest.alerts:
        text = ", ".join(f"{kind} {count}" for kind, count in digest.alerts.items())
        lines.append(f"Alerts: {text}")
    if digest.waiting:
        lines.append(f"Journal: {digest.waiting} rows wait for the database (included)")
    return lines + digest.notes


def digest_document(digest: Digest) -> dict[str, Any]:
    """Return a digest as plain values, fit for JSON."""
    document = {**asdict(digest), "day": digest.day.isoformat()}
    document |= {"wins": digest.wins, "losses": digest.losses, "net": digest.totals()}
    return document


def _money(digest: Digest) -> list[str]:
    if not digest.money:
        return ["P&L: no fills"]
    totals = (f"{net:+,.2f} {currency}".rstrip() for currency, net in digest.totals().items())
    lines = [f"P&L: {', '.join(totals)} net"]
    lines += [
        f"  {name}: gross {m.gross:+,.2f}, fees {m.fees:,.2f}, funding {m.funding:,.2f}, "
        f"net {m.net:+,.2f}"
        for name, m in digest.money.items()
    ]
    return lines


def _trades(digest: Digest, days: Days) -> list[str]:
    trades = digest.trades
    if not trades:
        return ["Trades: none closed"]
    decided = digest.wins + digest.losses
    rate = f", win rate {digest.wins / decided:.0%}" if decided else ""
    lines = [f"Trades: {len(trades)} closed, {digest.wins} won, {digest.losses} lost{rate}"]
    if len(trades) > LAST_TRADES:
        lines[0] += f"; the last {LAST_TRADES}:"
    for trade in trades[-LAST_TRADES:]:
        setup = f" ({trade['setup']})" if trade["setup"] else ""
        lines.append(
            f"  {days.clock(trade['ts']):%H:%M} {trade['instrument_id']} {trade['side']} "
            f"{trade['quantity']:g} from {trade['entry']:g}{setup}: {trade['reason']}, "
            f"net {trade['net']:+,.2f}"
        )
    return lines
