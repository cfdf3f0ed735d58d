"""Worse fills, hours and weekdays."""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from research.stress.trade import StressTrade


WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def slippage(trades: Sequence[StressTrade], ticks: float) -> dict[str, Any]:
    """
    Return the result with more slippage on the way in and out, each.

    Parameters
    ----------
    trades : Sequence[StressTrade]
        The trades.
    ticks : float
        The further slippage of each of both fills, beyond that of the run (ticks).

    """
    nets = [trade.net - 2.0 * ticks * trade.tick_money for trade in trades]
    total = sum(nets)
    days = len({trade.day for trade in trades})
    return {
        "ticks": ticks,
        "slippage": sum(2.0 * ticks * trade.tick_money for trade in trades),
        "net": total,
        "win_rate": share(nets),
        "profit_factor": profit_factor(nets),
        "per_day": total / days if days else None,
        "passed": total > 0,
    }


def by_hour(trades: Sequence[StressTrade]) -> list[dict[str, Any]]:
    """Return the results by the hour of the entry, by the clock of the exchange."""
    groups = _grouped((trade.hour, trade.net) for trade in trades)
    return [
        {
            "hour": hour,
            "trades": len(nets),
            "win_rate": share(nets),
            "net": sum(nets),
            "mean": sum(nets) / len(nets),
        }
        for hour, nets in sorted(groups.items())
    ]


def by_weekday(trades: Sequence[StressTrade]) -> list[dict[str, Any]]:
    """Return the results by the weekday of the day of trading."""
    groups = _grouped((trade.day.weekday(), trade.net) for trade in trades)
    days = {trade.day for trade in trades}
    counts = {weekday: sum(day.weekday() == weekday for day in days) for weekday in groups}
    return [
        {
            "weekday": WEEKDAYS[weekday],
            "days": counts[weekday],
            "trades": len(nets),
            "win_rate": share(nets),
            "net": sum(nets),
            "per_day": sum(nets) / counts[weekday],
        }
        for weekday, nets in sorted(groups.items())
    ]


def extremes(groups: Sequence[Mapping[str, Any]], name: str) -> dict[str, Any]:
    """Return the best and the worst of groups, and those that lose, by a key that names them."""
    if not groups:
        return {"best": None, "worst": None, "losing": []}
    ranked = sorted(groups, key=lambda group: float(group["net"]))
    return {
        "best": ranked[-1][name],
        "worst": ranked[0][name],
        "losing": [group[name] for group in groups if group["net"] < 0],
    }


def share(nets: Sequence[float]) -> float | None:
    """Return the share of results above zero; None without any."""
    return sum(net > 0 for net in nets) / len(nets) if nets else None


def profit_factor(nets: Iterable[float]) -> float | None:
    """Return gains per losses; None without losses."""
    values = list(nets)
    lost = -sum(net for net in values if net < 0)
    return sum(net for net in values if net > 0) / lost if lost else None


def _grouped(rows: Iterable[tuple[int, float]]) -> dict[int, list[float]]:
    groups: dict[int, list[float]] = {}
    for key, net in rows:
        groups.setdefault(key, []).append(net)
    return groups
