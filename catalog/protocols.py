"""Protocols of market data and definitions, independent of the library that made them."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from typing import Protocol


class Fixed(Protocol):
    """Represents a price, a size or an increment of one."""

    @property
    def raw(self) -> int:
        """The value in units of the library's fixed precision."""

    @property
    def precision(self) -> int:
        """The decimals."""

    def as_decimal(self) -> Decimal:
        """Return the value."""


class Text(Protocol):
    """Represents a name or an id that wraps its text."""

    @property
    def value(self) -> str:
        """The text."""


class InstrumentKey(Text, Protocol):
    """Represents the id of an instrument, `SYMBOL.VENUE` as text; hashable."""

    @property
    def symbol(self) -> Text:
        """The symbol."""

    @property
    def venue(self) -> Text:
        """The venue."""


class Quote(Protocol):
    """Represents the best bid and offer."""

    @property
    def instrument_id(self) -> InstrumentKey:
        """The instrument."""

    @property
    def bid_price(self) -> Fixed:
        """The best bid."""

    @property
    def ask_price(self) -> Fixed:
        """The best offer."""

    @property
    def bid_size(self) -> Fixed:
        """The size bid."""

    @property
    def ask_size(self) -> Fixed:
        """The size offered."""

    @property
    def ts_event(self) -> int:
        """When the venue made it (ns UTC)."""

    @property
    def ts_init(self) -> int:
        """Its place in the order of events (ns UTC)."""


class Trade(Protocol):
    """Represents a print."""

    @property
    def instrument_id(self) -> InstrumentKey:
        """The instrument."""

    @property
    def price(self) -> Fixed:
        """The price."""

    @property
    def size(self) -> Fixed:
        """The size."""

    @property
    def aggressor_side(self) -> Any:
        """The aggressor: 1 buyer, 2 seller, 0 unknown, as a whole number."""

    @property
    def trade_id(self) -> Text:
        """The venue's id."""

    @property
    def ts_event(self) -> int:
        """When the venue made it (ns UTC)."""

    @property
    def ts_init(self) -> int:
        """Its place in the order of events (ns UTC)."""


class Bar(Protocol):
    """Represents a bar of a venue or a vendor."""

    @property
    def bar_type(self) -> Any:
        """The bar type, `SYMBOL.VENUE-STEP-UNIT-PRICE-SOURCE` as text."""

    @property
    def open(self) -> Fixed:
        """The first price."""

    @property
    def high(self) -> Fixed:
        """The highest price."""

    @property
    def low(self) -> Fixed:
        """The lowest price."""

    @property
    def close(self) -> Fixed:
        """The last price."""

    @property
    def volume(self) -> Fixed:
        """The volume."""

    @property
    def ts_event(self) -> int:
        """The end of the bar (ns UTC)."""

    @property
    def ts_init(self) -> int:
        """Its place in the order of events (ns UTC)."""


class Instrument(Protocol):
    """
    Represents the definition of an instrument.

    Nautilus's instruments satisfy it. Fields of only some of them, like the expiry of a contract,
    are read with `catalog.instruments`.
    """

    @property
    def id(self) -> Any:
        """The id, `SYMBOL.VENUE` as text."""

    @property
    def raw_symbol(self) -> Any:
        """The symbol at the venue."""

    @property
    def price_precision(self) -> int:
        """The decimals of a price."""

    @property
    def size_precision(self) -> int:
        """The decimals of a size."""

    @property
    def price_increment(self) -> Fixed:
        """The tick."""

    @property
    def size_increment(self) -> Fixed:
        """The lot."""

    @property
    def multiplier(self) -> Fixed:
        """The value of one unit of size at a price of one, in the quote currency."""

    @property
    def maker_fee(self) -> Decimal:
        """The maker rate as a fraction of the notional value."""

    @property
    def taker_fee(self) -> Decimal:
        """The taker rate as a fraction of the notional value."""

    @property
    def margin_init(self) -> Decimal:
        """The share of the notional value locked by an order, before leverage."""

    @property
    def margin_maint(self) -> Decimal:
        """The share of the notional value locked by a position, before leverage."""

    @property
    def quote_currency(self) -> Any:
        """The currency of prices."""

    @property
    def is_inverse(self) -> bool:
        """Whether sizes are counted in the quote currency."""

    @property
    def info(self) -> Mapping[str, Any] | None:
        """Further properties from the venue."""

    @property
    def ts_event(self) -> int:
        """The time from which the definition is valid (ns UTC)."""

    @property
    def ts_init(self) -> int:
        """The time at which the definition was created (ns UTC)."""

    def get_base_currency(self) -> Any:
        """Return the traded currency, None if the underlying is not a currency."""

    def get_settlement_currency(self) -> Any:
        """Return the settlement currency."""
