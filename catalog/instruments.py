"""Nautilus instruments by id: Bybit linear perpetuals, futures of `catalog.contracts`, stocks."""

import re
from collections.abc import Mapping
from datetime import UTC
from datetime import date
from datetime import datetime
from decimal import Decimal
from decimal import InvalidOperation
from typing import Any

from nautilus_trader.model.currencies import USD
from nautilus_trader.model.enums import AssetClass
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.model.identifiers import Symbol
from nautilus_trader.model.instruments import CryptoPerpetual
from nautilus_trader.model.instruments import Equity
from nautilus_trader.model.instruments import FuturesContract
from nautilus_trader.model.instruments import PerpetualContract
from nautilus_trader.model.objects import Currency
from nautilus_trader.model.objects import Money
from nautilus_trader.model.objects import Price
from nautilus_trader.model.objects import Quantity

from catalog.contracts import FUTURES
from catalog.contracts import MONTH_CODES
from catalog.contracts import FutureSpec
from catalog.contracts import expiration
from catalog.contracts import future_spec
from catalog.increments import contract_days
from catalog.layout import END_OF_TIME
from catalog.protocols import Instrument
from errors import AuctionError
from errors import UsageError


MAKER_FEE = Decimal("0.0002")
TAKER_FEE = Decimal("0.00055")
# The key of the launch (ms UTC) in the `info` of a perpetual, as named by the venue.
LAUNCH_TIME = "launchTime"
# The account divides it by the leverage.
PERPETUAL_MARGIN = Decimal(1)

BITCOIN_PERPETUAL = "BTCUSDT-LINEAR.BYBIT"
# Stocks quoted in cents and traded in single shares.
# The last two also stand in for index futures: prices at Nasdaq, as in its own feed.
STOCKS = ("AAPL.XNAS", "SPY.XNAS", "QQQ.XNAS")
# Half of the value to open a position (Regulation T), a quarter to hold it (FINRA rule 4210).
STOCK_MARGINS = Decimal("0.5"), Decimal("0.25")

# The definition of BTCUSDT from GET /v5/market/instruments-info, shortened.
BTCUSDT = {
    "symbol": "BTCUSDT",
    "contractType": "LinearPerpetual",
    "baseCoin": "BTC",
    "quoteCoin": "USDT",
    "settleCoin": "USDT",
    "launchTime": "1584230400000",
    "priceFilter": {"minPrice": "0.10", "maxPrice": "1999999.80", "tickSize": "0.10"},
    "lotSizeFilter": {
        "maxOrderQty": "1190.000",
        "minOrderQty": "0.001",
        "qtyStep": "0.001",
        "minNotionalValue": "5",
    },
}


def resolve_instrument(instrument_id: str, on: date | None = None) -> Instrument:
    """
    Return the instrument of an id.

    Known are ``BTCUSDT-LINEAR.BYBIT``, every contract of `catalog.contracts.FUTURES` at the market
    identifier code of its exchange (``NQZ5.XCME``, ``CLX4.XNYM``, ``GCZ3.XCEC``) and the stocks
    of `STOCKS`.

    Parameters
    ----------
    instrument_id : str
        The id. The year of a contract has one or two digits.
    on : date, optional
        A day on which the contract traded: a year of one digit is then the first one not earlier
        than the year before. Without it, the year nearest to the present one is taken.

    Returns
    -------
    Instrument
        A `CryptoPerpetual`, `FuturesContract` or `Equity`.

    Raises
    ------
    UsageError
        If the id is not known.

    """
    symbol, _, venue = instrument_id.rpartition(".")
    found: Instrument
    if instrument_id == BITCOIN_PERPETUAL:
        found = bybit_perpetual_from_definition(BTCUSDT)
        return found
    if instrument_id in STOCKS:
        found = _stock(instrument_id)
        return found
    if venue == "BYBIT":
        raise UsageError(
            f"instrument {instrument_id!r} is not built in (only {BITCOIN_PERPETUAL} is): "
            "ingest it with the venue's definition (GET /v5/market/instruments-info)",
        )
    match = re.fullmatch(r"([A-Z]+)([A-Z])(\d{1,2})", symbol)
    if match is None or venue not in {spec.venue for spec in FUTURES.values()}:
        raise UsageError(
            f"instrument {instrument_id!r} is unknown: use {BITCOIN_PERPETUAL}, "
            f"{', '.join(STOCKS)} or a contract of "
            + ", ".join(f"{spec.root}.{spec.venue}" for spec in FUTURES.values())
            + " with month and year (NQZ5.XCME)",
        )
    spec = future_spec(match[1])
    if spec.venue != venue:
        raise UsageError(f"instrument {instrument_id!r}: {spec.root} trades at {spec.venue}")
    if match[2] not in spec.months:
        raise UsageError(
            f"instrument {instrument_id!r}: {spec.root} has the contract months {spec.months}",
        )
    found = _future(spec, instrument_id, match[2], _contract_year(match[3], on))
    return found


def _contract_year(digits: str, on: date | None) -> int:
    if len(digits) == 2:
        return 2000 + int(digits)
    first = datetime.now(UTC).year - 4 if on is None else on.year - 1
    return first + (int(digits) - first) % 10


def _ns(moment: datetime) -> int:
    return int(moment.timestamp()) * 1_000_000_000


def _future(spec: FutureSpec, instrument_id: str, code: str, year: int) -> FuturesContract:
    month = MONTH_CODES.index(code) + 1
    listed = divmod(12 * year + month - 1 - spec.listed_months, 12)
    activation_ns = _ns(datetime(listed[0], listed[1] + 1, 1, tzinfo=UTC))
    tick = Price.from_str(spec.tick)
    margin_maint = Decimal(spec.margin_maint)
    return FuturesContract(
        instrument_id=InstrumentId.from_str(instrument_id),
        raw_symbol=Symbol(f"{spec.root}{code}{year % 10}"),
        asset_class=AssetClass[spec.asset_class],
        exchange=spec.venue,
        currency=USD,
        price_precision=tick.precision,
        price_increment=tick,
        multiplier=Quantity.from_int(spec.multiplier),
        lot_size=Quantity.from_int(1),
        underlying=spec.root,
        activation_ns=activation_ns,
        expiration_ns=_ns(expiration(spec, year, month)),
        # The exchange requires 110 % of the maintenance margin to open a position.
        margin_init=margin_maint * Decimal("1.1"),
        margin_maint=margin_maint,
        ts_event=activation_ns,
        ts_init=activation_ns,
    )


def _stock(instrument_id: str) -> Equity:
    found = InstrumentId.from_str(instrument_id)
    return Equity(
        instrument_id=found,
        raw_symbol=found.symbol,
        currency=USD,
        price_precision=2,
        price_increment=Price.from_str("0.01"),
        lot_size=Quantity.from_int(1),
        margin_init=STOCK_MARGINS[0],
        margin_maint=STOCK_MARGINS[1],
        ts_event=0,
        ts_init=0,
    )


def bybit_perpetual_from_definition(definition: Mapping[str, Any]) -> CryptoPerpetual:
    """
    Build a linear perpetual from one entry of Bybit's instruments-info answer.

    The fees are those of the base tier. Both margin factors are 1: the simulated account divides
    them by the leverage of the venue, so an order and the position after it lock notional value
    divided by leverage, as the initial margin does at Bybit.

    Parameters
    ----------
    definition : Mapping[str, Any]
        One element of ``result.list`` of ``GET /v5/market/instruments-info?category=linear``.

    Returns
    -------
    CryptoPerpetual
        With the id ``<symbol>-LINEAR.BYBIT`` and the precisions of the venue's decimals
        (a tick of 0.10 has two).

    Raises
    ------
    AuctionError
        If a field is missing or wrong, or the definition is not of a linear perpetual.

    """
    symbol = definition.get("symbol")
    if definition.get("contractType") != "LinearPerpetual":
        raise AuctionError(
            f"Bybit definition of {symbol}: `contractType` is {definition.get('contractType')!r}, "
            "only 'LinearPerpetual' is supported",
        )
    try:
        prices = definition["priceFilter"]
        lots = definition["lotSizeFilter"]
        tick = Price.from_str(prices["tickSize"])
        step = Quantity.from_str(lots["qtyStep"])
        settlement = Currency.from_str(definition["settleCoin"])
        launch_ns = int(definition["launchTime"]) * 1_000_000
        return CryptoPerpetual(
            instrument_id=InstrumentId.from_str(f"{symbol}-LINEAR.BYBIT"),
            raw_symbol=Symbol(symbol),
            base_currency=Currency.from_str(definition["baseCoin"]),
            quote_currency=Currency.from_str(definition["quoteCoin"]),
            settlement_currency=settlement,
            is_inverse=False,
            price_precision=tick.precision,
            size_precision=step.precision,
            price_increment=tick,
            size_increment=step,
            lot_size=step,
            max_quantity=Quantity(Decimal(lots["maxOrderQty"]), step.precision),
            min_quantity=Quantity(Decimal(lots["minOrderQty"]), step.precision),
            min_notional=Money(Decimal(lots["minNotionalValue"]), settlement),
            max_price=Price(Decimal(prices["maxPrice"]), tick.precision),
            min_price=Price(Decimal(prices["minPrice"]), tick.precision),
            margin_init=PERPETUAL_MARGIN,
            margin_maint=PERPETUAL_MARGIN,
            maker_fee=MAKER_FEE,
            taker_fee=TAKER_FEE,
            info={LAUNCH_TIME: definition["launchTime"]},
            ts_event=launch_ns,
            ts_init=launch_ns,
        )
    except KeyError as e:
        raise AuctionError(
            f"Bybit definition of {symbol}: {e} is missing; pass one element of `result.list`",
        ) from e
    except (ValueError, TypeError, OverflowError, InvalidOperation) as e:
        raise AuctionError(f"Bybit definition of {symbol}: {e}") from e


def is_future(instrument: Instrument) -> bool:
    """Return True if an instrument is a future, of whole contracts that expire."""
    return isinstance(instrument, FuturesContract)


def is_perpetual(instrument: Instrument) -> bool:
    """Return True if an instrument settles funding."""
    return isinstance(instrument, CryptoPerpetual | PerpetualContract)


def is_crypto_perpetual(instrument: Instrument) -> bool:
    """Return True if an instrument is a perpetual of a venue for crypto assets."""
    return isinstance(instrument, CryptoPerpetual)


def is_stock(instrument: Instrument) -> bool:
    """Return True if an instrument is a share of a company or a fund."""
    return isinstance(instrument, Equity)


def has_hours(instrument: Instrument) -> bool:
    """Return True if an instrument has trading hours, like futures and stocks."""
    return isinstance(instrument, FuturesContract | Equity)


def underlying_of(instrument: Instrument) -> str | None:
    """Return the root of a future, None of another instrument."""
    return str(instrument.underlying) if isinstance(instrument, FuturesContract) else None


def is_listed(instrument: Instrument, ts: int) -> bool:
    """Return True if an instrument is listed at a time (ns UTC); always without an expiry."""
    if not isinstance(instrument, FuturesContract):
        return True
    return bool(instrument.activation_ns <= ts <= instrument.expiration_ns)


def trading_life(instrument: Instrument) -> tuple[int, int]:
    """
    Return the known start and end of trading of an instrument (ns UTC, the end excluded).

    The day of expiry of a contract is included. A perpetual begins at its launch, if its definition
    states it.
    """
    if isinstance(instrument, FuturesContract):
        return contract_days(instrument.activation_ns, instrument.expiration_ns) or (0, END_OF_TIME)
    launch_ms = str((instrument.info or {}).get(LAUNCH_TIME, ""))
    return int(launch_ms) * 1_000_000 if launch_ms.isdecimal() else 0, END_OF_TIME
