"""The recommended brackets of the vectors: measured from the fill, left where the market trades."""

from decimal import Decimal

import pytest
from nautilus_trader.model.identifiers import InstrumentId

from actors.footprint.profiles import profile_of
from strategies.common.ledger import Ledger
from strategies.common.position import Position
from strategies.common.records import TradeClosed
from strategies.common.sizing import PositionSize
from strategies.common.trade_manager import TradeManager
from strategies.order_flow.config import OrderFlowConfig
from strategies.order_flow.machine import OrderFlowMachine
from strategies.order_flow.params import OrderFlowRules
from tests.order_flow.test_machine import TEN
from tests.order_flow.test_machine import row
from tests.order_flow.test_machine import signal
from tests.regime.vectors import vector
from tests.venue import ReferenceVenue
from tests.venue import Session
from tests.venue import VenueRules


SECOND = 1_000_000_000
CASES = vector("12_execution")["recommended"]
PATTERNS = {"LONG": "BUYING_ABSORPTION", "SHORT": "SELLING_ABSORPTION"}


def ticks_of(price, tick):
    ticks = Decimal(str(price)) / tick
    assert ticks == ticks.to_integral_value()
    return int(ticks)


def named(case):
    return f"{case['symbol']} {case['side']} {case['last_prices'][-1]}"


def test_the_vectors_have_both_sides_exits_and_contracts():
    assert {(case["side"], case["exit_reason"]) for case in CASES} == {
        (side, reason) for side in PATTERNS for reason in ("TARGET", "STOP")
    }
    assert {case["symbol"] for case in CASES} == {"ES", "MES"}


@pytest.mark.parametrize("case", CASES, ids=named)
def test_a_bracket_is_that_of_the_vectors(case):
    profile = profile_of(case["symbol"])
    tick, value = Decimal(profile.tick), Decimal(profile.tick_value)
    config = OrderFlowConfig(instrument_id=InstrumentId.from_str(f"{case['symbol']}H6.XCME"))
    side = 1 if case["side"] == "LONG" else -1
    fill = ticks_of(case["entry_fill"], tick)
    # The price of the decision, which the fill misses by a tick.
    price = fill - side
    bid, ask = (price - 1, price) if side > 0 else (price, price + 1)
    machine = OrderFlowMachine(OrderFlowRules(), config.bracket())
    step = machine.step(row(TEN, signal(PATTERNS[case["side"]])), Position(bid=bid, ask=ask))
    assert step is not None
    (entry,) = step.entries
    assert entry.intent is not None
    assert entry.intent.entry == price

    trades = []
    manager = TradeManager(
        config.trade_params(value, Decimal(0)),
        lambda _: PositionSize(lots=1),
        Ledger(Decimal(100_000)),
        lambda record: trades.append(record) if isinstance(record, TradeClosed) else None,
    )
    rules = VenueRules(tick_value=value, slip_exit=0, taker_bps=Decimal(0), maker_bps=Decimal(0))
    session = Session(manager, ReferenceVenue(rules))
    session.on_minute(TEN, price, entry.intent)
    session.on_quote(TEN + SECOND, bid, ask)
    trade = manager.trade
    assert trade is not None
    assert (trade.intent.stop_distance, trade.intent.target_distance) == (
        case["stop_ticks"],
        case["target_ticks"],
    )
    assert trade.stop == ticks_of(case["stop"], tick)
    target = ticks_of(case["target"], tick)
    assert target == fill + side * trade.intent.target_distance
    # A tick before either nothing happens.
    for price in (trade.stop + side, target - side):
        session.on_trade(TEN + 2 * SECOND, price)
        session.on_quote(TEN + 2 * SECOND, price, price)
    for number, last in enumerate(case["last_prices"], start=1):
        # The market leaves with the last price of the case, and not before.
        assert not trades
        at = TEN + 10 * number * SECOND
        traded = ticks_of(last, tick)
        session.on_trade(at, traded)
        session.on_quote(at + SECOND, traded, traded)
    (closed,) = trades
    assert closed.exit_reason == case["exit_reason"]
    assert closed.gross == Decimal(str(case["pnl_per_contract"]))
    assert closed.gross / value == case["pnl_ticks"]
    assert fill + side * case["pnl_ticks"] == ticks_of(case["exit_price"], tick)
