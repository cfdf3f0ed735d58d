"""The trades through capital tiers: changes, falls and the way back."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from research.stress.trade import StressTrade
from strategies.common.capital_tiers import CapitalTiers
from strategies.common.tier_params import TierParams


FIRST_BALANCE = Decimal(2_500)


def tier_transitions(
    trades: Sequence[StressTrade], params: TierParams, start: Decimal | None = None
) -> dict[str, Any]:
    """
    Return the way of a balance through the tiers, with each trade at the result that it had.

    A trade keeps its recorded size, whatever tier the balance is in: the changes are those of this
    balance, and not those of another size.

    Parameters
    ----------
    trades : Sequence[StressTrade]
        The trades, oldest first.
    params : TierParams
        The tiers.
    start : Decimal, optional
        The balance before the first trade; that of the tiers if not given.

    """
    tiers = CapitalTiers(params)
    tiers.start(start or params.starting_balance or FIRST_BALANCE)
    days = sorted({trade.day for trade in trades})
    place = {day: number for number, day in enumerate(days)}
    first = tiers.state.index
    changes: list[dict[str, Any]] = []
    counts = [0] * len(params.tiers)
    below_zero = False
    for number, trade in enumerate(trades):
        counts[tiers.state.index] += 1
        change = tiers.on_result(trade.ts_open, Decimal(str(trade.net)), is_flat=True)
        below_zero |= tiers.is_halted
        if change is not None:
            changes.append(
                {
                    "trade": number,
                    "day": trade.day.isoformat(),
                    "from": change.from_tier + 1,
                    "to": change.to_tier + 1,
                    "contract": change.to_root,
                    "balance": float(change.balance),
                }
            )
    for i, row in enumerate(changes):
        if row["to"] < row["from"]:
            row["recovery_days"] = _recovery(row, changes[i + 1 :], place)
    drops = [row for row in changes if row["to"] < row["from"]]
    return {
        "start": float(start or params.starting_balance or FIRST_BALANCE),
        "end": float(tiers.state.balance),
        "first_tier": first + 1,
        "last_tier": tiers.state.index + 1,
        "names": [tier.name for tier in params.tiers],
        "trades_in_tier": counts,
        "rises": len(changes) - len(drops),
        "drops": len(drops),
        "not_recovered": sum(row["recovery_days"] is None for row in drops),
        "below_zero": below_zero,
        "changes": changes,
    }


def _recovery(
    drop: dict[str, Any], later: Sequence[dict[str, Any]], place: dict[Any, int]
) -> int | None:
    numbers = {day.isoformat(): number for day, number in place.items()}
    for row in later:
        if row["to"] >= drop["from"]:
            return numbers[row["day"]] - numbers[drop["day"]]
    return None
