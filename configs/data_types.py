"""The types of data that a run reads, as an environment names them."""

from collections.abc import Iterable
from collections.abc import Sequence

from adapters.bar_types import bar_spec
from adapters.bar_types import external_bar_type
from adapters.bar_types import parse_bar_step
from catalog.layout import BARS
from catalog.layout import QUOTES
from catalog.layout import TRADES
from errors import UsageError


QUOTE_TICK, TRADE_TICK, BAR = "QuoteTick", "TradeTick", "Bar"
DATA_TYPES = {
    QUOTE_TICK: "nautilus_trader.model.data:QuoteTick",
    TRADE_TICK: "nautilus_trader.model.data:TradeTick",
    BAR: "nautilus_trader.model.data:Bar",
}
# Their folders in a catalog.
FOLDERS = {QUOTE_TICK: QUOTES, TRADE_TICK: TRADES, BAR: BARS}
DEFAULT_STEP = "1m"


def kind_of(name: str) -> str:
    """Return the type of an entry of `data`: `Bar` for `Bar` and for `Bar 5m`."""
    return name.partition(" ")[0]


def bar_step(name: str) -> int:
    """
    Return the length of the bars that an entry of `data` names, one minute for `Bar` alone (ns).

    Raises
    ------
    UsageError
        If the entry names no step.

    """
    step = name.partition(" ")[2] or DEFAULT_STEP
    try:
        return parse_bar_step(step)
    except UsageError as e:
        raise UsageError(f"`data`: {name!r}: {step!r} is not a step: write `Bar 5m`") from e


def identifier_of(name: str, instrument_id: str) -> str:
    """Return the identifier of an entry's data in a catalog: the instrument id, or the bar type."""
    if kind_of(name) != BAR:
        return instrument_id
    return external_bar_type(instrument_id, bar_step(name))


def market_of(names: Iterable[str]) -> tuple[str, str | None]:
    """
    Return the data that drive a market: `quote`, `print` or `bar`, and which bars.

    Of several bars the shortest move it.
    """
    names = list(names)
    if QUOTE_TICK in names:
        return "quote", None
    if TRADE_TICK in names:
        return "print", None
    return "bar", bar_spec(min(map(bar_step, names)))


def data_sections(
    names: Sequence[str],
    instrument_ids: Sequence[str],
    catalog: str,
) -> list[dict[str, object]]:
    """Return the sections of Nautilus's data for some types and instruments."""
    sections: list[dict[str, object]] = []
    for name in names:
        for instrument_id in instrument_ids:
            section: dict[str, object] = {
                "catalog_path": catalog,
                "data_cls": DATA_TYPES[kind_of(name)],
                "instrument_id": instrument_id,
            }
            if kind_of(name) == BAR:
                section["bar_types"] = [identifier_of(name, instrument_id)]
            sections.append(section)
    return sections


def check_data(names: object, where: str) -> None:
    """
    Check the key `data` of an environment.

    Parameters
    ----------
    names : object
        Its value.
    where : str
        The file, for the message.

    Raises
    ------
    UsageError
        If it is no list of types, a type is unknown or is named twice.

    """
    known = ", ".join(sorted(DATA_TYPES))
    if not isinstance(names, list) or not names:
        raise UsageError(f"{where}: `data`: {names!r} must be a list of types, like [{known}]")
    seen: set[tuple[str, int]] = set()
    for name in names:
        if not isinstance(name, str) or kind_of(name) not in DATA_TYPES:
            raise UsageError(f"{where}: `data`: unknown type {name}; there are {known}")
        is_bar = kind_of(name) == BAR
        if not is_bar and name not in DATA_TYPES:
            raise UsageError(f"{where}: `data`: {name}: only bars have a step, like `Bar 5m`")
        entry = kind_of(name), bar_step(name) if is_bar else 0
        if entry in seen:
            raise UsageError(f"{where}: `data`: {name} is named twice")
        seen.add(entry)
