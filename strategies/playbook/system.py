"""What the playbook consists of."""

from actors.market_context.features import batch_core
from actors.market_context.messages import LvnAlert
from actors.market_context.messages import MarketContextMinute
from actors.market_context.messages import SessionBalance
from actors.market_context.messages import VolumeNodeUpdate
from actors.messages import MinuteFootprint
from strategies.common.system import BatchFeatures
from strategies.common.system import System
from strategies.playbook.messages import BreakoutAttempt
from strategies.playbook.messages import LegNodeEvent
from strategies.playbook.messages import SetupSignal
from strategies.playbook.reasons import Reason
from strategies.playbook.reasons import SetupRefusal
from strategies.playbook.views import VIEWS


SYSTEM = System(
    name="playbook",
    title="Auction market playbook: trend model and mean reversion at the nodes of a breakout",
    views=VIEWS,
    messages=(
        SessionBalance,
        VolumeNodeUpdate,
        LvnAlert,
        MinuteFootprint,
        MarketContextMinute,
        BreakoutAttempt,
        LegNodeEvent,
        SetupSignal,
    ),
    refusals=(SetupRefusal,),
    decisions=(Reason,),
    batch_features=BatchFeatures(
        actor="actors.market_context.actor:MarketContextActor",
        message=MarketContextMinute,
        core=batch_core,
    ),
)
