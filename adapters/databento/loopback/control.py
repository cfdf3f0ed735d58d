"""The text lines of the live protocol: challenge, authentication, subscription."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass

from databento_dbn import DBNError
from databento_dbn import Schema
from databento_dbn import SType


LSG_VERSION = "0.6.0"
START = "start_session"

# The last characters of a key identify its account and are sent unencrypted.
_BUCKET_LENGTH = 5


class ControlError(Exception):
    """Represents a line that a gateway rejects; the message is its answer."""


@dataclass(frozen=True, slots=True)
class Authentication:
    """
    Represents a client's answer to the challenge, with the options of its session.

    Attributes
    ----------
    answer : str
        The digest over challenge and key.
    dataset : str
        The requested dataset.
    zstd : bool
        Whether the stream is compressed.
    ts_out : bool
        Whether each record carries the time of sending.
    heartbeat_s : int or None
        The heartbeat interval (s).
    skips : bool
        Whether records are skipped for a slow reader, instead of only a warning.
    client : str
        The name that the client reports.

    """

    answer: str
    dataset: str
    zstd: bool
    ts_out: bool
    heartbeat_s: int | None
    skips: bool
    client: str


@dataclass(frozen=True, slots=True)
class Subscription:
    """
    Represents a subscription request.

    Attributes
    ----------
    schema : str
        The schema of the records.
    stype_in : str
        The kind of the symbols.
    symbols : tuple[str, ...]
        The symbols.
    start_ns : int or None
        The start of the replay (ns UTC, 0: from the beginning).
    snapshot : bool
        Whether a snapshot of the order book is requested.
    number : str
        The client's number of the request, or empty.

    """

    schema: str
    stype_in: str
    symbols: tuple[str, ...]
    start_ns: int | None
    snapshot: bool
    number: str


def answer_challenge(challenge: str, key: str) -> str:
    """Return the answer to a challenge that proves the knowledge of a key."""
    digest = hashlib.sha256(f"{challenge}|{key}".encode()).hexdigest()
    return f"{digest}-{key[-_BUCKET_LENGTH:]}"


def is_answer(answer: str, challenge: str, key: str) -> bool:
    """Return True if an answer proves the knowledge of the key."""
    return hmac.compare_digest(answer.encode(), answer_challenge(challenge, key).encode())


def parse_line(line: bytes) -> dict[str, str]:
    """
    Return the fields of a line.

    Raises
    ------
    ControlError
        If it is not text.

    """
    try:
        parts = line.decode().rstrip("\r\n").split("|")
    except UnicodeDecodeError:
        raise ControlError("Malformed request: not UTF-8 text") from None
    pairs = (part.partition("=") for part in parts)
    return {name: value for name, _, value in pairs}


def parse_authentication(fields: Mapping[str, str]) -> Authentication:
    """
    Parse an authentication request.

    Raises
    ------
    ControlError
        If a field is missing or has an unsupported value.

    """
    if "auth" not in fields or "dataset" not in fields:
        raise ControlError("Malformed authentication request: auth and dataset are required")
    if fields.get("encoding", "dbn") != "dbn":
        raise ControlError(f"Unsupported encoding {fields['encoding']}: use dbn")
    compression = fields.get("compression", "none")
    if compression not in ("none", "zstd"):
        raise ControlError(f"Unsupported compression {compression}: use none or zstd")
    heartbeat = fields.get("heartbeat_interval_s")
    if heartbeat is not None and not heartbeat.isdecimal():
        raise ControlError(f"Invalid heartbeat_interval_s {heartbeat}")
    return Authentication(
        answer=fields["auth"],
        dataset=fields["dataset"],
        zstd=compression == "zstd",
        ts_out=fields.get("ts_out", "0") == "1",
        heartbeat_s=None if heartbeat is None else int(heartbeat),
        skips=fields.get("slow_reader_behavior", "").lower() == "skip",
        client=fields.get("client", ""),
    )


def parse_subscription(fields: Mapping[str, str]) -> Subscription:
    """
    Parse a subscription request.

    Raises
    ------
    ControlError
        If a field is missing or has an invalid value.

    """
    missing = [name for name in ("schema", "stype_in", "symbols") if not fields.get(name)]
    if missing:
        raise ControlError(f"Invalid subscription: no {', '.join(missing)}")
    try:
        schema = str(Schema.from_str(fields["schema"]))
        stype_in = str(SType.from_str(fields["stype_in"]))
    except DBNError as error:
        raise ControlError(f"Invalid subscription: {error}") from None
    start = fields.get("start")
    if start is not None and not start.isdecimal():
        raise ControlError(f"Invalid subscription: start {start} is not a time in ns")
    snapshot = fields.get("snapshot", "0") == "1"
    if snapshot and start is not None:
        raise ControlError("Invalid subscription: snapshot and start exclude each other")
    return Subscription(
        schema=schema,
        stype_in=stype_in,
        symbols=tuple(symbol for symbol in fields["symbols"].split(",") if symbol),
        start_ns=None if start is None else int(start),
        snapshot=snapshot,
        number=fields.get("id", ""),
    )
