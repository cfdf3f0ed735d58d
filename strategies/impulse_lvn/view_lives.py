"""The lives of impulses and of their low volume nodes, and their appearance."""

from actors.impulse.messages import DailyLevelsUpdate
from actors.impulse.messages import ImpulseTransition
from actors.impulse.messages import LvnVisit
from strategies.common.views import UNFINISHED
from strategies.common.views import Field
from strategies.common.views import Form
from strategies.common.views import Lives
from strategies.common.views import Placed
from strategies.common.views import Style
from strategies.common.views.style import BUY
from strategies.common.views.style import GREEN
from strategies.common.views.style import INK
from strategies.common.views.style import LEVEL
from strategies.common.views.style import ORANGE


DAY = (DailyLevelsUpdate, "day")
# The machine of the market never trades: it is shown where no strategy has one.
MARKET = ("source", "MARKET")
LEVEL_NAMES = ("pdh", "pdl", "pdc", "onh", "onl", "poc", "vah", "val")

IMPULSES = Lives(
    message=ImpulseTransition,
    key=("source", "impulse_id"),
    time="ts_second",
    begin="start",
    ends=("COMPLETE", "INVALID_TIMEOUT", "INVALID_RETRACE", "SWITCHED"),
    after=("HUNT_TIMEOUT", "SWITCHED"),
    until=DAY,
    fallback=MARKET,
)
OUTCOMES = {
    "COMPLETE": "Complete",
    "INVALID_TIMEOUT": "Timed out",
    "INVALID_RETRACE": "Retraced",
    "SWITCHED": "Switched",
    UNFINISHED: "Unfinished",
}
OUTCOME_STYLES = {
    "COMPLETE": Style(color=GREEN, tint=0.22),
    "INVALID_TIMEOUT": Style(color=LEVEL, dash="dot", tint=0.08),
    "INVALID_RETRACE": Style(color=ORANGE, dash="dash", tint=0.14),
    "SWITCHED": Style(color=BUY, dash="dashdot", tint=0.12),
    UNFINISHED: Style(color=INK, dash="longdash", tint=0.05),
}
MARKS = {
    "broke_swing": "broke swing",
    "fast": "fast",
    "uniform": "uniform",
    "volume_mark": "volume",
    "size": "size",
}
EXTENT = Field(column="extreme", other="start_price", form=Form.DISTANCE, label="Extent")

NODES = Lives(
    message=LvnVisit,
    key=("source", "price"),
    time="ts_second",
    born="FOUND",
    same=("impulse_id",),
    ends=("DROPPED",),
    steps=("TOUCHED", "ARMED", "RETESTING", "SIGNAL"),
    first_state="UNTOUCHED",
    # A signal takes a node back.
    states=(("SIGNAL", "TOUCHED"),),
    until=DAY,
    fallback=MARKET,
)
STATES = {
    "UNTOUCHED": "LVN untouched",
    "TOUCHED": "LVN touched",
    "ARMED": "LVN armed",
    "RETESTING": "LVN retesting",
}
STATE_STYLES = {
    "UNTOUCHED": Style(color="#d8c6e8", width=3),
    "TOUCHED": Style(color="#b58fd6", width=3),
    "ARMED": Style(color="#8146b8", width=4),
    "RETESTING": Style(color="#d1178f", width=6),
}
AT_NODE = Placed(label="LVN", of=NODES, step="SIGNAL", price="price")
