"""Guards against assertions in loops over nothing."""

from collections.abc import Iterable


def some[T](items: Iterable[T]) -> list[T]:
    """Return all items, at least one: a loop over none asserts nothing."""
    found = list(items)
    assert found, "there is nothing to check"
    return found
