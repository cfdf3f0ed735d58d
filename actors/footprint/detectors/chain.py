"""All detectors of one instrument in the order in which their patterns are published."""

from actors.footprint.detectors.divergence import DeltaDivergence
from actors.footprint.detectors.extremes import find_absorption
from actors.footprint.detectors.extremes import find_exhaustion
from actors.footprint.detectors.imbalances import find_imbalances
from actors.footprint.detectors.imbalances import find_stacks
from actors.footprint.detectors.unfinished import UnfinishedBusiness
from actors.footprint.footprint import Footprint
from actors.footprint.patterns import PatternSignal
from actors.footprint.thresholds import Thresholds


class Detectors:
    """
    Finds the patterns of closed bars.

    Parameters
    ----------
    thresholds : Thresholds
        The thresholds. Another instrument needs detectors of its own.

    Attributes
    ----------
    unfinished : UnfinishedBusiness
        The unfinished levels that are remembered.

    """

    def __init__(self, thresholds: Thresholds) -> None:
        self.thresholds = thresholds
        self.divergence = DeltaDivergence(thresholds.divergence_lookback)
        self.unfinished = UnfinishedBusiness(
            thresholds.unfinished_max_volume,
            thresholds.unfinished_mode,
            thresholds.unfinished_memory,
        )

    def on_bar(self, bar: Footprint) -> list[PatternSignal]:
        """Return the patterns of a bar, in order."""
        rules = self.thresholds
        imbalances = find_imbalances(
            bar,
            rules.imbalance_min_volume,
            rules.imbalance_ratio,
            zero_is_one=rules.zero_opposing == "one",
        )
        return [
            *imbalances,
            *find_stacks(imbalances, rules.stack_min),
            *find_exhaustion(bar, rules.exhaustion_levels, rules.exhaustion_decline),
            *find_absorption(bar, rules.absorption_min_volume, rules.absorption_share),
            *self.divergence.on_bar(bar),
            *self.unfinished.on_bar(bar),
        ]

    def start_again(self) -> None:
        """Forget earlier bars: the market has moved unseen."""
        self.divergence.start_again()
        self.unfinished.start_again()
