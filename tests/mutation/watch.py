"""Plugin of pytest: records which test runs which line, and how long a test takes."""

import json
import os
from collections.abc import Generator
from pathlib import Path

import coverage
import pytest


class _Watch:
    def __init__(self) -> None:
        self.durations_s: dict[str, float] = {}
        self.failed: set[str] = set()


_watch = _Watch()


def _switch(context: str) -> None:
    measuring = coverage.Coverage.current()
    assert measuring is not None
    measuring.switch_context(context)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    _switch(item.nodeid)
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[object],
    request: pytest.FixtureRequest,
) -> Generator[None, object, object]:
    # What a shared fixture runs, all tests of its file have run.
    item = request._pyfuncitem
    if fixturedef.scope == "function":
        return (yield)
    _switch(item.nodeid.split("::")[0])
    try:
        return (yield)
    finally:
        _switch(item.nodeid)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    spent_s = _watch.durations_s.get(report.nodeid, 0.0)
    _watch.durations_s[report.nodeid] = spent_s + report.duration
    if report.outcome != "passed":
        _watch.failed.add(report.nodeid)


def pytest_sessionfinish() -> None:
    told = {"durations_s": _watch.durations_s, "failed": sorted(_watch.failed)}
    Path(os.environ["MUTATION_DURATIONS"]).write_text(json.dumps(told))
