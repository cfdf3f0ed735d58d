"""What operators read of a record: alerts name the trade of a strategy that may hold several."""

from decimal import Decimal

import pytest
from nautilus_trader.model.identifiers import InstrumentId

from strategies.common.intents import Intent
from strategies.common.record_mapper import Journal
from strategies.common.records import Alert
from strategies.common.records import AlertKind
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
