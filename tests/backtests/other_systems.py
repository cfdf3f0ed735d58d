"""Systems that a page has never seen: one of candles alone, one with a view of a missing column."""

from actors.value_area.messages import ValueAreaMinute
from strategies.common.system import System
from strategies.common.views import Bars
from strategies.common.views import Chart
from strategies.common.views import StepLine
from strategies.common.views import Style
from strategies.common.views import Views


BARS = Bars(message=ValueAreaMinute, time="ts_min", seconds=60)
PLAIN = System(
    name="plain",
    title="Candles alone",
    messages=(ValueAreaMinute,),
    views=Views(chart=Chart(bars=BARS)),
)
WRONG = System(
    name="wrong",
    title="A view that cannot be drawn",
    messages=(ValueAreaMinute,),
    views=Views(
        chart=Chart(
            bars=BARS,
            elements=(StepLine(name="Middle", column="middle", style=Style(color="#000000")),),
        )
    ),
)
