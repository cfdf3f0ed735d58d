"""Parts of a core, whose wrong parameters are reported by the names that the core gives them."""

from collections.abc import Callable
from collections.abc import Mapping

from errors import ParameterError


def part_of[T](kind: Callable[..., T], names: Mapping[str, str], *values: object) -> T:
    """
    Return a part.

    Parameters
    ----------
    kind : Callable
        Its class.
    names : Mapping[str, str]
        The name of a parameter in the core, by its name in the part, where they differ.
    *values : object
        The parameters of the part, in order.

    Raises
    ------
    ParameterError
        If a parameter is out of its range.

    """
    try:
        return kind(*values)
    except ParameterError as e:
        reason = e.reason
        for own, given in names.items():
            reason = reason.replace(f"`{own}`", f"`{given}`")
        raise ParameterError(names.get(e.name, e.name), reason) from None
