"""The months of one run, whose state goes on over their ends."""

import csv
import json
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from backtests.report.months import month_of
from backtests.reporting import report_months
from errors import AuctionError
from errors import UsageError
from tests.backtests.made_rows import START_NS
from tests.backtests.made_rows import Market
from tests.backtests.run_folder import build_run_folder


MINUTES = 600
# July begins in New York within the run, with a trade open.
MIDNIGHT = pd.Timestamp("2025-07-01T04:00Z")
IN_JUNE = 430


def months_of(folder: Path, market: Market) -> tuple[pd.DataFrame, list[str]]:
    """Write a run over the end of June, and its months; return its positions and the lines."""
    build_run_folder(folder, market)
    delta = MIDNIGHT.value - START_NS - IN_JUNE * 60 * 10**9
    for path in folder.glob("*.parquet"):
        table = pq.read_table(path)
        for index, field in enumerate(table.schema):
            if pa.types.is_timestamp(field.type):
                moved = pa.compute.add(table[index].cast(pa.int64()), delta).cast(field.type)
                table = table.set_column(index, field, moved)
        pq.write_table(table, path)
    positions = pd.read_parquet(folder / "positions.parquet")
    with (folder / "trades.csv").open("w", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["timestamp", "action", "price"])
        for row in positions.to_dict(orient="records"):
            rows.writerow([f"{row['ts_open']:%Y-%m-%d %H:%M:%S}", "ENTRY", "1.50"])
            rows.writerow([f"{row['ts_close']:%Y-%m-%d %H:%M:%S}", "EXIT", "1.60"])
    return positions, report_months([folder], None)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pd.DataFrame, list[str]]:
    folder = tmp_path_factory.mktemp("run")
    return folder, *months_of(folder, Market(minutes=MINUTES, trades=12))


def test_each_row_of_the_equity_is_in_one_month(
    run: tuple[Path, pd.DataFrame, list[str]],
) -> None:
    folder, _, _ = run
    equity = pd.read_parquet(folder / "equity.parquet")
    june, july = (
        pd.read_csv(folder / "months" / name / "equity.csv") for name in ("2025-06", "2025-07")
    )

    assert june["equity"].tolist() + july["equity"].tolist() == equity["equity"].tolist()
    # The minute that closes at midnight in New York is the last of June.
    assert june["ts"].iloc[-1] == "2025-07-01 04:00:00+00:00"
    assert july["ts"].iloc[0] == "2025-07-01 04:01:00+00:00"


def test_a_trade_counts_where_it_closes_and_its_money_is_that_of_the_run(
    run: tuple[Path, pd.DataFrame, list[str]],
) -> None:
    folder, positions, lines = run
    in_june = positions["ts_close"] <= MIDNIGHT
    nets = [positions[mask]["net_pnl"].sum() for mask in (in_june, ~in_june)]
    equity = pd.read_parquet(folder / "equity.parquet")
    ends = [equity[equity["ts"] <= MIDNIGHT]["equity"].iloc[-1], equity["equity"].iloc[-1]]

    assert ((positions["ts_open"] < MIDNIGHT) & ~in_june).sum() == 1
    assert lines == [
        f"{name}: {count} trades closed, net {net:,.2f} USDT, equity {end:,.2f} USDT: "
        f"{folder / 'months' / name / 'report.html'}"
        for name, count, net, end in zip(
            ("2025-06", "2025-07"), (in_june.sum(), (~in_june).sum()), nets, ends, strict=True
        )
    ]
    logs = [
        (folder / "months" / name / "trades.csv").read_text() for name in ("2025-06", "2025-07")
    ]
    rows = [log.splitlines()[1:] for log in logs]
    assert rows[0] + rows[1] == (folder / "trades.csv").read_text().splitlines()[1:]
    assert [rows[0][-1].split(",")[1], rows[1][0].split(",")[1]] == ["ENTRY", "EXIT"]


def test_the_page_of_a_month_has_its_trades_and_those_carried_over(
    run: tuple[Path, pd.DataFrame, list[str]],
) -> None:
    folder, positions, _ = run
    pages = {
        name: (folder / "months" / name / "report.html").read_text()
        for name in ("2025-06", "2025-07")
    }
    counts = {
        "2025-06": int((positions["ts_open"] < MIDNIGHT).sum()),
        "2025-07": int((positions["ts_close"] > MIDNIGHT).sum()),
    }
    for name, page in pages.items():
        assert page.count("data-from=") == counts[name]
        assert f"{name}, New York" in page
        charts = json.loads(page.partition('id="charts">')[2].partition("</script>")[0])
        assert [chart["id"] for chart in charts] == ["equity", "prices-0"]
    assert sum(counts.values()) == len(positions) + 1


def test_a_second_report_gives_the_same_bytes(
    run: tuple[Path, pd.DataFrame, list[str]],
) -> None:
    folder, _, lines = run
    files = sorted(path for path in (folder / "months").rglob("*") if path.is_file())
    before = [path.read_bytes() for path in files]

    assert report_months([folder], None) == lines
    assert [path.read_bytes() for path in files] == before
    assert len(files) == 6


def test_a_run_without_a_trade_has_months_of_equity(tmp_path: Path) -> None:
    _, lines = months_of(tmp_path, Market(minutes=MINUTES, trades=0))

    assert [line.partition(", net")[0] for line in lines] == [
        "2025-06: 0 trades closed",
        "2025-07: 0 trades closed",
    ]
    assert "<h2>Trades</h2><p>none</p>" in (tmp_path / "months/2025-07/report.html").read_text()


def test_what_has_no_months_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="for one run"):
        report_months([tmp_path, tmp_path], None)
    folder = build_run_folder(tmp_path / "run")
    with pytest.raises(AuctionError, match=r"trades\.csv: not readable"):
        report_months([folder], None)
    assert not (folder / "months").exists()


def test_a_month_begins_at_midnight_in_new_york() -> None:
    times = pd.to_datetime(pd.Series(["2024-11-01T03:59:59Z", "2024-11-01T04:00:00Z", None]))

    assert month_of(times).tolist()[:2] == ["2024-10", "2024-11"]
    assert month_of(times).isna().tolist() == [False, False, True]
