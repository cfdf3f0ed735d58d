"""Reads seconds, daily levels, impulses and low volume nodes from a run folder."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa

from backtests.report.table_files import COUNT
from backtests.report.table_files import FLAG
from backtests.report.table_files import NUMBER
from backtests.report.table_files import TEXT
from backtests.report.table_files import TIME
from backtests.report.table_files import read_table


SECONDS_FILE = "second_bars.parquet"
LEVEL_NAMES = ("pdh", "pdl", "pdc", "onh", "onl", "poc", "vah", "val")
MARKS = ("broke_swing", "fast", "uniform", "volume_mark", "size")
MARKET = "MARKET"

_PRICES = {
    "seconds": ("open", "high", "low", "close"),
    "levels": LEVEL_NAMES,
    "transitions": ("start_price", "extreme", "price"),
    "visits": ("price",),
}
_SECONDS = pa.schema(
    {
        "instrument_id": TEXT,
        "ts_second": TIME,
        **dict.fromkeys(("tick_size", "lot_size", *_PRICES["seconds"], "buy", "sell"), NUMBER),
    }
)
_LEVELS = pa.schema(
    {
        "ts": TIME,
        **dict.fromkeys(("instrument_id", "day", "prior_day", "reason"), TEXT),
        **dict.fromkeys(("tick_size", *LEVEL_NAMES), NUMBER),
        **dict.fromkeys(("opens_at", "closes_at"), TIME),
    }
)
_TRANSITIONS = pa.schema(
    {
        **dict.fromkeys(("instrument_id", "source", "event", "direction", "level"), TEXT),
        **dict.fromkeys(("ts_second", "start"), TIME),
        **dict.fromkeys(("impulse_id", "bars", "volume", "score", "nodes"), COUNT),
        **dict.fromkeys(("tick_size", *_PRICES["transitions"]), NUMBER),
        **dict.fromkeys(MARKS, FLAG),
    }
)
_VISITS = pa.schema(
    {
        **dict.fromkeys(("instrument_id", "source", "event", "direction"), TEXT),
        "ts_second": TIME,
        **dict.fromkeys(("impulse_id", "volume"), COUNT),
        **dict.fromkeys(("tick_size", "price", "ratio"), NUMBER),
    }
)
_STATES = pa.schema({"instrument_id": TEXT, "ts_second": TIME, "imbalanced": FLAG})


@dataclass(frozen=True)
class ImpulseData:
    """
    Represents what a run says about seconds, levels, impulses and nodes; prices in their units.

    A strategy's own machine comes before the one of the market, which never trades: where an
    instrument has both, only the strategy's is kept.

    Attributes
    ----------
    seconds, levels, transitions, visits, states : pd.DataFrame
        The rows of second_bars, daily_levels, impulses, lvn_visits and market_states.

    """

    seconds: pd.DataFrame
    levels: pd.DataFrame
    transitions: pd.DataFrame
    visits: pd.DataFrame
    states: pd.DataFrame

    def of(self, instrument: str) -> "ImpulseData":
        """Return the rows of one instrument, each table in the order of its file."""
        frames = (self.seconds, self.levels, self.transitions, self.visits, self.states)
        return ImpulseData(*(frame[frame["instrument_id"] == instrument] for frame in frames))

    def imbalanced(self) -> float | None:
        """
        Return the share of the seconds in which the market was imbalanced; None without a state.

        A state is in force until the next one.
        """
        seconds = self.seconds[["ts_second"]].sort_values("ts_second")
        states = self.states[["ts_second", "imbalanced"]].sort_values("ts_second", kind="stable")
        in_force = pd.merge_asof(seconds, states, on="ts_second")["imbalanced"].dropna()
        return float(in_force.astype(bool).mean()) if len(in_force) else None


def has_impulses(run_folder: Path) -> bool:
    """Return whether a run folder holds the tables of the impulse system."""
    return (run_folder / SECONDS_FILE).exists()


def read_impulses(run_folder: Path) -> ImpulseData:
    """
    Read the tables of the impulse system.

    Raises
    ------
    AuctionError
        If one of them is missing, cannot be read or was written by another version.

    """
    return ImpulseData(
        seconds=_priced(run_folder / SECONDS_FILE, _SECONDS, "seconds"),
        levels=_priced(run_folder / "daily_levels.parquet", _LEVELS, "levels"),
        transitions=_traded(_priced(run_folder / "impulses.parquet", _TRANSITIONS, "transitions")),
        visits=_traded(_priced(run_folder / "lvn_visits.parquet", _VISITS, "visits")),
        states=read_table(run_folder / "market_states.parquet", _STATES),
    )


def _priced(path: Path, schema: pa.Schema, name: str) -> pd.DataFrame:
    frame = read_table(path, schema)
    ticks = frame["tick_size"]
    # The tick has a few decimals only: what the product has beyond nine is noise.
    prices = {column: (frame[column] * ticks).round(9) for column in _PRICES[name]}
    frame = frame.assign(**prices)
    if name == "seconds":
        lots = {column: frame[column] * frame["lot_size"] for column in ("buy", "sell")}
        frame = frame.assign(**lots)
    return frame


def _traded(frame: pd.DataFrame) -> pd.DataFrame:
    own = frame["source"] != MARKET
    instruments = set(frame.loc[own, "instrument_id"])
    return frame[own | ~frame["instrument_id"].isin(instruments)]
