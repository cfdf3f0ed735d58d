"""Which contracts parent, continuous and raw symbols stand for."""

from datetime import date
from datetime import timedelta

import pytest

from adapters.databento.continuous import contract_on
from adapters.databento.continuous import next_roll
from adapters.databento.continuous import other_front_month
from adapters.databento.continuous import require_trading
from adapters.databento.dbn import DbnFile
from adapters.databento.live import live_config
from adapters.databento.live import resolve_instrument_id
from adapters.databento.loopback.symbols import Span
from adapters.databento.loopback.symbols import SymbolTable
from catalog.contracts import FUTURES
from catalog.contracts import roll_day
from errors import UsageError
from tests.adapters.dbn_files import records
from tests.adapters.dbn_files import write_dbn


NS_PER_DAY = 86_400 * 10**9


@pytest.mark.parametrize(
    ("root", "on", "expected"),
    [
        ("NQ", date(2025, 11, 28), "NQZ5"),
        ("NQ", date(2025, 12, 10), "NQZ5"),
        ("NQ", date(2025, 12, 11), "NQH6"),
        ("ES", date(2023, 12, 25), "ESH4"),
        ("CL", date(2024, 10, 16), "CLX4"),
        ("CL", date(2024, 10, 17), "CLZ4"),
        ("CL", date(2025, 12, 31), "CLG6"),
        ("GC", date(2013, 10, 7), "GCZ3"),
        ("GC", date(2025, 12, 31), "GCG6"),
    ],
)
def test_a_parent_and_the_volume_rule_follow_the_customary_front_month(root, on, expected):
    assert contract_on(f"{root}.FUT", on) == expected
    assert contract_on(f"{root}.v.0", on) == expected


def test_gold_rolls_from_august_to_december_without_october():
    last_day_of_august = roll_day(FUTURES["GC"], 2025, 8)

    assert contract_on("GC.v.0", last_day_of_august) == "GCZ5"


@pytest.mark.parametrize("root", FUTURES)
def test_front_month_never_goes_back(root):
    months = "FGHJKMNQUVXZ"
    seen = []
    for month in range(1, 13):
        for day in range(1, 29):
            symbol = contract_on(f"{root}.FUT", date(2024, month, day))
            seen.append((int(symbol[-1]), months.index(symbol[-2])))

    assert seen == sorted(seen)


@pytest.mark.parametrize(
    ("symbol", "day", "contract"),
    [
        ("ES.c.0", date(2024, 9, 20), "ESU4"),  # trades until 09:30 New York of that day
        ("ES.c.0", date(2024, 9, 21), "ESZ4"),
        ("ES.v.0", date(2024, 9, 11), "ESU4"),
        ("ES.v.0", date(2024, 9, 12), "ESZ4"),
        ("ES.v.1", date(2024, 9, 11), "ESZ4"),
        ("GC.c.0", date(2024, 10, 1), "GCV4"),  # a month that never is the front month
        ("GC.n.0", date(2024, 10, 1), "GCZ4"),
        ("CL.c.2", date(2024, 1, 2), "CLJ4"),
    ],
)
def test_contracts_of_known_days(symbol, day, contract):
    assert contract_on(symbol, day) == contract


def test_the_next_roll_is_the_first_day_of_another_contract():
    roll = next_roll("ES.v.0", date(2024, 7, 1))
    assert roll == date(2024, 9, 12)
    assert contract_on("ES.v.0", roll - timedelta(days=1)) == "ESU4"
    assert contract_on("ES.v.0", roll) == "ESZ4"


@pytest.mark.parametrize("symbol", ["ESU4", "ES.x.0", "ES.c", "ES.OPT", "ES.c.0.1"])
def test_other_symbols_are_refused(symbol):
    with pytest.raises(UsageError, match="is no parent or continuous symbol"):
        contract_on(symbol, date(2024, 7, 1))


def test_an_unknown_root_is_refused():
    with pytest.raises(UsageError, match="futures root 'XX' is unknown"):
        contract_on("XX.c.0", date(2024, 7, 1))


def test_a_contract_that_is_not_the_front_month_is_reported():
    day = date(2024, 9, 12)
    assert other_front_month("ESU4", day) == "ESZ4"
    assert other_front_month("ESZ4", day) is None
    assert other_front_month("ESZ24", day) is None
    assert other_front_month("GCV4", date(2024, 9, 1)) == "GCZ4"
    assert other_front_month("XXZ4", day) is None


def test_instrument_ids_are_resolved_and_contracts_left_alone():
    day = date(2024, 7, 1)
    assert resolve_instrument_id("ES.v.0.XCME", day) == "ESU4.XCME"
    assert resolve_instrument_id("ES.FUT.GLBX", day) == "ESU4.GLBX"
    assert resolve_instrument_id("ESZ4.XCME", day) == "ESZ4.XCME"
    with pytest.raises(UsageError, match=r"must be SYMBOL\.VENUE"):
        resolve_instrument_id("ESZ4", day)


def test_the_live_configuration_names_contracts_and_serves_all_strategies():
    config = live_config(["ES.v.0.XCME", "ESU4.XCME", "NQ.FUT.XCME"], date(2024, 7, 1))
    assert [str(found) for found in config.instrument_ids] == ["ESU4.XCME", "NQU4.XCME"]
    assert config.routing.default
    with pytest.raises(UsageError, match="none given"):
        live_config([], date(2024, 7, 1))


def test_a_table_resolves_each_kind_of_symbol():
    table = SymbolTable.of(ESU4=1, ESZ4=2, NQU4=3)
    july = 1_719_792_000 * 10**9

    def names(stype: str, symbol: str) -> list[str]:
        return [span.raw_symbol for span in table.resolve(stype, symbol, july)]

    assert names("raw_symbol", "ESZ4") == ["ESZ4"]
    assert names("raw_symbol", "ALL_SYMBOLS") == ["ESU4", "ESZ4", "NQU4"]
    assert names("parent", "ES.FUT") == ["ESU4", "ESZ4"]
    assert names("instrument_id", "3") == ["NQU4"]
    assert names("continuous", "ES.v.0") == ["ESU4", "ESZ4"]
    assert names("continuous", "CL.v.0") == names("raw_symbol", "ESH5") == []
    first, second = table.resolve("continuous", "ES.v.0", july)
    assert first.end_ns == second.start_ns == 1_726_099_200 * 10**9


def test_spreads_are_no_children_of_a_parent():
    table = SymbolTable([Span(1, "NQZ5"), Span(2, "NQZ5-NQH6")])
    assert [span.instrument_id for span in table.resolve("parent", "NQ.FUT", 0)] == [1]


def test_a_given_roll_goes_before_the_rule_and_must_name_served_contracts():
    rolls = {"ES.c.0": [(date(2024, 1, 1), "ESU4"), (date(2024, 8, 1), "ESZ4")]}
    contracts = [Span(1, "ESU4"), Span(2, "ESZ4")]
    first, second = SymbolTable(contracts, rolls).resolve("continuous", "ES.c.0", 0)
    assert (first.raw_symbol, second.raw_symbol) == ("ESU4", "ESZ4")
    assert first.end_ns == second.start_ns == 1_722_470_400 * 10**9
    with pytest.raises(UsageError, match="no contract 'ESZ4'"):
        SymbolTable(contracts[:1], rolls)
    with pytest.raises(UsageError, match="no contracts"):
        SymbolTable([])


def test_a_table_of_files_keeps_ids_that_change_their_contract_apart(tmp_path):
    start = 1_764_115_200 * 10**9
    rows = [{"ts_event": start, "price": 1}, {"ts_event": start, "price": 1, "symbol": "NQH6"}]
    data = records("trades", rows)
    one = write_dbn(tmp_path / "one.dbn", "trades", data, days={"NQZ5": (0, 1), "NQH6": (0, 1)})
    table = SymbolTable.from_files([DbnFile(one)])
    assert table.resolve("raw_symbol", "NQZ5", start + 5 * NS_PER_DAY), "no other use of the id"


@pytest.mark.parametrize(
    ("instrument_id", "day", "message"),
    [
        ("NQH6.XCME", date(2026, 3, 20), None),
        ("NQH6.XCME", date(2026, 3, 21), "its last trading day was 2026-03-20: use NQM6.XCME"),
        ("NQH6.XCME", date(2025, 11, 25), None),
        ("NQZ5.XCME", date(2026, 1, 5), "last trading day was 2025-12-19: use NQH6.XCME until"),
        ("NQH1.XCME", date(2026, 11, 25), None),  # of 2031
        ("NQH25.XCME", date(2026, 11, 25), "its last trading day was 2025-03-21"),
        ("XXH25.XCME", date(2026, 11, 25), None),
        ("BTCUSDT-LINEAR.BYBIT", date(2026, 11, 25), None),
    ],
)
def test_a_contract_that_trades_no_more_is_refused(instrument_id, day, message):
    if message is None:
        require_trading(instrument_id, day)
        return
    with pytest.raises(UsageError, match=message):
        require_trading(instrument_id, day)
