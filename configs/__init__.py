"""Systems, environments and presets, and what loads them."""

from pathlib import Path


FOLDER = Path(__file__).parent
