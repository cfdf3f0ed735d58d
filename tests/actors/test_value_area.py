"""The value-area actor inside the engine."""

from collections.abc import Callable

import pytest

from actors.messages import MinuteFootprint
from actors.value_area.messages import ValueAreaMinute
from backtests.collector import Collector
from backtests.results.message_tables import message_schema
from configs.loader import load_backtest
from indicators.core.minute import COLUMNS
from indicators.core.minute import MinuteFeatures
from tests.checks import some
from tests.engines import collecting
from tests.engines import run_node
from tests.indicators.test_core_vectors import stream_columns
from tests.markets import MINUTE
from tests.markets import MS
from tests.markets import NO_GAP
from tests.markets import iso
from tests.markets import vector_rows
from tests.markets import vector_stream
from tests.markets import write_catalog
from tests.markets import write_vector_catalog


@pytest.fixture(scope="module")
def ticks(tmp_path_factory):
    return write_vector_catalog(tmp_path_factory.mktemp("ticks"))


def collect(catalog, *overrides: str, before: Callable | None = None) -> Collector:
    _, end, _ = vector_stream()
    run = load_backtest(
        "btc_value_area",
        overrides=[f"catalog={catalog}", f"end='{iso(end)}'", NO_GAP, *overrides],
    )
    found: list[Collector] = []

    def listen(engine):
        found.append(collecting(engine, ValueAreaMinute))
        if before is not None:
            before(engine)

    run_node(run, listen).dispose()
    return found[0]


def batch_values():
    t0, end, events = vector_stream()
    features = MinuteFeatures("0.1", "0.001")
    features.update_many(*stream_columns(events, t0 // MS))
    features.close_many(end)
    return features.values(features.take_rows())


@pytest.fixture(scope="module")
def published(ticks):
    """Return what a whole run publishes, and its footprints."""
    prints: list[MinuteFootprint] = []

    def listen(engine):
        engine.kernel.msgbus.subscribe(topic=MinuteFootprint.topic(), handler=prints.append)

    return collect(ticks, before=listen), prints


def test_engine_publishes_the_rows_of_the_vector(published):
    minutes = published[0].of(ValueAreaMinute)
    assert [tuple(minute.columns().values()) for minute in minutes] == batch_values()


@pytest.mark.parametrize("chunk_size", ["null", "1000"])
def test_chunks_change_no_row(ticks, published, chunk_size):
    # Past the warm-up of four hours.
    end = f"end='{iso(vector_stream()[0] + 250 * MINUTE)}'"
    minutes = collect(ticks, f"chunk_size={chunk_size}", end).of(ValueAreaMinute)
    rows = [minute.to_dict() for minute in minutes]
    assert rows == [minute.to_dict() for minute in published[0].of(ValueAreaMinute)][:250]


def test_every_minute_closes_one_nanosecond_before_its_boundary(published):
    for message in some(published[0].of(ValueAreaMinute)):
        assert message.ts_event == message.ts_min + MINUTE - 1
        assert message.ts_init == message.ts_event


def test_footprint_comes_before_its_minute_and_holds_its_volume(published):
    collector, prints = published
    for footprint, minute in some(zip(prints, collector.of(ValueAreaMinute), strict=True)):
        assert footprint.ts_min == minute.ts_min
        assert footprint.ts_init < minute.ts_init
        assert (footprint.tick_size, footprint.lot_size) == (0.1, 0.001)
        volume = sum(footprint.buy) + sum(footprint.sell) + sum(footprint.unsigned)
        assert volume / 1000 == minute.volume
        assert (sum(footprint.buy) - sum(footprint.sell)) / 1000 == minute.of_1m
        if footprint.ticks:
            assert footprint.ticks == sorted(set(footprint.ticks))
            assert footprint.ticks[0] / 10 == minute.low
            assert footprint.ticks[-1] / 10 == minute.high


def test_data_after_a_time_changes_no_decision_before_it(tmp_path, published):
    t0, _, _ = vector_stream()
    cut = t0 + 300 * MINUTE
    altered = [
        row if row[1] < cut else (row[0], row[1], row[2] + 300, row[3] + 5, *row[4:])
        for row in vector_rows()
    ]
    altered = [(*r[:4], r[4] + 300, r[5]) if r[0] == 0 and r[1] >= cut else r for r in altered]
    other = collect(write_catalog(tmp_path, altered), f"end='{iso(cut + 10 * MINUTE)}'")
    original = published[0]

    def before_cut(collector):
        minutes = [m.to_dict() for m in collector.of(ValueAreaMinute) if m.ts_min + MINUTE <= cut]
        decisions = [d.to_dict() for d in collector.decisions if d.ts_min + MINUTE <= cut]
        return minutes, decisions

    assert before_cut(other) == before_cut(original)
    rows = [[m.to_dict() for m in run.of(ValueAreaMinute)][:310] for run in (other, original)]
    assert len(rows[0]) == 310
    assert rows[0] != rows[1]


def test_columns_are_those_the_parquet_file_has():
    assert message_schema(ValueAreaMinute).names == ["instrument_id", *COLUMNS]


def test_the_agreement_of_both_side_sources_is_noted(tmp_path):
    rows = [
        row if row[0] == 0 else (*row, 1 + index % 2) for index, row in enumerate(vector_rows())
    ]
    run = load_backtest(
        "btc_value_area",
        overrides=[
            f"catalog={write_catalog(tmp_path, rows)}",
            "actors.0.config.side_source=both",
            "end='2026-01-05T01:00'",
        ],
    )
    engine = run_node(run, lambda engine: None)
    (actor,) = engine.trader.actors()
    flow = actor.indicator.core.flow
    assert 0 < flow.agreement < 1
    assert [f"{flow.agreement:.1%}" in text for text in actor.notices] == [True]
    engine.dispose()
