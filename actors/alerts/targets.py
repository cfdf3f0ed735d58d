"""The receivers of alerts, and how an alert is sent."""

import json
import logging
import urllib.error
import urllib.request
from collections.abc import Mapping
from datetime import UTC
from datetime import datetime
from typing import Any

from actors.alerts.templates import severity_of
from actors.alerts.templates import template_of
from catalog.credentials import credential
from catalog.sessions import new_york_time
from errors import UsageError


URLS = "ALERT_URLS"
NANOS_PER_SECOND = 1_000_000_000
WEBHOOK_URL = "ALERT_WEBHOOK_URL"

type Notice = dict[str, Any]


def notice_of(
    kind: str,
    mode: str,
    instrument: str,
    text: str,
    data: dict[str, Any],
    ts_ns: int,
) -> Notice:
    """
    Return an alert in the format in which it is sent.

    Parameters
    ----------
    kind : str
        What it is; its template gives title, severity and the fields shown.
    mode : str
        The mode of the node.
    instrument : str
        The instrument; empty for none.
    text : str
        What has happened.
    data : dict[str, Any]
        Its figures.
    ts_ns : int
        Its time (ns UTC), shown in the time of New York.

    """
    moment = datetime.fromtimestamp(ts_ns / NANOS_PER_SECOND, UTC)
    template = template_of(kind)
    return {
        "type": kind,
        "title": template.title,
        "severity": str(severity_of(kind, data)),
        "fields": template.shown(data),
        "local_time": new_york_time(ts_ns),
        "ts": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "instrument": instrument,
        "mode": mode,
        "message": text,
        "data": data,
    }


class DeliveryError(Exception):
    """Represents an alert that a receiver did not accept; the text contains no address."""


class WebhookTarget:
    """
    Posts alerts as JSON.

    Parameters
    ----------
    url : str
        The address.
    timeout_s : float
        How long one attempt may wait for the receiver.

    """

    name = "webhook"

    def __init__(self, url: str, timeout_s: float) -> None:
        if not url.startswith(("http://", "https://")):
            raise UsageError(f"{WEBHOOK_URL}: does not begin with http:// or https://")
        self._url = url
        self._timeout_s = timeout_s

    def send(self, notice: Notice) -> None:
        """Send an alert, or raise DeliveryError."""
        request = urllib.request.Request(
            self._url,
            data=json.dumps(notice).encode(),
            headers={"Content-Type": "application/json", "User-Agent": "auction-trader"},
            method="POST",
        )
        try:
            with urllib.request.urlopen(request, timeout=self._timeout_s):
                return
        except urllib.error.HTTPError as e:
            status = e.code
            e.close()
            raise DeliveryError(f"answered with status {status}") from None
        except (OSError, ValueError) as e:
            raise DeliveryError(f"cannot be reached ({type(e).__name__})") from None


class AppriseTarget:
    """
    Sends alerts to one Apprise address.

    Parameters
    ----------
    url : str
        The address.
    number : int
        Its place in the list, by which an error names it.
    timeout_s : float
        How long one attempt may wait for the receiver.

    """

    def __init__(self, url: str, number: int, timeout_s: float) -> None:
        # It takes a while to load, and few nodes have an address of its kind.
        import apprise

        # Its warnings may contain addresses; failures are reported by `DeliveryError`.
        logging.getLogger("apprise").disabled = True
        service = apprise.Apprise.instantiate(url)
        if service is None:
            raise UsageError(f"{URLS}: address {number} is not one that Apprise knows")
        service.socket_connect_timeout = service.socket_read_timeout = timeout_s
        self._service = service
        self.name = f"{URLS} {number} ({service.service_name})"

    def send(self, notice: Notice) -> None:
        """Send an alert, or raise DeliveryError."""
        about = f"{notice['instrument']} ({notice['mode']})".lstrip()
        fields = [f"{label}: {value}" for label, value in notice["fields"].items()]
        when = f"{notice['type']}, {notice['local_time']}"
        sent = self._service.notify(
            title=f"{notice['title']} {about}",
            body="\n".join([notice["message"], *fields, when]),
            notify_type=notice["severity"],
        )
        if not sent:
            raise DeliveryError("has not taken it")


type Target = WebhookTarget | AppriseTarget


def targets_of(environment: Mapping[str, str], timeout_s: float) -> list[Target]:
    """
    Return the receivers configured in an environment.

    Raises
    ------
    UsageError
        If an address cannot be used, or a file with addresses cannot be read; the message does not
        hold an address.

    """
    targets: list[Target] = []
    for number, url in enumerate(credential(URLS, environment).split(), start=1):
        targets.append(AppriseTarget(url, number, timeout_s))
    webhook = credential(WEBHOOK_URL, environment).strip()
    if webhook:
        targets.append(WebhookTarget(webhook, timeout_s))
    return targets
