"""Records of the trade manager for the journal."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from actors.codes import Code
from strategies.common.intents import Intent


class EntryKind(Code):
    """Represents how an entry was filled."""

    LIMIT = "LIMIT", "Filled as a resting limit order."
    LIMIT_MARKETABLE = "LIMIT_MARKETABLE", "Filled at once, as a limit order that met the market."
    TIMEOUT_MARKET = (
        "TIMEOUT_MARKET",
        "Filled at market, after limit_order_timeout_minutes as a limit order.",
    )
    MARKET = "MARKET", "Filled at market."


class SizeNote(Code):
    """Represents a remark about the size of a submitted entry."""

    CAPPED = "CAPPED", "The size was cut to what max_leverage or the margin allow."


class AlertKind(StrEnum):
    """Represents an alert for the operator."""

    LEVERAGE_CAP = "LEVERAGE_CAP"
    KILL_SWITCH = "KILL_SWITCH"
    PROFIT_TARGET = "PROFIT_TARGET"
    ENTRY_REJECTED = "ENTRY_REJECTED"
    EXIT_REJECTED = "EXIT_REJECTED"
    STOP_REJECTED = "STOP_REJECTED"
    STOP_LOST = "STOP_LOST"
    POSITION_MISMATCH = "POSITION_MISMATCH"
    LIQUIDATED = "LIQUIDATED"
    ADL = "ADL"
    DELIVERED = "DELIVERED"


@dataclass(frozen=True, slots=True, kw_only=True)
class EntrySubmitted:
    """Represents an entry sent to the venue; `capped` if leverage decided its size."""

    ts: int
    intent: Intent
    lots: int
    capped: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryFilled:
    """Represents one fill of an entry; prices in ticks, sizes in lots, money in the currency."""

    ts: int
    intent: Intent
    how: EntryKind
    price: int
    lots: int
    fee: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryCanceled:
    """Represents an entry canceled with `lots` unfilled."""

    ts: int
    intent: Intent
    reason: str
    lots: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRefused:
    """Represents the second half of a flip that is not sent: the flip has become an exit."""

    ts: int
    intent: Intent
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExitFilled:
    """Represents one fill that reduces the position; `gross` is its profit before fees."""

    ts: int
    reason: str
    price: int
    lots: int
    fee: Decimal
    gross: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class FundingPaid:
    """Represents funding; `paid` is negative where it is received."""

    ts: int
    paid: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeClosed:
    """
    Represents a trade from its first fill to flat.

    Parameters
    ----------
    intent : Intent
        The prices at the decision.
    ts_open, ts_close : int
        The UNIX timestamps (nanoseconds) of the first entry fill and of the last exit fill.
    entry : Fraction
        The average entry price in ticks.
    lots : int
        The lots bought (sold for a short trade) in all.
    exits : tuple[ExitFilled, ...]
        The exits in order.
    gross, fees, funding, net : Decimal
        The profit before costs, the fees and the funding paid, and what is left.
    entry_kind : EntryKind
        How the first fill came about.

    """

    intent: Intent
    ts_open: int
    ts_close: int
    entry: Fraction
    lots: int
    exits: tuple[ExitFilled, ...]
    gross: Decimal
    fees: Decimal
    funding: Decimal
    net: Decimal
    entry_kind: EntryKind

    @property
    def exit_reason(self) -> str:
        """Return why the last lots left."""
        return self.exits[-1].reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """
    Represents an alert.

    `value` is the quantity wanted, the day's P&L or the result of a fill where there is one; `lots`
    and `price` (ticks) are those of the fill.
    """

    ts: int
    kind: AlertKind
    message: str = ""
    value: Decimal | None = None
    lots: int | None = None
    price: int | None = None


type Record = (
    EntrySubmitted
    | EntryFilled
    | EntryCanceled
    | EntryRefused
    | ExitFilled
    | FundingPaid
    | TradeClosed
    | Alert
)
