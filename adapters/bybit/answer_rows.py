"""The rows and fields of Bybit's answers that this project reads."""

from typing import Annotated
from typing import Any
from typing import Literal

import msgspec
from msgspec import Meta

from adapters.bybit.answers import FIRST_MS
from adapters.bybit.answers import LAST_MS
from adapters.bybit.answers import Amount
from adapters.bybit.answers import Leverage
from adapters.bybit.answers import Milliseconds
from adapters.bybit.answers import Price
from adapters.bybit.answers import Rate
from adapters.bybit.answers import Size
from adapters.bybit.answers import Volume


type Text = Annotated[str, Meta(min_length=1, max_length=100)]
type Minutes = Annotated[int, Meta(ge=1, le=10_080)]
type Time = Annotated[int, Meta(ge=FIRST_MS, le=LAST_MS)]


class Answer(msgspec.Struct, frozen=True, rename="camel"):
    """Represents the envelope of every answer."""

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
    """Represents a funding payment in the list of executions."""

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
        Check the amount against the notional value.

        Raises
        ------
        ValueError
            If the amount exceeds the largest valid rate of the notional value.

        """
        most = self.exec_qty * self.exec_price * Rate.HIGH
        if abs(self.exec_fee) > most:
            raise ValueError(f"execFee {self.exec_fee} is more than a tenth of the value")


class FundingRate(msgspec.Struct, frozen=True, rename="camel"):
    """Represents a settled funding rate."""

    symbol: Text
    funding_rate: Rate
    funding_rate_timestamp: Milliseconds


class Kline(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Represents a bar, an array in the venue's JSON."""

    start: Milliseconds
    open: Price
    high: Price
    low: Price
    close: Price
    volume: Volume
    turnover: Volume

    def __post_init__(self) -> None:
        """
        Check that open and close lie within the range.

        Raises
        ------
        ValueError
            If open or close lies outside of low and high.

        """
        if not self.low <= min(self.open, self.close) <= max(self.open, self.close) <= self.high:
            raise ValueError("open and close do not lie between low and high")


class PriceFilter(msgspec.Struct, frozen=True, rename="camel"):
    """Represents the limits of order prices."""

    tick_size: Price
    min_price: Price
    max_price: Price


class LotSizeFilter(msgspec.Struct, frozen=True, rename="camel"):
    """Represents the limits of order sizes."""

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
    """Represents the permissions of a key."""

    read_only: Literal[0, 1]
    permissions: dict[str, list[str]]
    ips: list[str]
    expired_at: Annotated[str, Meta(max_length=40)]


class PositionSettings(msgspec.Struct, frozen=True, rename="camel"):
    """Represents position mode and leverage of a contract."""

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
        Check that a position has a side.

        Raises
        ------
        ValueError
            If a position has no side.

        """
        if self.size and not self.side:
            raise ValueError(f"side is empty, size {self.size}")


class HeldRow(msgspec.Struct, frozen=True, rename="camel"):
    """Represents a position and its average price; both are 0 without a position."""

    symbol: Text
    side: Literal["", "Buy", "Sell"]
    size: Volume
    avg_price: Volume

    def __post_init__(self) -> None:
        """
        Check that a position has side and price.

        Raises
        ------
        ValueError
            If a position has no side or no price.

        """
        if self.size and not (self.side and 0 < self.avg_price < Price.HIGH):
            raise ValueError(f"side {self.side!r} and avgPrice {self.avg_price} of a position")


class OpenOrderRow(msgspec.Struct, frozen=True, rename="camel"):
    """Represents an order that can still be filled."""

    symbol: Text
    order_link_id: Annotated[str, Meta(max_length=100)]
    side: Literal["Buy", "Sell"]
    qty: Volume
    cum_exec_qty: Volume
    price: Volume
    trigger_price: Volume
    reduce_only: bool


class OrderOrigin(msgspec.Struct, frozen=True, rename="camel"):
    """Represents the origin of an order."""

    order_id: Annotated[str, Meta(max_length=100)]
    stop_order_type: Annotated[str, Meta(max_length=100)]


class LoginAnswer(msgspec.Struct, frozen=True):
    """Represents a login answer: `success` on the private socket, `retCode` on the trade socket."""

    op: str | None = None
    success: bool | None = None
    ret_code: int | None = msgspec.field(name="retCode", default=None)
    ret_msg: str | None = None
    ret_text: str | None = msgspec.field(name="retMsg", default=None)
