"""The channel of the last closes: ticks alone, so that everything is mirrored."""

from tests.contract.entry import Entry


ENTRY = Entry(
    end="2026-01-05T02:00",
    change="2026-01-05T01:30",
    # A trade in profit waits longer, and fees follow the price.
    mirror_settings=("strategies.0.config.extend_if_profitable=false",),
)
