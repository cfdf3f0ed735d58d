"""Check the catalog before a run: Nautilus itself would succeed with zero events."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from adapters.bar_types import step_text
from adapters.simulated.schedule import check_schedule
from adapters.simulated.schedule import read_schedule
from backtests.features import clipped_end
from backtests.results.assumptions import FILLS
from backtests.results.assumptions import FUNDING
from catalog.contents import data_quality
from catalog.definitions import read_instrument
from catalog.gate import pass_gate
from catalog.instruments import is_perpetual
from catalog.layout import END_OF_TIME
from catalog.layout import DataFile
from catalog.layout import bar_steps
from catalog.layout import data_files
from catalog.layout import utc_text
from catalog.protocols import Instrument
from configs.data_types import BAR
from configs.data_types import FOLDERS
from configs.data_types import QUOTE_TICK
from configs.data_types import TRADE_TICK
from configs.data_types import identifier_of
from configs.data_types import kind_of
from configs.data_types import market_of
from configs.loader import RunConfig
from configs.needed_data import check_needed_data
from configs.preset import models_of
from errors import AuctionError
from errors import UsageError
from strategies.common.shared_risk import DOLLARS


NANOS_PER_HOUR = 3_600_000_000_000


@dataclass(frozen=True, slots=True)
class Preflight:
    """
    Represents the data and settings of a run.

    Attributes
    ----------
    instruments : dict[str, Instrument]
        The instruments by id.
    quality : list[str]
        The quality labels of the data, sorted.
    warnings : list[str]
        What should be checked before relying on the result.
    starting_balance : Decimal
        The balance of all venues at the start, in the settlement currency.
    end_ns : int or None
        The requested end (ns UTC, excluded), no further than the first minute boundary after the
        last event; None is all the data.

    """

    instruments: dict[str, Instrument]
    quality: list[str]
    warnings: list[str]
    starting_balance: Decimal
    end_ns: int | None


def preflight(run: RunConfig) -> Preflight:
    """
    Refuse a run that could not see any event or not be accounted for.

    Raises
    ------
    AuctionError
        If the catalog, an instrument, a data type, the interval or a funding rate is missing, or an
        instrument is an inverse one.
    UsageError
        If an actor or a venue needs a data type that the run does not read, the instruments settle
        in several currencies, or a venue starts without theirs.

    """
    _check_data(run)
    if not run.catalog.is_dir():
        raise AuctionError(
            f"{run.catalog}: no such catalog: make one with `auction catalog sample` or "
            "`auction catalog ingest`, or name another with --catalog"
        )
    start = run.start_ns if run.start_ns is not None else 0
    end = run.end_ns - 1 if run.end_ns is not None else END_OF_TIME
    instruments: dict[str, Instrument] = {}
    labels: set[str] = set()
    warnings: list[str] = _bar_warnings(run)
    folders = list(dict.fromkeys(FOLDERS[kind_of(name)] for name in run.document["data"]))
    for instrument_id in run.instrument_ids:
        instruments[instrument_id] = _supported(read_instrument(run.catalog, instrument_id))
        seen: list[tuple[int, int]] = []
        pass_gate(run.catalog, instrument_id, folders, start, end)
        labels |= data_quality(run.catalog, instrument_id, folders)
        for name in run.document["data"]:
            files = run_files(run, name, instrument_id)
            if not files:
                instead = _bars_instead(run, name, instrument_id)
                raise AuctionError(
                    f"{run.catalog}: no {name} data of {instrument_id}{instead}: ingest it, or see "
                    "`auction catalog list`"
                )
            first, last = files[0].start_ns, max(file.end_ns for file in files)
            seen.append((first, last))
            if not any(file.overlaps(start, end) for file in files):
                asked = (("from", run.document["start"]), ("to", run.document["end"]))
                window = " ".join(f"{word} {time}" for word, time in asked if time is not None)
                raise AuctionError(
                    f"{run.catalog}: no {name} data of {instrument_id} {window}: it runs from "
                    f"{utc_text(first)} to {utc_text(last)}"
                )
            if run.start_ns is not None and first > start + NANOS_PER_HOUR:
                warnings.append(f"{name} data of {instrument_id} starts only at {utc_text(first)}")
            if run.end_ns is not None and last < end - NANOS_PER_HOUR:
                warnings.append(f"{name} data of {instrument_id} ends already at {utc_text(last)}")
        _check_funding(
            run,
            instruments[instrument_id],
            max(start, min(first for first, _ in seen)),
            min(end, max(last for _, last in seen)) + 1,
        )
    return Preflight(
        instruments=instruments,
        quality=sorted(labels),
        warnings=[*warnings, *_currency_warnings(instruments)],
        starting_balance=starting_balance(run, instruments),
        end_ns=clipped_end(
            run.end_ns,
            [
                file
                for name in run.document["data"]
                for instrument_id in run.instrument_ids
                for file in run_files(run, name, instrument_id)
            ],
        ),
    )


def bars_of_market(run: RunConfig) -> dict[str, str]:
    """Return the bar type that moves the market of each instrument, none where ticks do."""
    market, spec = market_of(run.document["data"])
    if market != "bar":
        return {}
    return {instrument_id: f"{instrument_id}-{spec}" for instrument_id in run.instrument_ids}


def run_files(run: RunConfig, name: str, instrument_id: str) -> list[DataFile]:
    """Return the files that an entry of `data` reads for an instrument."""
    folder = FOLDERS[kind_of(name)]
    return data_files(run.catalog, folder, identifier_of(name, instrument_id))


def starting_balance(run: RunConfig, instruments: dict[str, Instrument]) -> Decimal:
    """
    Return the starting balance of all venues of a run in the settlement currency.

    The dollar and its stablecoins count one to one.

    Raises
    ------
    UsageError
        If the instruments settle in several other currencies, or a venue starts without theirs or
        charges in another.

    """
    settled = settlement_currencies(instruments)
    if len(settled) > 1 and not settled.keys() <= DOLLARS:
        raise UsageError(
            f"{run.system}: instruments settle in {', '.join(sorted(settled))}: run them apart"
        )
    total = Decimal(0)
    for venue, section in run.document["venues"].items():
        amounts = [text.split() for text in section["starting_balances"]]
        own = {code: name for name, (code, at) in _settled_at(instruments).items() if at == venue}
        code, instrument_id = next(iter((own or settled).items()))
        found = [Decimal(amount.replace("_", "")) for amount, unit in amounts if unit == code]
        if len(own) > 1:
            raise UsageError(
                f"{run.system}: instruments of {venue} settle in {', '.join(sorted(own))}: run "
                "them apart"
            )
        if not sum(found):
            raise UsageError(
                f"`venues.{venue}.starting_balances` holds no {code}, in which {instrument_id} "
                "settles"
            )
        total += sum(found, Decimal(0))
        fee = ((section.get("fee_model") or {}).get("config") or {}).get("per_contract")
        if fee is not None and str(fee).split()[-1] != code:
            raise UsageError(
                f"`venues.{venue}.fee_model.config.per_contract`: {fee} is not in {code}, in which "
                f"{instrument_id} settles"
            )
    return total


def settlement_currencies(instruments: Mapping[str, Instrument]) -> dict[str, str]:
    """Return the codes of the settlement currencies, each with an instrument."""
    return {code: name for name, (code, _) in _settled_at(instruments).items()}


def _settled_at(instruments: Mapping[str, Instrument]) -> dict[str, tuple[str, str]]:
    return {
        name: (found.get_settlement_currency().code, found.id.venue.value)
        for name, found in instruments.items()
    }


def _currency_warnings(instruments: Mapping[str, Instrument]) -> list[str]:
    codes = sorted(settlement_currencies(instruments))
    if len(codes) < 2:
        return []
    return [f"Results in {' and '.join(codes)} are added up one to one."]


def check_runs_folder(path: Path) -> None:
    """Raise UsageError if a path cannot be the folder that gets a run's folder."""
    nearest = next(folder for folder in (path, *path.absolute().parents) if folder.exists())
    if not nearest.is_dir():
        raise UsageError(f"--runs {path}: {nearest} is not a folder")


def _supported(instrument: Instrument) -> Instrument:
    if instrument.is_inverse or instrument.get_settlement_currency() != instrument.quote_currency:
        raise AuctionError(
            f"{instrument.id}: an inverse or quanto contract: results, fees and funding are booked "
            "for linear ones only"
        )
    return instrument


def _bar_warnings(run: RunConfig) -> list[str]:
    market, spec = market_of(run.document["data"])
    if market != "bar":
        return []
    return [
        f"{spec} bars alone fill orders, of any size: what happened within a bar is assumed "
        "against the order, MAE and MFE may be overstated; see the market assumptions"
    ]


def _check_funding(run: RunConfig, instrument: Instrument, start: int, end: int) -> None:
    if not is_perpetual(instrument):
        return
    name = instrument.id.venue.value
    venue = run.document["venues"][name]
    models = dict(models_of(venue, f"venues.{name}", Path("configuration")))
    funding = models.get(FUNDING, {})
    if funding.get("schedule") == "catalog":
        path = Path(funding["catalog_path"])
        settlements = read_schedule(path, str(instrument.id))
        check_schedule(path, str(instrument.id), settlements, start, end)


def _bars_instead(run: RunConfig, name: str, instrument_id: str) -> str:
    steps = bar_steps(run.catalog, instrument_id) if kind_of(name) == BAR else []
    return f", only bars of {', '.join(map(step_text, steps))}" if steps else ""


def _check_data(run: RunConfig) -> None:
    kinds = set(map(kind_of, run.document["data"]))
    check_needed_data(run.document["data"], run.document)
    for name, venue in run.document["venues"].items():
        models = dict(models_of(venue, f"venues.{name}", Path("configuration")))
        touch = models.get(FILLS, {}).get("touch")
        if touch == "bar" and kinds != {BAR}:
            raise UsageError(
                f"`data` must hold bars alone: at {name} bars fill orders; `touch: null` of "
                "VenueFills takes quotes or prints where there are any"
            )
        if FILLS in models and touch != "bar" and TRADE_TICK not in kinds:
            raise UsageError(f"`data` must hold TradeTick: at {name} trades trigger stops")
        if touch == "quote" and QUOTE_TICK not in kinds:
            raise UsageError(
                f"`data` must hold QuoteTick: at {name} orders pay quotes; `touch: null` of "
                "VenueFills takes prints where there are none"
            )
