import os

import pytest


@pytest.fixture(autouse=True)
def _without_disk(monkeypatch):
    """Bring nothing to the disk: no test cuts the power, and a busy disk takes its time."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    monkeypatch.setattr(os, "fdatasync", lambda descriptor: None)
