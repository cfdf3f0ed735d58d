"""What belongs on the picture of the system of leg nodes."""

from actors.legs.messages import LegMinute
from actors.legs.node_messages import LegLvn
from strategies.common.views import Bars
from strategies.common.views import Chart
from strategies.common.views import Histogram
from strategies.common.views import Lives
from strategies.common.views import Pane
from strategies.common.views import Signals
from strategies.common.views import StepLine
from strategies.common.views import Style
from strategies.common.views import Trails
from strategies.common.views import Views
from strategies.common.views.style import LEVEL
from strategies.common.views.style import ORANGE


NODES = Lives(
    message=LegLvn,
    key=("confirmed_ts", "lvn_rank"),
    time="ts_min",
    born="FOUND",
    steps=("TOUCHED",),
    ends=("BROKEN", "DROPPED"),
    begin="end_ts",
    first_state="WAITING",
)
VIEWS = Views(
    chart=Chart(
        bars=Bars(message=LegMinute, time="ts_min", seconds=60),
        elements=(
            StepLine(name="Fast average", column="ema_fast", style=Style(color=ORANGE, width=1.2)),
            StepLine(name="Slow average", column="ema_slow", style=Style(color=LEVEL, width=1.2)),
            Trails(
                of=NODES,
                price="lvn_price",
                states={"WAITING": "Node", "TOUCHED": "Node, touched"},
                styles={
                    "WAITING": Style(color="#b58fd6", width=2),
                    "TOUCHED": Style(color="#d1178f", width=1),
                },
            ),
            Signals(),
        ),
        panes=(Pane(title="Volume", of=Histogram(name="volume", plus=("volume",), signed=False)),),
        note=(
            "Lines at a price are low volume nodes of legs, from the end of the leg on: thick "
            "until the market has traded there after the leg was confirmed, then thin until it "
            "trades through the start of the leg. An order that rests is a signal at the minute "
            "that sends it, and a trade from its fill on."
        ),
    ),
)
