"""The sessions that anchor cumulative delta and profile, and the time between them."""

from actors.market_context.profile_sessions import ProfileSessions


class SessionSpans:
    """
    Divides time without a hole into sessions and the spans between them.

    Parameters
    ----------
    sessions : ProfileSessions
        The sessions of the exchange, half days included.

    """

    def __init__(self, sessions: ProfileSessions) -> None:
        self._sessions = sessions

    def __call__(self, ts: int) -> tuple[int, int, bool]:
        """Return start and end (ns UTC) of the span of a time, and if it is a session."""
        start, end = self._sessions(ts)
        if start <= ts:
            return start, end, True
        return self._sessions.before(ts)[1], start, False
