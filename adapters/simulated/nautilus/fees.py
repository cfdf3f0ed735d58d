"""The fees of a simulated venue as Nautilus charges them."""

from decimal import Decimal

from nautilus_trader.backtest.config import FeeModelConfig
from nautilus_trader.backtest.models import FeeModel
from nautilus_trader.common.config import NonNegativeFloat
from nautilus_trader.model.enums import LiquiditySide
from nautilus_trader.model.instruments import Instrument
from nautilus_trader.model.objects import Money
from nautilus_trader.model.objects import Price
from nautilus_trader.model.objects import Quantity
from nautilus_trader.model.orders import Order

from adapters.simulated.rules.fees import Rates
from adapters.simulated.rules.fees import effective_rates
from adapters.simulated.rules.fees import fee_of_value


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
        A commission for each contract and side, like ``2.25 USD``, instead of rates.

    """

    maker_bps: float | None = None
    taker_bps: NonNegativeFloat | None = None
    maker_rebate: bool = True
    per_contract: str | None = None


class VenueFees(FeeModel):  # type: ignore[misc]
    """
    Charges a commission for each contract, else the maker or taker rate of the notional value.

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
            self._commission = Money.from_str(config.per_contract)
            if self._commission.as_decimal() < 0:
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
        quantity = fill_qty.as_decimal()
        if self._commission is not None:
            amount = self._commission.as_decimal() * quantity
            return Money(amount, self._commission.currency)
        fee = fee_of_value(
            fee_rates(self._config, instrument),
            quantity,
            fill_px.as_decimal(),
            instrument.multiplier.as_decimal(),
            is_maker=order.liquidity_side == LiquiditySide.MAKER,
        )
        return Money(fee, instrument.get_settlement_currency())


def fee_rates(config: VenueFeesConfig, instrument: Instrument) -> Rates:
    """Return the maker and the taker rate of an instrument as fractions of the notional value."""
    maker, taker = config.maker_bps, config.taker_bps
    return effective_rates(
        Rates(instrument.maker_fee, instrument.taker_fee),
        maker_bps=None if maker is None else Decimal(repr(maker)),
        taker_bps=None if taker is None else Decimal(repr(taker)),
        maker_rebate=config.maker_rebate,
    )
