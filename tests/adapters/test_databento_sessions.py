"""The state of a client's sessions from the connections of the process."""

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
    monkeypatch.setattr(sessions, "CHECK_S", 0.0)


def connected(listening):
    client = socket.create_connection(listening.getsockname())
    taken, _ = listening.accept()
    return client, taken


def test_a_session_stands_while_it_is_connected(listening):
    state = SessionState()
    assert not state.are_ready(1)
    client, taken = connected(listening)
    with client, taken:
        assert state.are_ready(1)
        assert not state.are_ready(2)
        assert state.are_ready(1)
        # What another end has closed is no connection any more.
        taken.close()
        assert not state.are_ready(1)
    assert not state.are_ready(1)


def acknowledge(state, count):
    for _ in range(count):
        state.acknowledge()


def test_a_session_that_is_back_stands_when_all_is_acknowledged_again(listening):
    state = SessionState()
    client, taken = connected(listening)
    with client, taken:
        assert state.are_ready(1)
        acknowledge(state, 2)
        assert state.are_ready(1)
    assert not state.are_ready(1)
    client, taken = connected(listening)
    with client, taken:
        assert not state.are_ready(1)
        acknowledge(state, 1)
        assert not state.are_ready(1)
        acknowledge(state, 1)
        assert state.are_ready(1)


def test_acknowledgements_during_a_read_of_the_connections_count(listening):
    """The core's thread acknowledges after the read has missed the new session."""
    state = SessionState()
    client, taken = connected(listening)
    with client, taken:
        assert state.are_ready(1)
        acknowledge(state, 2)
        assert state.are_ready(1)
    read = state._connected
    opened = []

    def read_and_be_late():
        found = read()
        opened.extend(connected(listening))
        acknowledge(state, 2)
        return found

    state._connected = read_and_be_late
    assert not state.are_ready(1)
    state._connected = read
    assert state.are_ready(1)
    for end in opened:
        end.close()
    assert not state.are_ready(1)


def test_a_session_that_was_lost_and_back_between_two_checks_is_found_out(listening):
    state = SessionState()
    client, taken = connected(listening)
    with client, taken:
        assert state.are_ready(1)
        acknowledge(state, 2)
        assert state.are_ready(1)
    client, taken = connected(listening)
    with client, taken:
        acknowledge(state, 1)
        assert not state.are_ready(1)
        acknowledge(state, 1)
        assert state.are_ready(1)
    # What was acknowledged twice in between is not wanted twice from then on.
    assert not state.are_ready(1)
    client, taken = connected(listening)
    with client, taken:
        acknowledge(state, 2)
        assert state.are_ready(1)


def test_another_session_on_the_port_that_ends_is_no_loss(listening):
    state = SessionState()
    definitions = connected(listening)
    assert state.are_ready(1)
    client, taken = connected(listening)
    with client, taken:
        acknowledge(state, 2)
        assert state.are_ready(1)
        for end in definitions:
            end.close()
        assert state.are_ready(1)
