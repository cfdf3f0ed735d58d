"""Custom data: columns, nulls, catalog round trip, streaming and replay in chunks."""

import pytest
from nautilus_trader.backtest.config import BacktestDataConfig
from nautilus_trader.backtest.config import BacktestEngineConfig
from nautilus_trader.backtest.config import BacktestRunConfig
from nautilus_trader.backtest.config import BacktestVenueConfig
from nautilus_trader.backtest.node import BacktestNode
from nautilus_trader.common.config import LoggingConfig
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.persistence.catalog import ParquetDataCatalog

from actors.messages import Decision
from actors.messages import MinuteFootprint
from actors.value_area.messages import ValueAreaMinute
from backtests.collector import Collector
from catalog.definitions import write_instrument
from catalog.instruments import resolve_instrument
from configs.loader import load_backtest
from errors import UsageError
from indicators.core.minute import COLUMNS
from tests.blank_messages import blank
from tests.engines import collecting
from tests.engines import run_node
from tests.markets import BTC
from tests.markets import MINUTE
from tests.markets import iso
from tests.markets import vector_stream
from tests.markets import write_vector_catalog
from tests.seed_rules import SEED_RULES


IID = InstrumentId.from_str(BTC)


def footprint(ts: int) -> MinuteFootprint:
    return MinuteFootprint(
        IID,
        ts,
        ts,
        ts_min=ts - MINUTE,
        tick_size=0.1,
        lot_size=0.001,
        ticks=[1000, 1001],
        buy=[1, 0],
        sell=[0, 25],
        unsigned=[0, 0],
    )


def minute(ts: int, **changes: object) -> ValueAreaMinute:
    columns = blank(ValueAreaMinute, ts_min=ts - MINUTE)
    return ValueAreaMinute(IID, ts, ts, **{**columns, **changes})


def test_minute_has_the_columns_of_the_core():
    assert ValueAreaMinute.COLUMNS == COLUMNS


def test_missing_or_unknown_column_is_named():
    with pytest.raises(ValueError, match="unsigned"):
        MinuteFootprint(IID, 1, 1, ts_min=0, tick_size=0.1, lot_size=1.0, ticks=[], buy=[], sell=[])


def test_nulls_and_lists_survive_the_catalog(tmp_path):
    catalog = ParquetDataCatalog(tmp_path)
    sent = [minute(2 * MINUTE), minute(3 * MINUTE, close=1.5, va_reason="EMPTY")]
    catalog.write_data(sent)
    catalog.write_data([footprint(2 * MINUTE)])

    read = [wrapper.data for wrapper in catalog.query(ValueAreaMinute)]
    assert [message.to_dict() for message in read] == [message.to_dict() for message in sent]
    (levels,) = (wrapper.data for wrapper in catalog.query(MinuteFootprint))
    assert levels.sell == [0, 25]


def test_decision_keeps_its_nulls_as_bytes():
    decision = Decision(IID, 1, 1, **blank(Decision, reason="NO_BAR", action="HOLD"))
    assert Decision.from_dict(decision.to_dict()).to_dict() == decision.to_dict()


def test_published_messages_replayed_in_chunks_give_the_same_decisions(tmp_path):
    start, _, _ = vector_stream()
    ticks = write_vector_catalog(tmp_path / "ticks")
    # An hour and a half past the warm-up.
    end = start + 330 * MINUTE
    live: list[Collector] = []
    prints: list[MinuteFootprint] = []
    run = load_backtest(
        "btc_value_area", overrides=[f"catalog={ticks}", f"end='{iso(end)}'", *SEED_RULES]
    )

    def listen(engine):
        live.append(collecting(engine, ValueAreaMinute))
        engine.kernel.msgbus.subscribe(topic=MinuteFootprint.topic(), handler=prints.append)

    run_node(run, listen).dispose()
    messages = ParquetDataCatalog(tmp_path / "messages")
    messages.write_data(live[0].of(ValueAreaMinute))
    messages.write_data(prints)
    write_instrument(tmp_path / "messages", resolve_instrument(BTC))

    replayed = replay(tmp_path / "messages", run, chunk_size=100)
    assert [d.reason for d in replayed] == [d.reason for d in live[0].decisions]
    assert [d.flags for d in replayed] == [d.flags for d in live[0].decisions]
    assert len(replayed) == 330
    assert len({d.reason for d in replayed if d.side is not None}) > 1


def replay(folder, run, chunk_size):
    strategy = run.node.engine.strategies[0]
    config = BacktestRunConfig(
        engine=BacktestEngineConfig(
            strategies=[strategy],
            logging=LoggingConfig(log_level="ERROR"),
        ),
        venues=[
            BacktestVenueConfig(
                name="BYBIT",
                oms_type="NETTING",
                account_type="MARGIN",
                starting_balances=["10000 USDT"],
            ),
        ],
        data=[
            BacktestDataConfig(
                catalog_path=str(folder),
                data_cls=f"{cls.__module__}:{cls.__name__}",
                instrument_id=IID,
                client_id="REPLAY",
                metadata={"instrument_id": BTC},
            )
            for cls in (MinuteFootprint, ValueAreaMinute)
        ],
        chunk_size=chunk_size,
        raise_exception=True,
        dispose_on_completion=False,
    )
    node = BacktestNode([config])
    node.build()
    engine = node.get_engine(config.id)
    engine.add_instrument(resolve_instrument(BTC))
    collector = collecting(engine)
    node.run()
    node.dispose()
    return collector.decisions


def test_messages_streamed_while_a_run_goes_on_can_be_read_from_the_catalog(tmp_path):
    ticks = write_vector_catalog(tmp_path / "ticks")
    types = ", ".join(f"{c.__module__}:{c.__name__}" for c in (ValueAreaMinute, Decision))
    run = load_backtest(
        "btc_value_area",
        overrides=[
            f"catalog={ticks}",
            "end='2026-01-05T02:00'",
            f"engine.streaming={{catalog_path: {tmp_path / 'stream'}, include_types: [{types}]}}",
        ],
    )
    live: list[Collector] = []
    engine = run_node(run, lambda engine: live.append(collecting(engine, ValueAreaMinute)))
    engine.dispose()

    stream = ParquetDataCatalog(tmp_path / "stream")
    catalog = ParquetDataCatalog(tmp_path / "catalog")
    for cls, published in (
        (ValueAreaMinute, live[0].of(ValueAreaMinute)),
        (Decision, live[0].decisions),
    ):
        stream.convert_stream_to_data(
            str(engine.kernel.instance_id),
            cls,
            other_catalog=catalog,
            subdirectory="backtest",
        )
        read = [wrapper.data.to_dict() for wrapper in catalog.query(cls)]
        assert read == [message.to_dict() for message in published]
        assert len(read) == 120


def test_an_unknown_class_to_stream_is_refused_by_its_key():
    with pytest.raises(UsageError, match=r"engine.streaming.*nowhere"):
        load_backtest(
            "btc_value_area",
            overrides=["engine.streaming={catalog_path: x, include_types: ['nowhere:X']}"],
        )
