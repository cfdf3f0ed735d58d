"""Log refused logins to the control channel, and raise an alert if they are repeated."""

from collections import deque
from collections.abc import Callable

from live.alerting import NodeAlerts


WINDOW_S = 60.0
REPEATED = 3
ALERT_PAUSE_S = 15 * 60.0


class LoginWatch:
    """
    Count requests without the right token. What they carried instead is never stored.

    Parameters
    ----------
    alerts : NodeAlerts
        Receives CONTROL_REFUSED at the third refusal within a minute, and then at most every
        quarter of an hour, with the number of refusals since the last one.
    log : Callable[[str], None]
        Receives one line for each of the first three refusals of a minute.
    now : Callable[[], float]
        A monotonic time (s).

    """

    def __init__(
        self, alerts: NodeAlerts, log: Callable[[str], None], now: Callable[[], float]
    ) -> None:
        self._alerts = alerts
        self._log = log
        self._now = now
        self._recent: deque[float] = deque(maxlen=REPEATED)
        self._count = 0
        self._alert_at = float("-inf")

    def refused(self, peer: str, path: str) -> None:
        """
        Record a refused request.

        Parameters
        ----------
        peer : str
            Its origin.
        path : str
            Its path.

        """
        now = self._now()
        is_flood = len(self._recent) == REPEATED and now - self._recent[0] < WINDOW_S
        self._recent.append(now)
        self._count += 1
        if not is_flood:
            self._log(f"A command was refused: no token, or a wrong one ({peer}, {path[:40]!r})")
        is_repeated = len(self._recent) == REPEATED and now - self._recent[0] < WINDOW_S
        if is_repeated and now >= self._alert_at:
            self._alert_at = now + ALERT_PAUSE_S
            text = (
                f"{self._count} commands without the token of the node were refused, the last from "
                f"{peer}: another program may use this port, or someone is trying tokens"
            )
            self._alerts.raise_alert("CONTROL_REFUSED", text, float(self._count))
            self._count = 0
