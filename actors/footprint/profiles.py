"""Profiles of symbols: what counts as much volume, and the distances of stop and target."""

from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec
import yaml
from msgspec import Struct

from catalog.contracts import root_of
from errors import ParameterError


FILE = "profiles.yaml"


class SymbolProfile(Struct, frozen=True, forbid_unknown_fields=True):
    """
    Represents the profile of all contracts of one root, or of one stock.

    Attributes
    ----------
    tick : Decimal
        The price increment.
    tick_value : Decimal
        The value of a tick of one contract or share (USD).
    imbalance_min_volume, absorption_min_volume, typical_bar_volume : int
        The least volume of an imbalance and of an absorption, and the usual one of five minutes
        (lots).
    stop_ticks, target_ticks : int
        The distances of stop and target from the fill.

    """

    tick: Decimal
    tick_value: Decimal
    imbalance_min_volume: int
    absorption_min_volume: int
    typical_bar_volume: int
    stop_ticks: int
    target_ticks: int

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} must be positive, was {getattr(self, name)}")


def read_profiles(text: str) -> dict[str, SymbolProfile]:
    """
    Return the profiles of a YAML text by root.

    Raises
    ------
    ValueError
        If a value is missing, unknown or not positive.

    """
    rows: Any = yaml.safe_load(text)
    return msgspec.convert(rows, dict[str, SymbolProfile])


@cache
def symbol_profiles() -> dict[str, SymbolProfile]:
    """Return the profiles of the package by root, read once."""
    return read_profiles(files("actors.footprint").joinpath(FILE).read_text())


def profile_of(symbol: str) -> SymbolProfile:
    """
    Return the profile of a symbol.

    The symbol is a root itself (`SPY`, `ES`), or a contract of one: root, month code and year
    (`ESZ5`). Nothing is matched by its beginning: `ESTXZ5` is no contract of `ES`.

    Parameters
    ----------
    symbol : str
        The symbol, without its venue.

    Raises
    ------
    ParameterError
        If there is no profile of its root.

    """
    known = symbol_profiles()
    root = symbol if symbol in known else root_of(symbol)
    if root not in known:
        raise ParameterError(
            "profile",
            f"{symbol!r} has no profile: name a root ({', '.join(known)}), or give "
            "imbalance_min_volume and absorption_min_volume",
        )
    return known[root]
