"""Strict decoding of Bybit's answers: one bad field rejects the whole answer."""

import re
from decimal import Decimal
from typing import ClassVar

import msgspec

from errors import AuctionError


# 2017, before the venue existed, and 2100 (ms UTC).
FIRST_MS, LAST_MS = 1_483_228_800_000, 4_102_444_800_000
NUMBER = re.compile(r"-?\d{1,20}(\.\d{1,30})?([eE][-+]?\d{1,2})?", re.ASCII)
SHOWN = 60


class BadAnswer(AuctionError):
    """Represents a rejected answer of the venue; the message names endpoint and field."""


class Number(Decimal):
    """Represents a number that the venue writes as text, finite and within bounds."""

    LOW: ClassVar[Decimal]
    HIGH: ClassVar[Decimal]
    # If LOW itself is invalid.
    IS_ABOVE: ClassVar[bool] = False


class Price(Number):
    """Represents a price above 0."""

    LOW, HIGH, IS_ABOVE = Decimal(0), Decimal(10) ** 9, True


class Size(Number):
    """Represents a size above 0."""

    LOW, HIGH, IS_ABOVE = Decimal(0), Decimal(10) ** 12, True


class Volume(Number):
    """Represents a size or a value that may be 0."""

    LOW, HIGH = Decimal(0), Decimal(10) ** 15


class Rate(Number):
    """Represents a funding rate; the venue's limits are far below 10 %."""

    LOW, HIGH = Decimal("-0.1"), Decimal("0.1")


class Amount(Number):
    """Represents an amount of money paid or received."""

    LOW, HIGH = -(Decimal(10) ** 12), Decimal(10) ** 12


class Leverage(Number):
    """Represents a leverage."""

    LOW, HIGH, IS_ABOVE = Decimal(0), Decimal(1_000), True


class Milliseconds(int):
    """Represents a time that the venue writes as text (ms UTC)."""


def decode[T](endpoint: str, kind: type[T], value: object) -> T:
    """
    Return the typed value of an answer or of a part of it.

    Parameters
    ----------
    endpoint : str
        The name of the endpoint in error messages.
    kind : type[T]
        The expected type; other fields are ignored.
    value : object
        The decoded JSON.

    Raises
    ------
    BadAnswer
        If a field is missing, of another type, not finite or out of range.

    """
    try:
        return msgspec.convert(value, kind, dec_hook=_scalar)
    except (msgspec.ValidationError, RecursionError) as error:
        raise BadAnswer(f"Bybit {endpoint}: {error}: the answer is refused") from None


def decode_text[T](endpoint: str, kind: type[T], text: str) -> T:
    """
    Return the typed value of a message of a socket.

    Raises
    ------
    BadAnswer
        If it is no JSON, or a field is missing, of another type or out of range.

    """
    try:
        return msgspec.json.decode(text, type=kind, dec_hook=_scalar)
    # Text with a surrogate cannot be encoded.
    except (msgspec.MsgspecError, RecursionError, UnicodeEncodeError) as error:
        raise BadAnswer(f"Bybit {endpoint}: {error}: the answer is refused") from None


def _scalar(kind: type, raw: object) -> object:
    if not isinstance(raw, str):
        raise ValueError(f"Expected a number as text, got `{type(raw).__name__}`")  # noqa: TRY004
    if issubclass(kind, Number):
        if NUMBER.fullmatch(raw) is None:
            raise ValueError(f"{raw[:SHOWN]!r} is no number")
        number = kind(raw)
        is_low = number <= kind.LOW if kind.IS_ABOVE else number < kind.LOW
        if is_low or number > kind.HIGH:
            raise ValueError(f"{raw[:SHOWN]} is out of range for {kind.__name__.lower()}")
        return number
    if issubclass(kind, Milliseconds):
        if re.fullmatch(r"\d{13}", raw, re.ASCII) is None or not FIRST_MS <= int(raw) <= LAST_MS:
            raise ValueError(f"{raw[:SHOWN]!r} is no time in ms")
        return kind(raw)
    raise NotImplementedError(kind)
