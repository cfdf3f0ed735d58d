"""The whole picture of a system: its chart, and the tables below."""

from dataclasses import dataclass

from strategies.common.views.bars import Band
from strategies.common.views.bars import Bars
from strategies.common.views.bars import Footprint
from strategies.common.views.bars import Pane
from strategies.common.views.bars import Profile
from strategies.common.views.bars import StepLine
from strategies.common.views.criteria import Criterion
from strategies.common.views.shapes import Levels
from strategies.common.views.shapes import Markers
from strategies.common.views.shapes import Signals
from strategies.common.views.shapes import Trails
from strategies.common.views.shapes import Zones
from strategies.common.views.tables import Funnel
from strategies.common.views.tables import Groups
from strategies.common.views.tables import Listing
from strategies.common.views.tables import SignalListing


Element = Band | StepLine | Levels | Zones | Trails | Markers | Signals
Section = Listing | Groups | Funnel | SignalListing


@dataclass(frozen=True, kw_only=True)
class Chart:
    """
    Represents the chart of an instrument.

    Trades, refused candidates, stops and targets are on every chart.

    Parameters
    ----------
    bars : Bars
        The candles.
    elements : tuple[Element, ...]
        What is drawn over and under them, in this order.
    panes : tuple[Pane, ...]
        The panes below, from the top.
    note : str, default ''
        What a reader of the chart should know.
    footprint : Footprint, optional
        The pane that appears where few candles are in view.
    profile : Profile, optional
        The histogram beside the prices.

    """

    bars: Bars
    elements: tuple[Element, ...] = ()
    panes: tuple[Pane, ...] = ()
    note: str = ""
    footprint: Footprint | None = None
    profile: Profile | None = None

    @property
    def prints(self) -> Footprint | None:
        """Return where the volume at each price comes from; None where nothing needs it."""
        if self.footprint is None and self.profile is not None:
            return self.profile.of
        return self.footprint


@dataclass(frozen=True, kw_only=True)
class Views:
    """
    Represents the content of a run's page for each instrument.

    Parameters
    ----------
    chart : Chart
        The chart.
    sections : tuple[tuple[Section, ...], ...], default ()
        The sections below it; tables of one section stand side by side.
    criteria : tuple[Criterion, ...], default ()
        What the system sets out to reach, checked against the figures of the whole run.

    """

    chart: Chart
    sections: tuple[tuple[Section, ...], ...] = ()
    criteria: tuple[Criterion, ...] = ()
