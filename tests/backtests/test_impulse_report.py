import json
import re
from itertools import pairwise
from pathlib import Path
from shutil import copytree
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from backtests.report import write_report
from backtests.report.bar_columns import MOST_BARS
from backtests.report.bar_columns import bar_columns
from backtests.report.levels import level_spans
from backtests.report.listings import time_share
from backtests.report.lives import Life
from backtests.report.lives import lives_of
from backtests.report.price_chart import price_chart
from backtests.report.run_data import read_run
from backtests.report.story import Story
from errors import AuctionError
from strategies.common.views import UNFINISHED
from strategies.common.views import TimeShare
from strategies.impulse_lvn.view_lives import IMPULSES
from strategies.impulse_lvn.view_lives import LEVEL_NAMES
from strategies.impulse_lvn.view_lives import MARKS
from strategies.impulse_lvn.view_lives import NODES
from strategies.impulse_lvn.view_tables import FUNNEL
from tests.backtests.impulse_folder import INSTRUMENT
from tests.backtests.impulse_folder import TABLES
from tests.backtests.impulse_folder import TICK
from tests.backtests.impulse_folder import ImpulseMarket
from tests.backtests.impulse_folder import build_impulse_folder
from tests.backtests.impulse_folder import read_rows
from tests.backtests.pages import HOSTILE
from tests.backtests.pages import body_of
from tests.backtests.pages import charts_of
from tests.backtests.pages import drawn_in_a_browser
from tests.backtests.pages import page_of
from tests.backtests.pages import replace_column
from tests.backtests.pages import trace_of
from tests.backtests.run_folder import build_run_folder


SECOND = pd.Timedelta(seconds=1)
DAY = pd.Timestamp("2025-12-02 14:30", tz="UTC")
END = DAY + pd.Timedelta(hours=8)
OUTCOMES = {
    "COMPLETE": "complete",
    "INVALID_TIMEOUT": "timed out",
    "INVALID_RETRACE": "retraced",
    "UNFINISHED": "unfinished",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_impulse_folder(tmp_path_factory.mktemp("run"))


@pytest.fixture
def altered(folder: Path, tmp_path: Path) -> Path:
    """Return a copy of the run that a test may change."""
    return copytree(folder, tmp_path / "altered")


@pytest.fixture(scope="module")
def page(folder: Path) -> str:
    return page_of(folder)


def at(seconds: float) -> pd.Timestamp:
    return DAY + pd.Timedelta(seconds=seconds)


def ms(time: pd.Timestamp) -> int:
    return time.value // 1_000_000


def transition(second: int, event: str, impulse: int, **columns: Any) -> dict[str, Any]:
    marks = dict.fromkeys(MARKS, False)
    row = {"source": "S", "event": event, "ts_second": at(second), "impulse_id": impulse}
    row |= {"direction": "Up", "level": "PDH", "start": at(impulse), "bars": second - impulse + 1}
    row |= {"volume": 10, "start_price": 100.0, "extreme": 110.0, "price": 105.0, "score": 1}
    return {**row, **marks, "nodes": 0, **columns}


def impulses_of(*rows: dict[str, Any], days: tuple[pd.Timestamp, ...] = (DAY,)) -> list[Life]:
    return lives_of(IMPULSES, pd.DataFrame(rows), SECOND, days, END)


def nodes_of(rows: list[dict[str, Any]], days: tuple[pd.Timestamp, ...] = (DAY,)) -> list[Life]:
    messages = pd.DataFrame(rows, columns=list(visit(0, "FOUND")))
    return lives_of(NODES, messages, SECOND, days, END)


def visit(second: int, event: str, price: float = 100.0, impulse: int = 1) -> dict[str, Any]:
    row = {"source": "S", "event": event, "ts_second": at(second), "impulse_id": impulse}
    return row | {"direction": "Up", "price": price, "ratio": 0.1, "volume": 3}


def levels(*rows: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(
        [dict.fromkeys(LEVEL_NAMES, np.nan) | {"reason": None} | row for row in rows]
    )


def chart_of(folder: Path) -> dict[str, Any]:
    return price_chart(Story(read_run(folder), INSTRUMENT), "c")


def test_an_impulse_lasts_from_its_breakout_to_the_second_that_decides_on_it() -> None:
    impulses = impulses_of(
        transition(0, "BREAKOUT", 0),
        transition(9, "COMPLETE", 0, score=4, fast=True, nodes=3, extreme=130.0),
        transition(700, "HUNT_TIMEOUT", 0, score=1, extreme=190.0),
        transition(701, "RESET", 0),
        transition(800, "BREAKOUT", 800),
        transition(1101, "INVALID_TIMEOUT", 800),
        transition(1102, "RESET", 800),
        transition(1200, "BREAKOUT", 1200),
        transition(1210, "INVALID_RETRACE", 1200),
        transition(1300, "BREAKOUT", 1300),
        transition(1360, "SWITCHED", 1300),
        transition(1360, "BREAKOUT", 1360),
    )
    assert [impulse.outcome for impulse in impulses] == [
        "COMPLETE",
        "INVALID_TIMEOUT",
        "INVALID_RETRACE",
        "SWITCHED",
        "UNFINISHED",
    ]
    assert [impulse.begin for impulse in impulses] == [at(0), at(800), at(1200), at(1300), at(1360)]
    assert [impulse.finish for impulse in impulses] == [at(10), at(1102), at(1211), at(1361), END]
    complete = impulses[0]
    # Marks and extreme are those of the completion, not of the hunt after it.
    row = complete.row
    assert (row["score"], row["nodes"], row["extreme"]) == (4, 3, 130.0)
    assert row["fast"]
    assert not row["uniform"]
    assert (complete.after, complete.after_at) == ("HUNT_TIMEOUT", at(701))


def test_a_hunt_that_a_breakout_ends_leaves_the_impulse_complete() -> None:
    impulses = impulses_of(
        transition(0, "BREAKOUT", 0),
        transition(5, "COMPLETE", 0),
        transition(90, "SWITCHED", 0),
        transition(90, "BREAKOUT", 90),
    )
    assert [impulse.outcome for impulse in impulses] == ["COMPLETE", "UNFINISHED"]
    assert impulses[0].after == "SWITCHED"


def test_an_impulse_without_an_end_ends_with_its_trading_day() -> None:
    impulses = impulses_of(transition(0, "BREAKOUT", 0), days=(DAY, at(3_600)))
    assert impulses[0].finish == at(3_600)


def test_machines_of_two_strategies_are_told_apart() -> None:
    impulses = impulses_of(
        transition(0, "BREAKOUT", 0),
        transition(0, "BREAKOUT", 0, source="T"),
        transition(5, "COMPLETE", 0, source="T"),
    )
    assert [(impulse.row["source"], impulse.outcome) for impulse in impulses] == [
        ("S", "UNFINISHED"),
        ("T", "COMPLETE"),
    ]


def test_a_node_goes_through_its_states_until_it_is_dropped() -> None:
    rows = [visit(0, "FOUND"), visit(10, "TOUCHED"), visit(20, "ARMED"), visit(30, "RETESTING")]
    rows += [visit(30, "SIGNAL"), visit(50, "DROPPED")]
    (life,) = nodes_of(rows)
    assert life.states(NODES) == [
        ("UNTOUCHED", at(1), at(11)),
        ("TOUCHED", at(11), at(21)),
        ("ARMED", at(21), at(31)),
        ("TOUCHED", at(31), at(51)),
    ]
    assert life.outcome == "DROPPED"
    assert (life.count("RETESTING"), life.count("SIGNAL")) == (1, 1)


def test_a_node_ends_with_its_day_or_where_another_takes_its_price() -> None:
    rows = [visit(0, "FOUND"), visit(5, "FOUND", 101.0), visit(60, "FOUND", 100.0, impulse=2)]
    first, second, third = nodes_of(rows, (DAY, at(90)))
    assert (first.finish, first.outcome) == (at(61), UNFINISHED)
    assert (second.finish, second.outcome) == (at(90), UNFINISHED)
    assert third.finish == at(90)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 40),
            st.sampled_from(["FOUND", "TOUCHED", "ARMED", "RETESTING", "SIGNAL", "DROPPED"]),
            st.sampled_from([100.0, 101.0]),
            st.integers(1, 2),
        ),
        max_size=30,
    )
)
def test_states_of_a_node_follow_each_other_without_a_gap(
    steps: list[tuple[int, str, float, int]],
) -> None:
    rows = [visit(second, *rest) for second, *rest in sorted(steps, key=lambda step: step[0])]
    lives = nodes_of(rows)
    assert len(lives) == [event for _, event, *_ in steps].count("FOUND")
    for life in lives:
        states = life.states(NODES)
        if life.finish == life.begin:
            assert states == []
            continue
        assert (states[0][1], states[-1][2]) == (life.begin, life.finish)
        assert all(a[2] == b[1] for a, b in pairwise(states))


def test_a_level_is_drawn_from_when_it_was_known_to_when_it_was_replaced() -> None:
    day = {"pdh": 110.0, "pdl": 90.0}
    spans = level_spans(
        levels(
            {"ts": at(0), "day": "1", **day},
            {"ts": at(100), "day": "1", **day, "onh": 105.0},
            {"ts": at(500), "day": "1", **day, "onh": 105.0},
            {"ts": at(900), "day": "2", "pdh": 112.0, "pdl": 90.0, "reason": "STALE"},
        ),
        LEVEL_NAMES,
        "reason",
        END,
    )
    assert [tuple(row) for row in spans.itertuples(index=False)] == [
        ("pdh", 110.0, at(0), at(900), True),
        ("pdl", 90.0, at(0), at(900), True),
        ("onh", 105.0, at(100), at(900), True),
        ("pdh", 112.0, at(900), END, False),
        ("pdl", 90.0, at(900), END, False),
    ]


def test_a_page_shows_the_views_of_its_system_and_no_others(tmp_path: Path, page: str) -> None:
    minutes = body_of(page_of(build_run_folder(tmp_path / "minutes")))
    seconds = body_of(page)
    assert "From breakout to trade" not in minutes
    assert "Value area and POC are those at the end of a candle" in minutes
    assert "From breakout to trade" in seconds
    assert "Value area and POC are" not in seconds
    # A table that no view names is left alone.
    both = build_impulse_folder(tmp_path / "both", ImpulseMarket(seconds=600))
    features = pq.read_table(build_run_folder(tmp_path / "other") / "features.parquet")
    pq.write_table(features, both / "features.parquet")
    assert [chart["id"] for chart in charts_of(page_of(both))] == ["prices-0"]


def test_identical_impulse_runs_give_identical_bytes(tmp_path: Path, page: str) -> None:
    assert page_of(build_impulse_folder(tmp_path)) == page


def test_each_impulse_is_a_box_with_its_marks(folder: Path) -> None:
    chart = chart_of(folder)
    rows = read_rows(folder / "impulses.parquet")
    breakouts = {row["impulse_id"]: row for row in rows if row["event"] == "BREAKOUT"}
    ends = [row for row in rows if row["event"] in OUTCOMES]
    assert len(ends) > 20
    assert {row["event"] for row in ends} >= {"COMPLETE", "INVALID_TIMEOUT"}
    boxes = {
        (name, x[0], x[1], y[0], y[2])
        for name in OUTCOMES.values()
        for trace in chart["data"]
        if trace.get("name") == f"Impulse: {name}"
        for x, y in ((trace["x"][i : i + 5], trace["y"][i : i + 5]) for i in steps(trace, 6))
    }
    for row in ends:
        start, end = breakouts[row["impulse_id"]]["start"], row["ts_second"] + 1_000_000_000
        prices = (row["start_price"] * TICK, row["extreme"] * TICK)
        name = OUTCOMES[row["event"]]
        assert (name, start // 1_000_000, end // 1_000_000, *prices) in boxes
        marks = trace_of(chart, f"Impulse: {name}, marks")
        text = marks["text"][marks["x"].index(start // 1_000_000)]
        assert f"score {row['score']} of 5" in text
        assert text.count("✓") == row["score"]
    assert len(boxes) == len(breakouts)


def steps(trace: dict[str, Any], size: int) -> range:
    return range(0, len(trace["x"]), size)


def test_each_node_is_drawn_from_found_to_dropped(folder: Path) -> None:
    chart = chart_of(folder)
    rows = read_rows(folder / "lvn_visits.parquet")
    dropped = [row for row in rows if row["event"] == "DROPPED"]
    found = {(r["impulse_id"], r["price"]): r for r in rows if r["event"] == "FOUND"}
    drawn: dict[tuple[float, int], int] = {}
    for trace in chart["data"]:
        if trace.get("name", "").startswith("LVN ") and trace["mode"] == "lines":
            for i in steps(trace, 3):
                drawn[trace["y"][i], trace["x"][i]] = trace["x"][i + 1]
    assert len(dropped) > 20
    for row in dropped:
        begin = found[row["impulse_id"], row["price"]]["ts_second"] // 1_000_000 + 1_000
        last = row["ts_second"] // 1_000_000 + 1_000
        key = (row["price"] * TICK, begin)
        while key in drawn and drawn[key] < last:
            key = (key[0], drawn[key])
        assert drawn[key] == last


def test_seconds_keep_their_extremes_and_their_flow_in_longer_bars(
    folder: Path, tmp_path: Path
) -> None:
    story = Story(read_run(folder), INSTRUMENT)
    seconds, columns = story.bars, bar_columns(story)
    bars = columns.frame
    assert columns.seconds == 5
    assert len(bars) <= MOST_BARS < len(seconds)
    assert bars["high"].max() == seconds["high"].max()
    assert bars["low"].min() == seconds["low"].min()
    assert bars["open"].iloc[0] == seconds["open"].iloc[0]
    assert bars["close"].iloc[-1] == seconds["close"].iloc[-1]
    assert bars["pane0"].sum() == (seconds["buy"] - seconds["sell"]).sum()
    short = build_impulse_folder(tmp_path, ImpulseMarket(seconds=500))
    story = Story(read_run(short), INSTRUMENT)
    columns = bar_columns(story)
    assert columns.seconds == 1
    assert list(columns.frame["close"]) == list(story.bars["close"])


def test_days_of_seconds_stay_small_and_leave_nights_out(tmp_path: Path) -> None:
    folder = build_impulse_folder(tmp_path, ImpulseMarket(days=3, seconds=5_400))
    assert pq.read_metadata(folder / "second_bars.parquet").num_rows > MOST_BARS
    chart = chart_of(folder)
    assert len(json.dumps(chart["bars"])) < MOST_BARS * 35
    breaks = chart["layout"]["xaxis"]["rangebreaks"]
    assert len(breaks) == 2
    # 16:00 to 14:00 of the next day, but for seconds without a trade.
    assert all(abs(gap["dvalue"] - 22 * 3_600_000) < 120_000 for gap in breaks)
    assert [level["name"] for level in chart["levels"]].count("ONH") == 3


def test_levels_of_the_night_are_labelled_from_the_regular_opening(folder: Path) -> None:
    labels = {level["name"]: level for level in chart_of(folder)["levels"]}
    assert set(labels) == {"PDH", "PDL", "PDC", "ONH", "ONL", "POC", "VAH", "VAL"}
    assert labels["ONH"]["from"] == ms(DAY)
    assert labels["PDH"]["from"] == ms(DAY) - 1_800_000
    assert labels["PDH"]["price"] == 101_980 * TICK


def test_tables_tell_the_same_as_the_messages(folder: Path, page: str) -> None:
    body = body_of(page)
    events = pq.read_table(folder / "impulses.parquet")["event"].to_pylist()
    visits = pq.read_table(folder / "lvn_visits.parquet")["event"].to_pylist()
    actions = pq.read_table(folder / "signals.parquet")["action"].to_pylist()
    for label, count in (
        ("Breakouts", events.count("BREAKOUT")),
        ("Impulses completed", events.count("COMPLETE")),
        ("Low volume nodes", visits.count("FOUND")),
        ("Signals", visits.count("SIGNAL")),
        ("… refused", actions.count("REFUSE")),
    ):
        assert re.search(rf'<th scope="row">{label}</th><td class="figure">{count}<', body), label
    impulses = body[body.index("<h2>Impulses</h2>") :].split("</table>")[0]
    assert impulses.count("<tr") - 1 == events.count("BREAKOUT")
    nodes = body[body.index("<h2>Low volume nodes</h2>") :].split("</table>")[0]
    assert nodes.count("<tr>") - 1 == visits.count("FOUND")
    assert nodes.count("signal ") == visits.count("SIGNAL")
    signals = body[body.index("<h2>Signals</h2>") :].split("</table>")[0]
    assert signals.count("MARGIN") == actions.count("REFUSE") > 0


def test_a_market_state_holds_until_the_next_one() -> None:
    bars = pd.DataFrame({"ts_second": [at(0), at(1), at(2), at(5), at(9)]})
    states = pd.DataFrame({"ts_second": [at(1), at(5)], "imbalanced": [True, False]})
    (share,) = [step for step in FUNNEL.steps if isinstance(step, TimeShare)]
    # The first second is before all states; of the four others two are imbalanced.
    assert time_share(share, bars["ts_second"], states) == 0.5
    assert time_share(share, bars["ts_second"], states.head(0)) is None


def test_a_refusal_without_a_price_stands_at_its_node(altered: Path) -> None:
    folder = altered
    path = folder / "signals.parquet"
    replace_column(path, "entry", pa.nulls(pq.read_metadata(path).num_rows, pa.float64()))
    visits = read_rows(folder / "lvn_visits.parquet")
    nodes = {row["ts_second"] + 10**9: row["price"] for row in visits if row["event"] == "SIGNAL"}
    refused = trace_of(chart_of(folder), "Refused")
    assert len(refused["x"]) > 0
    for x, y in zip(refused["x"], refused["y"], strict=True):
        assert nodes[x * 1_000_000] * TICK == y


def test_the_machine_of_the_market_is_shown_where_no_strategy_has_one(altered: Path) -> None:
    folder = altered
    path = folder / "impulses.parquet"
    table = pq.read_table(path)
    market = table.set_column(
        table.column_names.index("source"), "source", pa.array(["MARKET"] * len(table))
    )
    pq.write_table(pa.concat_tables([table, market]), path)
    impulses = Story(read_run(folder), INSTRUMENT).lives(IMPULSES)
    assert {impulse.row["source"] for impulse in impulses} == {"ImpulseLvnStrategy-000"}
    pq.write_table(market, path)
    assert "market, not traded" in body_of(page_of(folder))


def test_of_many_impulses_those_that_completed_are_listed(
    altered: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = altered
    monkeypatch.setattr("backtests.report.listings.MOST_ROWS", 10)
    body = body_of(page_of(folder))
    events = pq.read_table(folder / "impulses.parquet")["event"].to_pylist()
    impulses = body[body.index("<h2>Impulses</h2>") :].split("</table>")[0]
    assert impulses.count("<tr") - 1 == events.count("COMPLETE")
    assert f"Of {events.count('BREAKOUT')} the impulses that completed are listed" in impulses


def test_a_run_without_a_breakout_still_has_a_page(tmp_path: Path) -> None:
    folder = build_impulse_folder(tmp_path, ImpulseMarket(seconds=900))
    for name in ("impulses", "lvn_visits", "daily_levels"):
        path = folder / f"{name}.parquet"
        pq.write_table(pq.read_table(path).slice(0, 0), path)
    body = body_of(page_of(folder))
    assert re.search(r"Breakouts</th><td[^>]*>0<", body)
    assert "<h2>Impulses</h2>" not in body


def test_every_text_of_impulses_is_escaped(altered: Path) -> None:
    folder = altered
    for name, column in (
        ("impulses", "source"),
        ("impulses", "level"),
        ("impulses", "direction"),
        ("lvn_visits", "source"),
        ("lvn_visits", "direction"),
        ("daily_levels", "day"),
        ("daily_levels", "reason"),
        ("signals", "setup"),
        ("signals", "side"),
        ("signals", "why"),
    ):
        path = folder / f"{name}.parquet"
        table = pq.read_table(path)
        values = pa.array([HOSTILE] * len(table))
        columns = {key: table[key] for key in table.column_names} | {column: values}
        pq.write_table(pa.table(columns), path)
    page = page_of(folder)
    assert "<script>alert" not in page
    texts = [
        text
        for chart in charts_of(page)
        for trace in chart["data"]
        for text in trace.get("text", [])
    ]
    assert any("alert(" in text for text in texts)
    assert not any("<script>" in text for text in texts)


@pytest.mark.parametrize("name", sorted(cls.TABLE.name for cls in TABLES))
def test_a_missing_or_damaged_table_of_impulses_is_named(tmp_path: Path, name: str) -> None:
    folder = build_impulse_folder(tmp_path, ImpulseMarket(seconds=300))
    path = folder / f"{name}.parquet"
    pq.write_table(pa.table({"other": ["text"]}), path)
    with pytest.raises(AuctionError, match=rf"{name}\.parquet: column .* is missing"):
        write_report(folder)
    path.write_bytes(b"PAR1")
    with pytest.raises(AuctionError, match=rf"{name}\.parquet: not readable"):
        write_report(folder)
    path.unlink()
    with pytest.raises(AuctionError, match=rf"{name}\.parquet: file is missing"):
        write_report(folder)


@pytest.mark.parametrize(("width", "labels"), [(1280, 8), (500, 8)])
def test_levels_are_labelled_in_a_browser(
    tmp_path: Path, folder: Path, width: int, labels: int
) -> None:
    drawn = drawn_in_a_browser(write_report(folder), tmp_path / "profile", width)
    assert '<b id="prices-0-candles">1 min</b>' in drawn
    texts = re.findall(r'<text class="annotation-text"[^>]*>(.*?)</text>', drawn)
    assert len(texts) == labels
    assert drawn.count('class="box"') > 300
    assert any("25,495.00" in text for text in texts) is (width > 600)


def test_the_number_of_an_impulse_leads_to_it(tmp_path: Path) -> None:
    folder = build_impulse_folder(tmp_path / "run", ImpulseMarket(days=2, seconds=7_200))
    path = write_report(folder)
    # The first impulse of the second day: a view around it would begin in the night left out.
    times = [row["start"] for row in read_rows(folder / "impulses.parquet")]
    second = min(time for time in times if time > min(times) + 12 * 3600 * 10**9) // 1_000_000
    click = f"""<script>
      setTimeout(() => document.querySelector('a[data-from="{second}"]').click(), 500);
    </script></body>"""
    path.write_text(path.read_text(encoding="utf-8").replace("</body>", click), encoding="utf-8")
    drawn = drawn_in_a_browser(path, tmp_path / "profile", 1280)
    found = re.search(r'id="prices-0-candles">(\d+) s<', drawn)
    assert found is not None
    assert int(found[1]) <= 15
