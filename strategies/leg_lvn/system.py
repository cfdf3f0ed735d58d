"""What the system of leg nodes consists of."""

from decimal import Decimal
from typing import Any

from actors.legs.features import LegFeatures
from actors.legs.messages import LegMinute
from actors.legs.messages import LegPivot
from actors.legs.messages import PriceLeg
from actors.legs.node_messages import LegLvn
from strategies.common.system import BatchFeatures
from strategies.common.system import FeatureCore
from strategies.common.system import System
from strategies.leg_lvn.diagnostics import EXPORTS
from strategies.leg_lvn.diagnostics import NOTES
from strategies.leg_lvn.reasons import Reason
from strategies.leg_lvn.views import VIEWS


def _features(config: Any, tick_size: Decimal, lot_size: Decimal) -> FeatureCore:
    return LegFeatures(config.legs, tick_size, lot_size, config.gap_finder())


SYSTEM = System(
    name="leg_lvn",
    title="Leg nodes: limit orders at the low volume nodes of legs with the trend",
    views=VIEWS,
    messages=(LegPivot, PriceLeg, LegLvn, LegMinute),
    decisions=(Reason,),
    batch_features=BatchFeatures(
        actor="actors.legs.actor:LegsActor", message=LegMinute, core=_features
    ),
    exports=EXPORTS,
    export_notes=NOTES,
)
