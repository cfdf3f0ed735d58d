"""An impulse actor whose levels are written down, for tapes without a day before them."""

import msgspec

from actors.impulse.actor import ImpulseActor
from actors.impulse.config import ImpulseActorConfig
from actors.impulse.daily import DailyLevels
from actors.impulse.daily import RegularSession
from catalog.sessions import REGULAR_CLOSE
from catalog.sessions import at_minute


class WrittenLevelsConfig(ImpulseActorConfig, frozen=True, kw_only=True):
    """
    Configures `WrittenLevels`.

    Parameters
    ----------
    levels : dict[str, dict[str, int | None]]
        By trade date the levels in ticks: pdh, pdl, vah, val, onh, onl.

    """

    levels: dict[str, dict[str, int | None]]


class WrittenLevels(ImpulseActor):
    """
    Publishes everything as its base does, but for the levels.

    A day of rest with written levels is one of full length.
    """

    def complete_levels(self, levels: DailyLevels) -> DailyLevels:
        written = self.config.levels.get(levels.day.isoformat())
        if written is None:
            return levels
        closes_at = levels.closes_at
        if levels.opens_at == closes_at:
            closes_at = at_minute(levels.day, REGULAR_CLOSE)
        prior = RegularSession(
            day=self.source.sessions.before(levels.day),
            open=written["pdl"],
            high=written["pdh"],
            low=written["pdl"],
            close=written["pdl"],
            volume=1,
            poc=written["val"],
            vah=written["vah"],
            val=written["val"],
        )
        return msgspec.structs.replace(
            levels,
            prior=prior,
            onh=written["onh"],
            onl=written["onl"],
            closes_at=closes_at,
            reason=None,
        )
