"""Downloads historical data from Databento after a confirmation of the price."""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from datetime import UTC
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import requests
from databento import BentoError
from databento import BentoHttpError
from databento import Historical
from databento.historical.api.metadata import MetadataHttpAPI
from databento.historical.api.timeseries import TimeseriesHttpAPI

from catalog.credentials import credential
from errors import AuctionError
from errors import UsageError


KEY_VARIABLE = "DATABENTO_API_KEY"

_LONGEST_SYMBOLS = 60


def download_databento(
    out_dir: Path,
    dataset: str,
    symbols: Sequence[str],
    schema: str,
    start: datetime,
    end: datetime,
    confirm: Callable[[str], bool],
    stype_in: str = "raw_symbol",
    gateway: str | None = None,
) -> Path:
    """
    Download one DBN file from Databento's paid historical service.

    Price and size are requested first, free of charge, and `confirm` decides. A file that was
    downloaded before with the same arguments is not requested again. The key is read from the
    environment variable `DATABENTO_API_KEY`.

    Parameters
    ----------
    out_dir : Path
        The folder for the file; created if missing.
    dataset : str
        The dataset (`GLBX.MDP3`).
    symbols : Sequence[str]
        The symbols (`NQZ5`).
    schema : str
        The schema (`trades`, `tbbo`, `mbp-1`, `ohlcv-1m`, `definition`).
    start, end : datetime
        The window, without its end (UTC where no time zone is given).
    confirm : Callable[[str], bool]
        Called with a line on size and price of the request; returns True to go on.
    stype_in : str
        The kind of symbols (`raw_symbol`, `parent`, `continuous`).
    gateway : str, optional
        An address instead of Databento's.

    Returns
    -------
    Path
        The file (`.dbn.zst`), to be imported with `ingest_databento`.

    Raises
    ------
    UsageError
        If the key is missing, no symbol is given or the window is empty.
    AuctionError
        If `confirm` returns False (nothing is requested then), or a request fails.

    """
    key = credential(KEY_VARIABLE).strip()
    if not key:
        raise UsageError(f"{KEY_VARIABLE} is not set: export your Databento key in that variable")
    if not symbols:
        raise UsageError("no symbol given: name the contracts to download (NQZ5)")
    start, end = _utc(start), _utc(end)
    if start >= end:
        raise UsageError(f"window from {start} to {end} is empty: set start before end")
    target = out_dir / _file_name(dataset, symbols, schema, start, end, stype_in)
    if target.exists():
        return target
    client = Historical(key)
    if gateway is not None:
        # The client itself turns every address into https.
        client.metadata = MetadataHttpAPI(key=key, gateway=gateway)
        client.timeseries = TimeseriesHttpAPI(key=key, gateway=gateway)
    request = {
        "dataset": dataset,
        "symbols": list(symbols),
        "schema": schema,
        "start": start,
        "end": end,
        "stype_in": stype_in,
    }
    window = f"{start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC"
    what = f"{schema} of {', '.join(symbols)} from {dataset}, {window}"
    with _reported(what):
        cost = client.metadata.get_cost(**request)
        size = client.metadata.get_billable_size(**request)
    if not confirm(f"{what}: about {size / 1e6:,.1f} MB, about {cost:,.2f} USD. Download?"):
        raise AuctionError(f"download of {what} was declined: nothing was requested")
    out_dir.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.part")
    partial.unlink(missing_ok=True)
    try:
        with _reported(what):
            store = client.timeseries.get_range(**request, path=partial)
            store.reader.close()
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return target


def _utc(moment: datetime) -> datetime:
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC)


def _file_name(
    dataset: str,
    symbols: Sequence[str],
    schema: str,
    start: datetime,
    end: datetime,
    stype_in: str,
) -> str:
    names = "_".join(symbols)
    if len(names) > _LONGEST_SYMBOLS:
        digest = sha256(names.encode()).hexdigest()[:8]
        names = f"{symbols[0]}_and_{len(symbols) - 1}_more_{digest}"
    kind = "" if stype_in == "raw_symbol" else f".{stype_in}"
    window = f"{start:%Y%m%dT%H%M%S}-{end:%Y%m%dT%H%M%S}"
    return f"{dataset.lower().replace('.', '-')}-{window}.{names}{kind}.{schema}.dbn.zst"


@contextmanager
def _reported(what: str) -> Iterator[None]:
    try:
        yield
    except BentoHttpError as error:
        reason = f"{error.message} (HTTP status {error.http_status})"
    except (BentoError, requests.RequestException, ValueError) as error:
        reason = f"{type(error).__name__}: {error}"
    else:
        return
    raise AuctionError(f"Databento, {what}: {' '.join(reason.split())}") from None
