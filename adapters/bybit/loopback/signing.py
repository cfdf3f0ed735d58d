"""Checks keys, signatures and times as the venue does."""

import hashlib
import hmac

from adapters.bybit.loopback.orders import VenueError


BAD_TIME = 10002
BAD_KEY = 10003
BAD_SIGNATURE = 10004
NO_AUTHENTICATION = 10005
AHEAD_MS = 1000


class Keys:
    """
    Holds the one pair of keys that the server accepts.

    Parameters
    ----------
    key, secret : str
        The pair.

    """

    def __init__(self, key: str, secret: str) -> None:
        self._key = key
        self._secret = secret

    def check_request(
        self,
        key: str,
        signature: str,
        timestamp: str,
        window: str,
        payload: str,
        now_ms: int,
    ) -> None:
        """
        Check a REST request.

        Raises
        ------
        VenueError
            If the key is unknown, the time is outside of the window, or the signature is wrong.

        """
        if not key:
            raise VenueError(
                NO_AUTHENTICATION, "Request parameter error: X-BAPI-API-KEY is missing"
            )
        self._check_key(key)
        self.check_time(timestamp, window or "5000", now_ms)
        if not self._is_signed(timestamp + key + window + payload, signature):
            raise VenueError(
                BAD_SIGNATURE, "error sign! please check signature generation algorithm"
            )

    def check_socket(self, arguments: list[object], now_ms: int) -> None:
        """
        Check the arguments of a socket's `auth`.

        Raises
        ------
        VenueError
            If the key is unknown, the request has expired, or the signature is wrong.

        """
        if len(arguments) != 3:
            raise VenueError(BAD_KEY, "Params Error")
        key, expires, signature = (str(argument) for argument in arguments)
        self._check_key(key)
        if not expires.isdigit() or int(expires) < now_ms:
            raise VenueError(BAD_SIGNATURE, "Request expired")
        if not self._is_signed(f"GET/realtime{expires}", signature):
            raise VenueError(BAD_SIGNATURE, "Error sign")

    def check_time(self, timestamp: str, window: str, now_ms: int) -> None:
        """
        Check the time of a request: at most one window old, and less than a second ahead.

        Raises
        ------
        VenueError
            If it is not.

        """
        is_number = timestamp.isdigit() and window.isdigit()
        if not is_number or not now_ms - int(window) <= int(timestamp) < now_ms + AHEAD_MS:
            raise VenueError(
                BAD_TIME,
                "invalid request, please check your server timestamp or recv_window param. "
                f"req_timestamp[{timestamp}],server_timestamp[{now_ms}],recv_window[{window}]",
            )

    def _check_key(self, key: str) -> None:
        if key != self._key:
            raise VenueError(BAD_KEY, "API key is invalid.")

    def _is_signed(self, text: str, signature: str) -> bool:
        expected = hmac.new(self._secret.encode(), text.encode(), hashlib.sha256).hexdigest()
        return hmac.compare_digest(expected, signature.lower())
