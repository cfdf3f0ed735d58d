"""Margins for instruments whose definitions lack those of a backtest."""

from datetime import date

from catalog.codec import changed_definition
from catalog.codec import definition_values
from catalog.contracts import contract_spec
from catalog.instruments import PERPETUAL_MARGIN
from catalog.instruments import STOCK_MARGINS
from catalog.instruments import is_crypto_perpetual
from catalog.instruments import is_stock
from catalog.instruments import resolve_instrument
from catalog.protocols import Instrument


def with_margins(defined: Instrument, on: date | None = None) -> Instrument:
    """
    Return an instrument with the margin factors of a backtest.

    Databento publishes no margins, and Nautilus's Bybit client gives every perpetual the same ones,
    regardless of its leverage. A contract that is not built in keeps its margins.

    Parameters
    ----------
    defined : Instrument
        The instrument as defined by a venue or its client.
    on : date, optional
        A day on which a contract traded, as for `resolve_instrument`.

    Raises
    ------
    UsageError
        If a contract is not one of its venue.

    """
    if is_crypto_perpetual(defined):
        init = maint = PERPETUAL_MARGIN
    elif is_stock(defined):
        init, maint = STOCK_MARGINS
    elif contract_spec(defined.raw_symbol.value) is None:
        return defined
    else:
        built_in = resolve_instrument(str(defined.id), on)
        init, maint = built_in.margin_init, built_in.margin_maint
    margins = {"margin_init": str(init), "margin_maint": str(maint)}
    return changed_definition(defined, {**definition_values(defined), **margins})
