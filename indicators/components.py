"""
The Nautilus indicators, for everything that uses them.

The installed version of NautilusTrader is checked first. The cores below `indicators.core` need
none, and are used without this module.
"""

from indicators.built_for import NAUTILUS_VERSION
from indicators.nautilus import AggressorBars
from indicators.nautilus import AggressorFlow
from indicators.nautilus import BarIndicator
from indicators.nautilus import BestQuoteImbalance
from indicators.nautilus import ClosingIndicator
from indicators.nautilus import FeatureIndicator
from indicators.nautilus import Footprints
from indicators.nautilus import Gaps
from indicators.nautilus import MarketContextMinutes
from indicators.nautilus import RollingVolumeProfile
from indicators.nautilus import SpanVolumeProfile
from indicators.nautilus import ValueAreaMinutes


__all__ = [
    "NAUTILUS_VERSION",
    "AggressorBars",
    "AggressorFlow",
    "BarIndicator",
    "BestQuoteImbalance",
    "ClosingIndicator",
    "FeatureIndicator",
    "Footprints",
    "Gaps",
    "MarketContextMinutes",
    "RollingVolumeProfile",
    "SpanVolumeProfile",
    "ValueAreaMinutes",
]
