"""Questions to Bybit by pybit's HTTP client, and what comes instead of an answer."""

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
PASSING_CODES = (10000, 10006, 10016)
REFUSED = (400, 401, 403, 404)
# What pybit calls a bad request as well: a rate limit, or no answer, as often as it tries.
SPENT = "Retries exceeded"


class NoAnswer(AuctionError):
    """Represents a question that may be answered if it is put again."""


class VenueRefusal(AuctionError):
    """
    Represents a question that the venue refuses to answer.

    Attributes
    ----------
    code : object
        The venue's code.

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
    Return a client for questions about an account, which tries once. It blocks.

    Parameters
    ----------
    base_url : str
        The address of the HTTP interface.
    api_key, api_secret : str
        The keys.
    proxy_url : str, optional
        A proxy on the way.
    timeout_s : float
        How long the venue may take (s).

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


def ask(endpoint: str, call: Callable[..., Any], **parameters: object) -> Answer:
    """
    Put a question and return the answer.

    Parameters
    ----------
    endpoint : str
        What messages name.
    call : Callable[..., Any]
        A method of pybit's client.
    parameters
        Its arguments.

    Raises
    ------
    NoAnswer
        If the venue does not answer, or is too busy to.
    VenueRefusal
        If it refuses to.
    BadAnswer
        If what it answers is none.

    """
    try:
        answer = call(**parameters)
    except InvalidRequestError as error:
        if error.status_code in PASSING_CODES:
            raise NoAnswer(
                f"Bybit {endpoint}: {error.message} (code {error.status_code})"
            ) from None
        raise VenueRefusal(endpoint, error.status_code, error.message) from None
    except FailedRequestError as error:
        is_passing = error.status_code not in REFUSED or SPENT in str(error.message)
        kind = NoAnswer if is_passing else AuctionError
        raise kind(f"Bybit {endpoint}: {error.message} (HTTP status {error.status_code})") from None
    except requests.RequestException as error:
        raise NoAnswer(f"Bybit {endpoint}: {type(error).__name__}: no answer") from None
    # pybit takes it for granted that an answer has a code.
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise BadAnswer(f"Bybit {endpoint}: {error!r}: the answer is refused") from None
    return decode(endpoint, Answer, answer)
