"""Reads report pages, and draws them in a browser."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from backtests.report import write_report


HOSTILE = "</script><script>alert('x')</script>\"&"


def page_of(folder: Path) -> str:
    return write_report(folder).read_text(encoding="utf-8")


def body_of(page: str) -> str:
    """Return what the reader sees: the page without its scripts and its data."""
    return page[page.index("<main>") : page.index("</main>")]


def charts_of(page: str) -> list[dict[str, Any]]:
    match = re.search(r'<script type="application/json" id="charts">(.*?)</script>', page, re.S)
    assert match is not None
    charts: list[dict[str, Any]] = json.loads(match[1])
    return charts


def trace_of(chart: dict[str, Any], name: str) -> dict[str, Any]:
    (trace,) = [trace for trace in chart["data"] if trace.get("name") == name]
    return trace


def replace_column(path: Path, name: str, values: pa.Array) -> None:
    table = pq.read_table(path)
    position = table.column_names.index(name)
    pq.write_table(table.set_column(position, table.schema.field(name), values), path)


def drawn_in_a_browser(page: Path, profile: Path, width: int) -> str:
    """Return the body as a browser leaves it; an error on its console fails the test."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("needs Chromium or Chrome")
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"]
    command += ["--disable-background-networking", f"--user-data-dir={profile}"]
    command += ["--virtual-time-budget=4000", "--dump-dom", "--enable-logging=stderr"]
    done = subprocess.run(
        [*command, f"--window-size={width},2000", page.as_uri()],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "CONSOLE" not in done.stderr
    return body_of(done.stdout)
