"""The trade manager against the reference sequences and whole reference runs."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from strategies.common.intents import GateDecision
from strategies.common.intents import Intent
from strategies.common.ledger import Ledger
from strategies.common.ledger import heat
from strategies.common.records import Alert
from strategies.common.records import EntryCanceled
from strategies.common.records import EntryFilled
from strategies.common.records import EntrySubmitted
from strategies.common.records import ExitFilled
from strategies.common.records import FundingPaid
from strategies.common.records import Record
from strategies.common.records import TradeClosed
from strategies.common.sizing import PositionSize
from strategies.common.sizing import size_position
from strategies.common.target_split import first_target_lots
from strategies.common.trade_manager import TradeManager
from strategies.common.trade_params import MINUTE_NS
from strategies.common.trade_params import TradeParams
from tests.vectors import load
from tests.venue import ReferenceVenue
from tests.venue import Session
from tests.venue import VenueRules


MS = 1_000_000
RUNS = ("default", "immediate_outer", "strict")
CASES = load("004", "execution_cases.json")
BASE = load("004", "run_default.json.gz")["exec_config"]
MONEY = ("fee", "gross", "fees", "funding", "net", "pay", "raw_qty", "day_pnl")


class Book:
    """A session on the reference venue that keeps the books in the vectors' terms."""

    def __init__(self, config: dict[str, Any]) -> None:
        self.config = BASE | config
        self.tick = Decimal(self.config["tick"])
        self.lot = Decimal(self.config["lot"])
        self.leverage = Decimal(self.config["max_leverage"])
        limit = self.config["max_daily_loss"]
        self.ledger = Ledger(
            Decimal(self.config["capital"]),
            None if limit is None else Decimal(limit),
        )
        self.actions: list[list[Any]] = []
        self.log: list[dict[str, Any]] = []
        self.positions: list[dict[str, Any]] = []
        self.alerts: list[dict[str, Any]] = []
        self.venue = ReferenceVenue(
            VenueRules(
                tick_value=self.tick * self.lot,
                slip_entry=self.config["slip_entry"],
                slip_exit=self.config["slip_exit"],
                taker_bps=Decimal(self.config["taker"]),
                maker_bps=Decimal(self.config["maker"]),
                funding_8h_bps=Decimal(self.config["funding_8h_bps"]),
            )
        )
        self.manager = TradeManager(self._params(), self._size, self.ledger, self._record)
        self.session = Session(self.manager, self.venue)

    def minute(
        self, ts: int, close: int | None, best: dict[str, Any] | None, **gates: bool
    ) -> None:
        def taken(decision: GateDecision) -> None:
            self.actions.append([ts, decision.action, decision.reason])

        self.session.on_minute(ts * MS, close, intent(best) if best else None, taken=taken, **gates)

    @property
    def heat(self) -> Decimal | None:
        trade = self.manager.trade
        trades = [] if trade is None else [trade]
        return heat(
            self.ledger.cash,
            [trade.risk for trade in trades],
            [trade.notional for trade in trades],
            self.leverage,
        )

    @property
    def open(self) -> dict[str, Any] | None:
        trade = self.manager.trade
        if trade is None or not trade.open:
            return None
        return {
            "long": trade.intent.is_long,
            "entry": trade.average_entry,
            "lots": trade.open,
            "stop": trade.stop,
            "tp1_done": any(exit.reason == "TP1" for exit in trade.exits),
            "be": trade.stop_reason == "BREAKEVEN",
        }

    def _params(self) -> TradeParams:
        config = self.config
        return TradeParams(
            tick_value=self.tick * self.lot,
            taker_fee_bps=Decimal(config["taker"]),
            limit_entry=config["limit_entry"],
            entry_timeout_ns=config["limit_timeout"] * MINUTE_NS,
            cancel_on_stop_touch=config["cancel_on_stop_touch"],
            tp1_share=Fraction(config["tp1_pct"]),
            breakeven_after_tp1=config["move_be"],
            max_hold_ns=config["max_hold"] * MINUTE_NS,
            extend_if_profitable=config["extend"],
            cooldown_ns=config["cooldown"] * MINUTE_NS,
            flip=config["flip"],
        )

    def _size(self, wanted: Intent) -> PositionSize:
        return size_position(
            available_margin=self.ledger.cash,
            risk_pct=Decimal(self.config["risk_pct"]),
            entry=wanted.entry * self.tick,
            stop=wanted.stop * self.tick,
            max_leverage=self.leverage,
            lot_size=self.lot,
            min_lots=self.config["min_lots"],
        )

    def _record(self, record: Record) -> None:
        ts = {} if isinstance(record, TradeClosed) else {"ts": record.ts // MS}
        match record:
            case EntrySubmitted():
                event = {
                    "event": "ENTRY_SUBMIT",
                    "limit": record.intent.entry,
                    "lots": record.lots,
                    "long": record.intent.is_long,
                    "stop": record.intent.stop,
                    "tp1_2": record.intent.tp1_half,
                    "tp2": record.intent.tp2,
                    "tag": record.intent.tag,
                    "capped": record.capped,
                }
            case EntryFilled():
                assert self.venue.quote is not None
                spread = record.intent.side * (2 * record.price - sum(self.venue.quote))
                event = {
                    "event": "ENTRY_FILL",
                    "how": record.how,
                    "long": record.intent.is_long,
                    "ticks": record.price,
                    "lots": record.lots,
                    "fee": record.fee,
                    "tag": record.intent.tag,
                    "spread_paid_halfticks": spread,
                }
            case EntryCanceled():
                event = {"event": "ENTRY_CANCEL", "reason": record.reason}
            case ExitFilled():
                event = {
                    "event": "EXIT_FILL",
                    "reason": record.reason,
                    "ticks": record.price,
                    "lots": record.lots,
                    "fee": record.fee,
                    "gross": record.gross,
                }
            case FundingPaid():
                event = {"event": "FUNDING", "pay": record.paid}
            case TradeClosed():
                self.positions.append(as_position(record))
                return
            case Alert():
                name = "day_pnl" if record.kind == "KILL_SWITCH" else "raw_qty"
                self.alerts.append(ts | {"type": record.kind, name: record.value})
                return
            case _:
                event = {"event": type(record).__name__}
        self.log.append(ts | event)


def intent(best: dict[str, Any]) -> Intent:
    return Intent(
        is_long=best["long"],
        entry=best["entry"],
        stop=best["stop"],
        tag=best["tag"],
        tp1_half=best["tp1_2"],
        tp2=best["tp2"],
        boundary=best.get("B"),
    )


def as_position(record: TradeClosed) -> dict[str, Any]:
    return {
        "ts_open": record.ts_open // MS,
        "ts_close": record.ts_close // MS,
        "long": record.intent.is_long,
        "tag": record.intent.tag,
        "entry": record.entry,
        "lots": record.lots,
        "stop0": record.intent.stop,
        "tp1_2": record.intent.tp1_half,
        "tp2": record.intent.tp2,
        "exits": [
            {"ts": exit.ts // MS, "ticks": exit.price, "lots": exit.lots, "reason": exit.reason}
            for exit in record.exits
        ],
        "gross": record.gross,
        "fees": record.fees,
        "funding": record.funding,
        "net": record.net,
        "entry_kind": record.entry_kind,
        "exit_reason": record.exit_reason,
    }


def exact(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Read the money of recorded rows as numbers."""
    return [
        {
            key: (round(value, 6) if key == "raw_qty" else value)
            for key, value in ((key, _number(key, value)) for key, value in row.items())
        }
        for row in rows
    ]


def _number(key: str, value: Any) -> Any:
    return Decimal(value) if key in MONEY and value is not None else value


def replay(book: Book, run: dict[str, Any]) -> None:
    """Feed the recorded ticks, and at each boundary the recorded signal."""
    stream = load("004", "stream.json.gz")
    features = load("004", "features.json.gz")["rows"]
    start = stream["meta"]["t0"]
    events = iter(stream["events"])
    event = next(events, None)
    for signal, row in zip(run["signals"], features, strict=True):
        boundary = signal["ts_min"] + 60_000
        while event is not None and start + event[1] < boundary:
            ts = (start + event[1]) * MS
            if event[0] == 0:
                book.session.on_quote(ts, event[2], event[4])
            else:
                book.session.on_trade(ts, event[2])
            event = next(events, None)
        best = signal["best"]
        if best is not None and best["setup"] == "breakout":
            sequence = signal["seq"]["UP" if best["long"] else "DOWN"]
            best = best | {"B": sequence[1]}
        book.minute(boundary, row["c"], best, warm=row["warm"])


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_execution_case(case: dict[str, Any]) -> None:
    book = Book(case["config"])

    for op, ts, *values in case["ops"]:
        if op == "q":
            book.session.on_quote(ts * MS, *values)
        elif op == "t":
            book.session.on_trade(ts * MS, *values)
        else:
            close, best, *gates = values
            book.minute(ts, close, best, **(gates[0] if gates else {}))

    expected = case["expected"]
    assert book.actions == expected["actions"]
    assert exact(book.log) == exact(expected["log"])
    assert exact(book.positions) == exact(expected["positions"])
    assert book.ledger.cash == Decimal(expected["cash"])
    assert exact(book.alerts) == exact(expected["alerts"])
    assert book.heat == pytest.approx(Decimal(expected["heat"]), rel=0, abs=Decimal("1e-12"))
    assert book.open == expected["open"]


@pytest.mark.parametrize("name", RUNS)
def test_reference_run(name: str) -> None:
    run = load("004", f"run_{name}.json.gz")
    book = Book(run["exec_config"])

    replay(book, run)

    recorded = [[row["ts_min"] + 60_000, row["action"], row["why"]] for row in run["signals"]]
    assert book.actions == recorded
    assert exact(book.log) == exact(run["log"])
    assert exact(book.positions) == exact(run["positions"])
    assert exact(book.alerts) == exact(run["alerts"])
    assert book.ledger.cash == Decimal(run["final_cash"])
    left, position = run["open_position"], book.open
    assert left == (
        position
        and {key: position[key] for key in ("long", "entry", "lots", "stop")} | {"tag": left["tag"]}
    )


@pytest.mark.parametrize("case", load("004", "partial_exit_cases.json"))
def test_partial_exit_case(case: dict[str, Any]) -> None:
    first = first_target_lots(case["lots"], Fraction(case["pct"]))

    assert (first, case["lots"] - first) == (case["tp1_lots"], case["rest"])
