"""Commands that fill, list and check the Parquet catalog."""

from pathlib import Path
from typing import Annotated

import typer

from cli.options import CATALOG
from cli.options import Catalog


app = typer.Typer(help="Fill, list and check the Parquet catalog.", no_args_is_help=True)


@app.command("sample")
def catalog_sample(
    catalog: Catalog = CATALOG,
    seed: Annotated[int, typer.Option(help="Another seed makes another market.")] = 7,
    days: Annotated[
        int, typer.Option(help="Trading days from 5 January 2026 on, 1 to 45 (a month is 21).")
    ] = 2,
    instrument: Annotated[
        list[str] | None,
        typer.Option(
            help="BTCUSDT, NQ, ES, MES, CL, GC or AAPL (repeatable); BTCUSDT and NQ if none is "
            "given.",
            show_default=False,
        ),
    ] = None,
    random_walk: Annotated[
        bool,
        typer.Option("--random-walk", help="The control: driftless prices without any scenes."),
    ] = False,
) -> None:
    """Generate a synthetic market: perpetual, futures and a stock; by default BTCUSDT and NQ."""
    from adapters.progress import show_progress
    from catalog.sample import DEFAULT_MARKETS
    from catalog.sample import write_sample
    from catalog.sample.printing import print_sample

    names = tuple(dict.fromkeys(instrument or DEFAULT_MARKETS))
    with show_progress("making the sample", days * len(names)) as advance:
        report = write_sample(catalog, seed, days, names, advance, is_random_walk=random_walk)
    print_sample(report)


@app.command("list")
def catalog_list(catalog: Catalog = CATALOG) -> None:
    """List the contents of the catalog."""
    from catalog.contents import print_contents

    print_contents(catalog)


@app.command("check")
def catalog_check(
    catalog: Catalog = CATALOG,
    instrument: Annotated[str | None, typer.Option(help="Only this instrument.")] = None,
) -> None:
    """Check for gaps, duplicates, crossed quotes and unknown sides; exit code 1 on an error."""
    from catalog.checks import print_check

    if not print_check(catalog, instrument).ok:
        raise typer.Exit(1)


@app.command("convert")
def catalog_convert(
    source: Annotated[Path, typer.Argument(help="A catalog of any Nautilus build.")],
    catalog: Catalog = CATALOG,
    instrument: Annotated[
        list[str] | None, typer.Option(help="Only this one (repeatable).")
    ] = None,
) -> None:
    """Import the trades and quotes of another Nautilus catalog, in one order."""
    from adapters.nautilus_catalog import convert_catalog
    from adapters.report import print_report

    print_report(convert_catalog(source, catalog, tuple(instrument or ())))


@app.command("split-months")
def catalog_split_months(
    source: Annotated[Path, typer.Option("--input", help="One-minute bars, CSV or Parquet.")],
    output: Annotated[Path, typer.Option(help="Folder that gets a file for each month.")],
    symbol: Annotated[str, typer.Option(help="Product in the names of the files, like CL.")],
    time_zone: Annotated[
        str | None,
        typer.Option(help="Times are this wall clock, like America/New_York, and not UTC."),
    ] = None,
) -> None:
    """Split bars into one Parquet file for each calendar month in New York."""
    from adapters.files.months import split_lines
    from adapters.files.months import split_months

    for line in split_lines(split_months(source, output, symbol, time_zone)):
        typer.echo(line)
