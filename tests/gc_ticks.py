"""Converts the gold tick sample to the documented CSV formats."""

import csv
from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from functools import cache
from pathlib import Path
from zipfile import ZipFile


EXPIRY = "201312"
DAYS = ("20131007", "20131008")
INSTRUMENT_ID = "GCZ3.XCEC"


def write_gc_csv(real_data: Path, out: Path) -> tuple[Path, Path]:
    """
    Write trades and quotes of the December 2013 gold contract as CSV.

    The sample has one zip file a day and in it one file without header for each expiry: times in
    ms since midnight UTC (the break from 17:15 to 18:00 in New York is at 21:15), prices in USD as
    they are. A quote stands at the close of its minute bar with the bid and ask in force there; a
    minute without one of them has an empty field.

    Parameters
    ----------
    real_data : Path
        The folder with the subfolder `gc_ticks`.
    out : Path
        An existing folder.

    Returns
    -------
    tuple[Path, Path]
        The files of trades (`ts,price,size`) and of quotes (`ts,bid,bid_size,ask,ask_size`).

    """
    trades, quotes = out / "gc_trades.csv", out / "gc_quotes.csv"
    folder = real_data / "gc_ticks"
    with trades.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("ts", "price", "size"))
        for day in DAYS:
            rows = _rows(folder / "tick" / f"{day}_trade.zip", f"{day}_gc_tick_trade_{EXPIRY}.csv")
            for ms, price, size, *_ in rows:
                writer.writerow((_utc(day, int(ms)), price, size))
    with quotes.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("ts", "bid", "bid_size", "ask", "ask_size"))
        for day in DAYS:
            name = f"{day}_gc_minute_quote_{EXPIRY}.csv"
            for row in _rows(folder / "minute" / f"{day}_quote.zip", name):
                ts = _utc(day, int(row[0]) + 60_000)
                writer.writerow((ts, row[4], row[5], row[9], row[10]))
    return trades, quotes


def _rows(path: Path, name: str) -> Iterator[list[str]]:
    with ZipFile(path) as archive:
        yield from csv.reader(archive.read(name).decode().splitlines())


@cache
def _midnight(day: str) -> datetime:
    return datetime.strptime(day, "%Y%m%d").replace(tzinfo=UTC)


def _utc(day: str, ms: int) -> str:
    moment = _midnight(day) + timedelta(milliseconds=ms)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
