"""The notebook runs on a run folder and its catalog, and its figures are those of the run."""

import json
from pathlib import Path

import nbclient
import nbformat
import pytest

from tests.engines import REPOSITORY
from tests.markets import vector_stream


NOTEBOOK = REPOSITORY / "backtests" / "notebooks" / "read_a_run.ipynb"
CHECKS = """
import json
takers = fill_quotes[fill_quotes.liquidity == "TAKER"]
print(json.dumps({
    "run": str(RUN.resolve()),
    "decisions": int(reasons.decisions.sum()),
    "trades": int(by_setup.trades.sum()),
    "by_hour": float(by_hour.net.sum()),
    "net": float(by_setup.net.sum()),
    "fills": len(fill_quotes),
    "unquoted": int(fill_quotes.bid.isna().sum()),
    "crossed": int((fill_quotes.bid > fill_quotes.ask).sum()),
    "worst": float(takers.beyond.max()),
    "best": float(takers.beyond.min()),
    "lowest_bid": db.sql("SELECT min(bid) FROM quotes").fetchall()[0][0],
    "negative": db.sql(
        "SELECT fixed(from_hex('006004AC82E5E6FFFFFFFFFFFFFFFFFF'))"
    ).fetchall()[0][0],
    "points": len(next(t for t in figure.data if t.type == "candlestick").x),
    "names": [t.name for t in figure.data],
}))
"""


def executed(monkeypatch, folder: Path, **variables: object):
    """Run the notebook and the checks in `folder`, and return what the checks print."""
    for name in ("AUCTION_RUN", "AUCTION_CATALOG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.setenv("IPYTHONDIR", str(folder / "ipython"))
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(CHECKS))
    nbclient.NotebookClient(
        notebook,
        timeout=90,
        startup_timeout=60,
        resources={"metadata": {"path": str(folder)}},
    ).execute()
    return json.loads(notebook.cells[-1].outputs[0]["text"])


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_notebook_reads_a_run_and_its_catalog(vector_run, tmp_path, monkeypatch):
    folder, catalog = vector_run.run, vector_run.catalog
    found = executed(monkeypatch, tmp_path, AUCTION_RUN=folder, AUCTION_CATALOG=catalog)
    summary = json.loads((folder / "summary.json").read_text())
    assert found["decisions"] == found["points"] == summary["minutes_closed"]
    assert found["trades"] == summary["trades"] > 10
    assert {"VAH", "VAL", "POC", "Trade", "Long entry", "Short entry"} <= set(found["names"])
    assert found["net"] == pytest.approx(summary["net_pnl"])
    assert found["by_hour"] == pytest.approx(summary["net_pnl"])
    assert found["fills"] > 2 * summary["trades"]
    assert found["unquoted"] == found["crossed"] == 0
    # Limits take at the quote; market orders slip a tick of 0.1, what exceeds the size one more.
    assert (found["best"], found["worst"]) == (0.0, pytest.approx(0.2))
    rows = vector_stream()[2]
    assert found["lowest_bid"] == pytest.approx(min(r[2] for r in rows if r[0] == 0) * 0.1)
    assert found["negative"] == -0.7066


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_without_variables_the_newest_run_of_the_project_is_read(vector_run, tmp_path, monkeypatch):
    run = vector_run.run
    (tmp_path / "pyproject.toml").write_text("")
    inside = tmp_path / "backtests" / "notebooks"
    inside.mkdir(parents=True)
    (tmp_path / "runs" / "20250101-old").mkdir(parents=True)
    (tmp_path / "runs" / "20250101-old" / "summary.json").write_text("{}")
    newest = tmp_path / "runs" / run.name
    newest.symlink_to(run)
    found = executed(monkeypatch, inside)
    assert found["run"] == str(run.resolve())


def test_the_notebook_is_kept_without_outputs():
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert len(cells) > 5
    assert all(cell.outputs == [] and cell.execution_count is None for cell in cells)
