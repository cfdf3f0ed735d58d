"""An hour of a market in the backtest, and through a node of this process with a paper venue."""

import json
import shutil

import pytest

from backtests.results.parity import compare
from backtests.results.parity import print_parity
from backtests.runner import run_backtest
from configs.loader import load_backtest
from errors import AuctionError
from errors import UsageError
from live.replay import run_replay
from tests.markets import MINUTE
from tests.markets import iso
from tests.markets import vector_rows
from tests.markets import write_catalog
from tests.seed_rules import SEED_RULES


# The last of the first sixty has no event behind it that would close it.
MINUTES = 59
# Warm soon, so that there is a trade.
SOON = [
    "actors.0.config.warmup_minutes=1",
    "strategies.0.config.max_hold_minutes=2",
    "strategies.0.config.extend_if_profitable=false",
    *SEED_RULES,
]


def sided_rows(minutes):
    """The first minutes of the vector stream, with a side for each print as Bybit has one."""
    rows, bid, ask = [], 0, 0
    stream = vector_rows()
    end = stream[0][1] + minutes * MINUTE
    for number, row in enumerate(row for row in stream if row[1] < end):
        if row[0] == 0:
            bid, ask = row[2], row[4]
            rows.append(row)
        else:
            side = 1 if row[2] >= ask else 2 if row[2] <= bid else 1 + number % 2
            rows.append((*row, side))
    return rows


@pytest.fixture(scope="module")
def catalog(tmp_path_factory):
    return write_catalog(tmp_path_factory.mktemp("recording") / "catalog", sided_rows(MINUTES + 1))


@pytest.fixture(scope="module")
def backtest(catalog, tmp_path_factory):
    config = load_backtest("btc_value_area", overrides=[f"catalog={catalog}", *SOON])
    return run_backtest(config, tmp_path_factory.mktemp("backtest"), report=False)[1]


@pytest.fixture(scope="module")
def replayed(catalog, tmp_path_factory):
    said = []
    runs = tmp_path_factory.mktemp("paper")
    overrides = [f"catalog={catalog}", *SOON]
    folder = run_replay("btc_value_area", "paper", overrides, runs, said.append, speed=None)
    (text,) = said
    return folder, text


def lines(folder, name):
    return [json.loads(line) for line in (folder / f"{name}.jsonl").read_text().splitlines()]


def test_a_node_sees_and_decides_what_the_backtest_does(backtest, replayed):
    folder, text = replayed
    found = compare(backtest, folder)
    assert {name: difference.first for name, difference in found.items()} == dict.fromkeys(found)
    assert found["features"].count == found["sizes"].count == MINUTES
    # In, out in two fills of one time, and the trade as a whole.
    assert found["money"].count == 5
    said = []
    assert print_parity(backtest, folder, said.append)
    assert said[-2:] == [
        f"sizes: equal in {MINUTES} minutes",
        "money: equal in 5 trade events",
    ]
    assert text.endswith(f" events, {MINUTES} minutes: {folder}")
    count = int(text.split(" events")[0].replace(",", ""))
    assert count == len(sided_rows(MINUTES + 1))


def altered(folder, tmp_path, **of_end):
    """Return a copy of a run in which the first fill of the exit has another price."""
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    rows = lines(other, "trade_events")
    assert rows[2]["kind"] == rows[3]["kind"] == "EXIT_FILLED"
    rows[2]["price"] += 0.1
    (other / "trade_events.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    end = json.loads((other / "end.json").read_text())
    (other / "end.json").write_text(json.dumps({**end, **of_end}))
    return other


def test_money_that_differs_is_shown_with_its_step_and_counts(backtest, replayed, tmp_path):
    said = []
    assert not print_parity(backtest, altered(replayed[0], tmp_path), said.append)
    assert said[-1].startswith("money: 1 of 5 trade events differ, first 2026-01-05 ")
    assert "price: " in said[-1]


@pytest.mark.parametrize("of_end", [{"mode": "live"}, {"replay": False}])
def test_money_does_not_count_where_the_fills_are_those_of_a_market(
    backtest, replayed, tmp_path, of_end
):
    said = []
    assert print_parity(backtest, altered(replayed[0], tmp_path, **of_end), said.append)
    assert said[-2].startswith("money: 1 of 5 trade events differ")
    assert said[-1].startswith("actions, sizes and money do not count")


def test_its_folder_has_all_it_decided(replayed):
    folder, _ = replayed
    end = json.loads((folder / "end.json").read_text())
    assert (end["mode"], end["system"], end["replay"]) == ("paper", "btc_value_area", True)
    assert end["rows"] == {name: len(lines(folder, name)) for name in end["rows"]}
    assert end["rows"]["signals"] == end["rows"]["status"] == MINUTES
    assert folder.name.endswith("-btc_value_area-paper")
    assert "warmup_minutes: 1\n" in (folder / "config.yaml").read_text()


def test_its_trades_are_opened_and_closed(replayed):
    folder, _ = replayed
    kinds = [row["kind"] for row in lines(folder, "trade_events")]
    assert kinds[:2] == ["ENTRY_SUBMITTED", "ENTRY_FILLED"]
    assert kinds[-1] == "TRADE_CLOSED"
    actions = {row["action"] for row in lines(folder, "signals")}
    assert {"ENTER", "REFUSE", "HOLD"} <= actions
    # From the start, as a backtest does.
    assert lines(folder, "status")[0]["active"]


def replay(catalog, tmp_path, system="btc_value_area", environment="paper", **options):
    options.setdefault("speed", None)
    overrides = [f"catalog={catalog}", *options.pop("overrides", [])]
    run_replay(system, environment, overrides, tmp_path / "runs", [].append, **options)


def test_a_window_without_a_minute_is_an_error(catalog, tmp_path):
    start = vector_rows()[0][1]
    window = {"start": iso(start), "end": iso(start + MINUTE // 2)}
    with pytest.raises(AuctionError, match=r"^[\d,]+ events closed no bar: choose a longer"):
        replay(catalog, tmp_path, **window)


def test_a_window_without_an_event_is_an_error(catalog, tmp_path):
    with pytest.raises(AuctionError, match="has no event of BTCUSDT-LINEAR.BYBIT in the window"):
        replay(catalog, tmp_path, start="2020-01-01", end="2020-01-02")
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("speed", [0.0, -1.0, float("nan")])
def test_a_speed_is_a_positive_number(catalog, tmp_path, speed):
    with pytest.raises(UsageError, match="use a positive number, or `max`"):
        replay(catalog, tmp_path, speed=speed)


def test_futures_are_played_on_paper_alone(catalog, tmp_path):
    with pytest.raises(UsageError, match="on paper alone|no venue|live"):
        replay(catalog, tmp_path, "nq_impulse_lvn", "live")
