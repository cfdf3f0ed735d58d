"""Comparison of two definitions with one id."""

from pathlib import Path

from catalog.increments import contract_life
from catalog.instruments import trading_life
from catalog.layout import END_OF_TIME
from catalog.layout import NS_PER_DAY
from catalog.layout import has_data
from catalog.layout import utc_text
from catalog.protocols import Instrument
from catalog.units import order_steps
from errors import AuctionError


def definition_changes(before: Instrument, after: Instrument) -> list[str]:
    """Return the differences of two definitions of one id that affect results, as text."""
    pairs = [
        (name, str(getattr(before, name, None)), str(getattr(after, name, None)))
        for name in ("multiplier", "quote_currency", "underlying")
    ]
    steps = order_steps(before), order_steps(after)
    pairs += [
        (
            name,
            f"{getattr(steps[0], name).normalize():f}",
            f"{getattr(steps[1], name).normalize():f}",
        )
        for name in ("tick", "lot")
    ]
    ends = [trading_life(known)[1] for known in (before, after)]
    if END_OF_TIME not in ends:
        pairs.append(("last day", utc_text(ends[0] - 1)[:10], utc_text(ends[1] - 1)[:10]))
    return [f"{name} {old} and {new}" for name, old, new in pairs if old != new]


def check_contract(catalog_path: Path, instrument: Instrument) -> None:
    """
    Refuse a contract if the catalog holds data of an earlier one with the same symbol.

    Symbols repeat after ten years.

    Raises
    ------
    AuctionError
        If the last days are more than a year apart.

    """
    instrument_id = str(instrument.id)
    life = contract_life(catalog_path, instrument_id)
    end_ns = trading_life(instrument)[1]
    if life is None or end_ns == END_OF_TIME or not has_data(catalog_path, instrument_id):
        return
    if abs(life[1] - end_ns) > 366 * NS_PER_DAY:
        raise AuctionError(
            f"{instrument_id}: the catalog {catalog_path} holds data of the contract that ended on "
            f"{utc_text(life[1] - 1)[:10]}, this one ends on {utc_text(end_ns - 1)[:10]}: use "
            "another catalog"
        )
