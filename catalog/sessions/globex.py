"""The hours of CME Globex: daily close, pause of index futures, holidays and early closes."""

from datetime import date

from catalog.sessions.clock import at_minute
from catalog.sessions.corrections import ENERGY_AND_METALS
from catalog.sessions.corrections import INDEX
from catalog.sessions.corrections import REGULAR
from catalog.sessions.corrections import corrected_closes
from catalog.sessions.exchange_calendar import FIRST_YEAR
from catalog.sessions.exchange_calendar import LAST_YEAR
from catalog.sessions.exchange_calendar import closes_of
from catalog.sessions.trade_date import trade_day


# The product group whose hours a venue keeps; of XCBT those of its index futures (YM).
GLOBEX_VENUES = {
    "XCME": INDEX,
    "XCBT": INDEX,
    "XNYM": ENERGY_AND_METALS,
    "XCEC": ENERGY_AND_METALS,
}
CALENDAR = "CMES"
# Until Friday 18 September 2015 the day ended a quarter of an hour later (NinjaTrader advisory 25;
# recorded ES and GC trades of 2013 end at 17:15, those of 2020 at 17:00).
LATER_REGULAR = 17 * 60 + 15
LATER_UNTIL = date(2015, 9, 21)
# Index futures stood still for a quarter of an hour on every afternoon until 25 June 2021 (CME
# Globex notice of June 2021; recorded ES trades of 2013 and 2020).
PAUSE = 16 * 60 + 15, 16 * 60 + 30
PAUSED_UNTIL = date(2021, 6, 28)
SATURDAY = 5


def globex_hours(venue: str, day: date) -> list[tuple[int, int]]:
    """
    Return the times at which a venue on Globex trades on a trade date.

    Trading begins at 18:00 in New York on the evening before and ends at 17:00, at 17:15 until
    18 September 2015; holidays and early closes are those of the calendar CMES, corrected by
    `CORRECTIONS`. The evening after an early close belongs to the next trade date. Until 25 June
    2021 index futures paused from 16:15 to 16:30. Beyond the years of the calendar, 2000 to 2050,
    every weekday is a regular one.

    Not included are outages, early closes of single products, and changes after `CORRECTIONS` was
    written.

    Parameters
    ----------
    venue : str
        One of `GLOBEX_VENUES`.
    day : date
        The trade date.

    Returns
    -------
    list[tuple[int, int]]
        Openings and closes (ns UTC), none on a holiday or a weekend.

    """
    group = GLOBEX_VENUES[venue]
    close = _close_minute(group, day)
    if close is None:
        return []
    opens, closes = trade_day(day)[0], at_minute(day, close)
    if group != INDEX or day >= PAUSED_UNTIL or close < REGULAR:
        return [(opens, closes)]
    pause, ends = (at_minute(day, at) for at in PAUSE)
    return [(opens, pause), (ends, closes)]


def _close_minute(group: str, day: date) -> int | None:
    if day.weekday() >= SATURDAY:
        return None
    regular = LATER_REGULAR if day < LATER_UNTIL else REGULAR
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        return regular
    corrected = corrected_closes(group).get(day)
    if corrected is not None:
        return corrected
    close = closes_of(CALENDAR).get(day)
    return None if close is None else min(close, regular)
