"""Settings for all tests."""

import os

from hypothesis import settings


# Elsewhere every run looks for new examples; one that decides about a change has to be repeatable.
settings.register_profile("repeatable", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("repeatable")
