"""What operators read of a record: alerts name the trade of a strategy that may hold several."""

from decimal import Decimal
from fractions import Fraction

import pytest
from nautilus_trader.model.identifiers import InstrumentId

from actors.messages import TradeEvent
from strategies.common.intents import Intent
from strategies.common.record_mapper import Journal
from strategies.common.records import Alert
from strategies.common.records import AlertKind
from strategies.common.records import EntryCanceled
from strategies.common.records import EntryFilled
from strategies.common.records import EntryKind
from strategies.common.records import EntryRefused
from strategies.common.records import EntrySubmitted
from strategies.common.records import ExitFilled
from strategies.common.records import FundingPaid
from strategies.common.records import Record
from strategies.common.records import TradeClosed
from tests.markets import BTC


LONG = Intent(is_long=True, entry=1_000, stop=900, tp2=1_200, tag="rung 2")


@pytest.mark.parametrize(
    ("names_trades", "trade_id", "text"),
    [
        (True, 4, "trade 4 rung 2: refused: no margin"),
        (True, None, "refused: no margin"),
        (False, 4, "refused: no margin"),
    ],
)
def test_an_alert_names_its_trade_where_there_may_be_several(
    names_trades: bool, trade_id: int | None, text: str
) -> None:
    journal = Journal(
        InstrumentId.from_str(BTC),
        "S-000",
        Decimal("0.1"),
        Decimal("0.001"),
        names_trades=names_trades,
    )
    alert = Alert(ts=1, kind=AlertKind.STOP_REJECTED, message="refused: no margin")
    assert journal.message(alert, LONG, 2, trade_id).text == text


SHORT = Intent(is_long=False, entry=1_000, stop=1_100, tp2=800, tag="rung 3")
EXIT = ExitFilled(
    ts=5, reason="STOP", price=1_010, lots=3, fee=Decimal("0.2"), gross=Decimal("-1.5")
)
CLOSED = TradeClosed(
    intent=SHORT,
    ts_open=2,
    ts_close=5,
    entry=Fraction(1_001, 2),
    lots=4,
    exits=(EXIT,),
    gross=Decimal("-1.5"),
    fees=Decimal("0.3"),
    funding=Decimal("0.1"),
    net=Decimal("-1.9"),
    entry_kind=EntryKind.LIMIT,
)


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (
            EntrySubmitted(ts=3, intent=SHORT, lots=4, capped=True),
            (3, "ENTRY_SUBMITTED", "CAPPED", 0.004, 100.0, None, None, None, None),
        ),
        (
            EntrySubmitted(ts=3, intent=SHORT, lots=4, capped=False),
            (3, "ENTRY_SUBMITTED", None, 0.004, 100.0, None, None, None, None),
        ),
        (
            EntryFilled(
                ts=4, intent=SHORT, how=EntryKind.LIMIT, price=1_001, lots=4, fee=Decimal("0.1")
            ),
            (4, "ENTRY_FILLED", "LIMIT", 0.004, 100.1, None, 0.1, None, -0.1),
        ),
        (
            EntryCanceled(ts=4, intent=SHORT, reason="HALTED", lots=2),
            (4, "ENTRY_CANCELED", "HALTED", 0.002, None, None, None, None, None),
        ),
        (
            EntryRefused(ts=4, intent=SHORT, reason="SIZE"),
            (4, "ENTRY_REFUSED", "SIZE", None, None, None, None, None, None),
        ),
        (EXIT, (5, "EXIT_FILLED", "STOP", 0.003, 101.0, -1.5, 0.2, None, -1.7)),
        (
            FundingPaid(ts=6, paid=Decimal("-0.4")),
            (6, "FUNDING_PAID", None, None, None, None, None, -0.4, 0.4),
        ),
        (CLOSED, (5, "TRADE_CLOSED", "STOP", 0.004, 50.05, -1.5, 0.3, 0.1, -1.9)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_record_of_a_trade_becomes_a_message_with_all_its_money(
    record: Record, expected: tuple[object, ...]
) -> None:
    journal = Journal(InstrumentId.from_str(BTC), "S-000", Decimal("0.1"), Decimal("0.001"))
    event = journal.message(record, SHORT, 9, 7)
    assert isinstance(event, TradeEvent)
    assert (event.setup, event.side, event.trade_id, event.ts_init) == ("rung 3", "SHORT", 7, 9)
    assert expected == (
        event.ts_event,
        event.kind,
        event.reason,
        event.quantity,
        event.price,
        event.gross,
        event.fees,
        event.funding,
        event.net,
    )


@pytest.mark.parametrize(("ts_event", "ts_init"), [(5, 3), (3, 5)])
def test_an_alert_is_not_published_before_its_event(ts_event: int, ts_init: int) -> None:
    journal = Journal(InstrumentId.from_str(BTC), "S-000", Decimal("0.1"), Decimal("0.001"))
    alert = journal.alert(ts_event, ts_init, "OBSERVATION", "text")
    assert (alert.ts_event, alert.ts_init) == (ts_event, 5)
