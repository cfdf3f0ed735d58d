"""
What belongs on the picture of a system, as data.

A system describes its charts and tables in `views.py`; reports, dashboards and notebooks draw them
and know no system. Each view names the message that a run keeps as a table, and its columns.
Columns of ticks and lots are shown in price and size.
"""

from strategies.common.views.bars import Band
from strategies.common.views.bars import Bars
from strategies.common.views.bars import Footprint
from strategies.common.views.bars import Histogram
from strategies.common.views.bars import Line
from strategies.common.views.bars import Pane
from strategies.common.views.bars import Profile
from strategies.common.views.bars import StepLine
from strategies.common.views.chart import Chart
from strategies.common.views.chart import Element
from strategies.common.views.chart import Section
from strategies.common.views.chart import Views
from strategies.common.views.criteria import Criterion
from strategies.common.views.fields import Field
from strategies.common.views.fields import Form
from strategies.common.views.fields import Hover
from strategies.common.views.fields import Reached
from strategies.common.views.lives import UNFINISHED
from strategies.common.views.lives import Latest
from strategies.common.views.lives import Lives
from strategies.common.views.shapes import LevelGroup
from strategies.common.views.shapes import Levels
from strategies.common.views.shapes import Markers
from strategies.common.views.shapes import Signals
from strategies.common.views.shapes import Trails
from strategies.common.views.shapes import Zones
from strategies.common.views.style import Style
from strategies.common.views.tables import Count
from strategies.common.views.tables import Funnel
from strategies.common.views.tables import Groups
from strategies.common.views.tables import Listing
from strategies.common.views.tables import Measure
from strategies.common.views.tables import Placed
from strategies.common.views.tables import SignalListing
from strategies.common.views.tables import TimeShare


__all__ = [
    "UNFINISHED",
    "Band",
    "Bars",
    "Chart",
    "Count",
    "Criterion",
    "Element",
    "Field",
    "Footprint",
    "Form",
    "Funnel",
    "Groups",
    "Histogram",
    "Hover",
    "Latest",
    "LevelGroup",
    "Levels",
    "Line",
    "Listing",
    "Lives",
    "Markers",
    "Measure",
    "Pane",
    "Placed",
    "Profile",
    "Reached",
    "Section",
    "SignalListing",
    "Signals",
    "StepLine",
    "Style",
    "TimeShare",
    "Trails",
    "Views",
    "Zones",
]
