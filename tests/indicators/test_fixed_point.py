"""128-bit fixed-point values: exact both ways, refused where they do not fit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.core.fixed_point import decode_raw
from indicators.core.fixed_point import encode_raw
from tests.indicators.market import quick


@quick
@given(
    st.lists(st.integers(-(2**62), 2**62), max_size=20),
    st.sampled_from([1, 10**13, 10**15, 25 * 10**14, 10**18]),
)
def test_counts_survive_the_way_there_and_back(counts, unit):
    values = np.array(counts, dtype=np.int64)
    data = encode_raw(values, unit)

    assert [int.from_bytes(row.tobytes(), "little", signed=True) for row in data] == [
        count * unit for count in counts
    ]
    assert decode_raw(data.reshape(-1), unit).tolist() == counts


def test_a_value_that_is_no_multiple_is_refused():
    data = encode_raw(np.array([10, 15]), 1).reshape(-1)
    with pytest.raises(ValueError, match="value 1 is not a multiple of the unit 10"):
        decode_raw(data, 10)


@pytest.mark.parametrize("count", [2**63 // 10 + 1, -(2**63) // 10 - 1])
def test_a_count_beyond_64_bits_is_refused(count):
    data = encode_raw(np.array([0, count]), 10**15).reshape(-1)
    with pytest.raises(ValueError, match="value 1 .* 64 bits"):
        decode_raw(data, 10**14)


@pytest.mark.parametrize("count", [2**63 - 1, -(2**63)])
def test_a_value_beyond_128_bits_is_refused(count):
    with pytest.raises(ValueError, match="value 1 .* 128 bits"):
        encode_raw(np.array([0, count]), 2**99)


@pytest.mark.parametrize("unit", [0, -1, 2**100])
def test_the_unit_must_be_positive(unit):
    with pytest.raises(ValueError, match="`unit_raw` must be positive"):
        encode_raw(np.array([1]), unit)
