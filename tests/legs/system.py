"""A system that has the actor of legs alone."""

from decimal import Decimal
from typing import Any

from actors.legs.features import LegFeatures
from actors.legs.messages import LegMinute
from actors.legs.messages import LegPivot
from actors.legs.messages import PriceLeg
from actors.legs.node_messages import LegLvn
from strategies.common.system import BatchFeatures
from strategies.common.system import System
from strategies.common.views import Bars
from strategies.common.views import Chart
from strategies.common.views import Views
from strategies.leg_lvn.diagnostics import EXPORTS


def _features(config: Any, tick_size: Decimal, lot_size: Decimal) -> LegFeatures:
    return LegFeatures(config.legs, tick_size, lot_size, config.gap_finder())


SYSTEM = System(
    name="legs",
    title="Legs of one-minute bars",
    messages=(LegPivot, PriceLeg, LegLvn, LegMinute),
    views=Views(chart=Chart(bars=Bars(message=LegMinute, time="ts_min", seconds=60))),
    batch_features=BatchFeatures(
        actor="actors.legs.actor:LegsActor", message=LegMinute, core=_features
    ),
    exports=EXPORTS,
)
