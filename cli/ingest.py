"""Commands that import files into the catalog."""

from pathlib import Path
from typing import Annotated

import typer

from cli.options import CATALOG
from cli.options import Catalog


app = typer.Typer(help="Bring your own files into the catalog.", no_args_is_help=True)


@app.command("csv")
def ingest_csv(
    instrument: Annotated[
        str,
        typer.Option(
            help="Like BTCUSDT-LINEAR.BYBIT or NQZ5.XCME; CL.v.0.XNYM splits bars at the rolls."
        ),
    ],
    trades: Annotated[list[Path] | None, typer.Option(help="ts,price,size[,side][,id]")] = None,
    quotes: Annotated[
        list[Path] | None,
        typer.Option(help="ts,bid,bid_size,ask,ask_size"),
    ] = None,
    bars: Annotated[list[Path] | None, typer.Option(help="ts,open,high,low,close,volume")] = None,
    bar_step: Annotated[str | None, typer.Option(help="Like 1m; detected if left out.")] = None,
    finer_steps: Annotated[
        bool, typer.Option("--finer-steps", help="The venue has raised its tick or lot since.")
    ] = False,
    time_zone: Annotated[
        str | None,
        typer.Option(help="Times are this wall clock, like America/New_York, and not UTC."),
    ] = None,
    synthesize_ticks: Annotated[
        bool,
        typer.Option("--synthesize-ticks", help="Make up trades from bars of one minute instead."),
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="Seed of --synthesize-ticks.")] = 7,
    proxy_for: Annotated[
        str | None,
        typer.Option(help="With --synthesize-ticks: what it stands in for, like ES for SPY."),
    ] = None,
    catalog: Catalog = CATALOG,
) -> None:
    """Ingest CSV (also .gz, .zst) or Parquet. Give trades and quotes of one period together."""
    from adapters.files.ingest import ingest_csv as ingest
    from adapters.report import print_report

    files = trades or [], quotes or [], bars or []
    print_report(
        ingest(
            catalog,
            instrument,
            *files,
            bar_step,
            finer_steps=finer_steps,
            time_zone=time_zone,
            synthesize_seed=seed if synthesize_ticks else None,
            proxy_for=proxy_for,
        )
    )


@app.command("databento")
def ingest_databento(
    files: Annotated[list[Path], typer.Argument(help=".dbn, .dbn.zst, .csv or .csv.zst files.")],
    symbol: Annotated[list[str] | None, typer.Option(help="Contract, like NQZ5.")] = None,
    definition: Annotated[Path | None, typer.Option(help="Definition file.")] = None,
    catalog: Catalog = CATALOG,
) -> None:
    """Ingest Databento files: trades, tbbo, mbp, mbo, bbo, ohlcv and definitions."""
    from adapters.databento.ingest import ingest_databento as ingest
    from adapters.report import print_report

    print_report(ingest(catalog, files, symbol or [], definition))


@app.command("bybit")
def ingest_bybit(
    files: Annotated[list[Path], typer.Argument(help="Archives of public trades (.csv.gz).")],
    instrument: Annotated[str | None, typer.Option(help="Like BTCUSDT-LINEAR.BYBIT.")] = None,
    catalog: Catalog = CATALOG,
) -> None:
    """Ingest Bybit's public trade archives."""
    from adapters.bybit.ingest import ingest_bybit as ingest
    from adapters.report import print_report

    print_report(ingest(catalog, files, instrument))
