"""Writes ticks and bars into a Parquet catalog that NautilusTrader reads."""

from collections.abc import Iterable
from pathlib import Path

from catalog.arrow import UNIQUE_IDS_KEY
from catalog.arrow import bar_table
from catalog.arrow import catalog_schema
from catalog.arrow import quote_table
from catalog.arrow import trade_table
from catalog.batches import BarBatch
from catalog.batches import QuoteBatch
from catalog.batches import TradeBatch
from catalog.codec import instrument_of_bars
from catalog.increments import instrument_increments
from catalog.layout import BARS
from catalog.layout import QUALITIES
from catalog.layout import QUOTES
from catalog.layout import TRADES
from catalog.layout import is_quality
from catalog.protocols import Instrument
from catalog.transaction import CatalogWrites
from catalog.transaction import catalog_writes
from catalog.write_report import WriteReport
from errors import UsageError


def write_ticks(
    catalog: Path | CatalogWrites,
    instrument: Instrument,
    trades: Iterable[TradeBatch] | None,
    quotes: Iterable[QuoteBatch] | None,
    quality: str,
    *further: str,
    unique_trade_ids: bool = False,
) -> WriteReport:
    """
    Write trades and quotes of an instrument, one file for each type and UTC day.

    Both streams get one common order: by `ts_event`; at equal times by `seq` if both streams carry
    it, otherwise quotes first; each stream keeps its own order apart from that. `ts_init` follows
    this order as ``max(ts_event, ts_init before + 1)``, so that it is unique and rises over trades
    and quotes together; `ts_event` is left alone. Streams that are not in order of time are sorted
    stably. Memory does not grow with the input. All files appear together at the end, or none.

    Parameters
    ----------
    catalog : Path or CatalogWrites
        The catalog, created if missing; or a transaction of several writes.
    instrument : Instrument
        The instrument in a unit that counts the catalog's data as well (`catalog.units`). Its
        definition is stored if the catalog has none, or one with a coarser unit.
    trades : Iterable[TradeBatch], optional
        The trades.
    quotes : Iterable[QuoteBatch], optional
        The quotes.
    quality : str
        Where the data comes from, one of `catalog.layout.QUALITIES`.
    *further : str
        Limitations of the data, like `catalog.layout.proxy_label`.
    unique_trade_ids : bool, default False
        If a trade id names one trade at the venue. Then a trade equal to an earlier one in every
        field is a repetition by the feed and is dropped. Not so at CME Globex, where all trades of
        one packet share the sequence number.

    Returns
    -------
    WriteReport
        The counts.

    Raises
    ------
    UsageError
        If a quality is unknown.
    AuctionError
        If there are no rows, a value is impossible, or the catalog already has other data of the
        same time.

    """
    increments = instrument_increments(instrument)
    _check_qualities([quality, *further])
    trade_labels = [UNIQUE_IDS_KEY] if unique_trade_ids else []
    with catalog_writes(catalog) as writes:
        return writes.add(
            instrument,
            str(instrument.id),
            {
                QUOTES: map(quote_table, quotes or ()),
                TRADES: map(trade_table, trades or ()),
            },
            {
                QUOTES: catalog_schema(QUOTES, increments),
                TRADES: catalog_schema(TRADES, increments, trade_labels),
            },
            without_repeats={TRADES} if unique_trade_ids else set(),
            labels={quality, *further},
        )


def write_bars(
    catalog: Path | CatalogWrites,
    instrument: Instrument,
    bars: Iterable[BarBatch],
    bar_type: str,
    *qualities: str,
) -> WriteReport:
    """
    Write bars of an instrument, one file for each UTC day that they cover.

    The bar that closes at midnight belongs to the day that ends there, so that a window can be
    extended day by day.
    Bars that are not in order of time are sorted; a bar equal to the one before it is dropped.
    Memory does not grow with the input. All files appear together at the end, or none.

    Parameters
    ----------
    catalog : Path or CatalogWrites
        The catalog, created if missing; or a transaction of several writes.
    instrument : Instrument
        The instrument in a unit that counts the catalog's data as well (`catalog.units`). Its
        definition is stored if the catalog has none, or one with a coarser unit.
    bars : Iterable[BarBatch]
        The bars.
    bar_type : str
        The bar type (``BTCUSDT-LINEAR.BYBIT-1-MINUTE-LAST-EXTERNAL``).
    *qualities : str
        Origin and limitations of the data, of `catalog.layout.QUALITIES`.

    Returns
    -------
    WriteReport
        The counts.

    Raises
    ------
    UsageError
        If a quality is unknown or `bar_type` is not one of the instrument.
    AuctionError
        If there are no rows, a value is impossible, two bars differ at one time, or the catalog
        already has other bars of the same time.

    """
    try:
        served = instrument_of_bars(bar_type)
    except ValueError as e:
        raise UsageError(f"bar type {bar_type!r} is wrong: {e}") from e
    if served != str(instrument.id):
        raise UsageError(f"bar type {bar_type!r} is not one of {instrument.id}")
    _check_qualities(qualities)
    schema = catalog_schema(BARS, instrument_increments(instrument), bar_type=bar_type)
    with catalog_writes(catalog) as writes:
        return writes.add(
            instrument,
            bar_type,
            {BARS: map(bar_table, bars)},
            {BARS: schema},
            without_repeats={BARS},
            labels=set(qualities),
        )


def _check_qualities(qualities: Iterable[str]) -> None:
    for quality in qualities:
        if not is_quality(quality):
            known = ", ".join(QUALITIES)
            raise UsageError(f"quality {quality!r} is unknown: use one of {known}")
