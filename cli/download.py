"""Commands that download history from a venue or vendor."""

from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from cli.options import CATALOG
from cli.options import Catalog


app = typer.Typer(help="Fetch history from a venue or vendor.", no_args_is_help=True)


@app.command("bybit")
def download_bybit(
    instrument: Annotated[str, typer.Option(help="Like BTCUSDT-LINEAR.BYBIT.")],
    start: Annotated[str, typer.Option(help="ISO 8601 start, UTC.")],
    end: Annotated[str, typer.Option(help="ISO 8601 end, excluded.")],
    catalog: Catalog = CATALOG,
) -> None:
    """Download definition, minute bars and funding rates. Needs no key."""
    from adapters.bybit.download import download_bybit as download
    from adapters.report import print_report

    print_report(download(catalog, instrument, _moment(start, "start"), _moment(end, "end")))


@app.command("databento")
def download_databento(
    symbol: Annotated[list[str], typer.Option(help="Contract, like NQZ5; may be repeated.")],
    start: Annotated[str, typer.Option(help="ISO 8601 start, UTC.")],
    end: Annotated[str, typer.Option(help="ISO 8601 end, excluded.")],
    schema: Annotated[str, typer.Option(help="trades, tbbo, mbp-1, ohlcv-1m, definition.")],
    out: Annotated[Path, typer.Option(help="Folder for the file.")],
    dataset: Annotated[str, typer.Option(help="Databento dataset.")] = "GLBX.MDP3",
) -> None:
    """Download a Databento file after showing its cost. Needs DATABENTO_API_KEY."""
    from adapters.databento.download import download_databento as download

    path = download(
        out,
        dataset,
        symbol,
        schema,
        _moment(start, "start"),
        _moment(end, "end"),
        typer.confirm,
    )
    typer.echo(f"written {path}: ingest it with `auction catalog ingest databento {path}`")


def _moment(text: str, key: str) -> datetime:
    from configs.times import parse_time

    ns = parse_time(text, key)
    assert ns is not None
    return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=ns // 1000)
