"""What the value area system consists of."""

from actors.messages import MinuteFootprint
from actors.messages import ValueAreaMinute
from strategies.common.system import BatchFeatures
from strategies.common.system import System
from strategies.value_area.reasons import AreaReason
from strategies.value_area.reasons import Reason


SYSTEM = System(
    name="value_area",
    title="Rolling value area: break-in, failed breakout, accepted breakout",
    messages=(MinuteFootprint, ValueAreaMinute),
    decisions=(Reason,),
    features=(AreaReason,),
    batch_features=BatchFeatures(
        actor="actors.value_area.actor:ValueAreaActor",
        message=ValueAreaMinute,
        parameters=lambda config: config.feature_parameters(),
        quoted="bid_px_close",
    ),
)
