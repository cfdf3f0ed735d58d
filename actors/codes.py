"""Codes that a run writes down, each declared with the sentence that explains it."""

from enum import StrEnum
from typing import Self


class Code(StrEnum):
    """
    Represents a code of decisions, refusals or orders: its value, and what it means.

    A member is declared as `NAME = "NAME", "One sentence: what it means, and what to change."`.

    Attributes
    ----------
    meaning : str
        The sentence.

    """

    meaning: str

    def __new__(cls, code: str, meaning: str = "") -> Self:
        """Return a member; a code alone finds the declared one."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        return member


def meanings(*kinds: type[Code]) -> dict[str, str]:
    """Return the sentence of each code, in the order of declaration."""
    return {str(code): code.meaning for kind in kinds for code in kind}
