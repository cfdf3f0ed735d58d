"""
A mirrored market gives mirrored trades.

Prices are reflected, bid and ask change places, long becomes short. Left out, because they depend
on the price itself: sizes by margin (a fixed size here), fees and funding (none here). Nothing else
of the trade manager favours a side: a half tick and an average between ticks are rounded away from
the profit on both.
"""

from fractions import Fraction
from typing import Any

import pytest

from strategies.common.records import TradeClosed
from strategies.common.sizing import PositionSize
from strategies.common.trade_manager import TradeManager
from tests.strategies.test_trade_manager_vectors import RUNS
from tests.strategies.test_trade_manager_vectors import Book
from tests.strategies.test_trade_manager_vectors import replay
from tests.vectors import load


AROUND = 1_000_001  # twice the price in the middle: an odd number of ticks
FREE = {"taker": "0", "maker": "0", "funding_8h_bps": "0", "max_daily_loss": None}


class FixedBook(Book):
    """Trades one size, and keeps the closed trades as they are."""

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__(config | FREE)
        self.closed: list[TradeClosed] = []
        self.manager = TradeManager(
            self.manager.params,
            lambda _: PositionSize(lots=1001),
            self.ledger,
            lambda record: self.closed.append(record) if isinstance(record, TradeClosed) else None,
        )
        self.session.manager = self.manager


class Mirror:
    """Reflects what goes into a session."""

    def __init__(self, book: FixedBook) -> None:
        self._book = book
        self.session = self

    def on_quote(self, ts: int, bid: int, ask: int) -> None:
        self._book.session.on_quote(ts, AROUND - ask, AROUND - bid)

    def on_trade(self, ts: int, price: int) -> None:
        self._book.session.on_trade(ts, AROUND - price)

    def minute(
        self, ts: int, close: int | None, best: dict[str, Any] | None, **gates: bool
    ) -> None:
        if best is not None:
            best = best | {
                name: AROUND - best[name] for name in ("entry", "stop", "tp2", "B") if name in best
            }
            if best["tp1_2"] is not None:
                best["tp1_2"] = 2 * AROUND - best["tp1_2"]
            best["long"] = not best["long"]
        self._book.minute(ts, None if close is None else AROUND - close, best, **gates)


def facts(trade: TradeClosed, around: int | None) -> tuple[Any, ...]:
    def price(value: Fraction | int) -> Fraction | int:
        return value if around is None else around - value

    return (
        trade.ts_open,
        trade.ts_close,
        trade.intent.is_long if around is None else not trade.intent.is_long,
        price(trade.entry),
        price(trade.intent.stop),
        trade.lots,
        [(exit.ts, price(exit.price), exit.lots, exit.reason) for exit in trade.exits],
        trade.gross,
        trade.entry_kind,
    )


@pytest.mark.parametrize("name", RUNS)
def test_a_mirrored_market_gives_mirrored_trades(name: str) -> None:
    run = load("004", f"run_{name}.json.gz")
    book, reflected = FixedBook(run["exec_config"]), FixedBook(run["exec_config"])

    replay(book, run)
    replay(Mirror(reflected), run)

    assert len(book.closed) > 5
    mirrored = [facts(trade, AROUND) for trade in reflected.closed]
    assert mirrored == [facts(trade, None) for trade in book.closed]
    assert reflected.ledger.cash == book.ledger.cash
