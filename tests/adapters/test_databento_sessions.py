"""What the connections of the process tell about the sessions of a client."""

import socket

import pytest

from adapters.databento import sessions
from adapters.databento.login import LIVE_PORT
from adapters.databento.sessions import SessionState
from tests.adapters.databento_market import own_loopback_address


@pytest.fixture
def listening():
    with socket.create_server((own_loopback_address(), LIVE_PORT)) as server:
        yield server


@pytest.fixture(autouse=True)
def _every_look_is_fresh(monkeypatch):
    monkeypatch.setattr(sessions, "LOOK_S", 0.0)


def connected(listening):
    client = socket.create_connection(listening.getsockname())
    taken, _ = listening.accept()
    return client, taken


def test_a_session_stands_while_it_is_connected(listening):
    state = SessionState()
    assert not state.stand(1)
    client, taken = connected(listening)
    with client, taken:
        assert state.stand(1)
        assert not state.stand(2)
        assert state.stand(1)
        # What another end has closed is no connection any more.
        taken.close()
        assert not state.stand(1)
    assert not state.stand(1)


def test_a_session_that_is_back_stands_when_all_is_acknowledged_again(listening):
    state = SessionState()
    client, taken = connected(listening)
    with client, taken:
        state.acknowledged = 2
        assert state.stand(1)
    assert not state.stand(1)
    client, taken = connected(listening)
    with client, taken:
        assert not state.stand(1)
        state.acknowledged = 1
        assert not state.stand(1)
        state.acknowledged = 2
        assert state.stand(1)
