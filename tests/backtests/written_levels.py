"""An impulse actor whose levels are written down, for tapes without a day before them."""

import msgspec

from actors.impulse.actor import ImpulseActor
from actors.impulse.config import ImpulseActorConfig
from actors.impulse.daily import DailyLevels
from actors.impulse.daily import RegularSession
from actors.impulse.sessions import REGULAR_CLOSE
from actors.impulse.sessions import REGULAR_OPEN
from actors.impulse.sessions import at_minute


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

    A day with written levels is one of full length, also where the exchange rests.
    """

    def _from_cache(self, levels: DailyLevels) -> DailyLevels:
        written = self.config.levels.get(levels.day.isoformat())
        if written is None:
            return levels
        prior = RegularSession(
            day=self._sessions.before(levels.day),
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
            opens_at=at_minute(levels.day, REGULAR_OPEN),
            closes_at=at_minute(levels.day, REGULAR_CLOSE),
            reason=None,
        )
