"""What operators, the journal and the watchdog see of several trades."""

from decimal import Decimal

from strategies.common.book_params import PositionMode
from strategies.common.book_status import farthest_stop
from strategies.common.book_status import status_of
from strategies.common.book_status import trade_rows
from strategies.common.book_status import trades_text
from tests.strategies.trade_book_desk import BookDesk
from tests.strategies.trade_book_desk import intent


def test_trades_of_one_side_are_seen_one_by_one_and_as_one_position() -> None:
    desk = BookDesk().opened(2)
    desk.enter(intent(3))
    status = status_of(desk.book)
    assert [(t.trade_id, t.setup, t.open_lots) for t in status.trades] == [
        (1, "setup 1", 10),
        (2, "setup 2", 10),
        (3, "setup 3", 0),
    ]
    assert [t.is_protected for t in status.trades] == [True, True, False]
    assert [t.entry for t in status.trades] == [1000, 1000, None]
    assert (status.position, status.entry, status.stop) == (20, 1000, 950)
    assert status.open_risk == Decimal(110)


def test_trades_are_described_in_the_units_of_their_instrument() -> None:
    desk = BookDesk().opened(1)
    assert trades_text(trade_rows(status_of(desk.book), Decimal("0.5"), Decimal("0.1"))) == ""
    desk.enter(intent(2, is_long=True))
    rows = trade_rows(status_of(desk.book), Decimal("0.5"), Decimal("0.1"))
    first = {"trade_id": 1, "setup": "setup 1", "side": "LONG", "quantity": 1.0, "entry": 500.0}
    first |= {"stop": 475.0, "is_protected": True, "open_risk": 50.0, "is_leaving": False}
    assert rows[0] == first
    assert (rows[1]["quantity"], rows[1]["entry"], rows[1]["is_protected"]) == (0.0, None, False)
    assert trades_text(rows) == "2 trades: 1 setup 1 LONG 1, 2 setup 2 LONG 0"


def test_both_sides_have_no_entry_and_no_stop_in_common() -> None:
    desk = BookDesk(positions=PositionMode.BY_SIDE).opened(1)
    desk.opened(1, is_long=False)
    status = status_of(desk.book)
    assert (status.position, status.entry, status.stop) == (0, None, None)
    assert len(status.trades) == 2
    assert not status.halted


def test_the_stop_of_the_whole_position_lies_beyond_those_of_all_trades() -> None:
    desk = BookDesk().opened(3)
    assert farthest_stop(desk.book.trades.values()) == 930
    desk.flatten_one(3)
    assert farthest_stop(desk.book.trades.values()) is None
    short = BookDesk().opened(2, is_long=False)
    assert farthest_stop(short.book.trades.values()) == 1060
    assert farthest_stop([]) is None
