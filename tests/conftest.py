"""Settings for all tests."""

import os

from hypothesis import Phase
from hypothesis import settings


# Elsewhere every run looks for new examples; one that decides about a change has to be repeatable.
settings.register_profile("repeatable", derandomize=True)
# A change of the code is seen by the first example that fails: nobody reads the smallest one.
settings.register_profile(
    "mutation", derandomize=True, database=None, phases=[Phase.explicit, Phase.generate]
)
if os.environ.get("CI"):
    settings.load_profile("repeatable")
