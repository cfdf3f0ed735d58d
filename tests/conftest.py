"""Settings for all tests."""

from __future__ import annotations

import gc
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import Phase
from hypothesis import settings

from tests.shared_folders import shared_folder


if TYPE_CHECKING:
    from tests.vector_run import VectorRun


# Nearly all that the collection of tests makes stays: passes over it cost a tenth of its time.
gc.disable()

# A machine that has other work makes no example wrong.
settings.register_profile("patient", deadline=None)
# Elsewhere every run looks for new examples; one that decides about a change has to be repeatable.
settings.register_profile("repeatable", derandomize=True, deadline=None)
# A change of the code is seen by the first example that fails: the smallest one is not read.
settings.register_profile(
    "mutation",
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
)
if os.environ.get("CI"):
    settings.load_profile("repeatable")
else:
    settings.load_profile("patient")


def pytest_collection_finish() -> None:
    """Collect garbage from here on, among what tests make."""
    gc.freeze()
    gc.enable()


@pytest.fixture
def real_data() -> Path:
    folder = os.environ.get("AUCTION_REAL_DATA")
    if not folder:
        pytest.skip("AUCTION_REAL_DATA is not set")
    return Path(folder)


@pytest.fixture(scope="session")
def vector_run(tmp_path_factory: pytest.TempPathFactory) -> VectorRun:
    """Return the whole run over the vector stream; tests only read it."""
    # Tests of pure modules start without Nautilus.
    from tests.vector_run import VectorRun
    from tests.vector_run import write_vector_run

    return VectorRun(shared_folder(tmp_path_factory, "vector_run", write_vector_run))


@pytest.fixture
def catalog_path(tmp_path: Path) -> Path:
    return tmp_path / "catalog"
