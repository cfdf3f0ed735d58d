"""Reads the trades of runs from their folders."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from backtests.report.run_data import POSITIONS
from backtests.report.table_files import read_table
from backtests.results.run_folder import read_summary
from catalog.contracts import contract_spec
from catalog.definitions import read_instrument
from catalog.instruments import resolve_instrument
from catalog.protocols import Instrument
from configs.plain_yaml import parse_yaml
from errors import AuctionError
from errors import UsageError
from research.stress.trade import ExchangeClock
from research.stress.trade import StressTrade
from strategies.common.tier_params import TierParams


@dataclass(frozen=True, kw_only=True)
class StressInput:
    """
    Represents the trades of one run or several.

    Attributes
    ----------
    trades : list[StressTrade]
        The closed trades, oldest first.
    summaries : list[dict[str, Any]]
        The summaries of the runs.
    currency : str
        The currency of the results.
    clock : str
        The clock of hours and days.
    tiers : TierParams or None
        The capital tiers of the first run that has any.
    """

    trades: list[StressTrade]
    summaries: list[dict[str, Any]]
    currency: str
    clock: str
    tiers: TierParams | None


def read_stress_input(folders: Sequence[Path]) -> StressInput:
    """
    Read the closed trades of runs.

    Raises
    ------
    UsageError
        If a folder holds no run, one is named twice, or the runs settle in several currencies.
    AuctionError
        If a file of a run cannot be read, or there is no closed trade.

    """
    resolved = [folder.resolve() for folder in folders]
    if len(set(resolved)) < len(resolved):
        raise UsageError("a run is named twice: its trades would count twice")
    summaries = [read_summary(folder) for folder in folders]
    currencies = sorted({summary["currency"] for summary in summaries})
    if len(currencies) > 1:
        raise UsageError(f"runs in {' and '.join(currencies)}: test them apart")
    clock, trades, venues = ExchangeClock(), [], set()
    tiers: TierParams | None = None
    for folder in folders:
        config = _config(folder)
        tiers = tiers or _tiers(config)
        for trade, venue in _trades(folder, config, clock):
            trades.append(trade)
            venues.add(venue)
    if not trades:
        raise AuctionError("no closed trade in the runs: there is nothing to test")
    trades.sort(key=lambda trade: trade.ts_open)
    return StressInput(
        trades=trades,
        summaries=summaries,
        currency=currencies[0],
        clock=ExchangeClock.name(sorted(venues)),
        tiers=tiers,
    )


def _trades(
    folder: Path, config: Mapping[str, Any], clock: ExchangeClock
) -> list[tuple[StressTrade, str]]:
    positions = read_table(folder / "positions.parquet", POSITIONS)
    closed = positions[positions["ts_close"].notna()]
    money: dict[str, float] = {}
    found = []
    for row in closed.to_dict(orient="records"):
        instrument_id = row["instrument_id"]
        if instrument_id not in money:
            money[instrument_id] = _tick_money(_instrument(config, instrument_id))
        symbol, _, venue = instrument_id.rpartition(".")
        ts_open = row["ts_open"].value
        day, hour = clock.day_and_hour(ts_open, venue)
        spec = contract_spec(symbol)
        trade = StressTrade(
            ts_open=ts_open,
            day=day,
            hour=hour,
            root=symbol if spec is None else spec.root,
            net=row["net_pnl"],
            tick_money=money[instrument_id] * row["quantity"],
        )
        found.append((trade, venue))
    return found


def _config(folder: Path) -> Mapping[str, Any]:
    path = folder / "config.yaml"
    try:
        document = parse_yaml(path.read_text(encoding="utf-8"))
    except OSError as e:
        raise AuctionError(f"{path}: {e.strerror}; run the backtest again") from e
    return document if isinstance(document, dict) else {}


def _instrument(config: Mapping[str, Any], instrument_id: str) -> Instrument:
    catalog = config.get("catalog")
    try:
        return read_instrument(Path(str(catalog)), instrument_id)
    except AuctionError:
        # The catalog of the run is gone: the terms of the contract are built in.
        return resolve_instrument(instrument_id)


def _tick_money(instrument: Instrument) -> float:
    tick, multiplier = instrument.price_increment, instrument.multiplier
    return float(tick.as_decimal() * multiplier.as_decimal())


def _tiers(config: Mapping[str, Any]) -> TierParams | None:
    for entry in config.get("strategies") or []:
        found = (entry.get("config") or {}).get("tiers")
        if found is not None:
            try:
                return msgspec.convert(found, TierParams, strict=False)
            except msgspec.ValidationError:
                # The key of another system by the same name.
                continue
    return None
