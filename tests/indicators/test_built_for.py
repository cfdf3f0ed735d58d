"""The indicators for Nautilus refuse another version before its binary code fails."""

from importlib.metadata import version

import pytest

from indicators.built_for import NAUTILUS_VERSION
from indicators.built_for import check_version


def test_the_installed_version_is_the_one_they_are_built_for():
    assert version("nautilus_trader") == NAUTILUS_VERSION
    check_version(NAUTILUS_VERSION)


@pytest.mark.parametrize("other", ["1.230.0", "1.232.0", "2.0.0"])
def test_another_version_is_refused_with_what_to_do(other):
    with pytest.raises(ImportError, match=f"but {other} is installed: install nautilus_trader=="):
        check_version(other)
