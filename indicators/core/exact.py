"""Decimal parameters as exact fractions, so that no rounding decides a comparison."""

from fractions import Fraction

from errors import ParameterError


def exact(name: str, value: object) -> Fraction:
    """
    Return a positive decimal parameter as a fraction.

    Parameters
    ----------
    name : str
        The parameter's name, for the error.
    value : object
        Anything whose text is a decimal or a fraction: `str`, `int`, `float`, `Decimal`,
        `Fraction`, a Nautilus `Price` or `Quantity`. The float 0.7 means the decimal 0.7.

    Returns
    -------
    Fraction

    Raises
    ------
    ParameterError
        If the value is not a finite number or not positive.

    """
    try:
        fraction = Fraction(str(value))
    except (ValueError, ZeroDivisionError):
        raise ParameterError(name, f"must be a number, was {value!r}") from None
    if fraction <= 0:
        raise ParameterError(name, f"must be positive, was {value}")
    return fraction


def exact_ratio(name: str, value: object, maximum: int | None = None) -> tuple[int, int]:
    """
    Return a positive ratio as numerator and denominator.

    Parameters
    ----------
    name : str
        The parameter's name, for the error.
    value : object
        Anything `exact` takes.
    maximum : int, optional
        The greatest ratio allowed.

    Returns
    -------
    tuple[int, int]

    Raises
    ------
    ParameterError
        If the value is not a positive number, exceeds `maximum` or has more than six decimals.

    """
    fraction = exact(name, value)
    if maximum is not None and fraction > maximum:
        raise ParameterError(name, f"must be above 0 and at most {maximum}, was {value}")
    if fraction.denominator > 1_000_000:
        raise ParameterError(name, f"must have at most six decimals, was {value}")
    return fraction.numerator, fraction.denominator
