"""
Delivery of alerts to people: Apprise addresses and a JSON webhook.

What `AlertsActor` sends is every `Alert` message (kill switch, stale data, connections lost and
restored, mismatches, whatever a component raises), the start and the stop of the node, and each
trade opened and closed. Receivers come from the environment alone, since their addresses are
secrets: ALERT_URLS holds Apprise addresses (`discord://...`, `mailto://...`) separated by spaces,
ALERT_WEBHOOK_URL an address that gets {type, title, severity, fields, ts, local_time, instrument,
mode, message, data} as JSON. Title, severity, fields and cooldown of each kind stand in
`actors.alerts.templates`; times shown are those of New York.
"""

from actors.alerts.actor import AlertsActor
from actors.alerts.actor import AlertsActorConfig


__all__ = ("AlertsActor", "AlertsActorConfig")
