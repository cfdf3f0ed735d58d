"""The results of the tests as rows of text, for the console and the page."""

from collections.abc import Mapping
from typing import Any

from backtests.report.figures import number
from backtests.report.figures import percent
from research.tables import TextTable


def result_tables(result: Mapping[str, Any], currency: str, clock: str) -> list[TextTable]:
    """Return all tables of a result; `clock` names that of the hours."""
    return [
        _overview(result, currency),
        _slippage(result, currency),
        _hours(result["hours"], currency, clock),
        _weekdays(result["weekdays"], currency),
        _streaks(result["losing_streaks"], currency),
        _drawdowns(result["drawdowns"], currency),
        _monte_carlo(result["monte_carlo"], currency),
        *_tiers(result["tiers"], currency),
    ]


def _overview(result: Mapping[str, Any], currency: str) -> TextTable:
    rows = (
        ("Trades", number(result["trades"], 0)),
        ("Days with a trade", number(result["days"], 0)),
        (f"Net, {currency}", number(result["net"])),
        ("Win rate, %", percent(result["win_rate"])),
        ("Profit factor", number(result["profit_factor"])),
    )
    return TextTable("Trades tested", ("", "Value"), rows)


def _slippage(result: Mapping[str, Any], currency: str) -> TextTable:
    heads = ("Ticks per fill", f"Cost, {currency}", "Net", "Win rate, %", "Profit factor")
    rows = tuple(
        (
            f"{row['ticks']:g}",
            number(row["slippage"]),
            number(row["net"]),
            percent(row["win_rate"]),
            number(row["profit_factor"]),
            number(row["per_day"]),
            "passed" if row["passed"] else "FAILED",
        )
        for row in result["slippage"]
    )
    note = "Beyond the slippage of the run, on the way in and out, of each trade's tick and size."
    return TextTable("Worse fills", (*heads, "Net per day", "Net above 0"), rows, (note,))


def _hours(hours: Mapping[str, Any], currency: str, clock: str) -> TextTable:
    rows = tuple(
        (
            f"{row['hour']:02}:00",
            number(row["trades"], 0),
            percent(row["win_rate"]),
            number(row["net"]),
            number(row["mean"]),
        )
        for row in hours["groups"]
    )
    heads = (f"Hour, {clock}", "Trades", "Win rate, %", f"Net, {currency}", "Mean")
    return TextTable("Hour of the entry", heads, rows)


def _weekdays(weekdays: Mapping[str, Any], currency: str) -> TextTable:
    rows = tuple(
        (
            row["weekday"],
            number(row["days"], 0),
            number(row["trades"], 0),
            percent(row["win_rate"]),
            number(row["net"]),
            number(row["per_day"]),
        )
        for row in weekdays["groups"]
    )
    heads = ("Weekday", "Days", "Trades", "Win rate, %", f"Net, {currency}", "Net per day")
    return TextTable("Weekday", heads, rows, ("Days are those with a trade.",))


def _streaks(streaks: Mapping[str, Any], currency: str) -> TextTable:
    rows = tuple((length, number(count, 0)) for length, count in streaks["counts"].items())
    chances = ", ".join(f"{n} {percent(p)} %" for n, p in streaks["chance"].items())
    notes = (
        f"The longest has {streaks['longest']} and lost {number(streaks['longest_loss'])} "
        f"{currency}.",
        f"Chance of as many losses in a row at a loss rate of {percent(streaks['loss_rate'])} %, "
        f"were trades independent: {chances}.",
    )
    return TextTable("Losing streaks", ("Losses in a row", "Streaks"), rows, notes)


def _drawdowns(drawdowns: Mapping[str, Any], currency: str) -> TextTable:
    rows = tuple(
        (
            number(row["depth"]),
            number(row["trades"], 0),
            number(row["start"] + 1, 0),
            number(row["end"] + 1, 0) if row["recovered"] else "not recovered",
        )
        for row in drawdowns["top"]
    )
    note = (
        f"{drawdowns['count']} falls, {number(drawdowns['mean'])} {currency} deep on average; the "
        f"longest took {drawdowns['longest']} trades. Of closed trades: what was lost meanwhile in "
        "open ones is in the report of the run."
    )
    heads = (f"Deepest, {currency}", "Trades", "From trade", "To trade")
    return TextTable("Drawdowns", heads, rows, (note,))


def _monte_carlo(chance: Mapping[str, Any], currency: str) -> TextTable:
    rows = tuple(
        (f"{p} %", number(chance["net"].get(p)), number(chance["drawdown"].get(p)))
        for p in chance["net"]
    )
    notes = (
        f"{chance['iterations']:,} paths, seed {chance['seed']}. Net: as many trades drawn with "
        "replacement. Drawdown: the same trades in other orders.",
        f"{percent(chance['ruin'])} % of the drawn paths lost {number(chance['ruin_loss'], 0)} "
        f"{currency} from the start at some time.",
    )
    heads = ("Percentile", f"Net, {currency}", f"Deepest drawdown, {currency}")
    return TextTable("Chance", heads, rows, notes)


def _tiers(tiers: Mapping[str, Any], currency: str) -> list[TextTable]:
    held = tuple(
        (name, number(count, 0))
        for name, count in zip(tiers["names"], tiers["trades_in_tier"], strict=True)
    )
    notes = [
        f"From {number(tiers['start'])} to {number(tiers['end'])} {currency}: {tiers['rises']} "
        f"rises, {tiers['drops']} drops, {tiers['not_recovered']} of them not made up for.",
        "Each trade counts with the size that it had, whatever tier the balance is in.",
    ]
    if tiers["below_zero"]:
        notes.append("The balance fell below zero: trading would have ended there.")
    changes = tuple(
        (
            row["day"],
            f"{row['from']} to {row['to']}",
            row["contract"],
            number(row["balance"]),
            _recovery(row),
        )
        for row in tiers["changes"]
    )
    heads = ("Day", "Tier", "Contract", f"Balance, {currency}", "Days to recover")
    return [
        TextTable("Capital tiers", ("Tier", "Trades"), held, tuple(notes)),
        TextTable("Changes of the tier", heads, changes),
    ]


def _recovery(row: Mapping[str, Any]) -> str:
    if "recovery_days" not in row:
        return ""
    return "never" if row["recovery_days"] is None else number(row["recovery_days"], 0)
