"""The journal of a node after one session, written by the journal's own store."""

from datetime import date
from pathlib import Path
from typing import Any

from nautilus_trader.model.identifiers import InstrumentId

from actors.journal.rows import message_row
from actors.journal.store import Store
from actors.messages import Alert
from actors.messages import Decision
from actors.messages import Message
from actors.messages import TradeEvent
from actors.messages import TradingStatus
from catalog.sessions import at_minute


DAY = date(2025, 11, 26)
FUTURE = InstrumentId.from_str("ESZ5.XCME")
STRATEGY = "Strategy-000"


def at(text: str, day: date = DAY) -> int:
    hours, minutes = map(int, text.split(":"))
    return at_minute(day, 60 * hours + minutes)


class JournalOfADay:
    def __init__(self, folder: Path, trader_id: str = "PAPER-001", mode: str = "paper") -> None:
        self.path = folder / "journal.sqlite"
        self._own = {"trader_id": trader_id, "mode": mode}
        self._store = Store(f"sqlite:///{self.path}")
        self._seq = 0

    def entry(
        self, message: Message, table: str | None = None, **own: str
    ) -> tuple[str, dict[str, Any]]:
        self._seq += 1
        row = {"session": "s1", "seq": self._seq, **self._own, **message_row(message), **own}
        return table or message.JOURNAL, row

    def write(self, *messages: Message, **own: str) -> None:
        assert self._store.write([self.entry(message, **own) for message in messages]) == []

    def write_row(self, table: str, row: dict[str, Any]) -> None:
        self._seq += 1
        assert (
            self._store.write([(table, {"session": "s1", "seq": self._seq, **self._own, **row})])
            == []
        )

    def close(self) -> None:
        self._store.close()


def decision(text: str, action: str, why: str | None = None, **columns: Any) -> Decision:
    ts = at(text)
    filled = {"setup": None, "side": None, **columns}
    return Decision(
        FUTURE,
        ts - 1,
        ts,
        strategy_id=STRATEGY,
        ts_min=ts - 60_000_000_000,
        reason="R",
        flags="",
        events="",
        action=action,
        why=why,
        **filled,
    )


def step(ts: int, kind: str, net: float | None = None, fees: float | None = None, **columns: Any):
    gross = None if net is None or kind == "FUNDING_PAID" else net + (fees or 0.0)
    return TradeEvent(
        FUTURE,
        ts,
        ts,
        strategy_id=STRATEGY,
        kind=kind,
        side="LONG",
        quantity=1.0,
        price=5000.25,
        gross=gross,
        fees=fees,
        net=net,
        **columns,
    )


def alert(text: str, kind: str) -> Alert:
    return Alert(FUTURE, at(text), at(text), strategy_id=STRATEGY, kind=kind, text="t", value=None)


def status(text: str, **columns: Any) -> TradingStatus:
    values = {"active": True, "halted": False, "killed": False, "quantity": 0.0, **columns}
    return TradingStatus(
        FUTURE,
        at(text),
        at(text),
        strategy_id=STRATEGY,
        day_pnl=0.0,
        open_risk=0.0,
        cooling=False,
        **values,
    )


def fill_row(text: str) -> dict[str, Any]:
    return {
        "strategy_id": STRATEGY,
        "instrument_id": str(FUTURE),
        "ts_event": at(text),
        "ts_init": at(text),
        "client_order_id": "O-1",
        "trade_id": "T-1",
        "side": "BUY",
        "quantity": "1",
        "price": "5000.25",
        "fee": "2.25",
        "currency": "USD",
        "scope": "",
    }
