"""What keeps an assertion from holding because nothing was looked at."""

from collections.abc import Iterable


def some[T](items: Iterable[T]) -> list[T]:
    """Return all items, of which there has to be one: a loop over none asserts nothing."""
    found = list(items)
    assert found, "there is nothing to look at"
    return found
