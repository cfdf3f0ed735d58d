"""Checks a pair of keys by a login to a socket of Bybit."""

import asyncio
import hashlib
import hmac
import time

import aiohttp

from adapters.bybit.answer_rows import LoginAnswer
from adapters.bybit.answers import decode_text
from errors import AuctionError


VALID_MS = 10_000


async def check_login(url: str, api_key: str, api_secret: str, timeout_s: float) -> None:
    """
    Log in to a private or trade socket and out again.

    Nautilus's client takes a rejected login for a connection: its orders then stay without an
    answer.

    Parameters
    ----------
    url : str
        The address of the socket.
    api_key, api_secret : str
        The pair of keys.
    timeout_s : float
        The timeout (s).

    Raises
    ------
    AuctionError
        If the venue cannot be reached or refuses the keys.

    """
    try:
        async with asyncio.timeout(timeout_s):
            reason = await _refusal(url, api_key, api_secret)
    except TimeoutError:
        raise AuctionError(
            f"Bybit: {url} did not answer the login within {timeout_s:g} s",
        ) from None
    except (OSError, aiohttp.ClientError, ValueError) as error:
        raise AuctionError(f"Bybit: {url} cannot be reached ({error})") from None
    if reason is not None:
        raise AuctionError(
            f"Bybit: login to {url} refused ({reason}): set BYBIT_API_KEY and BYBIT_API_SECRET to "
            "keys that may trade derivatives",
        )


async def _refusal(url: str, api_key: str, api_secret: str) -> str | None:
    expires = int(time.time() * 1000) + VALID_MS
    signature = hmac.new(
        api_secret.encode(),
        f"GET/realtime{expires}".encode(),
        hashlib.sha256,
    ).hexdigest()
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
        await socket.send_json({"op": "auth", "args": [api_key, expires, signature]})
        while True:
            message = await socket.receive()
            if message.type is not aiohttp.WSMsgType.TEXT:
                return "the venue closed the connection"
            answer = decode_text(f"login to {url}", LoginAnswer, message.data)
            if answer.op != "auth":
                continue
            is_taken = answer.success is True or answer.ret_code == 0
            if is_taken and answer.success is not False and answer.ret_code in (None, 0):
                return None
            return answer.ret_msg or answer.ret_text or "no reason given"
