"""
What the calendar CMES of `exchange_calendars` has wrong about the hours of Globex.

CMES is one calendar for all products: it closes every shortened day at 13:00 in New York, knows no
Juneteenth, and takes every Good Friday and day of mourning for a whole holiday. CME Group shortens
days by product group. Each line of `CORRECTIONS` corrects one holiday of one group; where two lines
name a day, the later one counts. Checked for 2010 to 2026; before and after, the same lines are a
guess. `pandas_market_calendars` in the sources is its development version of 2026, whose authors
measured when the last minute of each holiday was traded.
"""

from dataclasses import dataclass
from datetime import date
from functools import cache

from catalog.sessions.exchange_calendar import FIRST_YEAR
from catalog.sessions.exchange_calendar import LAST_YEAR
from catalog.sessions.exchange_calendar import holiday_dates


INDEX = "equity index"
ENERGY_AND_METALS = "energy and metals"
REGULAR = 17 * 60
_HALF_PAST_ELEVEN = 11 * 60 + 30
_ONE = 13 * 60
_QUARTER_PAST_ONE = 13 * 60 + 15
_HALF_PAST_TWO = 14 * 60 + 30


@dataclass(frozen=True, slots=True)
class Correction:
    """
    One holiday of one product group on which CMES has the wrong close.

    Attributes
    ----------
    group : str
        `INDEX` or `ENERGY_AND_METALS`.
    days : str
        The name of a holiday (see `exchange_calendar.holiday_dates`), or one date in ISO 8601.
    years : tuple[int, int]
        The first and the last year.
    close : int
        The minute of the day in New York at which trading ends.
    source : str
        Where the time is from (CT is an hour behind New York).

    """

    group: str
    days: str
    years: tuple[int, int]
    close: int
    source: str


def _from(first: int) -> tuple[int, int]:
    return first, LAST_YEAR


def _until(last: int) -> tuple[int, int]:
    return FIRST_YEAR, last


_ALL = (FIRST_YEAR, LAST_YEAR)
_PMC_INDEX = "pandas_market_calendars, cme_globex_equities: 10:30 CT through this year, then noon"
_PMC_ENERGY = "pandas_market_calendars, cme_globex_energy_and_metals: 13:30 CT from 2022 on"
_GOOD_FRIDAY = (
    "CME Globex schedule of a Good Friday with an employment report, 8:15 CT; "
    "pandas_market_calendars, cme_globex_equities"
)
_SANDY = "CME Group notices of 28 and 29 October 2012: equity index closes at 8:15 CT"
_FRIDAY_HOLIDAY = (
    "pandas_market_calendars, cme_globex_energy_and_metals, and issues 464 and 465 with CME's "
    "trading hours of 2026: a holiday on a Friday ends at noon CT"
)
_CARTER = "CME Group press release, 30 December 2024: equity 8:30 CT, energy and metals regular"
_BUSH = "CME Group press release, 2 December 2018: equity 8:30 CT, all else regular"

CORRECTIONS = (
    Correction(
        INDEX,
        "USMartinLutherKingJrAfter1998",
        _until(2014),
        _HALF_PAST_ELEVEN,
        f"CME press release, 10 January 2006: equity index closes at 10:30 CT; {_PMC_INDEX}",
    ),
    Correction(INDEX, "USPresidentsDay", _until(2014), _HALF_PAST_ELEVEN, _PMC_INDEX),
    Correction(INDEX, "USMemorialDay", _until(2013), _HALF_PAST_ELEVEN, _PMC_INDEX),
    Correction(
        INDEX,
        "USIndependenceDay",
        _until(2013),
        _HALF_PAST_ELEVEN,
        f"CME Globex schedule of 4 July 2013: equity index closes at 10:30 CT; {_PMC_INDEX}",
    ),
    Correction(
        INDEX,
        "USLaborDay",
        _until(2013),
        _HALF_PAST_ELEVEN,
        f"CME Group press release, 20 August 2007: halt at 10:30 CT; {_PMC_INDEX}",
    ),
    Correction(INDEX, "USThanksgivingDay", _until(2013), _HALF_PAST_ELEVEN, _PMC_INDEX),
    Correction(
        INDEX,
        "USBlackFridayInOrAfter1993",
        _ALL,
        _QUARTER_PAST_ONE,
        "CME Globex trades of NQ of 28 November 2025 end at 12:15 CT",
    ),
    Correction(
        INDEX,
        "ChristmasEveInOrAfter1993",
        _ALL,
        _QUARTER_PAST_ONE,
        "pandas_market_calendars, cme_globex_equities: 12:15 CT",
    ),
    Correction(
        INDEX,
        "MonTuesThursBeforeIndependenceDay",
        _ALL,
        _QUARTER_PAST_ONE,
        "CME Globex schedule of 3 July 2017: equity index halts at 12:15 CT",
    ),
    Correction(
        INDEX,
        "WednesdayBeforeIndependenceDayPost2013",
        _ALL,
        _QUARTER_PAST_ONE,
        "CME Globex schedule of 3 July 2013: equity index closes at 12:15 CT",
    ),
    Correction(
        INDEX,
        "USJuneteenth",
        _from(2022),
        _ONE,
        "pandas_market_calendars, cme_globex_equities: noon CT since 2022",
    ),
    Correction(INDEX, "2010-04-02", _ALL, 9 * 60 + 15, _GOOD_FRIDAY),
    Correction(INDEX, "2012-04-06", _ALL, 9 * 60 + 15, _GOOD_FRIDAY),
    Correction(INDEX, "2015-04-03", _ALL, 9 * 60 + 15, _GOOD_FRIDAY),
    Correction(INDEX, "2021-04-02", _ALL, 9 * 60 + 15, _GOOD_FRIDAY),
    Correction(INDEX, "2023-04-07", _ALL, 9 * 60 + 15, _GOOD_FRIDAY),
    Correction(INDEX, "2026-04-03", _ALL, 9 * 60 + 15, _GOOD_FRIDAY),
    Correction(INDEX, "2012-10-29", _ALL, 9 * 60 + 15, _SANDY),
    Correction(INDEX, "2012-10-30", _ALL, 9 * 60 + 15, _SANDY),
    Correction(INDEX, "2018-12-05", _ALL, 9 * 60 + 30, _BUSH),
    Correction(INDEX, "2025-01-09", _ALL, 9 * 60 + 30, _CARTER),
    Correction(
        ENERGY_AND_METALS, "USMartinLutherKingJrAfter1998", _from(2022), _HALF_PAST_TWO, _PMC_ENERGY
    ),
    Correction(ENERGY_AND_METALS, "USPresidentsDay", _from(2022), _HALF_PAST_TWO, _PMC_ENERGY),
    Correction(ENERGY_AND_METALS, "USMemorialDay", _from(2022), _HALF_PAST_TWO, _PMC_ENERGY),
    Correction(ENERGY_AND_METALS, "USJuneteenth", _from(2022), _HALF_PAST_TWO, _PMC_ENERGY),
    Correction(ENERGY_AND_METALS, "USIndependenceDay", _from(2022), _HALF_PAST_TWO, _PMC_ENERGY),
    Correction(ENERGY_AND_METALS, "USLaborDay", _from(2022), _HALF_PAST_TWO, _PMC_ENERGY),
    Correction(ENERGY_AND_METALS, "USThanksgivingDay", _from(2022), _HALF_PAST_TWO, _PMC_ENERGY),
    Correction(ENERGY_AND_METALS, "2025-07-04", _ALL, _ONE, _FRIDAY_HOLIDAY),
    Correction(ENERGY_AND_METALS, "2026-06-19", _ALL, _ONE, _FRIDAY_HOLIDAY),
    Correction(ENERGY_AND_METALS, "2026-07-03", _ALL, _ONE, _FRIDAY_HOLIDAY),
    Correction(
        ENERGY_AND_METALS,
        "USBlackFridayInOrAfter1993",
        _until(2023),
        13 * 60 + 45,
        "pandas_market_calendars, cme_globex_energy_and_metals: 12:45 CT through 2023",
    ),
    Correction(
        ENERGY_AND_METALS,
        "USBlackFridayInOrAfter1993",
        _from(2024),
        14 * 60 + 45,
        "pandas_market_calendars, cme_globex_energy_and_metals and issue 464: 13:45 CT since 2024",
    ),
    Correction(
        ENERGY_AND_METALS,
        "ChristmasEveInOrAfter1993",
        _ALL,
        13 * 60 + 45,
        "pandas_market_calendars, cme_globex_energy_and_metals and issue 464: 12:45 CT",
    ),
    Correction(ENERGY_AND_METALS, "2018-12-05", _ALL, REGULAR, _BUSH),
    Correction(ENERGY_AND_METALS, "2025-01-09", _ALL, REGULAR, _CARTER),
)


@cache
def corrected_closes(group: str) -> dict[date, int]:
    """Return the minute in New York at which a group closes on each day that CMES has wrong."""
    return {
        day: line.close
        for line in CORRECTIONS
        if line.group == group
        for day in _days(line)
        if line.years[0] <= day.year <= line.years[1]
    }


def _days(line: Correction) -> tuple[date, ...]:
    if line.days[0].isdigit():
        return (date.fromisoformat(line.days),)
    return holiday_dates(line.days)
