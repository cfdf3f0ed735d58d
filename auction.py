"""The command line of auction-trader: every command calls one function of a package."""

import json
import sys
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path
from typing import Annotated
from typing import Any
from typing import NoReturn

import typer
from typer.core import TyperCommand

from catalog.errors import LONGEST_LINE
from catalog.errors import AuctionError
from catalog.errors import UsageError
from catalog.errors import shortened


# What Typer raises at wrong arguments; it names the class nowhere.
ArgumentError: Any = next(
    kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException"
)
CATALOG = Path("catalog/data")
RUNS = Path("runs")
CODES = "`auction backtest --help` explains every code of decisions, refusals and features."

app = typer.Typer(
    help="Order-flow and auction-market systems for NautilusTrader.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
catalog_app = typer.Typer(help="Fill, list and check the Parquet catalog.", no_args_is_help=True)
ingest_app = typer.Typer(help="Bring your own files into the catalog.", no_args_is_help=True)
download_app = typer.Typer(help="Fetch history from a venue or vendor.", no_args_is_help=True)
app.add_typer(catalog_app, name="catalog")
catalog_app.add_typer(ingest_app, name="ingest")
catalog_app.add_typer(download_app, name="download")


class _CommandWithCodes(TyperCommand):
    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        from backtests.codes import code_groups

        for title, codes in code_groups():
            with formatter.section(title):
                formatter.write_dl(list(codes.items()), col_max=20)


System = Annotated[
    str, typer.Argument(help="Name in configs/systems, or a YAML file.", metavar="SYSTEM")
]
Catalog = Annotated[Path, typer.Option(help="Folder of the Parquet catalog.")]
Start = Annotated[str | None, typer.Option(help="ISO 8601 start, UTC; all data if left out.")]
End = Annotated[str | None, typer.Option(help="ISO 8601 end, excluded; all data if left out.")]
Overrides = Annotated[
    list[str] | None,
    typer.Option("--set", help="dotted.key=value of the configuration; may be repeated."),
]


@app.command(cls=_CommandWithCodes)
def backtest(
    system: System,
    catalog: Annotated[Path | None, typer.Option(help="Folder of the Parquet catalog.")] = None,
    start: Start = None,
    end: End = None,
    set_: Overrides = None,
    environment: Annotated[str, typer.Option(help="Name in configs/environments.")] = "backtest",
    runs: Annotated[Path, typer.Option(help="Folder that gets the run's folder.")] = RUNS,
    pessimistic: Annotated[
        bool, typer.Option("--pessimistic", help="Cautious market assumptions.")
    ] = False,
    optimistic: Annotated[
        bool, typer.Option("--optimistic", help="The best market assumptions to hope for.")
    ] = False,
    single: Annotated[
        bool, typer.Option("--single", help="No second run under the pessimistic assumptions.")
    ] = False,
) -> None:
    """
    Run a system over a catalog and write a run folder with a report.

    The same run under the pessimistic assumptions goes on beside it, and its figures stand beside
    those of the run.
    """
    from backtests.preflight import check_runs_folder
    from backtests.scenarios import compared_with
    from backtests.scenarios import run_compared
    from backtests.summary_table import print_summary
    from configs.loader import load_backtest
    from configs.preset import DEFAULT

    if pessimistic and optimistic:
        raise UsageError("--pessimistic and --optimistic exclude each other: choose one")
    preset = "pessimistic" if pessimistic else "optimistic" if optimistic else DEFAULT

    window = {"catalog": catalog, "start": start, "end": end}
    options = [
        f"{key}={json.dumps(str(value), ensure_ascii=False)}"
        for key, value in window.items()
        if value is not None
    ]
    settings = [*(set_ or []), *options]
    run = load_backtest(system, environment, settings, preset)
    check_runs_folder(runs)
    others = [
        load_backtest(system, environment, settings, name)
        for name in (() if single else compared_with(preset))
    ]
    print_summary(*run_compared(run, others, runs))


@app.command(epilog=CODES)
def live(
    system: System,
    environment: Annotated[str, typer.Option(help="paper, shadow, live or dry_run.")],
    set_: Overrides = None,
    runs: Annotated[Path, typer.Option(help="Folder that gets the run's folder.")] = RUNS,
    supervise: Annotated[
        bool, typer.Option("--supervise", help="Start the node again when it dies or hangs.")
    ] = False,
    heartbeat: Annotated[
        Path | None, typer.Option(help="File that tells a supervisor that the node lives.")
    ] = None,
    standby: Annotated[
        bool, typer.Option("--standby", hidden=True, help="Load, and wait for a line of input.")
    ] = False,
) -> None:
    """
    Run a system live. It observes until `auction control activate`.

    The token of the control channel comes from AUCTION_CONTROL_TOKEN, keys from BYBIT_API_KEY,
    BYBIT_API_SECRET and DATABENTO_API_KEY.
    """
    from adapters.node.live import run_live

    run_live(
        system,
        environment,
        set_ or [],
        runs,
        typer.echo,
        supervise=supervise,
        heartbeat=heartbeat,
        standby=standby,
    )


@app.command(epilog=CODES)
def replay(
    system: System,
    environment: Annotated[
        str, typer.Option(help="paper: simulated venue; live: the loopback venue.")
    ] = "paper",
    speed: Annotated[
        str, typer.Option(help="Seconds of the recording in one second, or `max`.")
    ] = "max",
    catalog: Annotated[Path | None, typer.Option(help="Folder of the Parquet catalog.")] = None,
    start: Start = None,
    end: End = None,
    set_: Overrides = None,
    runs: Annotated[Path, typer.Option(help="Folder that gets the run's folder.")] = RUNS,
) -> None:
    """Play a recording through the live node by the venue's own protocol, on this machine alone."""
    from adapters.node.replay import run_replay

    try:
        factor = None if speed == "max" else float(speed)
    except ValueError:
        raise UsageError(f"--speed {speed}: use a positive number, or `max`") from None
    settings = [*(set_ or [])]
    if catalog is not None:
        settings.append(f"catalog={json.dumps(str(catalog))}")
    run_replay(system, environment, settings, runs, typer.echo, speed=factor, start=start, end=end)


@app.command()
def parity(
    run_a: Annotated[Path, typer.Argument(help="Folder of a run.", metavar="RUN_A")],
    run_b: Annotated[Path, typer.Argument(help="Folder of another.", metavar="RUN_B")],
) -> None:
    """Show where two runs of one stretch first differ; exit code 1 where that counts."""
    from backtests.parity import print_parity

    if not print_parity(run_a, run_b, typer.echo):
        raise typer.Exit(1)


@app.command()
def control(
    command: Annotated[
        str,
        typer.Argument(
            help="status, activate, deactivate, flatten, halt, resume or shutdown.",
            metavar="COMMAND",
        ),
    ],
    port: Annotated[int, typer.Option(help="Control port of the node.")] = 8712,
    token_variable: Annotated[
        str, typer.Option(help="Environment variable with the node's token.")
    ] = "AUCTION_CONTROL_TOKEN",
) -> None:
    """Tell a running node what to do; the state after it is printed as JSON."""
    from adapters.node.client import send

    typer.echo(json.dumps(send(command, port, token_variable), indent=2))


@app.command(epilog=CODES)
def features(
    system: System,
    out: Annotated[Path, typer.Option(help="Parquet file to write.")],
    catalog: Catalog = CATALOG,
    start: Start = None,
    end: End = None,
    set_: Overrides = None,
) -> None:
    """Compute the minute features of a system straight from the catalog."""
    from backtests.system_features import write_system_features

    rows, notes = write_system_features(system, catalog, out, start, end, set_ or [])
    typer.echo(f"{rows:,} minutes written to {out}")
    for note in notes:
        typer.echo(note)


@app.command(epilog=CODES)
def report(
    runs: Annotated[list[Path], typer.Argument(help="Folder of a run, or several.", metavar="RUN")],
    out: Annotated[
        Path | None,
        typer.Option(help="Page of a comparison; comparison.html beside the first run."),
    ] = None,
) -> None:
    """
    Write a run's report.html anew and print its result, or compare several runs.

    Of a node's run: print what it has done, and write its tables as Parquet files.
    """
    from backtests.reporting import report_runs

    report_runs(runs, out)


@catalog_app.command("sample")
def catalog_sample(
    catalog: Catalog = CATALOG,
    seed: Annotated[int, typer.Option(help="Another seed makes another market.")] = 7,
) -> None:
    """Make the synthetic sample market: BTCUSDT perpetual and NQ futures, two days each."""
    from catalog.sample import write_sample
    from catalog.sample.printing import print_sample

    print_sample(write_sample(catalog, seed))


@catalog_app.command("list")
def catalog_list(catalog: Catalog = CATALOG) -> None:
    """List what the catalog holds."""
    from catalog.contents import print_contents

    print_contents(catalog)


@catalog_app.command("check")
def catalog_check(
    catalog: Catalog = CATALOG,
    instrument: Annotated[str | None, typer.Option(help="Only this instrument.")] = None,
) -> None:
    """Look for gaps, duplicates, crossed quotes and unknown sides; exit code 1 on an error."""
    from catalog.checks import print_check

    if not print_check(catalog, instrument).ok:
        raise typer.Exit(1)


@catalog_app.command("convert")
def catalog_convert(
    source: Annotated[Path, typer.Argument(help="A catalog of any Nautilus build.")],
    catalog: Catalog = CATALOG,
    instrument: Annotated[
        list[str] | None, typer.Option(help="Only this one (repeatable).")
    ] = None,
) -> None:
    """Write the trades and quotes of another Nautilus catalog into the catalog, in one order."""
    from adapters.nautilus_catalog import convert_catalog
    from adapters.report import print_report

    print_report(convert_catalog(source, catalog, tuple(instrument or ())))


@ingest_app.command("csv")
def ingest_csv(
    instrument: Annotated[str, typer.Option(help="Like BTCUSDT-LINEAR.BYBIT or NQZ5.XCME.")],
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
    catalog: Catalog = CATALOG,
) -> None:
    """Ingest CSV files (also .gz and .zst). Give trades and quotes of one period together."""
    from adapters.csv.ingest import ingest_csv as ingest
    from adapters.report import print_report

    files = trades or [], quotes or [], bars or []
    print_report(ingest(catalog, instrument, *files, bar_step, finer_steps=finer_steps))


@ingest_app.command("databento")
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


@ingest_app.command("bybit")
def ingest_bybit(
    files: Annotated[list[Path], typer.Argument(help="Archives of public trades (.csv.gz).")],
    instrument: Annotated[str | None, typer.Option(help="Like BTCUSDT-LINEAR.BYBIT.")] = None,
    catalog: Catalog = CATALOG,
) -> None:
    """Ingest Bybit's public trade archives."""
    from adapters.bybit.ingest import ingest_bybit as ingest
    from adapters.report import print_report

    print_report(ingest(catalog, files, instrument))


@download_app.command("bybit")
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


@download_app.command("databento")
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
    from configs.loader import parse_time

    ns = parse_time(text, key)
    assert ns is not None
    return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=ns // 1000)


def main() -> None:
    """
    Run the command line; a user's mistake is one line and an exit code, never a traceback.

    The line has at most 300 characters, whatever the file or the argument that it quotes.
    """
    try:
        sys.exit(app(standalone_mode=False) or 0)
    except typer.Abort:
        _fail("aborted", 1)
    except AuctionError as e:
        _fail(str(e), e.exit_code)
    except OSError as e:
        _fail(f"{e.filename or 'input or output'}: {e.strerror or e}", 1)
    except ArgumentError as e:
        # Without arguments, a group of commands shows its help.
        if type(e).__name__ == "NoArgsIsHelpError":
            e.show()
            sys.exit(e.exit_code)
        _fail(e.format_message(), e.exit_code)


def _fail(message: str, exit_code: int) -> NoReturn:
    typer.echo(shortened(f"error: {message}", LONGEST_LINE), err=True)
    sys.exit(exit_code)


if __name__ == "__main__":
    main()
