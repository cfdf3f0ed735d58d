"""Map records of the trade manager to messages for journals, dashboards and reports."""

from decimal import Decimal
from fractions import Fraction
from functools import partial

from actors.messages import Alert as AlertMessage
from actors.messages import TradeEvent
from catalog.protocols import InstrumentKey
from strategies.common.forced_close import ALERTS
from strategies.common.forced_close import HALTING
from strategies.common.intents import Intent
from strategies.common.records import Alert
from strategies.common.records import AlertKind
from strategies.common.records import EntryCanceled
from strategies.common.records import EntryFilled
from strategies.common.records import EntryRefused
from strategies.common.records import EntrySubmitted
from strategies.common.records import ExitFilled
from strategies.common.records import FundingPaid
from strategies.common.records import Record
from strategies.common.records import SizeNote
from strategies.common.records import TradeClosed


FORCED_TEXTS = {
    AlertKind.LIQUIDATED: "has liquidated the position",
    AlertKind.ADL: "has reduced the position (auto-deleveraging)",
    AlertKind.DELIVERED: "has delivered the contract",
}
HALTS = frozenset(ALERTS[reason] for reason in HALTING)


class Journal:
    """
    Creates messages from the records of one strategy.

    Parameters
    ----------
    instrument_id : InstrumentKey
        The instrument.
    strategy_id : str
        The strategy.
    tick, lot : Decimal
        The price and the size increment of the instrument.
    names_trades : bool, default False
        If alerts about a trade name it: the strategy may hold several.

    """

    def __init__(
        self,
        instrument_id: InstrumentKey,
        strategy_id: str,
        tick: Decimal,
        lot: Decimal,
        *,
        names_trades: bool = False,
    ) -> None:
        self._instrument_id = instrument_id
        self._strategy_id = strategy_id
        self._tick = tick
        self._lot = lot
        self._names_trades = names_trades

    def message(
        self, record: Record, intent: Intent | None, ts: int, trade_id: int | None = None
    ) -> TradeEvent | AlertMessage:
        """
        Return the message for a record.

        Parameters
        ----------
        record : Record
            The record.
        intent : Intent or None
            The trade it belongs to, if the record has none.
        ts : int
            The present time (ns UTC).
        trade_id : int, optional
            The id of the trade; None where it is of none.

        """
        event = partial(self._event, trade_id)
        match record:
            case Alert():
                text = record.message or self._text(record)
                if self._names_trades and trade_id is not None:
                    setup = "" if intent is None else f" {intent.tag}"
                    text = f"trade {trade_id}{setup}: {text}"
                return self.alert(record.ts, ts, record.kind, text, record.value)
            case EntrySubmitted():
                return event(
                    record.ts,
                    ts,
                    "ENTRY_SUBMITTED",
                    record.intent,
                    reason=SizeNote.CAPPED if record.capped else None,
                    quantity=record.lots,
                    price=Fraction(record.intent.entry),
                )
            case EntryFilled():
                return event(
                    record.ts,
                    ts,
                    "ENTRY_FILLED",
                    record.intent,
                    reason=record.how,
                    quantity=record.lots,
                    price=Fraction(record.price),
                    fees=record.fee,
                    net=-record.fee,
                )
            case EntryCanceled():
                return event(
                    record.ts,
                    ts,
                    "ENTRY_CANCELED",
                    record.intent,
                    reason=record.reason,
                    quantity=record.lots,
                )
            case EntryRefused():
                return event(record.ts, ts, "ENTRY_REFUSED", record.intent, reason=record.reason)
            case ExitFilled():
                return event(
                    record.ts,
                    ts,
                    "EXIT_FILLED",
                    intent,
                    reason=record.reason,
                    quantity=record.lots,
                    price=Fraction(record.price),
                    gross=record.gross,
                    fees=record.fee,
                    net=record.gross - record.fee,
                )
            case FundingPaid():
                return event(
                    record.ts, ts, "FUNDING_PAID", intent, funding=record.paid, net=-record.paid
                )
            case TradeClosed():
                return event(
                    record.ts_close,
                    ts,
                    "TRADE_CLOSED",
                    record.intent,
                    reason=record.exit_reason,
                    quantity=record.lots,
                    price=record.entry,
                    gross=record.gross,
                    fees=record.fees,
                    funding=record.funding,
                    net=record.net,
                )

    def alert(
        self, ts_event: int, ts_init: int, kind: str, text: str, value: Decimal | None = None
    ) -> AlertMessage:
        """Return an alert."""
        return AlertMessage(
            self._instrument_id,
            ts_event,
            max(ts_init, ts_event),
            strategy_id=self._strategy_id,
            kind=str(kind),
            text=text,
            value=None if value is None else float(value),
        )

    def _text(self, alert: Alert) -> str:
        match alert.kind:
            case AlertKind.LEVERAGE_CAP:
                return f"{alert.value:.3f} by risk was cut to what leverage and margin allow"
            case AlertKind.PROFIT_TARGET:
                return f"the result of the day, {alert.value:+.2f}, has reached the target"
            case AlertKind.KILL_SWITCH:
                return f"the result of the day, {alert.value:+.2f}, has reached the limit"
        if alert.lots is None or alert.price is None:
            return str(alert.kind)
        size, price = alert.lots * self._lot, alert.price * self._tick
        halted = ": nothing is entered until resume" if alert.kind in HALTS else ""
        how = FORCED_TEXTS[alert.kind]
        return f"the venue {how}: {size} closed at {price}, result {alert.value:+.2f}{halted}"

    def _event(
        self,
        trade_id: int | None,
        ts_event: int,
        ts_init: int,
        kind: str,
        intent: Intent | None,
        *,
        reason: str | None = None,
        quantity: int | None = None,
        price: Fraction | None = None,
        gross: Decimal | None = None,
        fees: Decimal | None = None,
        funding: Decimal | None = None,
        net: Decimal | None = None,
    ) -> TradeEvent:
        side = None if intent is None else "LONG" if intent.is_long else "SHORT"
        tick, lot = self._tick, self._lot
        return TradeEvent(
            self._instrument_id,
            ts_event,
            max(ts_init, ts_event),
            strategy_id=self._strategy_id,
            kind=kind,
            setup=None if intent is None else intent.tag,
            side=side,
            reason=None if reason is None else str(reason),
            quantity=None if quantity is None else float(quantity * lot),
            price=None if price is None else float(price * Fraction(tick)),
            gross=_number(gross),
            fees=_number(fees),
            funding=_number(funding),
            net=_number(net),
            trade_id=trade_id,
        )


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
