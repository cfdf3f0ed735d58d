"""Writes the tables of a run that its system exports as CSV files."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from actors.messages.schema import Kind
from backtests.report.figures import quality_labels
from backtests.report.message_rows import read_rows
from backtests.report.run_data import read_config
from backtests.report.run_data import system_of
from backtests.report.whole_files import whole_files
from backtests.results.run_folder import read_summary
from errors import UsageError
from strategies.common.exports import Export


FOLDER = "diagnostics"
_TIME = "%Y-%m-%d %H:%M:%S+00:00"


def write_diagnostics(run_folder: Path) -> list[str]:
    """
    Write the exports of a run's system, a file for each instrument, all of them or none.

    They lie in `diagnostics` within the folder of the run: `CLX4_pivots.csv`. Identical runs give
    identical files.

    Parameters
    ----------
    run_folder : Path
        The folder of a backtest or a replay.

    Returns
    -------
    list[str]
        A line for each file, one about the data where a file has no row, and the notes of the
        system.

    Raises
    ------
    UsageError
        If `run_folder` is not a run folder, or the system exports nothing.
    AuctionError
        If a file of the run is missing, cannot be read or was written by another version.

    """
    summary = read_summary(run_folder)
    system = system_of(run_folder, read_config(run_folder))
    if not system.exports:
        raise UsageError(f"{run_folder}: the system {system.name} exports no diagnostics")
    target, counts = run_folder / FOLDER, {}
    with whole_files(target) as folder:
        for export in system.exports:
            for instrument, rows in _tables(run_folder, export, summary["instruments"]):
                name = f"{instrument.rpartition('.')[0]}_{export.name}.csv"
                rows.to_csv(folder / name, index=False, lineterminator="\n")
                counts[name] = len(rows)
    lines = [f"{target / name}: {count:,} rows" for name, count in counts.items()]
    if not all(counts.values()):
        lines.append(f"Data: {', '.join(quality_labels(summary))}")
    for note in system.export_notes:
        rows = read_rows(run_folder, note.message, note.columns)
        for instrument in summary["instruments"]:
            of_one = rows[rows["instrument_id"] == instrument]
            text = note.text({name: of_one[name].to_numpy() for name in of_one.columns})
            lines.append(f"{instrument.rpartition('.')[0]}: {text}")
    return lines


def _tables(
    run_folder: Path, export: Export, instruments: list[str]
) -> Iterator[tuple[str, pd.DataFrame]]:
    rows = read_rows(run_folder, export.message, export.needed)
    if export.only is not None:
        column, value = export.only
        rows = rows[rows[column] == value]
    rows = rows.sort_values(list(export.sort), kind="stable")
    for name in export.header:
        if export.message.TYPES[name].kind is Kind.TIME:
            rows[name] = rows[name].dt.strftime(_TIME)
    for instrument in instruments:
        of_one = rows[rows["instrument_id"] == instrument]
        yield instrument, of_one[list(export.header)].rename(columns=export.header)
