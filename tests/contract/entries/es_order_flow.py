"""A Monday from the opening on, with a short warm-up before it."""

from tests.contract.entry import Entry


ENTRY = Entry(
    start="2026-01-05T12:30",
    end="2026-01-05T17:10",
    change="2026-01-05T16:10",
    settings=("strategies.0.config.rules.hours.pauses=[]",),
)
