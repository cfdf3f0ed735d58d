"""The linear contract that the loopback server trades."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from decimal import InvalidOperation
from typing import Any

from errors import AuctionError


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearContract:
    """
    Represents a linear perpetual, settled in its quote coin.

    Parameters
    ----------
    symbol, base, quote : str
        The names of the contract and its coins (`BTCUSDT`, `BTC`, `USDT`).
    tick, lot : Decimal
        The increments of prices and sizes; their decimals are those of every text.
    min_size, max_size : Decimal
        The bounds of an order's size.
    min_notional : Decimal
        The smallest value of an order that may increase the position.
    min_price, max_price : Decimal
        The bounds of a price.
    max_leverage : Decimal
        The largest leverage.
    maker_rate, taker_rate : Decimal
        The fees as fractions of the value.
    funding_minutes : int
        The time between funding payments, counted from midnight UTC.

    """

    symbol: str
    base: str
    quote: str = "USDT"
    tick: Decimal
    lot: Decimal
    min_size: Decimal
    max_size: Decimal
    min_notional: Decimal = Decimal(5)
    min_price: Decimal
    max_price: Decimal
    max_leverage: Decimal = Decimal(100)
    maker_rate: Decimal = Decimal("0.0002")
    taker_rate: Decimal = Decimal("0.00055")
    funding_minutes: int = 480

    @classmethod
    def from_definition(cls, definition: Mapping[str, Any]) -> "LinearContract":
        """
        Build the contract from one element of the venue's instruments-info answer.

        The fees are those of the base tier, since a definition has none.

        Raises
        ------
        AuctionError
            If a field is missing or not a number.

        """
        symbol = definition.get("symbol")
        try:
            prices, lots = definition["priceFilter"], definition["lotSizeFilter"]
            return cls(
                symbol=definition["symbol"],
                base=definition["baseCoin"],
                quote=definition["settleCoin"],
                tick=Decimal(prices["tickSize"]),
                lot=Decimal(lots["qtyStep"]),
                min_size=Decimal(lots["minOrderQty"]),
                max_size=Decimal(lots["maxOrderQty"]),
                min_notional=Decimal(lots["minNotionalValue"]),
                min_price=Decimal(prices["minPrice"]),
                max_price=Decimal(prices["maxPrice"]),
                max_leverage=Decimal(definition["leverageFilter"]["maxLeverage"]),
                funding_minutes=int(definition["fundingInterval"]),
            )
        except KeyError as e:
            raise AuctionError(
                f"Bybit definition of {symbol}: {e} is missing; pass one element of `result.list`",
            ) from e
        except (ValueError, InvalidOperation) as e:
            raise AuctionError(f"Bybit definition of {symbol}: a field is no number ({e})") from e

    def definition(self) -> dict[str, Any]:
        """Return the contract as a row of the venue's instruments-info."""
        return {
            "symbol": self.symbol,
            "contractType": "LinearPerpetual",
            "status": "Trading",
            "baseCoin": self.base,
            "quoteCoin": self.quote,
            "launchTime": "1584230400000",
            "deliveryTime": "0",
            "deliveryFeeRate": "",
            "priceScale": str(_decimals(self.tick)),
            "leverageFilter": {
                "minLeverage": "1",
                "maxLeverage": str(self.max_leverage),
                "leverageStep": "0.01",
            },
            "priceFilter": {
                "minPrice": str(self.min_price),
                "maxPrice": str(self.max_price),
                "tickSize": str(self.tick),
            },
            "lotSizeFilter": {
                "maxOrderQty": str(self.max_size),
                "minOrderQty": str(self.min_size),
                "qtyStep": str(self.lot),
                "postOnlyMaxOrderQty": str(self.max_size),
                "maxMktOrderQty": str(self.max_size),
                "minNotionalValue": str(self.min_notional),
            },
            "unifiedMarginTrade": True,
            "fundingInterval": self.funding_minutes,
            "settleCoin": self.quote,
            "copyTrading": "none",
            "isPreListing": False,
        }

    def price_text(self, price: Decimal | None) -> str:
        """Return a price with the decimals of the tick; empty without one."""
        return "" if price is None else f"{price:.{_decimals(self.tick)}f}"

    def size_text(self, size: Decimal) -> str:
        """Return a size with the decimals of the lot."""
        return f"{size:.{_decimals(self.lot)}f}"


def _decimals(step: Decimal) -> int:
    exponent = step.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


BTCUSDT = LinearContract(
    symbol="BTCUSDT",
    base="BTC",
    tick=Decimal("0.10"),
    lot=Decimal("0.001"),
    min_size=Decimal("0.001"),
    max_size=Decimal("1190.000"),
    min_price=Decimal("0.10"),
    max_price=Decimal("1999999.80"),
)
