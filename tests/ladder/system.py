"""What the ladder system consists of."""

from strategies.common.system import System
from tests.ladder.reasons import Reason
from tests.toy.messages import ChannelMinute
from tests.toy.views import VIEWS


SYSTEM = System(
    name="ladder",
    title="Ladder: several trades at once",
    messages=(ChannelMinute,),
    views=VIEWS,
    decisions=(Reason,),
)
