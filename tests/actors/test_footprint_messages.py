"""Messages of the footprint actor: columns, lists and nulls in a catalog and in tables of a run."""

from dataclasses import fields

import pytest
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.persistence.catalog import ParquetDataCatalog

from actors.footprint.footprint import ClosedBy
from actors.footprint.footprint import Footprint
from actors.footprint.messages import FootprintBar
from actors.footprint.messages import FootprintPattern
from actors.footprint.messages import FootprintZone
from actors.footprint.patterns import DIRECTIONS
from actors.footprint.patterns import Direction
from actors.footprint.patterns import Pattern
from actors.footprint.patterns import PatternSignal
from actors.messages.schema import column_docs
from backtests.results.message_tables import message_schema
from backtests.results.message_tables import message_table


IID = InstrumentId.from_str("ESZ5.XCME")
START = 1_763_649_000_000_000_000
END = START + 300_000_000_000
BAR = Footprint(
    ts_start=START,
    ts_end=END,
    open=27001,
    high=27002,
    low=27000,
    close=27002,
    volume=60,
    buy=30,
    sell=20,
    unsigned=10,
    inferred=2,
    delta=10,
    min_delta=-5,
    max_delta=12,
    trade_count=7,
    late_trades=0,
    poc=27001,
    closed_by=ClosedBy.TIME.value,
    cvd=110,
    cvd_slope=2.5,
    session_start=START,
    session_end=START + 23_400_000_000_000,
    in_session=True,
    session_volume=60,
    session_poc=27001,
    session_val=27000,
    session_vah=27002,
    whole=True,
    session_whole=True,
    levels=[27000, 27002],
    level_buy=[0, 30],
    level_sell=[20, 0],
    level_unsigned=[10, 0],
)


def bar_message() -> FootprintBar:
    columns = {field.name: getattr(BAR, field.name) for field in fields(Footprint)}
    return FootprintBar(
        IID,
        END - 1,
        END - 1,
        **columns,
        unclear_share=BAR.unclear_share,
        patterns=[Pattern.BUY_IMBALANCE.value],
        pattern_directions=[Direction.LONG.value],
        pattern_strengths=[0.5],
        pattern_prices=[27002],
        bars=1,
        warm=False,
        tick_size=0.25,
        lot_size=1.0,
    )


def pattern_message() -> FootprintPattern:
    signal = PatternSignal(
        pattern=Pattern.BUYING_EXHAUSTION,
        direction=DIRECTIONS[Pattern.BUYING_EXHAUSTION],
        strength=0.4,
        price=27002,
        low=27000,
        high=27002,
        levels=3,
        decline=0.4,
        volumes=(100, 80, 60),
    )
    columns = {field.name: getattr(signal, field.name) for field in fields(PatternSignal)}
    columns |= {name: list(columns[name]) for name in ("prices", "volumes", "deltas")}
    return FootprintPattern(
        IID, END - 2, END - 2, ts_start=START, ts_end=END, tick_size=0.25, lot_size=1.0, **columns
    )


def zone_message() -> FootprintZone:
    return FootprintZone(
        IID,
        END - 3,
        END - 3,
        event="CREATED",
        ts_start=START,
        pattern="BUYING_EXHAUSTION",
        direction="SHORT",
        low=27000,
        high=27002,
        price=27002,
        strength=0.4,
        created_ts=START,
        bars=0,
        tick_size=0.25,
    )


MESSAGES = {
    FootprintBar: bar_message,
    FootprintPattern: pattern_message,
    FootprintZone: zone_message,
}


@pytest.mark.parametrize("kind", MESSAGES)
def test_a_message_survives_the_catalog_and_the_table_of_a_run(kind, tmp_path):
    sent = MESSAGES[kind]()
    catalog = ParquetDataCatalog(tmp_path)
    catalog.write_data([sent])
    (read,) = (wrapper.data for wrapper in catalog.query(kind))
    assert read.to_dict() == sent.to_dict()

    table = message_table(kind, [sent])
    assert table.schema == message_schema(kind)
    lists = {name: table[name].to_pylist()[0] for name in kind.COLUMNS if "list" in name_of(name)}
    assert lists == {name: sent.column(name) for name in lists}


def name_of(column: str) -> str:
    kinds = {**FootprintBar.TYPES, **FootprintPattern.TYPES, **FootprintZone.TYPES}
    return kinds[column].kind.value


@pytest.mark.parametrize("kind", MESSAGES)
def test_every_column_is_documented(kind):
    assert set(column_docs(kind)) == set(kind.COLUMNS)


def test_a_bar_message_has_every_value_of_the_footprint_and_a_pattern_of_the_signal():
    assert {field.name for field in fields(Footprint)} <= set(FootprintBar.COLUMNS)
    assert {field.name for field in fields(PatternSignal)} <= set(FootprintPattern.COLUMNS)


def test_the_close_of_a_bar_is_the_mark():
    assert bar_message().mark == 27002 * 0.25
    assert BAR.unclear_share == 12 / 60


def test_every_pattern_but_a_revisit_has_a_direction_of_its_own():
    assert set(Pattern) - set(DIRECTIONS) == {Pattern.UNFINISHED_REVISITED}
    assert len(Pattern) == 13
