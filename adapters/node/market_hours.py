"""When a venue is shut by its timetable, so that its silence is none."""

from datetime import UTC
from datetime import datetime
from datetime import timedelta

from actors.impulse.sessions import NANOS_PER_SECOND
from actors.impulse.sessions import NEW_YORK
from actors.impulse.sessions import ROLL
from actors.impulse.sessions import at_minute


# The futures exchanges on Globex. Others never shut.
SHUTTING = frozenset({"XCME", "XCBT", "XNYM", "XCEC"})
SHUTS = 17 * 60
FRIDAY, SATURDAY, SUNDAY = 4, 5, 6


def shut_s(venue: str, since: float, until: float) -> float:
    """
    Return how long (s) a venue was shut by its timetable between two times.

    Globex shuts from 17:00 to 18:00 in New York, and from 17:00 on Friday to 18:00 on Sunday.
    Holidays are not known: on those the silence is told.

    Parameters
    ----------
    venue : str
        The venue.
    since, until : float
        The times (s UTC).

    """
    if venue not in SHUTTING:
        return 0.0
    day = datetime.fromtimestamp(since, UTC).astimezone(NEW_YORK).date()
    # A weekend began on a day before.
    day -= timedelta(days=2)
    last = datetime.fromtimestamp(until, UTC).astimezone(NEW_YORK).date()
    shut = 0.0
    while day <= last:
        if day.weekday() not in (SATURDAY, SUNDAY):
            opens = day + timedelta(days=2) if day.weekday() == FRIDAY else day
            start = at_minute(day, SHUTS) / NANOS_PER_SECOND
            end = at_minute(opens, ROLL) / NANOS_PER_SECOND
            shut += max(0.0, min(end, until) - max(start, since))
        day += timedelta(days=1)
    return shut
