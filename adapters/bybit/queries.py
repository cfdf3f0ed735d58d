"""Queries of Bybit's HTTP API with pybit, and the errors for failed queries."""

import logging
from collections.abc import Callable
from typing import Any

import requests
from pybit.exceptions import FailedRequestError
from pybit.exceptions import InvalidRequestError
from pybit.unified_trading import HTTP

from adapters.bybit.answer_rows import Answer
from adapters.bybit.answers import BadAnswer
from adapters.bybit.answers import decode
from errors import AuctionError


TIMEOUT_S = 5.0
# Server timeout, too many visits, server error.
TRANSIENT_CODES = (10000, 10006, 10016)
REFUSED = (400, 401, 403, 404)
# pybit reports a spent retry budget (rate limit, no answer) as a bad request too.
RETRIES_EXCEEDED = "Retries exceeded"


class NoAnswer(AuctionError):
    """Represents a query without an answer; a retry may succeed."""


class VenueRefusal(AuctionError):
    """
    Represents a query that the venue rejects.

    Attributes
    ----------
    code : object
        The error code of the venue.

    """

    def __init__(self, endpoint: str, code: object, text: object) -> None:
        super().__init__(f"Bybit {endpoint}: {text} (code {code})")
        self.code = code


def private_http(
    base_url: str,
    api_key: str,
    api_secret: str,
    proxy_url: str | None = None,
    *,
    timeout_s: float = TIMEOUT_S,
) -> HTTP:
    """
    Return a blocking client for queries of an account; it does not retry.

        Parameters
        ----------
        base_url : str
            The address of the HTTP interface.
        api_key, api_secret : str
            The keys.
        proxy_url : str, optional
            The URL of an HTTP proxy.
        timeout_s : float
            The timeout of a request (s).

    """
    http = HTTP(
        api_key=api_key,
        api_secret=api_secret,
        timeout=timeout_s,
        max_retries=1,
        retry_delay=0,
        logging_level=logging.CRITICAL,
    )
    http.endpoint = base_url.rstrip("/")
    if proxy_url is not None:
        http.client.proxies = {"http": proxy_url, "https": proxy_url}
    return http


def query(endpoint: str, call: Callable[..., Any], **parameters: object) -> Answer:
    """
    Send a query and return the answer.

    Parameters
    ----------
    endpoint : str
        The name of the endpoint in error messages.
    call : Callable[..., Any]
        A method of pybit's client.
    parameters
        Its arguments.

    Raises
    ------
    NoAnswer
        If the venue does not answer or is too busy.
    VenueRefusal
        If the venue rejects the query.
    BadAnswer
        If the answer is malformed.

    """
    try:
        answer = call(**parameters)
    except InvalidRequestError as error:
        if error.status_code in TRANSIENT_CODES:
            raise NoAnswer(
                f"Bybit {endpoint}: {error.message} (code {error.status_code})"
            ) from None
        raise VenueRefusal(endpoint, error.status_code, error.message) from None
    except FailedRequestError as error:
        is_transient = error.status_code not in REFUSED or RETRIES_EXCEEDED in str(error.message)
        kind = NoAnswer if is_transient else AuctionError
        raise kind(f"Bybit {endpoint}: {error.message} (HTTP status {error.status_code})") from None
    except requests.RequestException as error:
        raise NoAnswer(f"Bybit {endpoint}: {type(error).__name__}: no answer") from None
    # pybit reads the code of an answer unchecked.
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise BadAnswer(f"Bybit {endpoint}: {error!r}: the answer is refused") from None
    return decode(endpoint, Answer, answer)
