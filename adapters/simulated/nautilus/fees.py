"""Fees and margins of a simulated venue for Nautilus."""

from decimal import Decimal

from nautilus_trader.accounting.margin_models import LeveragedMarginModel
from nautilus_trader.backtest.config import FeeModelConfig
from nautilus_trader.backtest.models import FeeModel
from nautilus_trader.model.enums import LiquiditySide
from nautilus_trader.model.enums import PositionSide
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.model.instruments import Instrument
from nautilus_trader.model.objects import Currency
from nautilus_trader.model.objects import Money
from nautilus_trader.model.objects import Price
from nautilus_trader.model.objects import Quantity
from nautilus_trader.model.orders import Order

from adapters.simulated.rules.fees import Rates
from adapters.simulated.rules.fees import effective_rates
from adapters.simulated.rules.fees import fee_of_value
from catalog.margins import with_margins
from indicators.constraints import NonNegativeFloat


class VenueFeesConfig(FeeModelConfig, frozen=True):  # type: ignore[misc, call-arg]
    """
    Configures `VenueFees`.

    Parameters
    ----------
    maker_bps : float, optional
        The maker rate in basis points of the notional value, negative for a rebate; None takes the
        instrument's.
    taker_bps : NonNegativeFloat, optional
        The taker rate; None takes the instrument's.
    maker_rebate : bool, default True
        Whether a negative maker rate is paid out; otherwise it counts as zero.
    per_contract : str, optional
        A commission for each contract or share and side, like ``2.25 USD`` or ``0.005 USD``,
        instead of rates.

    """

    maker_bps: float | None = None
    taker_bps: NonNegativeFloat | None = None
    maker_rebate: bool = True
    per_contract: str | None = None


class VenueFees(FeeModel):  # type: ignore[misc]
    """
    Charges a commission for each contract or share, else a rate of the notional value.

    Parameters
    ----------
    config : VenueFeesConfig
        The configuration.

    Raises
    ------
    ValueError
        If both a commission and rates are given, or the commission is negative.

    """

    def __init__(self, config: VenueFeesConfig) -> None:
        rates = config.maker_bps, config.taker_bps
        if config.per_contract is not None and rates != (None, None):
            raise ValueError("`per_contract` and rates in basis points exclude each other")
        self._commission = None
        if config.per_contract is not None:
            self._commission = amount_of(config.per_contract)
            if self._commission[0] < 0:
                raise ValueError(f"`per_contract`: {config.per_contract} is negative")
        self._config = config

    def get_commission(
        self,
        order: Order,
        fill_qty: Quantity,
        fill_px: Price,
        instrument: Instrument,
    ) -> Money:
        """Return the fee of a fill, negative for a rebate, in the settlement currency."""
        is_maker = order.liquidity_side == LiquiditySide.MAKER
        return self.fee(fill_qty, fill_px, instrument, is_maker=is_maker)

    def fee(
        self, quantity: Quantity, price: Price, instrument: Instrument, *, is_maker: bool
    ) -> Money:
        """Return the fee of a fill, of an order that rested or not."""
        if self._commission is not None:
            amount, currency = self._commission
            return Money(amount * quantity.as_decimal(), currency)
        fee = fee_of_value(
            fee_rates(self._config, instrument),
            quantity.as_decimal(),
            price.as_decimal(),
            instrument.multiplier.as_decimal(),
            is_maker=is_maker,
        )
        return Money(fee, instrument.get_settlement_currency())


class PaperMargins(LeveragedMarginModel):  # type: ignore[misc]
    """Applies the margins of a backtest to instruments defined by a live client."""

    def __init__(self) -> None:
        super().__init__()
        self._instruments: dict[InstrumentId, Instrument] = {}

    def calculate_margin_init(
        self,
        instrument: Instrument,
        quantity: Quantity,
        price: Price,
        leverage: Decimal,
        use_quote_for_inverse: bool = False,
    ) -> Money:
        """Return the margin locked by an order."""
        known = self._known(instrument)
        return super().calculate_margin_init(
            known, quantity, price, leverage, use_quote_for_inverse
        )

    def calculate_margin_maint(
        self,
        instrument: Instrument,
        side: PositionSide,
        quantity: Quantity,
        price: Price,
        leverage: Decimal,
        use_quote_for_inverse: bool = False,
    ) -> Money:
        """Return the margin locked by a position."""
        known = self._known(instrument)
        return super().calculate_margin_maint(
            known, side, quantity, price, leverage, use_quote_for_inverse
        )

    def _known(self, instrument: Instrument) -> Instrument:
        known = self._instruments.get(instrument.id)
        if known is None:
            known = self._instruments[instrument.id] = with_margins(instrument)
        return known


def amount_of(text: str) -> tuple[Decimal, Currency]:
    """
    Return amount and currency of a text like ``0.005 USD``, to every digit.

    Raises
    ------
    ValueError
        If the text is not an amount of a known currency.

    """
    currency = Money.from_str(text).currency
    # `Money` is rounded to cents, and the commission of a share is less than one.
    return Decimal(text.split()[0].replace("_", "")), currency


def rounded(amount: Decimal | float, currency: Currency) -> Decimal:
    """Return an amount as an account of the currency holds it."""
    return Decimal(Money(amount, currency).as_decimal())


def price_of(value: float, instrument: Instrument) -> Price:
    """Return a price, an average for instance, with the decimals of an instrument."""
    return Price(value, instrument.price_precision)


class VenueMargins:
    """
    Returns what orders and positions bind of an account, as Nautilus's venue computes it.

    Parameters
    ----------
    leverage : Decimal
        The leverage of the venue.

    """

    def __init__(self, leverage: Decimal) -> None:
        self._model = LeveragedMarginModel()
        self._leverage = leverage

    def of_order(self, instrument: Instrument, quantity: Quantity, price: Price) -> Decimal:
        """Return the initial margin of an order."""
        margin = self._model.calculate_margin_init(instrument, quantity, price, self._leverage)
        return Decimal(margin.as_decimal())

    def of_position(
        self, instrument: Instrument, quantity: Quantity, average: float, *, is_long: bool
    ) -> Decimal:
        """Return the maintenance margin of a position opened at an average price."""
        side = PositionSide.LONG if is_long else PositionSide.SHORT
        price = instrument.make_price(average)
        margin = self._model.calculate_margin_maint(
            instrument, side, quantity, price, self._leverage
        )
        return Decimal(margin.as_decimal())


def fee_rates(config: VenueFeesConfig, instrument: Instrument) -> Rates:
    """Return the maker and the taker rate of an instrument as fractions of the notional value."""
    maker, taker = config.maker_bps, config.taker_bps
    return effective_rates(
        Rates(instrument.maker_fee, instrument.taker_fee),
        maker_bps=None if maker is None else Decimal(repr(maker)),
        taker_bps=None if taker is None else Decimal(repr(taker)),
        maker_rebate=config.maker_rebate,
    )
