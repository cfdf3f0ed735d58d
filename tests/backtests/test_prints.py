"""The volume at each price travels to the page whole, in buckets that keep the page small."""

import base64
import re
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from actors.messages import MinuteFootprint
from backtests.report import prints
from backtests.report import write_report
from backtests.report.price_chart import price_chart
from backtests.report.prints import packed_prints
from backtests.report.run_data import read_run
from backtests.report.story import Story
from errors import AuctionError
from strategies.value_area.views import FOOTPRINT
from tests.backtests.made_rows import START_NS
from tests.backtests.made_rows import Market
from tests.backtests.pages import charts_of
from tests.backtests.pages import drawn_in_a_browser
from tests.backtests.pages import page_of
from tests.backtests.run_folder import build_run_folder


INSTRUMENT = "BTCUSDT-LINEAR.BYBIT"
MINUTE_NS = 60_000_000_000
TICK, LOT = 0.1, 0.001
SIDES = ("buy", "sell", "unsigned")


def write_prints(folder: Path, minutes: int = 600, levels: int = 5) -> list[dict[str, Any]]:
    """Write the volume at each price of a run, and of another instrument, and return it."""
    assert MinuteFootprint.TABLE is not None
    closes = pq.read_table(folder / "features.parquet")["close"].to_pylist()
    rng = np.random.default_rng(5)
    rows = []
    for i in range(minutes):
        middle = round((closes[i] or closes[i - 1]) / TICK)
        ticks = [middle + 7 * level for level in range(levels)]
        volumes = {side: [int(lots) for lots in rng.integers(0, 900, levels)] for side in SIDES}
        units = {"tick_size": TICK, "lot_size": LOT}
        time = {"ts": START_NS + (i + 1) * MINUTE_NS - 1, "ts_min": START_NS + i * MINUTE_NS}
        rows.append({"instrument_id": INSTRUMENT, **time, **units, "ticks": ticks, **volumes})
    other = rows[0] | {"instrument_id": "ETHUSDT-LINEAR.BYBIT"}
    time, lots = pa.timestamp("ns", tz="UTC"), pa.list_(pa.int64())
    schema = pa.schema(
        {"instrument_id": pa.string(), "ts": time, "ts_min": time}
        | dict.fromkeys(("tick_size", "lot_size"), pa.float64())
        | dict.fromkeys(("ticks", *SIDES), lots)
    )
    table = pa.Table.from_pylist([other, *rows], schema)
    pq.write_table(table, folder / f"{MinuteFootprint.TABLE.name}.parquet")
    return rows


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return build_run_folder(tmp_path / "run")


def packed(folder: Path) -> dict[str, Any]:
    path = folder / "footprints.parquet"
    found = packed_prints(path, FOOTPRINT, INSTRUMENT, 60, START_NS)
    assert found is not None
    return found


def column(found: dict[str, Any], name: str) -> np.ndarray:
    kind = "<f4" if name in SIDES else "<i4"
    return np.frombuffer(base64.b64decode(found[name]), dtype=kind)


def test_every_print_arrives_in_its_minute_and_at_its_price(folder: Path) -> None:
    rows = write_prints(folder)
    found = packed(folder)
    assert (found["tick"], found["bucket"], found["seconds"]) == (TICK, 1, 60)
    assert list(column(found, "start")) == [60 * i for i in range(600)]
    counts = column(found, "count")
    assert list(counts) == [len(row["ticks"]) for row in rows]
    ticks = np.repeat(column(found, "first"), counts) + column(found, "offset")
    assert list(ticks) == [tick for row in rows for tick in row["ticks"]]
    for side in SIDES:
        expected = [lots * LOT for row in rows for lots in row[side]]
        np.testing.assert_allclose(column(found, side), expected, rtol=1e-6)


@pytest.mark.parametrize(("most", "bucket", "seconds"), [(2_500, 5, 60), (250, 100, 300)])
def test_many_prints_are_joined_without_losing_volume(
    folder: Path, monkeypatch: pytest.MonkeyPatch, most: int, bucket: int, seconds: int
) -> None:
    rows = write_prints(folder)
    monkeypatch.setattr(prints, "MOST_CELLS", most)
    found = packed(folder)
    assert len(column(found, "offset")) <= most
    assert found["bucket"] >= bucket
    assert found["seconds"] >= seconds
    assert (column(found, "start") % found["seconds"] == 0).all()
    for side in SIDES:
        total = sum(sum(row[side]) for row in rows) * LOT
        assert column(found, side).astype(float).sum() == pytest.approx(total, rel=1e-5)
    # The same whatever the part that is read at once.
    monkeypatch.setattr(prints, "ROWS", 37)
    assert packed(folder) == found


def test_a_run_with_prints_has_a_profile_and_one_without_has_none(folder: Path) -> None:
    bare = price_chart(Story(read_run(folder), INSTRUMENT), "c")
    assert "prints" not in bare
    assert "profile" not in bare
    assert "xaxis3" not in bare["layout"]
    write_prints(folder)
    page = page_of(folder)
    (chart, *_) = charts_of(page)
    assert chart["profile"] == {
        "name": "Volume profile",
        "minutes": 240,
        "upper": "vah",
        "lower": "val",
        "peak": "poc",
    }
    assert chart["layout"]["xaxis"]["domain"][1] < chart["layout"]["xaxis3"]["domain"][0]
    assert "240 minutes up to the end of the view, from prints in buckets of 0.1." in page


def test_a_table_of_another_version_is_named(folder: Path) -> None:
    path = folder / "footprints.parquet"
    pq.write_table(pa.table({"other": ["text"]}), path)
    with pytest.raises(AuctionError, match=r"footprints\.parquet: .*run the backtest again"):
        write_report(folder)
    path.write_bytes(b"PAR1")
    with pytest.raises(AuctionError, match=r"footprints\.parquet: not readable"):
        write_report(folder)


def test_an_instrument_without_prints_has_no_profile(folder: Path) -> None:
    write_prints(folder)
    path = folder / "footprints.parquet"
    assert packed_prints(path, FOOTPRINT, "GCZ3.XCEC", 60, START_NS) is None


def test_profile_and_footprint_draw_in_a_browser(tmp_path: Path) -> None:
    folder = build_run_folder(tmp_path / "run", Market(minutes=300))
    write_prints(folder, 300)
    path = write_report(folder)
    # A view of ten minutes is near enough for the cells of the footprint.
    zoom = """<script>
      setTimeout(() => Plotly.relayout("prices-0",
        { "xaxis.range": ["2025-06-02 04:30", "2025-06-02 04:40"] }), 300);
    </script></body>"""
    path.write_text(path.read_text(encoding="utf-8").replace("</body>", zoom), encoding="utf-8")
    drawn = drawn_in_a_browser(path, tmp_path / "profile", 1280)
    assert "Volume profile, 4 h" in drawn
    assert "to 04:40" in drawn
    assert '<b id="prices-0-candles">1 min</b>' in drawn
    assert drawn.count('class="hm"') == 1
    assert "Footprint, sell × buy" in drawn


def test_the_numbers_of_a_footprint_fit_their_cells(tmp_path: Path) -> None:
    folder = build_run_folder(tmp_path / "run", Market(minutes=300))
    write_prints(folder, 300)
    path = write_report(folder)
    # What is drawn is measured: the widest number beside the width of a candle.
    zoom = """<script>
      const measured = document.querySelector("main").appendChild(document.createElement("p"));
      const zoom = (minutes) => Plotly.relayout("prices-0",
        { "xaxis.range": ["2025-06-02 04:00", `2025-06-02 04:${minutes}`] });
      const measure = (minutes) => {
        const texts = [...document.querySelectorAll("#prices-0 .heatmap-label text")];
        const widest = Math.max(0, ...texts.map((one) => one.getBBox().width));
        const plot = document.querySelector('#prices-0 .nsewdrag[data-subplot="xy"]');
        const cell = plot.getBoundingClientRect().width / Number(minutes);
        const shown = texts.length ? "shown" : "hidden";
        measured.textContent += `${minutes}: ${shown}, ${widest <= cell ? "fits" : "too wide"}; `;
      };
      ["06", "18", "39"].forEach((minutes, i) => {
        setTimeout(() => zoom(minutes), 300 + 900 * i);
        setTimeout(() => measure(minutes), 1000 + 900 * i);
      });
    </script></body>"""
    path.write_text(path.read_text(encoding="utf-8").replace("</body>", zoom), encoding="utf-8")
    drawn = drawn_in_a_browser(path, tmp_path / "profile", 1280)
    assert re.search(r"06: shown, fits; 18: (shown|hidden), fits; 39: hidden, fits;", drawn)
