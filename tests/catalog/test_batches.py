import numpy as np
import pytest

from catalog.batches import select_rows
from tests.catalog.market import bars
from tests.catalog.market import quotes
from tests.catalog.market import trades


MASK = np.array([True, False, True])


@pytest.mark.parametrize(
    "batch",
    [
        trades([1, 2, 3], price=[7, 8, 9], seq=[4, 5, 6]),
        trades([1, 2, 3], price=[7, 8, 9]),
        quotes([1, 2, 3], bid=[7, 8, 9], seq=[4, 5, 6]),
        bars([1, 2, 3], close=[7, 8, 9]),
    ],
)
def test_rows_are_selected_in_every_column(batch):
    masked, first = select_rows(batch, MASK), select_rows(batch, slice(2))
    assert (len(masked), len(first)) == (2, 2)
    for name in batch.__slots__:
        column = getattr(batch, name)
        if column is None:
            assert getattr(masked, name) is None
            continue
        whole = column.tolist()
        assert getattr(masked, name).tolist() == [whole[0], whole[2]]
        assert getattr(first, name).tolist() == whole[:2]
