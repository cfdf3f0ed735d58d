"""What the channel system consists of."""

from strategies.common.system import System
from tests.toy.messages import ChannelMinute
from tests.toy.reasons import Reason
from tests.toy.views import VIEWS


SYSTEM = System(
    name="toy",
    title="Channel: the first close beyond the closes of the last minutes",
    messages=(ChannelMinute,),
    views=VIEWS,
    decisions=(Reason,),
)
