"""The result of the day in the alert of a closed trade."""

from nautilus_trader.model.identifiers import InstrumentId

from actors.alerts.day_results import DAY_NS
from actors.alerts.day_results import DayResults
from actors.messages import TradeEvent
from actors.messages import TradingStatus


BTC = InstrumentId.from_str("BTCUSDT-LINEAR.BYBIT")
DAY = 20_000 * DAY_NS
NOTHING = dict.fromkeys(TradeEvent.COLUMNS)


def step(results: DayResults, ts: int, kind: str, net: float | None, name: str = "A-1") -> float:
    values = {**NOTHING, "strategy_id": name, "kind": kind, "net": net}
    event = TradeEvent(BTC, ts, ts, **values)
    results.take_event(event)
    return results.result(name, ts)


def report(results: DayResults, ts: int, day_pnl: float, name: str = "A-1") -> None:
    values = dict.fromkeys(TradingStatus.COLUMNS)
    flags = dict.fromkeys(("active", "halted", "killed", "cooling"), False)
    numbers = dict.fromkeys(("quantity", "open_risk"), 0.0)
    values |= {**flags, **numbers, "strategy_id": name, "day_pnl": day_pnl}
    results.take_status(TradingStatus(BTC, ts - 1, ts, **values))


def test_fees_fills_and_funding_of_a_day_add_up_and_the_end_of_a_trade_counts_once() -> None:
    results = DayResults()
    assert step(results, DAY, "ENTRY_FILLED", -1.1) == -1.1
    assert step(results, DAY + 1, "EXIT_FILLED", 50.0) == 48.9
    assert step(results, DAY + 2, "FUNDING_PAID", -0.9) == 48.0
    assert step(results, DAY + 2, "TRADE_CLOSED", 48.0) == 48.0
    assert step(results, DAY + 3, "ENTRY_SUBMITTED", None) == 48.0
    # Another strategy has its own.
    assert step(results, DAY + 3, "EXIT_FILLED", -5.0, "B-1") == -5.0


def test_the_report_of_a_strategy_counts_also_after_a_restart() -> None:
    results = DayResults()
    report(results, DAY + 60, -120.0)
    assert step(results, DAY + 61, "EXIT_FILLED", -30.0) == -150.0
    report(results, DAY + 120, -150.0)
    assert results.result("A-1", DAY + 121) == -150.0


def test_a_day_begins_at_nothing() -> None:
    results = DayResults()
    report(results, DAY + 60, -120.0)
    assert results.result("A-1", DAY + DAY_NS) == 0.0
    assert step(results, DAY + DAY_NS, "EXIT_FILLED", 10.0) == 10.0
    # A boundary at midnight belongs to the day that begins.
    report(results, DAY + 2 * DAY_NS, 0.0)
    assert step(results, DAY + 2 * DAY_NS, "EXIT_FILLED", 1.0) == 1.0
    assert step(results, DAY, "EXIT_FILLED", 7.0) == 0.0
    assert results.result("A-1", DAY + 2 * DAY_NS) == 1.0
