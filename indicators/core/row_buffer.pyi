from typing import Any

from numpy.typing import DTypeLike
from numpy.typing import NDArray

class RowBuffer:
    """
    Collects rows of one size.

    Parameters
    ----------
    item_size : int, default 8
        The size of a row (bytes).

    Raises
    ------
    ValueError
        If the size is not positive.

    """

    count: int
    """The rows collected."""

    def __init__(self, item_size: int = 8) -> None: ...
    def take(self, dtype: DTypeLike) -> NDArray[Any]:
        """
        Return the rows and forget them.

        Parameters
        ----------
        dtype : DTypeLike
            The type of a row.

        Returns
        -------
        NDArray
            The rows in their order, a copy.

        Raises
        ------
        ValueError
            If a row of that type has another size.

        """
