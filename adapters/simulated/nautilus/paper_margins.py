"""What margin the account of a simulated venue in a node locks."""

from decimal import Decimal

from nautilus_trader.accounting.margin_models import LeveragedMarginModel
from nautilus_trader.model.enums import PositionSide
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.model.instruments import Instrument
from nautilus_trader.model.objects import Money
from nautilus_trader.model.objects import Price
from nautilus_trader.model.objects import Quantity

from catalog.margins import with_margins


class PaperMargins(LeveragedMarginModel):  # type: ignore[misc]
    """Margins as in a backtest, where a live client defines the instruments."""

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
        """Return what an order locks."""
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
        """Return what a position locks."""
        known = self._known(instrument)
        return super().calculate_margin_maint(
            known, side, quantity, price, leverage, use_quote_for_inverse
        )

    def _known(self, instrument: Instrument) -> Instrument:
        known = self._instruments.get(instrument.id)
        if known is None:
            known = self._instruments[instrument.id] = with_margins(instrument)
        return known
