"""The CSV files of pivots, legs and nodes that a run of the leg system exports."""

import json
from decimal import Decimal

import pandas as pd
import pyarrow.parquet as pq
import pytest
from nautilus_trader.model.identifiers import InstrumentId

from actors.legs.messages import LegMinute
from actors.legs.messages import LegPivot
from actors.legs.messages import PriceLeg
from actors.legs.minutes import LegMinutes
from actors.legs.node_messages import LegLvn
from actors.legs.params import LegParams
from backtests.report.exports import write_diagnostics
from backtests.reporting import report_diagnostics
from backtests.results.message_tables import message_table
from backtests.results.summary_keys import SCHEMA_VERSION
from errors import AuctionError
from errors import UsageError
from strategies.common.exports import Export
from tests.indicators.leg_market import TICK
from tests.indicators.leg_market import bars
from tests.vectors import load


CL = "CLX4.XNYM"
MESSAGES = {"pivot": LegPivot, "leg": PriceLeg, "node": LegLvn}


def write_run(folder, *, volume=True):
    """Write what a run over the vectors leaves for the export."""
    minutes = LegMinutes(LegParams(profile="bars"), Decimal(TICK), Decimal(1))
    found = {name: [] for name in MESSAGES}
    for ts, high, low, close, size in zip(*(c.tolist() for c in bars()), strict=True):
        closed = minutes.on_bar(ts, (close, high, low, close), size * volume)
        parts = {"pivot": [closed.pivot], "leg": [closed.leg], "node": closed.nodes}
        for name, rows in parts.items():
            found[name] += [row for row in rows if row is not None]
    instrument = InstrumentId.from_str(CL)
    folder.mkdir()
    for name, kind in MESSAGES.items():
        rows = [kind(instrument, 0, 0, **columns) for columns in found[name]]
        # The order of a run is that of confirmation; the files are sorted by what they name.
        pq.write_table(message_table(kind, rows[::-1]), folder / f"{kind.TABLE.name}.parquet")
    quality = ["estimated from bars"] if volume else ["estimated from bars", "no volume"]
    summary = {"schema": SCHEMA_VERSION, "instruments": [CL], "data_quality": quality}
    (folder / "summary.json").write_text(json.dumps(summary))
    (folder / "config.yaml").write_text("system: tests.legs.system:SYSTEM\n")
    return folder


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = write_run(tmp_path_factory.mktemp("runs") / "run")
    return folder, report_diagnostics([folder], None)


def test_the_files_hold_what_the_original_exports_and_when_it_was_known(run):
    folder, lines = run
    expected = load("001", "structures_fixed012.json.gz")
    read = {
        name: pd.read_csv(folder / "diagnostics" / f"CLX4_{name}.csv")
        for name in ("pivots", "legs", "lvns")
    }
    assert lines == [
        f"{folder / 'diagnostics' / f'CLX4_{name}.csv'}: {len(rows):,} rows"
        for name, rows in read.items()
    ]
    pivots, legs, lvns = read.values()
    known = [index is not None for index in expected["pivots"]["confirm_idx"]]
    for column in ("pivot_idx", "pivot_price", "structure", "leg_bars", "leg_duration_sec"):
        values = expected["pivots"][column]
        assert pivots[column].tolist() == [v for v, k in zip(values, known, strict=True) if k]
    assert pivots["pivot_time"][0] == "2024-10-27 22:00:00+00:00"
    ends = legs["end_ts"].isin(pivots["pivot_time"])
    assert ends.all()
    assert legs["leg_id"].tolist() == expected["legs"]["leg_id"][: len(legs)]
    nodes = expected["lvns_legacy_preset"]
    assert lvns["lvn_price"].tolist() == nodes["lvn_price"]
    assert lvns["leg_id"].tolist() == nodes["leg_id"]


def test_columns_are_those_of_the_original_then_the_confirmation(run):
    folder, _ = run
    measures = "leg_return_pct,leg_bars,leg_duration_sec"
    heads = {
        "pivots": f"pivot_time,pivot_price,pivot_type,structure,pivot_idx,{measures},confirmed_ts",
        "legs": "leg_id,start_ts,end_ts,start_price,end_price,leg_pattern,leg_direction,"
        f"{measures},confirmed_ts",
        "lvns": "timeframe,leg_id,start_ts,end_ts,bin_size,lvn_price,lvn_volume,lvn_raw_volume,"
        "pct_of_max,depth_pct,pct_of_total,within_value_area,distance_to_poc,poc_price,"
        "value_area_low,value_area_high,lvn_rank,leg_pattern,leg_direction,"
        f"{measures},confirmed_ts",
    }
    for name, head in heads.items():
        text = (folder / "diagnostics" / f"CLX4_{name}.csv").read_text()
        assert text.splitlines()[0] == head


def test_a_second_export_gives_the_same_bytes_and_leaves_other_files(run):
    folder, lines = run
    files = sorted((folder / "diagnostics").iterdir())
    before = [path.read_bytes() for path in files]
    mine = folder / "diagnostics" / "mine.txt"
    mine.write_text("mine")

    assert write_diagnostics(folder) == lines
    assert [path.read_bytes() for path in files] == before
    assert mine.read_text() == "mine"
    assert not list(folder.glob(".diagnostics*"))


def test_bars_without_volume_have_no_nodes_and_say_so(tmp_path):
    lines = write_diagnostics(write_run(tmp_path / "run", volume=False))

    assert lines[2].endswith("CLX4_lvns.csv: 0 rows")
    assert lines[3].endswith("bars without volume: no volume profile")


def test_the_reversal_that_the_original_takes_from_all_minutes_is_named(tmp_path):
    folder = write_run(tmp_path / "run")
    instrument = InstrumentId.from_str(CL)
    minutes = LegMinutes(LegParams(profile="bars"), Decimal(TICK), Decimal(1))
    rows = [
        LegMinute(instrument, 0, 0, **minutes.on_bar(ts, (close, high, low, close), size).minute)
        for ts, high, low, close, size in zip(*(c.tolist() for c in bars()), strict=True)
    ]
    table = message_table(LegMinute, rows)
    pq.write_table(table, folder / f"{LegMinute.TABLE.name}.parquet")
    (folder / "config.yaml").write_text("system: strategies.leg_lvn.system:SYSTEM\n")
    expected = load("001", "auto_threshold.json")["whole_series"]

    *_, line = write_diagnostics(folder)

    assert line.startswith("CLX4: auto_batch")
    assert line.endswith(f"legs.reversal_pct={expected!r}")
    assert "all 6,820 minutes" in line


def test_what_cannot_be_exported_is_one_line(run, tmp_path):
    folder, _ = run
    with pytest.raises(UsageError, match="for one run"):
        report_diagnostics([folder, folder], None)
    with pytest.raises(UsageError, match="holds no summary"):
        report_diagnostics([tmp_path], None)
    other = tmp_path / "other"
    other.mkdir()
    (other / "summary.json").write_text((folder / "summary.json").read_text())
    (other / "config.yaml").write_text("system: tests.bars.system:SYSTEM\n")
    with pytest.raises(UsageError, match="exports no diagnostics"):
        report_diagnostics([other], None)
    (other / "config.yaml").write_text("system: tests.legs.system:SYSTEM\n")
    with pytest.raises(AuctionError, match=r"leg_pivots\.parquet: file is missing"):
        report_diagnostics([other], None)
    assert not (other / "diagnostics").exists()


def test_an_export_names_columns_of_its_message():
    with pytest.raises(ValueError, match="LegPivot has no column 'price'"):
        Export(name="pivots", message=LegPivot, columns=("price",), sort=("pivot_ts",))
