"""What this project itself reads out of Bybit's answers: refused whole where a field is wrong."""

import re
from decimal import Decimal
from typing import Annotated
from typing import Any
from typing import ClassVar
from typing import Literal

import msgspec
from msgspec import Meta

from catalog.errors import AuctionError


# 2017, before the venue, and 2100 (ms UTC).
FIRST_MS, LAST_MS = 1_483_228_800_000, 4_102_444_800_000
NUMBER = re.compile(r"-?\d{1,20}(\.\d{1,30})?([eE][-+]?\d{1,2})?", re.ASCII)
SHOWN = 60

type Text = Annotated[str, Meta(min_length=1, max_length=100)]
type Minutes = Annotated[int, Meta(ge=1, le=10_080)]
type Time = Annotated[int, Meta(ge=FIRST_MS, le=LAST_MS)]


class BadAnswer(AuctionError):
    """Represents an answer of the venue that is not taken: the message names endpoint and field."""


class Number(Decimal):
    """Represents a number that the venue writes as text, finite and within bounds."""

    LOW: ClassVar[Decimal]
    HIGH: ClassVar[Decimal]
    # If LOW itself is none.
    IS_ABOVE: ClassVar[bool] = False


class Price(Number):
    """Represents a price above 0."""

    LOW, HIGH, IS_ABOVE = Decimal(0), Decimal(10) ** 9, True


class Size(Number):
    """Represents a size above 0."""

    LOW, HIGH, IS_ABOVE = Decimal(0), Decimal(10) ** 12, True


class Volume(Number):
    """Represents a size or a value that may be 0."""

    LOW, HIGH = Decimal(0), Decimal(10) ** 15


class Rate(Number):
    """Represents a rate of funding; the venue's own limits are far lower than 10 %."""

    LOW, HIGH = Decimal("-0.1"), Decimal("0.1")


class Amount(Number):
    """Represents money that is paid or received."""

    LOW, HIGH = -(Decimal(10) ** 12), Decimal(10) ** 12


class Leverage(Number):
    """Represents a leverage."""

    LOW, HIGH, IS_ABOVE = Decimal(0), Decimal(1_000), True


class Milliseconds(int):
    """Represents a time that the venue writes as text (ms UTC)."""


class Answer(msgspec.Struct, frozen=True, rename="camel"):
    """Represents what is around every answer."""

    result: dict[str, Any]
    time: Time


class Rows(msgspec.Struct, frozen=True, rename="camel"):
    """Represents a page of rows."""

    rows: list[dict[str, Any]] = msgspec.field(name="list")
    next_page_cursor: Annotated[str, Meta(max_length=1_000)] | None = None


class FillExecution(msgspec.Struct, frozen=True, rename="camel"):
    """Represents a fill in the list of executions."""

    symbol: Text
    exec_id: Text
    order_id: Text
    order_link_id: Annotated[str, Meta(max_length=100)]
    side: Literal["Buy", "Sell"]
    exec_time: Milliseconds
    exec_qty: Size
    exec_price: Price
    exec_fee: Amount
    order_qty: Volume
    is_maker: bool
    create_type: str | None = None
    fee_currency: str | None = None


class FundingExecution(msgspec.Struct, frozen=True, rename="camel"):
    """Represents a payment of funding in the list of executions."""

    symbol: Text
    exec_id: Text
    side: Literal["Buy", "Sell"]
    exec_time: Milliseconds
    exec_qty: Size
    exec_price: Price
    fee_rate: Rate
    exec_fee: Amount

    def __post_init__(self) -> None:
        """
        Compare the amount with the value that it is a part of.

        Raises
        ------
        ValueError
            If more was paid than any rate could make of the position.

        """
        most = self.exec_qty * self.exec_price * Rate.HIGH
        if abs(self.exec_fee) > most:
            raise ValueError(f"execFee {self.exec_fee} is more than a tenth of the value")


class FundingRate(msgspec.Struct, frozen=True, rename="camel"):
    """Represents a rate of funding that was settled."""

    symbol: Text
    funding_rate: Rate
    funding_rate_timestamp: Milliseconds


class Kline(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Represents a bar; the venue writes it as a list."""

    start: Milliseconds
    open: Price
    high: Price
    low: Price
    close: Price
    volume: Volume
    turnover: Volume

    def __post_init__(self) -> None:
        """
        Compare the prices with each other.

        Raises
        ------
        ValueError
            If open or close lies outside of low and high.

        """
        if not self.low <= min(self.open, self.close) <= max(self.open, self.close) <= self.high:
            raise ValueError("open and close do not lie between low and high")


class PriceFilter(msgspec.Struct, frozen=True, rename="camel"):
    """Represents the prices that an order may have."""

    tick_size: Price
    min_price: Price
    max_price: Price


class LotSizeFilter(msgspec.Struct, frozen=True, rename="camel"):
    """Represents the sizes that an order may have."""

    qty_step: Size
    min_order_qty: Size
    max_order_qty: Size
    min_notional_value: Volume


class Definition(msgspec.Struct, frozen=True, rename="camel"):
    """Represents a contract."""

    symbol: Text
    contract_type: Text
    base_coin: Text
    quote_coin: Text
    settle_coin: Text
    launch_time: Milliseconds
    funding_interval: Minutes
    price_filter: PriceFilter
    lot_size_filter: LotSizeFilter


class Klines(msgspec.Struct, frozen=True):
    """Represents a page of bars."""

    rows: list[Kline] = msgspec.field(name="list")


class AccountInfo(msgspec.Struct, frozen=True, rename="camel"):
    """Represents the settings of an account."""

    margin_mode: Text
    unified_margin_status: Annotated[int, Meta(ge=0, le=100)]


class KeyInfo(msgspec.Struct, frozen=True, rename="camel"):
    """Represents what a key may do."""

    read_only: Literal[0, 1]
    permissions: dict[str, list[str]]
    ips: list[str]
    expired_at: Annotated[str, Meta(max_length=40)]


class PositionSettings(msgspec.Struct, frozen=True, rename="camel"):
    """Represents how positions of a contract are held."""

    symbol: Text
    position_idx: Literal[0, 1, 2]
    leverage: Leverage


class Position(msgspec.Struct, frozen=True, rename="camel"):
    """Represents a position and its stop."""

    symbol: Text
    side: Literal["", "Buy", "Sell"]
    size: Volume
    stop_loss: Volume

    def __post_init__(self) -> None:
        """
        Compare size and side.

        Raises
        ------
        ValueError
            If a position has no side.

        """
        if self.size and not self.side:
            raise ValueError(f"side is empty, size {self.size}")


class OrderOrigin(msgspec.Struct, frozen=True, rename="camel"):
    """Represents what has made an order."""

    order_id: Annotated[str, Meta(max_length=100)]
    stop_order_type: Annotated[str, Meta(max_length=100)]


class LoginAnswer(msgspec.Struct, frozen=True):
    """Represents a message of a socket; the private one writes `success`, the other `retCode`."""

    op: str | None = None
    success: bool | None = None
    ret_code: int | None = msgspec.field(name="retCode", default=None)
    ret_msg: str | None = None
    ret_text: str | None = msgspec.field(name="retMsg", default=None)


def decode[T](endpoint: str, kind: type[T], value: object) -> T:
    """
    Return the typed value of an answer or of a part of it.

    Parameters
    ----------
    endpoint : str
        What the message names.
    kind : type[T]
        What it must be; fields that are not named there are left alone.
    value : object
        The answer, as JSON gives it.

    Raises
    ------
    BadAnswer
        If a field is missing, of another type, not finite or out of range.

    """
    try:
        return msgspec.convert(value, kind, dec_hook=_scalar)
    except (msgspec.ValidationError, RecursionError) as error:
        raise BadAnswer(f"Bybit {endpoint}: {error}: the answer is refused") from None


def decode_text[T](endpoint: str, kind: type[T], text: str) -> T:
    """
    Return the typed value of a message of a socket.

    Raises
    ------
    BadAnswer
        If it is no JSON, or a field is missing, of another type or out of range.

    """
    try:
        return msgspec.json.decode(text, type=kind, dec_hook=_scalar)
    # A surrogate is no text that could be decoded.
    except (msgspec.MsgspecError, RecursionError, UnicodeEncodeError) as error:
        raise BadAnswer(f"Bybit {endpoint}: {error}: the answer is refused") from None


def _scalar(kind: type, raw: object) -> object:
    if not isinstance(raw, str):
        raise ValueError(f"Expected a number as text, got `{type(raw).__name__}`")  # noqa: TRY004
    if issubclass(kind, Number):
        if NUMBER.fullmatch(raw) is None:
            raise ValueError(f"{raw[:SHOWN]!r} is no number")
        number = kind(raw)
        is_low = number <= kind.LOW if kind.IS_ABOVE else number < kind.LOW
        if is_low or number > kind.HIGH:
            raise ValueError(f"{raw[:SHOWN]} is out of range for {kind.__name__.lower()}")
        return number
    if issubclass(kind, Milliseconds):
        if re.fullmatch(r"\d{13}", raw, re.ASCII) is None or not FIRST_MS <= int(raw) <= LAST_MS:
            raise ValueError(f"{raw[:SHOWN]!r} is no time in ms")
        return kind(raw)
    raise NotImplementedError(kind)
