"""The parts of the value area system."""

from decimal import Decimal
from typing import Any

from actors.messages import MinuteFootprint
from actors.value_area.messages import ValueAreaMinute
from indicators.core.minute import MinuteFeatures
from strategies.common.system import BatchFeatures
from strategies.common.system import FeatureCore
from strategies.common.system import System
from strategies.value_area.reasons import AreaReason
from strategies.value_area.reasons import Reason
from strategies.value_area.views import VIEWS


def _features(config: Any, tick_size: Decimal, lot_size: Decimal) -> FeatureCore:
    return MinuteFeatures(tick_size, lot_size, **config.feature_parameters())


SYSTEM = System(
    name="value_area",
    title="Rolling value area: break-in, failed breakout, accepted breakout",
    views=VIEWS,
    messages=(MinuteFootprint, ValueAreaMinute),
    decisions=(Reason,),
    features=(AreaReason,),
    batch_features=BatchFeatures(
        actor="actors.value_area.actor:ValueAreaActor",
        message=ValueAreaMinute,
        core=_features,
        quoted="bid_px_close",
    ),
)
