"""Two trades at once through Nautilus's own engine, at a netting and at a hedging venue."""

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from nautilus_trader.backtest.config import BacktestEngineConfig
from nautilus_trader.backtest.engine import BacktestEngine
from nautilus_trader.common.config import LoggingConfig
from nautilus_trader.model.enums import AccountType
from nautilus_trader.model.enums import OmsType
from nautilus_trader.model.events import OrderFilled
from nautilus_trader.model.objects import Money

from actors.journal.rows import fill_row
from actors.journal.rows import order_row
from actors.messages import TradeEvent
from actors.messages import TradingStatus
from actors.nautilus_records import fill_record
from actors.nautilus_records import order_change
from actors.nautilus_records import order_record
from actors.order_marks import marked
from actors.order_records import OrderRecord
from backtests.results.shared_fills import divided
from backtests.results.trades import trades_of
from strategies.common.book_params import PositionMode
from tests.adapters.simulated.desk import T0
from tests.adapters.simulated.desk import Maker
from tests.adapters.simulated.desk import run
from tests.backtests.intents import WrittenIntents
from tests.backtests.intents import WrittenIntentsConfig


MINUTE_MS = 60_000
ENTRY = 500_000
BALANCE = 10_000


def intent(number: int, *, is_long: bool = True) -> dict[str, Any]:
    """Return the fields of an intent whose stop and target lie farther away with its number."""
    sign = 1 if is_long else -1
    return {
        "is_long": is_long,
        "entry": ENTRY + sign,
        "stop": ENTRY - sign * (4000 + 1000 * number),
        "tp2": ENTRY + sign * 10_000 * number,
        "tag": f"toy {number}",
    }


class Toys:
    """A run of two trades, entered a minute apart."""

    def __init__(self, positions: PositionMode, *intents: dict[str, Any], prices: list[int]):
        self.maker = Maker()
        instrument = self.maker.instrument
        self.engine = BacktestEngine(BacktestEngineConfig(logging=LoggingConfig(log_level="OFF")))
        is_netting = positions is PositionMode.NETTING
        self.engine.add_venue(
            venue=instrument.id.venue,
            oms_type=OmsType.NETTING if is_netting else OmsType.HEDGING,
            account_type=AccountType.MARGIN,
            starting_balances=[Money(BALANCE, instrument.get_settlement_currency())],
            default_leverage=Decimal(10),
        )
        self.engine.add_instrument(instrument)
        minutes = [
            (T0 + (i + 1) * MINUTE_MS * 1_000_000, ENTRY, fields, True, True)
            for i, fields in enumerate(intents)
        ]
        self.strategy = WrittenIntents(
            WrittenIntentsConfig(
                instrument_id=instrument.id,
                minutes=minutes,
                max_trades=3,
                position_mode=positions,
                max_hold_minutes=None,
                risk_pct=Decimal("0.01"),
            )
        )
        self.engine.add_strategy(self.strategy)
        self.events: list[TradeEvent] = []
        self.engine.kernel.msgbus.subscribe(topic=TradeEvent.topic(), handler=self.events.append)
        self.statuses: list[TradingStatus] = []
        self.engine.kernel.msgbus.subscribe(
            topic=TradingStatus.topic(), handler=self.statuses.append
        )
        self.seen: list[tuple[dict[int, int], dict[str, int]]] = []
        self.engine.add_data(self.ticks(len(intents), prices))
        for i in range(len(intents) + len(prices)):
            self.engine.kernel.clock.set_time_alert_ns(
                f"look {i}", T0 + ((i + 1) * MINUTE_MS + 30_000) * 1_000_000, self.look
            )
        run(self.engine)

    def ticks(self, quiet: int, prices: list[int]) -> list[Any]:
        """Quote around the entry for some minutes, then walk through prices, one a minute."""
        ticks = []
        for minute, price in enumerate([ENTRY] * (quiet + 1) + prices):
            for second in range(1, 59, 3):
                ms = minute * MINUTE_MS + second * 1000
                ticks.append(self.maker.quote(ms, price - 1, price + 1, 10**6, 10**6))
                ticks.append(self.maker.trade(ms + 500, price, 10, "B"))
        return ticks

    def look(self, _: Any) -> None:
        """Note the trades, the venue's positions, and hold what must always be so."""
        book, cache = self.strategy.manager, self.engine.cache
        units = self.strategy.units
        trades = {key: t.side * t.open for key, t in book.trades.items()}
        positions = {
            str(p.id): units.lots(p.quantity) * (1 if p.is_long else -1)
            for p in cache.positions_open()
        }
        assert sum(trades.values()) == sum(positions.values())
        resting = sum(units.lots(o.leaves_qty) for o in cache.orders_open() if o.is_reduce_only)
        assert resting == sum(abs(lots) for lots in positions.values())
        self.seen.append((trades, positions))

    @property
    def closed(self) -> list[tuple[str | None, str | None]]:
        return [(e.setup, e.reason) for e in self.events if e.kind == "TRADE_CLOSED"]

    def check_end(self) -> None:
        """All is flat, and the trades have earned what the account has."""
        cache = self.engine.cache
        assert self.strategy.is_flat
        assert not self.strategy.manager.halted
        assert not cache.orders_open()
        assert not cache.positions_open()
        account = cache.account_for_venue(self.maker.instrument.id.venue)
        balance = account.balance_total(self.maker.instrument.get_settlement_currency())
        nets = sum(e.net or 0.0 for e in self.events if e.kind == "TRADE_CLOSED")
        assert float(balance.as_decimal() - BALANCE) == pytest.approx(nets, abs=1e-6)
        assert nets != 0
        self.engine.dispose()


def records(toys: Toys) -> list[OrderRecord]:
    return [order_record(order) for order in toys.engine.cache.orders()]


def test_two_trades_of_one_side_share_a_netted_position_and_leave_it_one_by_one() -> None:
    toys = Toys(
        PositionMode.NETTING, intent(1), intent(2), prices=[510_000, ENTRY, 493_000, 493_000]
    )
    (first, one), (both, netted), (left, rest), *_ = toys.seen
    assert (list(first), list(both), list(left)) == ([1], [1, 2], [2])
    assert len(one) == len(netted) == len(rest) == 1
    assert toys.closed == [("toy 1", "TP2"), ("toy 2", "STOP")]
    orders = toys.engine.cache.orders()
    assert {order.tags[-1] for order in orders} == {"trade=1", "trade=2"}
    steps = [(e.trade_id, e.setup, e.kind) for e in toys.events]
    assert steps == [
        (1, "toy 1", "ENTRY_SUBMITTED"),
        (1, "toy 1", "ENTRY_FILLED"),
        (2, "toy 2", "ENTRY_SUBMITTED"),
        (2, "toy 2", "ENTRY_FILLED"),
        (1, "toy 1", "EXIT_FILLED"),
        (1, "toy 1", "TRADE_CLOSED"),
        (2, "toy 2", "EXIT_FILLED"),
        (2, "toy 2", "TRADE_CLOSED"),
    ]
    instrument = toys.maker.instrument
    trades = trades_of(records(toys), {instrument.id.value: instrument})
    assert [(t.trade_id, t.setup, t.exit_reason, len(t.fills)) for t in trades] == [
        (1, "toy 1", "TP2", 2),
        (2, "toy 2", "STOP", 2),
    ]
    closed = {e.trade_id: e.net for e in toys.events if e.kind == "TRADE_CLOSED"}
    assert {t.trade_id: float(t.net) for t in trades} == pytest.approx(closed)
    positions = [fill.position_id for trade in trades for fill in trade.fills]
    assert len(set(positions)) == 1
    # The status after the second decision comes before its entry is filled.
    described = [[t["trade_id"] for t in json.loads(s.trades)] for s in toys.statuses]
    assert described == [[1], [1, 2]]
    for order in orders:
        for event in order.events:
            trade_id = int(order.tags[-1].removeprefix("trade="))
            assert (
                order_row(order_change(event), order_record(order))["strategy_trade_id"] == trade_id
            )
    toys.check_end()


def test_an_opposite_trade_turns_a_netted_position_of_two() -> None:
    toys = Toys(
        PositionMode.NETTING,
        intent(1),
        intent(2),
        intent(1, is_long=False),
        prices=[489_000, 489_000],
    )
    assert [list(trades) for trades, _ in toys.seen[:3]] == [[1], [1, 2], [3]]
    assert toys.seen[2][0][3] < 0
    assert toys.closed == [("toy 1", "FLIP"), ("toy 2", "FLIP"), ("toy 1", "TP2")]
    toys.check_end()


def test_two_trades_of_both_sides_have_a_position_each_at_a_hedging_venue() -> None:
    toys = Toys(
        PositionMode.BY_TRADE,
        intent(1),
        intent(2, is_long=False),
        prices=[510_000, 510_000],
    )
    trades, positions = toys.seen[1]
    assert [lots > 0 for lots in trades.values()] == [True, False]
    assert sorted(trades.values()) == sorted(positions.values())
    assert len(positions) == 2
    assert sorted(toys.closed) == [("toy 1", "TP2"), ("toy 2", "STOP")]
    toys.check_end()


def test_two_trades_of_one_side_have_a_position_each_at_a_hedging_venue() -> None:
    toys = Toys(
        PositionMode.BY_TRADE, intent(1), intent(2), prices=[510_000, ENTRY, 493_000, 493_000]
    )
    assert len(toys.seen[1][1]) == 2
    assert len(toys.seen[2][1]) == 1
    assert toys.closed == [("toy 1", "TP2"), ("toy 2", "STOP")]
    toys.check_end()


def test_the_mark_of_an_order_without_tags_names_its_trade_in_the_journal() -> None:
    toys = Toys(PositionMode.NETTING, intent(1), prices=[510_000])
    order = toys.engine.cache.orders()[0]
    fill = next(event for event in order.events if isinstance(event, OrderFilled))
    name = marked("O-20260105-000100-001-001-1", "ENTRY", "SIGNAL", 702)
    found = OrderFilled.from_dict({**OrderFilled.to_dict(fill), "client_order_id": name})
    assert fill_row(fill_record(found), None, None, 700)["strategy_trade_id"] == 702
    assert fill_row(fill_record(found), None, None)["strategy_trade_id"] is None
    assert fill_row(fill_record(fill), None, None, 700)["strategy_trade_id"] is None
    toys.engine.dispose()


def test_what_an_order_closes_beyond_its_trade_leaves_the_others_of_the_position() -> None:
    toys = Toys(PositionMode.NETTING, intent(1), intent(2), prices=[510_000, ENTRY, 493_000])
    instruments = {toys.maker.instrument.id.value: toys.maker.instrument}
    first, second = trades_of(records(toys), instruments)
    (entry, leave), (other, _) = first.fills, second.fills
    running = {}
    for trade_id, fill in ((1, entry), (2, other)):
        trade = replace(
            first if trade_id == 1 else second,
            **dict.fromkeys(("quantity", "open_quantity", "open_cost"), Decimal(0)),
            fills=[],
        )
        trade.book(fill)
        running[(fill.strategy_id, fill.instrument_id, trade_id)] = trade
    own, rest = running
    size, beyond = first.quantity, Decimal("0.002")
    whole = replace(leave, quantity=size + beyond, fee=Decimal("1.00000000"))
    parts = list(divided(whole, own, running, instruments))
    assert [(key, part.quantity) for key, part in parts] == [
        (own, size),
        (rest, beyond),
    ]
    assert sum(part.fee for _, part in parts) == 1
    assert {part.id for _, part in parts} == {whole.id}
    assert list(divided(leave, own, running, instruments)) == [(own, leave)]
    toys.engine.dispose()
