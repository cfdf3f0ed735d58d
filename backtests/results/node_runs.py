"""The results of a node's run, as the tables of a run and on the console."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from typing import cast

import pandas as pd
import pyarrow as pa
from rich.console import Console
from rich.table import Table
from rich.text import Text

from actors.messages import Alert
from actors.messages import DataGap
from actors.messages import Decision
from actors.messages import Message
from actors.messages import TradeEvent
from backtests.features import write_table
from backtests.results.codes import codes_of_run
from backtests.results.declared import known_classes
from backtests.results.declared import read_messages
from backtests.results.gaps import cold_refusals
from backtests.results.gaps import gaps_text
from backtests.results.gaps import note_warm
from backtests.results.message_tables import message_table
from backtests.results.no_trade import GIVEN_UP
from backtests.results.no_trade import NO_GAPS
from backtests.results.no_trade import Evidence
from backtests.results.no_trade import why_no_trade
from backtests.results.node_positions import node_positions
from backtests.results.summary_table import print_counts
from backtests.results.summary_table import print_reasons
from configs.plain_yaml import parse_yaml
from errors import AuctionError
from strategies.common.codes import Codes
from strategies.common.codes import explained


# What every strategy publishes: the folder of a node's run has them.
ALWAYS = (Decision, TradeEvent, Alert)


def is_node_run(folder: Path) -> bool:
    """Return True if a folder is the run of a node, over or still going on."""
    return (folder / "signals.jsonl").is_file() and not (folder / "summary.json").exists()


def node_messages(folder: Path) -> dict[type[Message], Sequence[Any]]:
    """
    Return the messages recorded by a node, by class.

    A run that was killed, or goes on, has what it has written so far.

    Raises
    ------
    AuctionError
        If a file is missing or cannot be read.

    """
    found: dict[type[Message], Sequence[Any]] = {}
    for cls in known_classes(folder):
        assert cls.TABLE is not None
        path = folder / f"{cls.TABLE.name}.jsonl"
        if cls in ALWAYS or path.is_file():
            found[cls] = read_messages(path, cls)
    return found


def write_node_tables(folder: Path) -> dict[str, pa.Table]:
    """
    Write what a node has recorded, and its positions, as tables beside its files of JSON lines.

    They have the columns of any run. Orders and fills are in the node's journal.

    Returns
    -------
    dict[str, pa.Table]
        The tables by name.

    Raises
    ------
    AuctionError
        If a file is missing or cannot be read.

    """
    return _write_tables(folder, node_messages(folder))


def _write_tables(
    folder: Path, messages: dict[type[Message], Sequence[Any]]
) -> dict[str, pa.Table]:
    tables = {
        cls.TABLE.name: message_table(cls, rows) for cls, rows in messages.items() if cls.TABLE
    }
    several = _holds_several(_configuration(folder))
    tables["positions"] = node_positions(messages[TradeEvent], names_trades=several)
    for name, table in tables.items():
        write_table(table, folder / f"{name}.parquet")
    return tables


def report_node_run(folder: Path) -> None:
    """Write the tables of a node's run and print what it has done."""
    messages = node_messages(folder)
    tables = _write_tables(folder, messages)
    frames = {name: table.to_pandas() for name, table in tables.items()}
    console = Console(highlight=False)
    signals = frames["signals"]
    console.print()
    console.print(Text(_title(folder, signals), style="bold"))
    if len(signals):
        first, last = signals["ts_min"].min(), signals["ts"].max()
        console.print(f"{first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} UTC")
    if not (folder / "end.json").is_file():
        console.print(Text("It has not ended regularly: killed, or still running.", style="yellow"))
    gaps = messages.get(DataGap, ())
    if gaps:
        text = gaps_text(len(gaps), sum(gap.silent_s for gap in gaps))
        console.print(Text(f"{text}: the warm-up began anew after each.", style="yellow"))
    actions = Counter(signals["action"])
    refused = dict(Counter(signals.loc[signals["action"] == "REFUSE", "why"]).most_common())
    codes = codes_of_run(_configuration(folder))
    meanings = explained(codes.refusals, refused)
    if not len(frames["positions"]):
        print_reasons(console, _why_no_trade(folder, frames, refused, codes, messages))
        # The codes are explained there already.
        meanings = {}
    print_counts(console, "Decisions", "Count", dict(actions.most_common()))
    print_counts(console, "Refused candidates", "Count", refused, meanings)
    print_counts(console, "Alerts", "Count", dict(Counter(frames["alerts"]["kind"]).most_common()))
    _print_result(console, frames)
    console.print()
    console.print(f"Tables: {', '.join(f'{name}.parquet' for name in tables)} in {folder}")


def _print_result(console: Console, frames: dict[str, pd.DataFrame]) -> None:
    positions = frames["positions"]
    # Funding between trades, and of one that is still open, belongs to no closed position.
    funding = frames["trade_events"]["funding"][frames["trade_events"]["kind"] == "FUNDING_PAID"]
    table = Table(box=None, show_header=False, pad_edge=False)
    for label, value in (
        ("Trades closed", f"{len(positions):,}"),
        ("Net P&L", f"{positions['net_pnl'].sum():+,.2f}"),
        ("Gross P&L", f"{positions['gross_pnl'].sum():+,.2f}"),
        ("Fees", f"{positions['fees'].sum():,.2f}"),
        ("Funding of these", f"{positions['funding'].sum():,.2f}"),
        ("Funding in all", f"{funding.sum():,.2f}"),
    ):
        table.add_row(label, Text(value, justify="right"))
    console.print()
    console.print(table)


def _why_no_trade(
    folder: Path,
    frames: dict[str, pd.DataFrame],
    refused: dict[str, int],
    codes: Codes,
    messages: dict[type[Message], Sequence[Any]],
) -> list[str]:
    signals, events, alerts = (frames[name] for name in ("signals", "trade_events", "alerts"))
    end = _end(folder)
    reasons = Counter(signals["reason"])
    submitted = int((events["kind"] == "ENTRY_SUBMITTED").sum())
    filled = int((events["kind"] == "ENTRY_FILLED").sum())
    after_gaps = NO_GAPS
    if gaps := messages.get(DataGap, ()):
        warm: dict[str, list[int]] = {}
        for rows in messages.values():
            for row in rows:
                if row.WARM:
                    note_warm(warm, row)
        after_gaps = cold_refusals(gaps, messages[Decision], warm)
    given_up = Counter(events.loc[events["kind"].isin(GIVEN_UP), "reason"].dropna())
    return why_no_trade(
        Evidence(
            closes=f"{len(signals):,} decisions",
            open_positions=min(filled, 1),
            entries=submitted,
            reasons=reasons,
            refusals=refused,
            given_up=given_up,
            alerts={str(kind): list(rows["text"]) for kind, rows in alerts.groupby("kind")},
            history=end.get("history", ()),
            progress=end.get("progress", ()),
            after_gaps=after_gaps,
            meanings={
                "reasons": explained((*codes.decisions, *codes.exits), reasons),
                "refusals": explained(codes.refusals, refused),
                "entries": explained(codes.entries, given_up),
            },
        )
    )


def _end(folder: Path) -> dict[str, Any]:
    path = folder / "end.json"
    try:
        end = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        # A node that was killed, or still runs, has none.
        return {}
    return end if isinstance(end, dict) else {}


def _configuration(folder: Path) -> dict[str, Any]:
    path = folder / "config.yaml"
    try:
        document = parse_yaml(path.read_text(encoding="utf-8"))
        document["environment"]
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise AuctionError(f"{path}: not the configuration of a node ({error})") from None
    return cast("dict[str, Any]", document)


def _holds_several(document: dict[str, Any]) -> bool:
    configs = (entry.get("config", {}) for entry in document.get("strategies", ()))
    return any(config.get("max_trades", 1) > 1 for config in configs)


def _title(folder: Path, signals: pd.DataFrame) -> str:
    mode = _configuration(folder)["environment"]
    system = folder.name.partition("-")[2].removesuffix(f"-{mode}")
    return f"{system}  {mode}  {', '.join(sorted(set(signals['instrument_id'])))}"
