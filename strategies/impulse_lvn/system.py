"""The parts of the impulse system."""

from actors.impulse.levels import LevelReason
from actors.impulse.messages import DailyLevelsUpdate
from actors.impulse.messages import ImpulseTransition
from actors.impulse.messages import LvnVisit
from actors.impulse.messages import MarketStateUpdate
from actors.impulse.messages import RegularSessionUpdate
from actors.impulse.messages import SecondBar
from strategies.common.daily_limits import DayStop
from strategies.common.system import System
from strategies.impulse_lvn.reasons import DecisionReason
from strategies.impulse_lvn.reasons import SkipReason
from strategies.impulse_lvn.views import VIEWS


SYSTEM = System(
    name="impulse_lvn",
    title="Daily level breaks: impulses are scored, their low volume nodes hunted",
    views=VIEWS,
    messages=(
        RegularSessionUpdate,
        DailyLevelsUpdate,
        MarketStateUpdate,
        ImpulseTransition,
        LvnVisit,
        SecondBar,
    ),
    refusals=(SkipReason,),
    decisions=(DecisionReason, LevelReason),
    alerts=(DayStop,),
)
