"""Rows as a node hands them to its journal, and what a test reads back."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nautilus_trader.model.identifiers import InstrumentId
from sqlalchemy import create_engine
from sqlalchemy import text

from actors.messages import Alert
from actors.messages import StateSnapshot
from tests.markets import BTC


IID = InstrumentId.from_str(BTC)
COMMON = {"trader_id": "T-1", "mode": "live", "instrument_id": BTC}


def wait_until(condition: Callable[[], bool], timeout_s: float = 5.0) -> None:
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "what was waited for did not come"
        time.sleep(0.01)


def rows(path: Path, statement: str) -> list[Any]:
    engine = create_engine(f"sqlite:///{path}")
    try:
        with engine.connect() as connection:
            return list(connection.execute(text(statement)))
    finally:
        engine.dispose()


def alert_row(seq: int, kind: str = "TEST", session: str = "s") -> dict[str, Any]:
    message = Alert(IID, seq, seq, strategy_id="S", kind=kind, text="t", value=None)
    return {**message.to_dict(), **COMMON, "session": session, "seq": seq}


def snapshot_row(seq: int, state: str, strategy: str = "S") -> dict[str, Any]:
    message = StateSnapshot(IID, seq, seq, strategy_id=strategy, cause="ORDER", state=state)
    return {**message.to_dict(), **COMMON, "session": "s", "seq": seq}
