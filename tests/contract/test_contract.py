"""
What every system keeps to.

The systems are the files of `configs/systems`, found by listing, and the toy of `tests/toy`. A
module of `tests/contract/entries` says with which settings a system trades within a short window
of the sample market, and why it does not keep a clause.
"""

import json
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from actors.codes import meanings
from actors.messages import DataGap
from actors.messages.schema import Kind
from actors.messages.schema import column_docs
from backtests.results.codes import TITLES
from backtests.results.message_tables import message_schema
from backtests.results.parity import compare
from backtests.runner import run_backtest
from backtests.system_features import write_system_features
from catalog.increments import read_increments
from catalog.reader import QUOTE
from catalog.reader import read_ticks
from configs.live import load_live
from live.replay import run_replay
from live.runner import prepare
from research.evaluation import difference
from research.lookahead.altered import AnotherFuture
from research.lookahead.altered import rewrite
from research.nautilus_evaluator import evaluation_of
from strategies.common.nautilus.strategy import TradingStrategy
from strategies.common.views.checks import problems
from strategies.common.views.checks import uses
from tests.adapters.databento_market import wrapper_library
from tests.backtests.pages import drawn_in_a_browser
from tests.checks import some
from tests.contract.case import Case
from tests.contract.case import table
from tests.contract.market import mirrored
from tests.contract.recorded_machine import Call
from tests.contract.recorded_machine import recorded
from tests.engines import auction_process
from tests.engines import run_node
from tests.golden.digests import digests


# When the rows of a table are final; those of messages are with their first time.
FINAL = {"fills": "ts", "equity": "ts", "positions": "ts_close"}
# The columns of a decision that are the system's own; what the gate and the account make of it
# depends on prices by way of fees.
WANTED = ("ts", "ts_min", "side", "reason", "flags", "events", "setup", "regime", "pattern")
PRICES = ("entry", "stop", "tp1", "tp2", "node", "print_price")
OPPOSITE = {
    "LONG": "SHORT",
    "UP": "DOWN",
    "BUY": "SELL",
    "long": "short",
    "up": "down",
    "BUYING": "SELLING",
    "BULLISH": "BEARISH",
    "HIGH": "LOW",
}
# From so many rows a machine goes on anew, and over so many it is followed.
RESUMED = 12
FOLLOWED = 400
# So long after the first trade a replay ends.
REPLAYED_ON = pd.Timedelta(minutes=5)
# Of a tick, for floats.
HAIR = 1e-6


def test_it_trades_within_the_window(case: Case) -> None:
    # Without a trade the other tests would say little.
    assert len(table(case.run, "fills"))
    assert len(table(case.run, "signals")["side"].dropna())


def test_every_table_it_declares_is_written_and_every_column_documented(case: Case) -> None:
    for cls in some(case.tables):
        assert cls.TABLE is not None
        schema = pq.read_schema(case.run / f"{cls.TABLE.name}.parquet")
        assert schema.equals(message_schema(cls)), cls
        docs = column_docs(cls)
        assert all(docs.get(name) for name in some(cls.COLUMNS)), cls
    bars = [cls for cls in case.tables if cls.TABLE is not None and cls.TABLE.bars]
    assert all(len(table(case.run, cls.TABLE.name)) for cls in some(bars) if cls.TABLE is not None)
    of_all = {DataGap, *TradingStrategy.PUBLISHES}
    assert set(case.published) - of_all <= set(case.system.messages)


def test_every_code_it_wrote_is_explained(case: Case) -> None:
    codes = case.system.codes
    known = set(meanings(*(kind for name in TITLES for kind in getattr(codes, name))))
    signals, events = table(case.run, "signals"), table(case.run, "trade_events")
    orders, positions = table(case.run, "orders"), table(case.run, "positions")
    written = pd.concat(
        [
            *(signals[name] for name in ("reason", "why")),
            *(of["reason"] for of in (events, orders)),
            positions["exit_reason"],
        ]
    )
    assert set(some(written.dropna())) <= known
    assert set(signals["reason"]) <= set(meanings(*codes.decisions, *codes.exits))


@pytest.mark.parametrize("size", ["null", "1_000"])
def test_chunks_change_nothing(case: Case, size: str) -> None:
    found, expected = digests(case.backtest(f"chunk_size={size}")), digests(case.run)
    assert found == expected
    assert found["tables"]["signals"][""]


def test_what_comes_later_changes_nothing_before(case: Case) -> None:
    catalog = case.folder / "changed"
    future = AnotherFuture(case.change, is_higher=True)
    rewrite(case.catalog, catalog, case.instrument_id, case.window, future)
    run = case.backtest(catalog=catalog)
    finals = {cls.TABLE.name: _final(cls) for cls in case.tables if cls.TABLE is not None} | FINAL
    at, counts = pd.Timestamp(case.change, tz="UTC"), {}
    for name, column in finals.items():
        before, expected = (_until(table(of, name), column, at) for of in (run, case.run))
        pd.testing.assert_frame_equal(before, expected, check_exact=True)
        counts[name] = len(before)
    assert counts["fills"]
    assert counts["signals"]
    assert not table(run, "equity").equals(table(case.run, "equity"))


def _final(cls: Any) -> str:
    if cls.TABLE.ts != "none":
        return "ts"
    return next(name for name, kind in cls.TYPES.items() if kind.kind is Kind.TIME)


def _until(rows: pd.DataFrame, column: str, at: pd.Timestamp) -> pd.DataFrame:
    return rows[rows[column] < at].reset_index(drop=True)


def test_a_mirrored_market_is_decided_as_the_mirror_image(case: Case) -> None:
    if case.entry.not_mirrored:
        pytest.skip(case.entry.not_mirrored)
    start, end = case.window
    (first, *_) = read_ticks(case.catalog, case.instrument_id, start, end)
    bid, bucket = int(first.a[first.kind == QUOTE][0]), case.entry.mirror_bucket
    # A bucket that begins at a multiple of its width becomes such a bucket.
    mirror = 2 * bid // bucket * bucket + bucket - 1
    catalog = case.folder / "mirrored"
    rewrite(case.catalog, catalog, case.instrument_id, (case.since, end), mirrored(mirror))
    settings = (*case.entry.mirror_settings, *case.prepare(catalog))
    there = table(case.backtest(*settings, catalog=catalog), "signals")
    own = case.entry.mirror_settings
    here = table(case.backtest(*own) if own else case.run, "signals")
    assert here["side"].notna().any()
    for name in WANTED:
        found, expected = (list(of[name].astype(object).fillna("")) for of in (there, here))
        assert found == [_opposite(value) for value in expected], name
    tick = float(read_increments(case.catalog, case.instrument_id).tick_size)
    for name in PRICES:
        off = (there[name] + here[name]) / tick - mirror
        assert list(there[name].isna()) == list(here[name].isna())
        assert off.dropna().abs().le(case.entry.mirror_ticks + HAIR).all(), name


def _opposite(text: Any) -> Any:
    if not isinstance(text, str):
        return text
    both = OPPOSITE | {other: one for one, other in OPPOSITE.items()}
    words = {word: both.get(word, word) for word in text.replace(",", "_").split("_")}
    for word, other in words.items():
        text = text.replace(word, f"\0{other}\0")
    return text.replace("\0", "")


def test_a_machine_goes_on_from_its_snapshot_at_any_row(case: Case) -> None:
    calls: list[Call] = []

    def record(engine: Any) -> None:
        for strategy in engine.trader.strategies():
            strategy.make_machine = partial(recorded, strategy.make_machine, calls)

    engine = run_node(case.config(), record)
    (strategy,) = engine.trader.strategies()
    assert isinstance(strategy, TradingStrategy)
    rows = [number for number, call in enumerate(calls) if call.snapshot]
    held = [number for number in rows if not calls[number].position.is_flat]
    chosen = {*rows[1 :: len(rows) // RESUMED], *held[:: max(1, len(held) // RESUMED)]}
    assert held
    for number in sorted(chosen):
        machine = type(strategy).make_machine(strategy)
        begin = calls[number]
        row = begin.args[0]
        machine.restore(json.loads(begin.snapshot), begin.position, row.end - machine.INTERVAL_NS)
        assert json.loads(json.dumps(machine.snapshot())) == json.loads(begin.snapshot)
        if case.entry.not_resumed:
            continue
        for call in calls[number : number + FOLLOWED]:
            assert call.on(machine) == call.answer, call
    engine.dispose()


def replayed_window(case: Case) -> dict[str, str]:
    # A node takes ten times as long as a backtest: until a trade is closed, all has happened once.
    closed = table(case.run, "positions")["ts_close"].dropna().min()
    return {"start": case.entry.start, "end": (closed + REPLAYED_ON).isoformat()}


def check_equal_to_the_backtest(case: Case, run: Path) -> None:
    found = compare(case.run, run)
    assert {name: difference.first for name, difference in found.items()} == dict.fromkeys(found)
    names = {parity.what for cls in case.published for parity in cls.PARITY}
    assert names <= set(found)
    assert found["decisions"].count
    assert found["money"].count


def test_a_paper_replay_equals_the_backtest(case: Case, tmp_path: Path) -> None:
    if case.is_future:
        pytest.skip("its client can only be redirected in a process of its own: the next test")
    said: list[str] = []
    overrides = [f"catalog={case.catalog}", *case.entry.settings, *case.prepared]
    window = replayed_window(case)
    run = run_replay(
        str(case.path), "paper", overrides, tmp_path, said.append, speed=None, **window
    )
    check_equal_to_the_backtest(case, run)
    # One line: a trade was closed.
    assert len(said) == 1


@pytest.mark.node
@pytest.mark.skipif(wrapper_library() is None, reason="libnss_wrapper is not installed")
def test_a_paper_replay_of_a_future_equals_the_backtest(case: Case, tmp_path: Path) -> None:
    if not case.is_future:
        pytest.skip("a perpetual is replayed in this process: the test before")
    settings = [*case.entry.settings, *case.prepared]
    arguments = ["replay", case.path, "--catalog", case.catalog, "--runs", tmp_path]
    for name, value in replayed_window(case).items():
        arguments += [f"--{name}", value]
    done = auction_process(*arguments, *(part for text in settings for part in ("--set", text)))
    assert done.returncode == 0, done.stderr
    (run,) = tmp_path.iterdir()
    check_equal_to_the_backtest(case, run)
    assert "No trade was closed" not in done.stdout


def test_its_views_find_their_columns_and_the_report_is_written(case: Case) -> None:
    views = case.system.views
    assert problems(views) == []
    for use in some(uses(views)):
        assert use.message in case.published
        assert use.message.TABLE is not None
        names = pq.read_schema(case.run / f"{use.message.TABLE.name}.parquet").names
        assert use.column in names, use
    assert case.system.title
    page = (case.run / "report.html").read_text(encoding="utf-8")
    assert case.instrument_id in page


def test_its_report_is_drawn_without_an_error_on_the_console(case: Case, tmp_path: Path) -> None:
    drawn = drawn_in_a_browser(case.run / "report.html", tmp_path / "profile", 1280)
    assert '<b id="prices-0-candles">' in drawn
    # Prices, equity and excursions.
    assert drawn.count('class="main-svg"') >= 3


def test_a_paper_node_is_built(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABENTO_API_KEY", "db-" + "0" * 29)
    monkeypatch.setenv("DATABASE_DIR", str(tmp_path / "journal"))
    run, _ = prepare(load_live(str(case.path), "paper", case.entry.settings), tmp_path, None)
    try:
        strategies = run.node.trader.strategies()
        paths = [entry["strategy_path"] for entry in case.document["strategies"]]
        assert [f"{type(s).__module__}:{type(s).__name__}" for s in strategies] == paths
        assert run.strategies == tuple(strategies)
    finally:
        run.recorder.close()
        run.node.dispose()


def test_its_batch_features_are_those_of_the_run(case: Case, tmp_path: Path) -> None:
    features = case.system.batch_features
    if features is None:
        pytest.skip("no batch features")
    out = tmp_path / "features.parquet"
    window = case.entry.start, case.entry.end
    write_system_features(str(case.path), case.catalog, out, *window, case.entry.settings)
    assert features.message.TABLE is not None
    written = pq.read_table(case.run / f"{features.message.TABLE.name}.parquet")
    found = pq.read_table(out)
    assert isinstance(found, pa.Table)
    assert found.equals(written)
    assert found.num_rows


@pytest.mark.parametrize("market", ["default", "pessimistic"])
def test_the_evaluator_equals_nautilus(case: Case, market: str) -> None:
    evaluation = case.evaluator.evaluate({}, market=market)
    run = case.config() if market == "default" else case.config(preset=market)
    folder = case.run if market == "default" else run_backtest(run, case.folder, report=False)[1]
    assert some(evaluation.fills)
    assert difference(evaluation, evaluation_of(run, folder)) is None
