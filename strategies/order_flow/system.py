"""What the order flow system consists of."""

from decimal import Decimal
from typing import Any

from actors.footprint.features import FootprintFeatures
from actors.footprint.messages import FootprintBar
from actors.footprint.messages import FootprintPattern
from actors.footprint.messages import FootprintZone
from actors.messages.tiers import TierChanged
from actors.regime.classification import NoTrade
from actors.regime.messages import RegimeBar
from actors.regime.messages import RegimePhase
from actors.regime.reasons import RegimeAlert
from strategies.common.system import BatchFeatures
from strategies.common.system import FeatureCore
from strategies.common.system import System
from strategies.order_flow.messages import RoutedPattern
from strategies.order_flow.reasons import Reason
from strategies.order_flow.reasons import Route
from strategies.order_flow.reasons import Skip
from strategies.order_flow.views import VIEWS


def _features(config: Any, tick_size: Decimal, lot_size: Decimal) -> FeatureCore:
    return FootprintFeatures(config, tick_size, lot_size)


SYSTEM = System(
    name="order_flow",
    title="Order flow: footprint patterns, routed by the regime of the market",
    views=VIEWS,
    messages=(
        FootprintPattern,
        FootprintZone,
        RegimePhase,
        RegimeBar,
        FootprintBar,
        RoutedPattern,
        TierChanged,
    ),
    refusals=(Skip,),
    decisions=(Reason,),
    features=(Route, NoTrade),
    alerts=(RegimeAlert,),
    batch_features=BatchFeatures(
        actor="actors.regime.actor:RegimeActor", message=FootprintBar, core=_features
    ),
)
