"""Backtests over days: which days are run, what is carried, and the results by day and week."""

import json
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

from backtests.batch import ranges
from backtests.batch.carried import collect
from backtests.batch.carried import restore
from backtests.batch.command import run_days
from backtests.batch.days import batch_days
from backtests.batch.days import parse_days
from backtests.batch.days import window_of
from backtests.batch.tables import day_figures
from backtests.batch.tables import week_rows
from catalog.sample import write_sample
from catalog.sessions import at_minute
from catalog.trading_days import is_closed_day
from catalog.trading_days import trading_day
from catalog.trading_days import trading_day_of
from configs.loader import RunConfig
from configs.loader import load_backtest
from errors import AuctionError
from errors import UsageError
from tests.engines import REPOSITORY
from tests.engines import auction


TOY = str(REPOSITORY / "tests" / "toy" / "toy.yaml")


def test_days_are_ranges_and_single_ones() -> None:
    found = parse_days("2025-07-01..2025-07-03, 2025-07-07")
    assert found == [
        (date(2025, 7, 1), date(2025, 7, 3)),
        (date(2025, 7, 7), date(2025, 7, 7)),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "'' is no day"),
        ("2025-07-01..", "'' is no day"),
        ("01.07.2025", "is no day"),
        ("2025-07-03..2025-07-01", "2025-07-01 is before 2025-07-03"),
        ("2025-07-03,2025-07-03", "is not after 2025-07-03"),
        ("1990-01-01..2025-01-01", "at most 3,700"),
    ],
)
def test_a_text_that_names_no_days_is_refused(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        parse_days(text)


def test_a_day_of_trading_is_that_of_its_venue() -> None:
    day = date(2025, 7, 1)
    # 18:00 in New York of the day before, in summer; midnight UTC.
    assert trading_day("XCME", day)[0] == at_minute(date(2025, 6, 30), 18 * 60)
    assert trading_day("BYBIT", day) == (1_751_328_000 * 10**9, 1_751_414_400 * 10**9)
    assert trading_day("XNAS", day)[0] == at_minute(day, 0)
    for venue in ("XCME", "BYBIT", "XNAS"):
        start, end = trading_day(venue, day)
        found = [trading_day_of(venue, ts) for ts in (start - 1, start, end - 1, end)]
        assert found == [date(2025, 6, 30), day, day, date(2025, 7, 2)]
    closed = [date(2025, 7, 5), date(2025, 7, 6), date(2025, 12, 25)]
    assert [is_closed_day("XCME", d) for d in (day, *closed)] == [False, True, True, True]
    assert not is_closed_day("BYBIT", closed[0])


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return two days of the sample market of the perpetual."""
    folder = tmp_path_factory.mktemp("sample")
    write_sample(folder, days=2, instruments=["BTCUSDT"])
    return folder


def config_of(catalog: Path, *settings: str) -> RunConfig:
    return load_backtest(TOY, overrides=[f"catalog={catalog}", *settings])


def test_days_without_data_are_named_and_left_out(catalog: Path) -> None:
    run = config_of(catalog)
    found = batch_days(run, parse_days("2026-01-04..2026-01-08"))
    name = "BTCUSDT-LINEAR.BYBIT"
    assert found.ranges == ((date(2026, 1, 5), date(2026, 1, 6)),)
    assert found.missing == tuple((date(2026, 1, day), name) for day in (4, 7, 8))
    assert found.closed == ()
    day_ns = 86_400 * 10**9
    start, end = window_of(run, found.ranges[0])
    assert (start, end - start) == (1_767_571_200 * 10**9, 2 * day_ns)
    apart = batch_days(run, parse_days("2026-01-05"))
    assert apart.ranges == ((date(2026, 1, 5),),)
    with pytest.raises(AuctionError, match="no data of BTCUSDT-LINEAR.BYBIT on any day"):
        batch_days(run, parse_days("2026-02-01"))


class _InThisProcess:
    """Runs what a process of its own would, at once."""

    def __init__(self, target: Any, args: Any, daemon: bool) -> None:
        self._call = (target, args)

    def start(self) -> None:
        target, args = self._call
        target(*args)

    def join(self) -> None:
        return


@pytest.fixture
def one_process(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Run ranges in this process; return the settings that each is given."""
    given: list[dict[str, Any]] = []
    context = ranges.get_context("spawn")
    stub = SimpleNamespace(Pipe=context.Pipe, Process=_InThisProcess)
    monkeypatch.setattr(ranges, "get_context", lambda _: stub)
    whole = ranges.restore

    def noted(engine: Any, states: dict[str, Any]) -> None:
        account = next(iter(engine.cache.accounts()), None)
        given.append({"states": dict(states), "account": account})
        whole(engine, states)

    monkeypatch.setattr(ranges, "restore", noted)
    return given


def test_balance_and_state_go_on_from_range_to_range(
    catalog: Path,
    tmp_path: Path,
    one_process: list[dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Two short ranges of one day each, as if a day of trading lay between them.
    hours = {date(2026, 1, 5): (0, 2), date(2026, 1, 6): (0, 2)}
    monkeypatch.setattr("backtests.batch.days._follows", lambda *_: False)
    start = 1_767_571_200 * 10**9

    def short(run: RunConfig, days: Any) -> tuple[int, int]:
        first, last = hours[days[0]]
        begin = start + (days[0] - date(2026, 1, 5)).days * 86_400 * 10**9
        return begin + first * 3_600 * 10**9, begin + last * 3_600 * 10**9

    monkeypatch.setattr(ranges, "window_of", short)
    # Trades of a minute or two, so that none is open at the end.
    quick = ("max_hold_minutes=1", "extend_if_profitable=false", "rule.stop_ticks=2500")
    settings = [f"catalog={catalog}", *(f"strategies.0.config.{text}" for text in quick)]
    days_text = "2026-01-05,2026-01-06"
    folder = run_days(TOY, "backtest", settings, "pessimistic", days_text, tmp_path)
    result = json.loads((folder / "batch.json").read_text())
    first, second = result["runs"]
    assert [r["days"] for r in result["runs"]] == ["2026-01-05", "2026-01-06"]
    assert result["preset"] == "pessimistic"
    days = result["days"]
    assert [row["day"] for row in days] == ["2026-01-05", "2026-01-06"]
    assert all(row["trades"] for row in days)
    summaries = [
        json.loads((folder / r["run_id"] / "summary.json").read_text()) for r in (first, second)
    ]
    assert summaries[1]["starting_balance"] == pytest.approx(
        10_000 + summaries[0]["net_pnl"], abs=0.01
    )
    assert days[1]["balance"] == pytest.approx(10_000 + sum(row["net"] for row in days), abs=0.01)
    assert result["notes"] == [note for note in result["notes"] if "not flat" not in note]
    # The first has nothing before it; the second begins warm with the end of the day before.
    cold = [note for note in result["notes"] if "cold" in note]
    assert cold == ["2026-01-05: it starts cold: the catalog has nothing before it"]
    bars = pq.read_table(folder / second["run_id"] / "channel.parquet").to_pandas()
    begin = start + 86_400 * 10**9
    assert begin - bars["ts_min"].min().value in (31 * 60 * 10**9, 32 * 60 * 10**9)
    assert bars.loc[bars["ts_min"] >= pd.Timestamp(begin, tz="UTC"), "warm"].all()
    signals = pq.read_table(folder / second["run_id"] / "signals.parquet").to_pandas()
    before = signals[signals["ts"] <= pd.Timestamp(begin, tz="UTC")]
    assert len(before)
    assert set(before["action"]) == {"HOLD"}
    # The same as tables, and as a page.
    for part in ("days", "weeks", "tier_changes"):
        assert pq.read_table(folder / f"{part}.parquet").to_pylist() == result[part]
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert page.count(f'href="{second["run_id"]}/report.html"') == 1
    assert "it starts cold" in page
    assert "2026-W02" in page
    assert "SYNTHETIC DATA" in page
    assert one_process[0]["states"] == {}
    kept = one_process[1]["states"]["ChannelStrategy-000"]
    assert "trading" in kept
    (week,) = result["weeks"]
    assert (week["week"], week["days"]) == ("2026-W02", 2)


class _Strategy:
    def __init__(self, *, is_flat: bool) -> None:
        self.id = SimpleNamespace(value="S-001")
        self.is_flat = is_flat
        self.loaded: dict[str, bytes] = {}

    def on_save(self) -> dict[str, bytes]:
        return {"trading": b"1", "day": b"2"}

    def on_load(self, state: dict[str, bytes]) -> None:
        self.loaded = state


def _engine(strategy: _Strategy) -> Any:
    return SimpleNamespace(
        trader=SimpleNamespace(strategies=lambda: [strategy]),
        cache=SimpleNamespace(accounts=list),
    )


def test_a_position_that_is_open_at_the_end_is_not_carried() -> None:
    assert collect(_engine(_Strategy(is_flat=True))).states == {
        "S-001": {"trading": b"1", "day": b"2"}
    }
    carried = collect(_engine(_Strategy(is_flat=False)))
    assert carried.states == {"S-001": {"day": b"2"}}
    assert len(carried.notes) == 1
    assert "was not flat" in carried.notes[0]
    other = _Strategy(is_flat=True)
    restore(_engine(other), carried.states)
    assert other.loaded == {"day": b"2"}
    restore(_engine(other), {})
    assert other.loaded == {"day": b"2"}


def _day(day: str, net: float, trades: int = 1) -> dict[str, Any]:
    return {"day": day, "net": net, "trades": trades, "wins": int(net > 0), "balance": 100 + net}


def test_weeks_and_figures_add_up_the_days() -> None:
    days = [
        _day("2025-12-29", 5.0),
        _day("2025-12-30", -2.0),
        _day("2026-01-02", -1.0),
        _day("2026-01-05", 0.0, 0),
    ]
    weeks = week_rows(days)
    assert [(w["week"], w["days"], w["net"]) for w in weeks] == [
        ("2026-W01", 3, 2.0),
        ("2026-W02", 1, 0.0),
    ]
    assert (weeks[0]["best_day"], weeks[0]["worst_day"], weeks[0]["balance"]) == (5.0, -2.0, 99.0)
    figures = day_figures(days)
    counts = [figures[k] for k in ("days", "winning_days", "losing_days", "flat_days")]
    assert counts == [4, 1, 2, 1]
    assert (figures["longest_winning_streak"], figures["longest_losing_streak"]) == (1, 2)
    assert figures["best_days"][0] == ["2025-12-29", 5.0]
    assert figures["worst_days"][0] == ["2025-12-30", -2.0]
    assert day_figures([])["mean_day"] is None


def test_days_and_a_window_exclude_each_other(catalog: Path) -> None:
    done = auction(
        "backtest", TOY, "--catalog", catalog, "--days", "2026-01-05", "--end", "2026-01-05T01:00"
    )
    assert done.returncode == 2
    assert "--days names the window" in done.stderr
