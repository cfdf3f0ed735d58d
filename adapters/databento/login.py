"""Checks a key by a login to the live gateway."""

import asyncio

from adapters.databento.loopback.control import ControlError
from adapters.databento.loopback.control import answer_challenge
from adapters.databento.loopback.control import parse_line
from errors import AuctionError


LIVE_PORT = 13000


def live_host(dataset: str) -> str:
    """Return the name of the live gateway of a dataset."""
    return f"{dataset.lower().replace('.', '-')}.lsg.databento.com"


async def check_login(
    dataset: str,
    key: str,
    timeout_s: float,
    host: str | None = None,
    port: int = LIVE_PORT,
) -> None:
    """
    Log in to a live gateway and disconnect.

    Parameters
    ----------
    dataset : str
        The dataset (`GLBX.MDP3`).
    key : str
        The API key.
    timeout_s : float
        The timeout (s).
    host : str, optional
        A gateway instead of that of the dataset.
    port : int
        Its port.

    Raises
    ------
    AuctionError
        If the gateway cannot be reached or rejects the key.

    """
    name = live_host(dataset) if host is None else host
    try:
        async with asyncio.timeout(timeout_s):
            reason = await _refusal(dataset, key, name, port)
    except TimeoutError:
        raise AuctionError(
            f"Databento: {name}:{port} did not answer the login within {timeout_s:g} s",
        ) from None
    # A line that is not text, or does not end.
    except (ControlError, asyncio.LimitOverrunError) as error:
        raise AuctionError(f"Databento: {name}:{port} is no live gateway ({error})") from None
    except (OSError, EOFError) as error:
        raise AuctionError(f"Databento: {name}:{port} cannot be reached ({error})") from None
    if reason is not None:
        raise AuctionError(
            f"Databento: login to {dataset} refused ({reason}): set DATABENTO_API_KEY to a key "
            "with live access to the dataset",
        )


async def _refusal(dataset: str, key: str, host: str, port: int) -> str | None:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        fields: dict[str, str] = {}
        while "cram" not in fields:
            fields = parse_line(await reader.readuntil())
        answer = answer_challenge(fields["cram"], key)
        writer.write(f"auth={answer}|dataset={dataset}|encoding=dbn|ts_out=0\n".encode())
        await writer.drain()
        fields = parse_line(await reader.readuntil())
        return None if fields.get("success") == "1" else fields.get("error", "no reason given")
    finally:
        writer.close()
