"""Tables of a run: one schema for any number of rows, and exact times."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from nautilus_trader.model.identifiers import InstrumentId

from actors.messages import Decision
from actors.messages import message_classes
from actors.messages.schema import column_docs
from backtests.results import run_folder as results
from backtests.results.days import day_table
from backtests.results.equity import equity_curve
from backtests.results.message_tables import message_schema
from backtests.results.message_tables import message_table
from backtests.results.tables import DAYS
from backtests.results.tables import EQUITY
from backtests.results.tables import FILLS
from backtests.results.tables import ORDERS
from backtests.results.tables import POSITIONS
from backtests.results.tables import fill_table
from backtests.results.tables import make_table
from backtests.results.tables import order_table
from backtests.results.tables import position_table
from backtests.results.tags import Plan
from backtests.results.trade import Trade
from configs import FOLDER
from configs.descriptors import load_descriptor
from configs.system_file import load_system
from tests.blank_messages import blank
from tests.checks import some
from tests.markets import BTC


T = 1_767_571_200_000_000_001
SCHEMAS = {
    "orders": ORDERS,
    "fills": FILLS,
    "positions": POSITIONS,
    "equity": EQUITY,
    "days": DAYS,
}


def trade(number: int = 1, ts_close: int | None = None, plan: Plan | None = None) -> Trade:
    """Return a long of 2 from 100 to 110, or one still open."""
    closed = ts_close is not None
    return Trade(
        position_id=f"{BTC}-{number}",
        strategy_id="S-000",
        instrument_id=BTC,
        setup="breakin",
        plan=plan,
        is_long=True,
        ts_open=T,
        quantity=Decimal(2),
        open_quantity=Decimal(0 if closed else 2),
        entry_value=Decimal(200),
        exit_value=Decimal(220 if closed else 0),
        fees=Decimal(1),
        ts_close=ts_close,
        exit_reason="TP2" if closed else None,
    )


def decision(minute: int, quantity: float | None) -> Decision:
    values = blank(Decision, ts_min=minute, reason="NO_SETUP", action="HOLD", quantity=quantity)
    return Decision(InstrumentId.from_str(BTC), minute, minute, **values)


@pytest.fixture(scope="module")
def classes():
    """Return the message classes of all systems."""
    for path in some((FOLDER / "systems").glob("*.yaml")):
        load_descriptor(load_system(str(path)), path)
    return message_classes()


@pytest.mark.parametrize("name", SCHEMAS)
@pytest.mark.parametrize("rows", [0, 1, 3])
def test_the_schema_is_the_same_for_any_number_of_rows_even_without_a_value(name, rows):
    schema = SCHEMAS[name]
    assert make_table(schema, [(None,) * len(schema)] * rows).schema == schema


def test_every_table_has_its_schema_where_there_is_nothing(classes):
    assert order_table([], []).schema == ORDERS
    assert fill_table([], []).schema == FILLS
    assert position_table([]).schema == POSITIONS
    equity = equity_curve(1.0, [], [], 0, {})
    assert equity.schema == EQUITY
    assert day_table(1.0, equity, []).schema == DAYS
    for cls in some(classes):
        assert message_table(cls, []).schema == message_schema(cls)


def test_the_documentation_names_every_column_of_every_table():
    for name, schema in some(SCHEMAS.items()):
        section = results.__doc__.partition(f"{name}.parquet\n")[2]
        if name == "fills":
            section = section.partition("positions.parquet")[0]
        missing = [column for column in schema.names if f"`{column}`" not in section]
        assert missing == [], name


def test_the_docstring_of_every_message_class_explains_each_of_its_columns(classes):
    for cls in some(classes):
        explained = column_docs(cls)
        assert sorted(explained) == sorted(cls.COLUMNS), cls.__name__
        assert all(text.endswith(".") for text in explained.values()), cls.__name__


def test_signals_keep_their_columns_and_nulls():
    table = message_table(Decision, [decision(T, None), decision(T + 60, 0.5)])
    assert table.schema == message_schema(Decision)
    assert table["ts_min"].cast("int64").to_pylist() == [T, T + 60]
    assert table["quantity"].to_pylist() == [None, 0.5]


@settings(deadline=None)
@given(st.lists(st.none() | st.integers(T, T + 10**15), max_size=5))
def test_a_time_keeps_its_nanoseconds_next_to_a_missing_one(times):
    table = position_table([trade(i, ts) for i, ts in enumerate(times)])
    assert table["ts_close"].cast("int64").to_pylist() == times


def test_the_result_is_measured_by_the_planned_risk_and_only_when_closed():
    plan = Plan(Decimal(100), Decimal(95), tp2=Decimal(120), costs=Decimal("0.7"))

    def multiples(one):
        return one.r_price, one.r_costs, one.r_net

    # 20 of gross, 1 of fees, 2 lots that were to lose 5 each, or 5.7 with costs.
    assert multiples(trade(1, T + 1, plan)) == (2, Decimal("0.1"), Decimal(19) / Decimal("11.4"))
    assert multiples(trade(1, T + 1, Plan(Decimal(100), Decimal(95)))) == (2, Decimal("0.1"), None)
    assert multiples(trade(1, None, plan)) == (None, None, None)
    assert multiples(trade(1, T + 1)) == (None, None, None)
    assert multiples(trade(1, T + 1, Plan(Decimal(100), Decimal(100)))) == (None, None, None)


def test_an_entry_filled_beyond_its_stop_does_not_shrink_the_risk():
    plan = Plan(Decimal(110), Decimal("100.5"), Decimal("115.25"), Decimal(120))
    assert trade(1, T + 1, plan).r_price == Decimal(20) / 19  # 20 / (9.5 * 2)


def test_stop_and_targets_are_those_of_the_plan():
    plan = Plan(Decimal(110), Decimal("100.5"), Decimal("115.25"), Decimal(120))
    row = position_table([trade(1, T + 1, plan)]).to_pylist()[0]
    assert (row["entry"], row["stop"], row["tp1"], row["tp2"]) == (100, 100.5, 115.25, 120)
    bare = position_table([trade(1, T + 1)]).to_pylist()[0]
    assert {bare[name] for name in ("stop", "tp1", "tp2", "r_price", "r_net", "mae")} == {None}
