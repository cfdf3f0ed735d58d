"""Results on driftless markets on the console."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from backtests.report.figures import MISSING
from backtests.report.figures import number
from backtests.report.figures import percent
from backtests.results.chance import LEAST_DAYS
from backtests.results.chance import MarketTrades
from backtests.results.chance import mean_interval


def print_chance(
    title: str,
    currency: str,
    runs: Sequence[MarketTrades],
    walks: Sequence[MarketTrades],
    total: MarketTrades,
    notes: Sequence[str],
    console: Console | None = None,
) -> None:
    """
    Print a row for each run and each walk, and what that says of the runs.

    Parameters
    ----------
    title : str
        The system and its instruments.
    currency : str
        The currency of all results.
    runs, walks : Sequence[MarketTrades]
        The runs to be compared, and the walks.
    total : MarketTrades
        All walks together.
    notes : Sequence[str]
        What to know before the figures are compared.
    console : Console, optional
        Where to print, standard output if None.

    """
    console = console or Console(highlight=False)
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("Market", no_wrap=True)
    for heading in (
        "Trades",
        "Win rate",
        "Profit factor",
        f"Net, {currency}",
        "Net a trade",
        "95 %",
        "Gross a trade",
        "95 %",
    ):
        table.add_column(heading, justify="right")
    for market in (*runs, *walks, total):
        table.add_row(*_cells(market))
    console.print(Text(title, style="bold"))
    console.print(table)
    lines = [
        "Walks are driftless: their net is chance and costs, gross is the price alone. Intervals "
        f"draw whole days with replacement; {MISSING} with trades on fewer than {LEAST_DAYS} days.",
        *(verdict(run, total) for run in runs),
        *notes,
    ]
    for line in lines:
        console.print(Text(line), soft_wrap=True)


def verdict(run: MarketTrades, walks: MarketTrades) -> str:
    """Return in words whether the net of a trade of a run differs from that on the walks."""
    own, chance = (mean_interval(market.net, market.days) for market in (run, walks))
    if own is None or chance is None:
        return f"{run.name}: too few days with trades to distinguish it from chance."
    if own[0] > chance[1]:
        return f"{run.name}: a trade earned more than on the walks; both intervals lie apart."
    if own[1] < chance[0]:
        return f"{run.name}: a trade earned less than on the walks; both intervals lie apart."
    return f"{run.name}: the intervals overlap: nothing distinguishes the run from chance."


def _cells(market: MarketTrades) -> list[str]:
    def mean(values: Sequence[float]) -> str:
        return number(float(sum(values)) / len(values)) if len(values) else MISSING

    def interval(found: tuple[float, float] | None) -> str:
        return MISSING if found is None else f"{number(found[0])} to {number(found[1])}"

    return [
        market.name,
        number(market.count, 0),
        f"{percent(market.win_rate)} %" if market.count else MISSING,
        number(market.profit_factor),
        number(float(market.net.sum())),
        mean(market.net.tolist()),
        interval(mean_interval(market.net, market.days)),
        mean(market.gross.tolist()),
        interval(mean_interval(market.gross, market.days)),
    ]
