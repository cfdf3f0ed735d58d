"""The command line of auction-trader."""

import sys
from pathlib import Path
from typing import Any
from typing import NoReturn

import typer
from typer.core import TyperCommand

from cli import catalog
from cli import deploy
from cli import download
from cli import ingest
from cli import lookahead
from cli import nodes
from cli import operations
from cli import runs
from cli import study
from cli import sweeps
from errors import LONGEST_LINE
from errors import AuctionError
from errors import shortened


# What Typer raises at wrong arguments; it names the class nowhere.
ArgumentError: Any = next(
    kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException"
)
CODES = "`auction backtest --help` explains every code of decisions, refusals and features."


class _CommandWithCodes(TyperCommand):
    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        from backtests.results.codes import code_groups

        for title, codes in code_groups():
            with formatter.section(title):
                formatter.write_dl(list(codes.items()), col_max=20)


app = typer.Typer(
    help="Order-flow and auction-market systems for NautilusTrader.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command(cls=_CommandWithCodes)(runs.backtest)
app.command(epilog=CODES)(nodes.live)
app.command()(nodes.record)
app.command(epilog=CODES)(nodes.replay)
app.command()(runs.random_walk)
app.command()(runs.parity)
app.command()(runs.certify)
app.command()(nodes.control)
app.command()(operations.digest)
app.command()(operations.watchdog)
app.command()(operations.preflight)
app.command(epilog=CODES)(runs.features)
app.command(epilog=CODES)(runs.report)
app.add_typer(deploy.app, name="deploy")
app.command()(runs.stress)
app.command()(lookahead.lookahead)
app.command()(study.study)
app.add_typer(sweeps.app, name="sweep")
app.add_typer(catalog.app, name="catalog")
catalog.app.add_typer(ingest.app, name="ingest")
catalog.app.add_typer(download.app, name="download")


def main() -> None:
    """
    Run the command line; a user error is one line and an exit code, never a traceback.

    The line has at most 300 characters, also if it quotes a file or an argument. A configuration
    can name packages of the working directory, such as a user's own system; installed packages take
    precedence.
    """
    sys.path.append(str(Path.cwd()))
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
