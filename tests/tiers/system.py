"""What the tiered channel system consists of."""

from strategies.common.system import System
from tests.toy.messages import ChannelMinute
from tests.toy.reasons import Reason
from tests.toy.views import VIEWS


SYSTEM = System(
    name="tiers",
    title="Channel: its contract and size by capital tiers",
    messages=(ChannelMinute,),
    views=VIEWS,
    decisions=(Reason,),
)
