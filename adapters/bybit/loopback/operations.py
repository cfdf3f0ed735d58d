"""Operations of clients over sockets: auth, ping, subscribe, and order entry."""

import json
from typing import Any

from adapters.bybit.loopback.connection import PRIVATE
from adapters.bybit.loopback.connection import PUBLIC
from adapters.bybit.loopback.connection import TRADE
from adapters.bybit.loopback.connection import Connection
from adapters.bybit.loopback.faults import Faults
from adapters.bybit.loopback.orders import VenueError
from adapters.bybit.loopback.payloads import Row
from adapters.bybit.loopback.private_stream import PrivateStream
from adapters.bybit.loopback.public_stream import PublicStream
from adapters.bybit.loopback.signing import BAD_KEY
from adapters.bybit.loopback.signing import Keys
from adapters.bybit.loopback.trade_socket import TradeSocket
from adapters.bybit.loopback.venue import Venue


class Operations:
    """
    Answers the messages of clients.

    Parameters
    ----------
    venue : Venue
        The venue.
    keys : Keys
        The accepted keys.
    faults : Faults
        The switches.
    public : PublicStream
        The public topics.
    private : PrivateStream
        The private topics.
    trade : TradeSocket
        Order entry.

    """

    def __init__(
        self,
        venue: Venue,
        keys: Keys,
        faults: Faults,
        public: PublicStream,
        private: PrivateStream,
        trade: TradeSocket,
    ) -> None:
        self._venue = venue
        self._keys = keys
        self._faults = faults
        self._public = public
        self._private = private
        self._trade = trade

    def take(self, connection: Connection, text: str) -> None:
        """Answer a message; the caller publishes the resulting changes."""
        try:
            message = json.loads(text)
        except json.JSONDecodeError:
            message = None
        if not isinstance(message, dict):
            connection.send({"success": False, "ret_msg": "error:request is no JSON", "op": ""})
            return
        match message.get("op"):
            case "ping":
                self._ping(connection, message)
            case "auth":
                self._authenticate(connection, message)
            case "subscribe" if connection.kind != TRADE:
                self._subscribe(connection, message)
            case "unsubscribe" if connection.kind != TRADE:
                connection.topics -= set(_topics(message))
                self._acknowledge(connection, message, "")
            case _ if connection.kind == TRADE:
                answer = self._trade.answer(connection, message)
                if answer is not None:
                    connection.send(answer)
            case _:
                self._acknowledge(connection, message, "error:unknown op")

    def _ping(self, connection: Connection, message: dict[str, Any]) -> None:
        answer: Row = {"op": "pong", "args": [str(self._venue.clock_ms())]}
        if connection.kind == PUBLIC:
            answer = {"success": True, "ret_msg": "pong", "op": "ping"}
        if "req_id" in message:
            answer["req_id"] = message["req_id"]
        connection.send({**answer, _id_name(connection): connection.conn_id})

    def _authenticate(self, connection: Connection, message: dict[str, Any]) -> None:
        code, text = 0, "OK" if connection.kind == TRADE else ""
        try:
            if connection.kind in self._faults.refuse_auth:
                raise VenueError(BAD_KEY, "Invalid apikey")
            self._keys.check_socket(_arguments(message), self._venue.clock_ms())
        except VenueError as error:
            code, text = error.code, error.message
        connection.is_authenticated = code == 0
        if connection.kind == TRADE:
            connection.send(
                {
                    "reqId": message.get("reqId", ""),
                    "op": "auth",
                    "retCode": code,
                    "retMsg": text,
                    "connId": connection.conn_id,
                },
            )
        else:
            self._acknowledge(connection, message, text)

    def _subscribe(self, connection: Connection, message: dict[str, Any]) -> None:
        topics = _topics(message)
        is_private = connection.kind == PRIVATE
        stream = self._private if is_private else self._public
        unknown = [topic for topic in topics if not stream.has(topic)]
        if is_private and not connection.is_authenticated:
            self._acknowledge(connection, message, "error:request not authorized")
            return
        if unknown or not topics:
            self._acknowledge(
                connection, message, f"error:handler not found,topic:{','.join(unknown)}"
            )
            return
        self._acknowledge(connection, message, "")
        connection.topics |= set(topics)
        if not is_private:
            for topic in topics:
                self._public.send_snapshot(connection, topic)

    def _acknowledge(self, connection: Connection, message: dict[str, Any], error: str) -> None:
        answer: Row = {
            "success": not error,
            "ret_msg": error,
            "op": message.get("op", ""),
            "conn_id": connection.conn_id,
        }
        if "req_id" in message:
            answer["req_id"] = message["req_id"]
        connection.send(answer)


def _id_name(connection: Connection) -> str:
    return "connId" if connection.kind == TRADE else "conn_id"


def _arguments(message: dict[str, Any]) -> list[object]:
    arguments = message.get("args")
    return arguments if isinstance(arguments, list) else []


def _topics(message: dict[str, Any]) -> list[str]:
    return [str(topic) for topic in _arguments(message)]
