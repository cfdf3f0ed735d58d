"""A system that has the footprint actor alone."""

from decimal import Decimal
from typing import Any

from actors.footprint.features import FootprintFeatures
from actors.footprint.messages import FootprintBar
from actors.footprint.messages import FootprintPattern
from actors.footprint.messages import FootprintZone
from strategies.common.system import BatchFeatures
from strategies.common.system import System
from strategies.common.views import Bars
from strategies.common.views import Chart
from strategies.common.views import Footprint
from strategies.common.views import Lives
from strategies.common.views import Style
from strategies.common.views import Trails
from strategies.common.views import Views


ZONES = Lives(
    message=FootprintZone,
    key=("created_ts", "pattern", "price"),
    time="ts_start",
    born="CREATED",
    steps=("TOUCHED",),
    ends=("BROKEN", "REVISITED", "EXPIRED"),
    first_state="WAITING",
)


def _features(config: Any, tick_size: Decimal, lot_size: Decimal) -> FootprintFeatures:
    return FootprintFeatures(config, tick_size, lot_size)


SYSTEM = System(
    name="footprint",
    title="Footprint bars",
    messages=(FootprintZone, FootprintPattern, FootprintBar),
    views=Views(
        chart=Chart(
            bars=Bars(message=FootprintBar, time="ts_start", seconds=300),
            elements=(
                Trails(
                    of=ZONES,
                    price="price",
                    states={"WAITING": "Zone", "TOUCHED": "Zone, touched"},
                    styles={
                        "WAITING": Style(color="#b58fd6", width=2),
                        "TOUCHED": Style(color="#d1178f", width=1),
                    },
                ),
            ),
            footprint=Footprint(
                message=FootprintBar,
                time="ts_start",
                ticks="levels",
                buy="level_buy",
                sell="level_sell",
                unsigned="level_unsigned",
            ),
        )
    ),
    batch_features=BatchFeatures(
        actor="actors.footprint.actor:FootprintActor", message=FootprintBar, core=_features
    ),
)
