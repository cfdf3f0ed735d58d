"""The codes of the strategies that tests write: declared beside them, as those of a system."""

from strategies.value_area.reasons import DECISIONS as DECISIONS
