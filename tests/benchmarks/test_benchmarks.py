from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest

from benchmarks.ingest import import_csv
from benchmarks.ingest import import_dbn
from benchmarks.ingest import write_csv
from benchmarks.ingest import write_dbn
from benchmarks.measure import Row
from benchmarks.measure import alternate
from benchmarks.measure import markdown
from benchmarks.references import EMPTY
from benchmarks.references import MIN_BINS_MISSED
from benchmarks.references import VALID
from benchmarks.references import dict_value_area
from benchmarks.references import numpy_value_area
from benchmarks.system import SYSTEMS
from benchmarks.system import run_config
from benchmarks.system import write_market
from benchmarks.tapes import START_NS
from benchmarks.tapes import Tape
from benchmarks.tapes import make_tape
from benchmarks.tapes import write_catalog
from catalog.reader import read_ticks
from configs.times import parse_time
from indicators.core.value_area import ValueArea
from indicators.core.value_area import rolling_value_area


MINUTE = 60_000_000_000


def tape_with_a_pause() -> Tape:
    tape = make_tape(4_000, levels=60, span_ns=40 * MINUTE)
    minute = (tape.ts_event - START_NS) // MINUTE
    traded = (minute < 12) | (minute >= 25)
    return Tape(*(getattr(tape, name)[traded] for name in ("ts_event", "price", "size", "side")))


@pytest.mark.parametrize("reference", [dict_value_area, numpy_value_area])
def test_reference_gives_the_rows_of_the_kernel(reference):
    tape = tape_with_a_pause()

    rows = rolling_value_area(tape.ts_event, tape.price, tape.size, ValueArea("0.7"), 5)

    assert reference(tape, 5) == [tuple(row) for row in rows.tolist()]
    assert set(rows[:, 1].tolist()) == {VALID, EMPTY, MIN_BINS_MISSED}


def test_tape_fills_the_levels_asked_for():
    tape = make_tape(5_000, levels=611)

    assert tape.price.max() - tape.price.min() == 610
    assert (np.diff(tape.ts_event) >= 0).all()
    assert tape.size.min() > 0


@pytest.mark.parametrize("measured", SYSTEMS, ids=[measured.name for measured in SYSTEMS])
def test_empty_run_differs_from_the_system_in_actors_and_strategies_only(tmp_path, measured):
    system, empty = (run_config(tmp_path, name, measured) for name in ("system", "empty"))

    assert system.engine.actors
    assert not empty.engine.actors
    assert [s.strategy_path for s in empty.engine.strategies] == ["benchmarks.system:EmptyStrategy"]
    kept = {"actors": [], "strategies": []}
    assert msgspec.structs.replace(empty.engine, **kept) == msgspec.structs.replace(
        system.engine, **kept
    )
    assert msgspec.structs.replace(empty, engine=system.engine) == system


def test_plain_run_differs_from_the_empty_one_in_the_models_of_its_venues_only(tmp_path):
    empty, plain = (run_config(tmp_path, name) for name in ("empty", "plain"))

    (venue,) = plain.venues
    models = venue.modules, venue.fill_model, venue.fee_model, venue.latency_model
    assert models == (None, None, None, None)
    assert venue.trade_execution
    assert venue.name == empty.venues[0].name
    assert msgspec.structs.replace(plain, venues=empty.venues) == empty


def test_a_busy_market_has_as_many_events_a_minute_as_the_target_names(tmp_path, monkeypatch):
    monkeypatch.setattr("benchmarks.system.EVENTS_A_MINUTE", 300)
    (measured,) = (of for of in SYSTEMS if of.name == "cl_leg_lvn")
    hour = replace(measured, end="2026-01-05T13:00:00Z")

    write_market(tmp_path, hour)

    start = parse_time(hour.start, "start")
    window = start, start + 60 * MINUTE - 1
    count = sum(len(part.kind) for part in read_ticks(tmp_path, "CLJ6.XNYM", *window))
    assert count / 60 == pytest.approx(300, rel=0.1)


@pytest.mark.parametrize(
    ("write", "load", "name", "instrument_id"),
    [
        (write_csv, import_csv, "trades.csv", "BTCUSDT-LINEAR.BYBIT"),
        (write_dbn, import_dbn, "trades.dbn.zst", "NQH6.XCME"),
    ],
)
def test_import_keeps_the_trades_that_were_written(write, load, name, instrument_id, tmp_path):
    tape = make_tape(500)
    write(tmp_path / name, 500)

    report = load(tmp_path / name, tmp_path / "catalog")

    ticks = list(read_ticks(tmp_path / "catalog", instrument_id))
    assert report.accepted == 500
    assert np.concatenate([part.ts_event for part in ticks]).tolist() == tape.ts_event.tolist()
    assert np.concatenate([part.a_size for part in ticks]).tolist() == tape.size.tolist()
    assert np.concatenate([part.side for part in ticks]).tolist() == tape.side.tolist()
    prices = np.concatenate([part.a for part in ticks])
    assert np.diff(prices).tolist() == np.diff(tape.price).tolist()


def test_catalog_holds_a_quote_for_each_trade(tmp_path: Path):
    assert write_catalog(tmp_path, 2, 300) == 2 * 2 * 300


def test_rounds_go_to_and_fro():
    order: list[str] = []

    def work(name: str) -> float:
        order.append(name)
        return float(len(order))

    figures = alternate({"a": lambda: work("a"), "b": lambda: work("b")}, 2)

    assert order == ["a", "b", "b", "a"]
    assert figures == {"a": [1.0, 4.0], "b": [2.0, 3.0]}


def test_table_shows_the_median_and_whether_the_target_is_met():
    rows = [
        Row.of("cost", [9.0, 2.0, 3.0], "ns", at_most=4.0),
        Row.of("rate", [1.0, 2.0, 3.0], "M/s", at_least=2.5),
        Row.of("size", [1234.5], "MB"),
    ]

    assert markdown(rows).splitlines()[2:] == [
        "| cost | 3 | 2 to 9 | ns | <= 4 | yes |",
        "| rate | 2 | 1 to 3 | M/s | >= 2.5 | **no** |",
        "| size | 1,234 |  | MB |  |  |",
    ]
