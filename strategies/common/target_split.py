"""The split of a position between two targets."""

from fractions import Fraction


def first_target_lots(lots: int, share: Fraction, min_lots: int = 1) -> int:
    """
    Return the lots that leave at the first target; the others leave at the second.

    The share is rounded half up to whole lots, at least 1 and at most all but 1. A single lot is
    not split, nor is a position of which a part would be below the venue's minimum.

    Parameters
    ----------
    lots : int
        The size of the position in lots.
    share : Fraction
        The share for the first target, strictly within 0 to 1.
    min_lots : int, default 1
        The least size in lots that the venue takes at the present price.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        If `share` is not within 0 to 1 or `lots` is negative.

    """
    if not 0 < share < 1:
        raise ValueError(f"share was not within 0 to 1, was {share}")
    if lots < 0:
        raise ValueError(f"lots was negative, was {lots}")
    if lots < 2:
        return 0
    rounded = (2 * lots * share.numerator + share.denominator) // (2 * share.denominator)
    first = min(max(rounded, 1), lots - 1)
    return first if min(first, lots - first) >= min_lots else 0
