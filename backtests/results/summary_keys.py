"""
Every key of summary.json, documented in one place.

`[]` stands for the items of a list, `*` for names that the run brings with it. Money is in the
settlement currency, shares and `_pct` are fractions of one, times are ISO 8601 in UTC; null where a
figure does not exist.

"""

from typing import Any


SCHEMA_VERSION = 5

_SPREAD = {
    "count": "how many values there are",
    "mean": "their mean",
    "p50": "their median",
    "p90": "the value that 90 % do not exceed",
    "p99": "the value that 99 % do not exceed",
}
_MEAN_R = {
    "mean_r_price": "mean R of price alone: gross over the money between planned entry and stop",
    "mean_r_costs": "mean of fees and funding in the same units: what they took of mean_r_price",
    "mean_r_net": "mean R with costs: net over what a stop was planned to lose, fees of the round "
    "trip and expected slippage included",
}
_GROUP = {
    "name": "the group",
    "trades": "closed positions",
    "gross_pnl": "result before costs",
    "fees": "fees",
    "funding": "funding paid",
    "net_pnl": "result after fees and funding",
    "win_rate": "share with a net above zero",
    "profit_factor": "net of the winners over that of the others; null where these lost nothing",
    "average_trade": "mean net",
    **_MEAN_R,
}
_GROUPED = {
    "setup": "setup that opened the position",
    "side": "LONG or SHORT",
    "exit_reason": "reason of the order that made the position flat",
    "session": "Asia, Europe, US, Late by UTC hour (0, 7, 13, 21); futures: RTH, ETH",
    "hour": "UTC hour of the first entry fill, `00` to `23`",
    "entry_kind": "MAKER, TAKER or MIXED",
}


def _group_keys() -> dict[str, str]:
    keys = {"breakdowns": "results of the closed positions in groups, each of them a list by name"}
    for name, text in _GROUPED.items():
        keys[f"breakdowns.{name}"] = f"by {text}"
        keys |= {f"breakdowns.{name}[].{key}": meaning for key, meaning in _GROUP.items()}
    return keys


def _spread_keys(path: str) -> dict[str, str]:
    return {f"{path}.{key}": meaning for key, meaning in _SPREAD.items()}


# What is compared between the presets.
SCENARIO_FIGURES = (
    "net_pnl",
    "gross_pnl",
    "fees",
    "funding",
    "trades",
    "entries_unfilled",
    "win_rate",
    "profit_factor",
    "max_drawdown",
    "ending_balance",
)

SUMMARY_KEYS: dict[str, str] = {
    "schema": f"version of this document: {SCHEMA_VERSION}",
    "run_id": "name of the run, and of its folder",
    "preset": "name of the market assumptions: default, pessimistic or optimistic",
    "system": "name of the system",
    "instruments": "instrument ids",
    "strategy": "strategy ids, separated by commas",
    "start": "first time of the run",
    "end": "last time of the run",
    "synthetic": "whether the market was generated",
    "data_quality": "labels of the data",
    "events": "events the engine saw",
    "minutes_closed": "closed minutes of all instruments; where seconds are closed, those with any",
    "seconds_closed": "closed seconds of all instruments; 0 where minutes are closed alone",
    "gaps": "gaps in the data: silences of an open market above `gap_after_s`",
    "gaps.count": "how many there are",
    "gaps.silent_seconds": "silence of the open market in all of them",
    "gaps.closes_cold": "closed minutes (where seconds are closed: those) without warm-up since "
    "the end of the first gap",
    "gaps.refused": "candidates refused as WARMUP since then",
    "gaps.trades_across": "positions open during a gap, in part or throughout",
    "gaps.net_across": "net P&L of these, of one still open what is booked",
    "gaps.longest": "the ten longest, in the order of time; gaps.parquet has all of them",
    "gaps.longest[].instrument_id": "instrument",
    "gaps.longest[].start": "time of the last event before it",
    "gaps.longest[].end": "time of the event that ends it",
    "gaps.longest[].silent_seconds": "silence of the open market within",
    "signals": "decisions with a candidate",
    "entries": "entries with a fill, those of a limit and of its rest at market counted once",
    "entries_unfilled": "entries decided on that got no fill",
    "orders": "orders of all kinds",
    "trades": "positions from open to flat",
    "currency": "settlement currency",
    "starting_balance": "balance before the run",
    "ending_balance": "balance of the accounts after the run",
    "gross_pnl": "result of closed positions before costs",
    "fees": "fees of closed positions, a rebate negative",
    "funding": "funding that closed positions paid, negative where more was received",
    "funding_payments": "settlements of funding on closed positions",
    "net_pnl": "gross_pnl - fees - funding",
    "win_rate": "share of trades with a net above zero",
    "profit_factor": "net of the winners over that of the others; null where these lost nothing",
    "average_trade": "mean net of a trade",
    "average_win": "mean net of the winners",
    "average_loss": "mean net of the others",
    **_MEAN_R,
    "stop_costs": "stops of the candidates, taken or refused, beside what a round trip costs",
    "stop_costs.candidates": "candidates with a stop",
    "stop_costs.stop_bps": "median distance of entry and stop, basis points of the entry",
    "stop_costs.fees_bps": "median fees of the round trip, basis points of the entry",
    "stop_costs.share_within_fees": "share of candidates whose stop is nearer than these fees",
    "stop_costs.within_fees": "how many candidates these are",
    "stop_costs.within_fees_refused": "those of them refused for costs: STOP_IN_SPREAD, "
    "STOP_IN_FEES, LOW_REWARD",
    "stop_costs.taken": "candidates with a stop that were taken: entries decided on",
    "stop_costs.taken_within_fees": "those of the candidates within the fees that were taken",
    "closed_drawdown": "largest fall of the equity of closed trades from its peak or the start",
    "closed_drawdown_pct": "the same in relation to the peak",
    "max_drawdown": "largest fall of the equity at closed minutes, open positions included",
    "max_drawdown_pct": "the same in relation to the peak",
    "intraday_drawdown": "fall of that equity within one UTC day, from the day's own peak",
    "intraday_drawdown.max": "the largest",
    "intraday_drawdown.max_pct": "the largest in relation to the day's peak",
    "intraday_drawdown.day": "the day of the largest",
    "intraday_drawdown.mean": "mean over all days",
    "sharpe": "mean over sample deviation of UTC-day returns of closed trades, times the root of "
    "days_per_year; null under 20 days, as an annualised figure of fewer is noise",
    "sharpe_days": "daily returns that the Sharpe ratio has; 0 where the account was lost",
    "days_per_year": "365; for futures 252, weekends without trades then are no days",
    "entry_cost": "what entries paid beyond the middle of the quote, half ticks, by position",
    **_spread_keys("entry_cost"),
    "excursions": "largest moves of closed positions between first and last fill, in R",
    "excursions.mae_r": "against the position",
    **_spread_keys("excursions.mae_r"),
    "excursions.mfe_r": "in favour of the position",
    **_spread_keys("excursions.mfe_r"),
    "ambiguous": "share of a minute's volume whose side is in doubt, over minutes with a print",
    **_spread_keys("ambiguous"),
    "ambiguous.limit": "share from which a minute is called ambiguous",
    "ambiguous.share_above": "share of minutes above the limit",
    **_group_keys(),
    "open_positions": "positions open at the end",
    "open_positions[].instrument_id": "instrument",
    "open_positions[].side": "LONG or SHORT",
    "open_positions[].quantity": "open size",
    "open_positions[].entry": "average entry price",
    "reasons": "decisions by reason code",
    "reasons.*": "count",
    "refusals": "refused candidates by the gate's reason code",
    "refusals.*": "count",
    "codes": "what the codes mean that the run has written: of reasons, refusals and exits",
    "codes.reasons": "those of decisions",
    "codes.reasons.*": "one sentence",
    "codes.refusals": "those of refused candidates",
    "codes.refusals.*": "one sentence, with what to change or to bring",
    "codes.exits": "those of exits of closed positions",
    "codes.exits.*": "one sentence",
    "no_trade": "why there is no closed trade, in plain words: the answer, then the history needed "
    "and had, refusals by code, entries without a fill, alerts, and without any candidate what the "
    "rule waited for; empty where there is a trade",
    "alerts": "alerts by kind",
    "alerts.*": "count",
    "nautilus_statistics": "what Nautilus's own portfolio analyzer says, in its own definitions",
    "nautilus_statistics.pnls": "by currency",
    "nautilus_statistics.pnls.*": "one currency",
    "nautilus_statistics.pnls.*.*": "one figure",
    "nautilus_statistics.returns": "of its returns series",
    "nautilus_statistics.returns.*": "one figure",
    "assumptions": "what the run assumes of the market, in words",
    "assumptions.*": "one assumption",
    "warnings": "what to know before the figures are believed",
    "versions": "software that made the run",
    "versions.*": "version",
    "elapsed_seconds": "duration of the run on the machine",
}

# Written only by runs that were computed under several market assumptions.
OPTIONAL_KEYS: dict[str, str] = {
    "scenarios": "figures of the same run by preset: default, pessimistic and the run's own",
    "scenarios.*": "one preset",
    **{f"scenarios.*.{name}": SUMMARY_KEYS[name] for name in SCENARIO_FIGURES},
}


def paths_of(document: Any, path: str = "") -> set[str]:
    """Return the paths of all keys of a summary, as `SUMMARY_KEYS` names them."""
    known = SUMMARY_KEYS | OPTIONAL_KEYS
    found: set[str] = set()
    if isinstance(document, dict):
        for key, value in document.items():
            below = f"{path}.{key}" if path else key
            below = f"{path}.*" if f"{path}.*" in known else below
            found |= {below} | paths_of(value, below)
    elif isinstance(document, list):
        for item in document:
            found |= paths_of(item, f"{path}[]")
    return found
