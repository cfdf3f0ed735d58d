import base64
import json
import re
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
import yaml
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from backtests.report import write_report
from backtests.report.comparison_page import write_comparison
from backtests.report.equity_chart import equity_chart
from backtests.report.excursions import excursion_chart
from backtests.report.figures import number
from backtests.report.price_chart import price_chart
from backtests.report.run_data import read_run
from backtests.report.story import Story
from backtests.results.comparison import read_runs
from backtests.results.summary_keys import SCHEMA_VERSION
from errors import AuctionError
from errors import UsageError
from strategies.common.gate import Refusal
from strategies.common.reasons import ExitReason
from strategies.value_area.reasons import Reason
from tests.backtests.made_rows import Market
from tests.backtests.pages import HOSTILE
from tests.backtests.pages import body_of
from tests.backtests.pages import charts_of
from tests.backtests.pages import drawn_in_a_browser
from tests.backtests.pages import page_of
from tests.backtests.pages import replace_column
from tests.backtests.pages import trace_of
from tests.backtests.run_folder import WARM_MINUTES
from tests.backtests.run_folder import build_run_folder


INSTRUMENT = "BTCUSDT-LINEAR.BYBIT"
TABLES = ["features", "signals", "fills", "positions", "equity", "days", "alerts"]


SCENARIO = {"net_pnl": 1.0, "trades": 7, "win_rate": 0.5, "fees": 2.0, "max_drawdown": 3.0}
HOSTILE_COLUMNS = [
    ("positions", "setup"),
    ("positions", "exit_reason"),
    ("fills", "reason"),
    ("signals", "why"),
    ("alerts", "kind"),
    ("alerts", "text"),
]


def chart_of(folder: Path) -> dict[str, Any]:
    return price_chart(Story(read_run(folder), INSTRUMENT), "c")


def column_of(chart: dict[str, Any], name: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(chart["bars"][name]), dtype="<f4")


def test_report_is_written_into_the_run_folder_and_nothing_else(tmp_path: Path) -> None:
    folder = build_run_folder(tmp_path / "run")
    before = {path.name for path in folder.iterdir()}
    assert write_report(folder) == folder / "report.html"
    assert {path.name for path in folder.iterdir()} == before | {"report.html"}


def test_identical_runs_give_identical_bytes(tmp_path: Path) -> None:
    first = write_report(build_run_folder(tmp_path / "a")).read_bytes()
    second = write_report(build_run_folder(tmp_path / "b")).read_bytes()
    assert first == second


def test_page_names_no_outside_source(tmp_path: Path) -> None:
    page = page_of(build_run_folder(tmp_path))
    markup = re.sub(r"<script>.*?</script>", "", page, flags=re.S)
    assert not re.search(r"<(link|img|iframe|script)[^>]*(src|href)=", markup)
    assert "http" not in markup.replace("http-equiv", "")
    assert "default-src 'none'" in markup


def test_every_text_of_the_run_is_escaped(tmp_path: Path) -> None:
    names = ("system", "run_id", "strategy", "currency")
    summary: dict[str, Any] = dict.fromkeys(names, HOSTILE)
    summary |= {
        "warnings": [HOSTILE],
        "data_quality": [HOSTILE],
        "refusals": {HOSTILE: 3},
        "reasons": {HOSTILE: 3},
        "codes": {"refusals": {HOSTILE: HOSTILE}, "reasons": {}, "exits": {HOSTILE: HOSTILE}},
        "no_trade": [HOSTILE, HOSTILE],
        "assumptions": {HOSTILE: HOSTILE},
        "versions": {HOSTILE: HOSTILE},
        "scenarios": {HOSTILE: SCENARIO, "default": SCENARIO},
        "nautilus_statistics": {"pnls": {HOSTILE: {HOSTILE: 1.0}}, "returns": {}},
    }
    folder = build_run_folder(tmp_path, Market(instruments=(HOSTILE,), summary=summary, alerts=1))
    config = {"system": "strategies.value_area.system:SYSTEM", "note": HOSTILE}
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    for name, column in HOSTILE_COLUMNS:
        path = folder / f"{name}.parquet"
        replace_column(path, column, pa.array([HOSTILE] * pq.read_metadata(path).num_rows))
    page = page_of(folder)
    assert "<script>alert" not in page
    texts = [
        text
        for chart in charts_of(page)
        for trace in chart["data"]
        for text in [*trace.get("text", []), trace.get("hovertemplate", "")]
    ]
    assert any("alert(" in text for text in texts)
    assert not any("<script>" in text for text in texts)


@pytest.mark.parametrize("synthetic", [True, False])
def test_synthetic_data_is_announced_above_the_figures(tmp_path: Path, synthetic: bool) -> None:
    market = Market(summary={"synthetic": synthetic, "data_quality": ["inferred"]})
    body = body_of(page_of(build_run_folder(tmp_path, market)))
    assert ("SYNTHETIC DATA:" in body[: body.index("Key figures")]) is synthetic
    assert "aggressor side inferred from quotes" in body


def test_figures_carry_separators_and_units(tmp_path: Path) -> None:
    figures = {"win_rate": 0.125, "profit_factor": None, "mean_r_price": 0.1}
    market = Market(summary={"net_pnl": -1234567.891, **figures})
    body = body_of(page_of(build_run_folder(tmp_path, market)))
    assert "−1,234,567.89<span" in body
    assert '12.5<span class="unit">%</span>' in body
    assert re.search(r"Profit factor</th><td[^>]*>–</td>", body)
    assert "R of price and of costs: in distances to the stop." in body


def test_run_without_trades_shows_the_refusals_first(tmp_path: Path) -> None:
    page = page_of(build_run_folder(tmp_path, Market(trades=0)))
    body = body_of(page)
    order = ["No trades", "<li>COOLDOWN refused", "Refused candidates", "Key figures"]
    order.append('id="prices-0"')
    assert [body.index(text) for text in order] == sorted(body.index(text) for text in order)
    (chart,) = charts_of(page)
    assert trace_of(chart, "Refused")["visible"] is True


def test_codes_are_explained_beside_them(tmp_path: Path) -> None:
    body = body_of(page_of(build_run_folder(tmp_path)))
    for code in (Refusal.COOLDOWN, Refusal.SIZE, Reason.NO_SETUP):
        assert f'<td>{code}<span class="meaning">{escape(code.meaning)}</span></td>' in body
    assert f'<th scope="row">STOP</th><td>{ExitReason.STOP.meaning}</td>' in body
    # WARMUP is no reason of a minute: what nobody declares stands for itself.
    assert "<td>WARMUP</td>" in body
    assert '<ul class="why">' not in body


def test_run_with_nothing_but_an_open_position_says_so(tmp_path: Path) -> None:
    folder = build_run_folder(tmp_path, Market(trades=1, open_position=True))
    page = page_of(folder)
    body = body_of(page)
    assert "No trade was closed" in body
    assert "<td>open</td>" in body
    chart = charts_of(page)[0]
    last = pc.max(pq.read_table(folder / "features.parquet")["ts_min"]).value // 1_000_000
    assert trace_of(chart, "Stop")["x"][1] == last + 60_000


def test_every_open_position_stands_in_the_figures(tmp_path: Path) -> None:
    instruments = (INSTRUMENT, "ETHUSDT-LINEAR.BYBIT")
    market = Market(trades=1, open_position=True, instruments=instruments)
    body = body_of(page_of(build_run_folder(tmp_path, market)))
    assert "2 positions are still open" in body
    for instrument in instruments:
        assert f"Open position {instrument}</th>" in body


def test_each_instrument_has_its_own_chart(tmp_path: Path) -> None:
    instruments = (INSTRUMENT, "ETHUSDT-LINEAR.BYBIT")
    page = page_of(build_run_folder(tmp_path, Market(instruments=instruments)))
    assert [chart["id"] for chart in charts_of(page)] == [
        "prices-0",
        "prices-1",
        "equity",
        "excursions",
    ]
    for number_, instrument in enumerate(instruments):
        assert body_of(page).index(f"<h2>{instrument}") < body_of(page).index(f"prices-{number_}")


def test_levels_are_missing_where_the_value_area_is_not_valid(tmp_path: Path) -> None:
    folder = build_run_folder(tmp_path)
    chart = chart_of(folder)
    valid = pq.read_table(folder / "features.parquet")["va_valid"].to_numpy()
    assert 0 < valid.sum() < len(valid) - WARM_MINUTES
    for name in ("poc", "vah", "val"):
        assert (np.isfinite(column_of(chart, name)) == valid).all()


def test_prices_survive_the_packing_to_the_shown_decimals(tmp_path: Path) -> None:
    folder = build_run_folder(tmp_path)
    chart = chart_of(folder)
    assert chart["decimals"] == 1
    closes = pq.read_table(folder / "features.parquet")["close"].to_pandas().to_numpy()
    packed = column_of(chart, "close").astype(float)
    assert (np.isnan(packed) == np.isnan(closes)).all()
    assert np.nanmax(np.abs(packed - closes)) < 0.05


def test_a_minute_costs_few_bytes(tmp_path: Path) -> None:
    sizes = []
    for minutes in (1_000, 2_000):
        folder = build_run_folder(tmp_path / str(minutes), Market(minutes=minutes, trades=0))
        chart = chart_of(folder)
        sizes.append(len(json.dumps(chart["bars"])))
    assert (sizes[1] - sizes[0]) / 1_000 < 60


def test_fills_of_one_order_are_one_marker_that_tells_its_trade(tmp_path: Path) -> None:
    folder = build_run_folder(tmp_path)
    chart = chart_of(folder)
    (first, *_) = pq.read_table(folder / "positions.parquet").to_pylist()
    entries = trace_of(chart, "Long entry")
    assert len(entries["x"]) == 3
    assert entries["y"][0] == pytest.approx(first["entry"])
    assert "breakin entry" in entries["text"][0]
    assert f"BUY {first['quantity']} at {first['entry']:,.1f}" in entries["text"][0]
    assert f"net {first['net_pnl']:,.2f} USDT" in entries["text"][0]
    assert len(trace_of(chart, "Exit")["x"]) == 6


def test_each_marker_tells_the_trade_that_its_order_opened_or_closed(tmp_path: Path) -> None:
    folder = build_run_folder(tmp_path, Market(trades=9, open_position=True))
    chart = chart_of(folder)
    positions = pq.read_table(folder / "positions.parquet").to_pylist()
    closed = [f"net {p['net_pnl']:,.2f} USDT" for p in positions if p["ts_close"] is not None]
    texts = trace_of(chart, "Exit")["text"]
    assert len(texts) == len(closed) == 8
    assert all(net in text for net, text in zip(closed, texts, strict=True))
    assert "net" not in trace_of(chart, "Long entry")["text"][-1]


def test_thinned_equity_keeps_its_extremes(tmp_path: Path) -> None:
    folder = build_run_folder(tmp_path, Market(minutes=6_000))
    chart = equity_chart(read_run(folder), "e")
    assert chart is not None
    equity = pq.read_table(folder / "equity.parquet")["equity"].to_numpy()
    drawn = trace_of(chart, "Equity")["y"]
    assert len(drawn) <= 2_000
    assert min(drawn) == pytest.approx(equity.min(), abs=1e-4)
    assert max(drawn) == pytest.approx(equity.max(), abs=1e-4)
    assert drawn[-1] == pytest.approx(equity[-1], abs=1e-4)


def test_results_by_setup_add_up_to_the_closed_trades(tmp_path: Path) -> None:
    folder = build_run_folder(tmp_path, Market(trades=9, open_position=True))
    body = body_of(page_of(folder))
    for title in ("Results by setup", "Results by exit reason"):
        table = body[body.index(title) :].split("</table>")[0]
        rows = re.findall(r"<tr><td>[^<]*</td><td[^>]*>(\d+)</td>", table)
        assert sum(map(int, rows[:-1])) == int(rows[-1]) == 8


def test_alerts_and_other_assumptions_are_shown_only_where_there_are_any(tmp_path: Path) -> None:
    bare = body_of(page_of(build_run_folder(tmp_path / "a")))
    assert "<h2>Alerts</h2>" not in bare
    assert "other market assumptions" not in bare
    scenarios = {"default": SCENARIO, "pessimistic": SCENARIO | {"net_pnl": -432.1}}
    market = Market(alerts=3, summary={"scenarios": scenarios})
    full = body_of(page_of(build_run_folder(tmp_path / "b", market)))
    assert full.count("<td>KILL_SWITCH</td>") == 3
    assert "<summary>3 KILL_SWITCH</summary>" in full
    assert re.search(r"<td>pessimistic</td><td[^>]*>−432.10</td><td[^>]*>7</td>", full)


def test_a_trade_that_was_open_across_a_gap_is_marked(tmp_path: Path) -> None:
    folder = build_run_folder(tmp_path)
    assert "(across a gap)" not in body_of(page_of(folder))
    replace_column(folder / "positions.parquet", "across_gap", pa.array([True, *5 * [False]]))
    assert body_of(page_of(folder)).count(" (across a gap)</td>") == 1


def test_each_closed_position_is_one_point_of_its_excursions(tmp_path: Path) -> None:
    folder = build_run_folder(tmp_path, Market(trades=9, open_position=True))
    chart = excursion_chart(read_run(folder), "x")
    assert chart is not None
    rows = [p for p in pq.read_table(folder / "positions.parquet").to_pylist() if p["ts_close"]]
    points = {
        point
        for name in ("Winners", "Losers")
        for point in zip(trace_of(chart, name)["x"], trace_of(chart, name)["y"], strict=True)
    }
    assert points == {(row["mae_r"], row["mfe_r"]) for row in rows}
    assert len(trace_of(chart, "Winners")["x"]) == sum(row["net_pnl"] > 0 for row in rows)


def test_excursions_of_a_market_of_bars_say_what_they_rest_on(tmp_path: Path) -> None:
    folder = build_run_folder(tmp_path / "run")
    path = folder / "summary.json"
    summary = json.loads(path.read_text())
    assert "by the prints of the market" in page_of(folder)
    summary["assumptions"]["BYBIT excursions"] = "by the highs & lows of whole bars"
    path.write_text(json.dumps(summary))
    assert "in its favour, by the highs &amp; lows of whole bars. " in page_of(folder)
    assert "by the prints of the market" not in page_of(folder)


def test_excursions_are_in_price_where_a_position_has_no_planned_stop(tmp_path: Path) -> None:
    folder = build_run_folder(tmp_path)
    replace_column(folder / "positions.parquet", "mae_r", pa.nulls(6, pa.float64()))
    chart = excursion_chart(read_run(folder), "x")
    assert chart is not None
    assert chart["layout"]["xaxis"]["title"]["text"] == "MAE, price"
    replace_column(folder / "positions.parquet", "mae", pa.nulls(6, pa.float64()))
    assert excursion_chart(read_run(folder), "x") is None


def test_folder_without_summary_is_a_wrong_argument(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"summary\.json"):
        write_report(tmp_path)


def test_damaged_summary_is_named(tmp_path: Path) -> None:
    (build_run_folder(tmp_path) / "summary.json").write_text("{")
    with pytest.raises(AuctionError, match=r"summary\.json: not readable"):
        write_report(tmp_path)


def test_run_of_another_schema_is_refused(tmp_path: Path) -> None:
    folder = build_run_folder(tmp_path, Market(summary={"schema": 1}))
    with pytest.raises(
        AuctionError, match=f"key schema is 1, that of an older version, and not {SCHEMA_VERSION}"
    ):
        write_report(folder)
    folder = build_run_folder(tmp_path, Market(summary={"schema": 99}))
    with pytest.raises(AuctionError, match="key schema is 99, that of another version"):
        write_report(folder)


@pytest.mark.parametrize("name", TABLES)
def test_missing_damaged_or_foreign_table_is_named_in_one_line(tmp_path: Path, name: str) -> None:
    path = build_run_folder(tmp_path) / f"{name}.parquet"
    pq.write_table(pa.table({"other": ["text"]}), path)
    with pytest.raises(AuctionError, match=rf"{name}\.parquet: .*is missing") as foreign:
        write_report(tmp_path)
    path.write_bytes(b"PAR1")
    with pytest.raises(AuctionError, match=rf"{name}\.parquet: not readable") as damaged:
        write_report(tmp_path)
    path.unlink()
    with pytest.raises(AuctionError, match=rf"{name}\.parquet: file is missing") as missing:
        write_report(tmp_path)
    assert not any("\n" in str(error.value) for error in (foreign, damaged, missing))
    assert not (tmp_path / "report.html").exists()


def test_a_view_that_cannot_be_drawn_is_named_in_one_line(tmp_path: Path) -> None:
    folder = build_run_folder(tmp_path)
    name = "tests.backtests.other_systems:WRONG"
    (folder / "config.yaml").write_text(f"system: {name}\n")
    message = f"{name}: view Middle: ValueAreaMinute has no column `middle`: mend its views.py"
    with pytest.raises(AuctionError) as refused:
        write_report(folder)
    assert str(refused.value) == f"{folder / 'config.yaml'}: `system`: {message}"


def test_a_run_that_does_not_name_its_system_has_to_be_made_again(tmp_path: Path) -> None:
    folder = build_run_folder(tmp_path)
    (folder / "config.yaml").write_text("strategies: []\n")
    with pytest.raises(AuctionError, match=r"config\.yaml: .*`system`; run the backtest again"):
        write_report(folder)
    (folder / "config.yaml").write_text("a: [")
    with pytest.raises(AuctionError, match=r"config\.yaml: not readable as YAML"):
        write_report(folder)


def test_a_system_of_candles_alone_has_a_chart_with_its_trades(tmp_path: Path) -> None:
    folder = build_run_folder(tmp_path)
    (folder / "config.yaml").write_text("system: tests.backtests.other_systems:PLAIN\n")
    chart = charts_of(page_of(folder))[0]
    assert chart["panes"] == chart["prices"] == chart["levels"] == []
    assert chart["layout"]["xaxis"]["anchor"] == "y"
    assert len(trace_of(chart, "Long entry")["x"]) == 3
    assert not {trace.get("name") for trace in chart["data"]} & {"Value area", "POC", "order flow"}


@settings(max_examples=50)
@given(st.floats(-1e12, 1e12), st.integers(0, 4))
def test_number_reads_back_as_the_rounded_value(value: float, decimals: int) -> None:
    text = number(value, decimals)
    assert float(text.replace(",", "")) == pytest.approx(
        value, abs=0.500001 * 10**-decimals, rel=1e-12
    )
    assert not re.fullmatch(r"-0(\.0+)?", text)


@pytest.mark.parametrize(("width", "buttons"), [(1280, 1), (500, 0)])
def test_charts_draw_in_a_browser(tmp_path: Path, width: int, buttons: int) -> None:
    path = write_report(build_run_folder(tmp_path / "run"))
    drawn = drawn_in_a_browser(path, tmp_path / "profile", width)
    assert '<b id="prices-0-candles">2 min</b>' in drawn
    assert drawn.count('class="box"') == 300
    assert drawn.count('class="rangeslider-container"') == 1
    assert drawn.count('class="rangeselector"') == buttons
    # Prices, equity and excursions.
    assert drawn.count('class="main-svg"') >= 3


def test_a_comparison_draws_in_a_browser(tmp_path: Path) -> None:
    folders = [build_run_folder(tmp_path / name) for name in ("a", "b")]
    page = write_comparison(read_runs(folders), tmp_path / "page.html")
    drawn = drawn_in_a_browser(page, tmp_path / "profile", 1280)
    assert drawn.count('class="trace scatter') == 2
